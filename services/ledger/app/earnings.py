"""Routes that record earnings: one, a batch, or a CSV file with a result for each line."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from services.kit.http import (
    Caller,
    IdempotencyKey,
    ProblemError,
    Repeatable,
    body_sha256,
    not_found,
    require,
    validated,
)
from services.kit.keys import Principal
from services.kit.platform import Platform
from services.ledger.app.answering import answered
from services.ledger.app.bodies import EarningAnswer, EarningAnswers, EarningBatch, EarningOrder, bounded_body
from services.ledger.handlers.earnings import Earning, record_earnings
from services.rules.periods import Month

RECORDING_ROLES = ("operator", "payment_operations")
BATCH_ROWS = 500
COLUMNS = ("id", "partner_id", "location", "program", "month", "amount", "currency")
FURTHER_COLUMNS = ("fund", "corrects", "reason")


def routes(platform: Platform) -> APIRouter:
    """Return the routes that record earnings."""
    here = APIRouter(tags=["earnings"])

    @here.post(
        "/earnings",
        operation_id="record_earnings",
        response_model=EarningAnswers,
        openapi_extra=_json_body(EarningBatch.model_json_schema(), EarningOrder.model_json_schema()),
    )
    async def record(request: Request, caller: Caller, key: IdempotencyKey = None) -> Response:
        """Record one earning or a batch (finance); each is booked once, whatever is sent twice."""
        require(caller, *RECORDING_ROLES)
        content = await bounded_body(
            request, platform.limits.request_json_bytes_max, "request_json_bytes_max"
        )
        orders = _orders(content)
        once = Repeatable(caller.key_id, "POST /v1/earnings", key, body_sha256(content))
        numbered = [(None, order) for order in orders]
        return await run_in_threadpool(answered, platform, once, lambda: _record(platform, caller, numbered))

    @here.post(
        "/earnings:import",
        operation_id="import_earnings",
        response_model=EarningAnswers,
        openapi_extra={
            "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}},
        },
    )
    async def import_file(request: Request, caller: Caller, key: IdempotencyKey = None) -> Response:
        """Record a CSV file of earnings (finance): id, partner_id, location, program, month, amount, currency, and
        optionally fund, corrects, reason. A line that is refused keeps no other from being booked."""
        require(caller, *RECORDING_ROLES)
        content = await bounded_body(request, platform.limits.import_bytes_max, "import_bytes_max")
        once = Repeatable(caller.key_id, "POST /v1/earnings:import", key, body_sha256(content))
        rows = _rows(content)
        return await run_in_threadpool(answered, platform, once, lambda: _record(platform, caller, rows))

    return here


def _json_body(batch: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    for schema in (batch, one):
        schema.pop("$defs", None)
    one["properties"]["amount"] = _MONEY
    batch["properties"]["earnings"]["items"] = one
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [batch, one]}}},
        }
    }


_MONEY = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
    "required": ["amount", "currency"],
    "additionalProperties": False,
}


def _orders(content: bytes) -> tuple[EarningOrder, ...]:
    try:
        plain = json.loads(content)
    except ValueError:
        plain = None
    if isinstance(plain, dict) and "earnings" not in plain:
        return (validated(EarningOrder, content, "the earning"),)
    return validated(EarningBatch, content, "the batch of earnings").earnings


Numbered = tuple[int | None, EarningOrder | EarningAnswer]


def _rows(content: bytes) -> list[Numbered]:
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        unknown = [name for name in reader.fieldnames or () if name not in (*COLUMNS, *FURTHER_COLUMNS)]
        if missing or unknown:
            wrong = (
                f"the column {missing[0]} is missing" if missing else f"the column {unknown[0]!r} is unknown"
            )
            raise ProblemError(422, "CSV_INVALID", f"{wrong}; the first line names {', '.join(COLUMNS)}")
        return [(reader.line_num, _order(reader.line_num, row)) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ProblemError(422, "CSV_INVALID", f"the file is not CSV in UTF-8: {error}") from None


def _order(line: int, row: dict[str, str | None]) -> EarningOrder | EarningAnswer:
    values: dict[str, Any] = {name: (value or "").strip() for name, value in row.items() if name is not None}
    money = {"amount": values.pop("amount", ""), "currency": values.pop("currency", "")}
    values["corrects"] = values.get("corrects") or None
    try:
        return EarningOrder.model_validate({**values, "amount": money})
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        detail = f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
        return EarningAnswer(
            id=str(values.get("id", "")), status="refused", code="LINE_INVALID", detail=detail, line=line
        )


def _record(platform: Platform, caller: Principal, rows: Sequence[Numbered]) -> EarningAnswers:
    results: list[EarningAnswer] = []
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS]
        orders = [(line, order) for line, order in batch if isinstance(order, EarningOrder)]
        for _, order in orders:
            if not caller.may_see(order.partner_id, order.location, order.program):
                raise not_found(f"partner {order.partner_id} in {order.program}")
        with platform.database.write() as tx:
            done = iter(
                record_earnings(
                    tx, platform.packs, [_earning(order) for _, order in orders], now=platform.clock.now()
                )
            )
        for line, given in batch:
            if isinstance(given, EarningAnswer):
                results.append(given)
            else:
                found = next(done)
                results.append(
                    EarningAnswer(
                        id=found.id, status=found.status, code=found.code, detail=found.detail, line=line
                    )
                )
    counts = [result.status for result in results]
    return EarningAnswers(
        created=counts.count("created"),
        existing=counts.count("exists"),
        refused=counts.count("refused"),
        results=tuple(results),
    )


def _earning(order: EarningOrder) -> Earning:
    return Earning(
        id=order.id,
        partner=order.partner_id,
        location=order.location,
        program=order.program,
        month=Month.parse(order.month),
        amount=order.amount,
        fund=order.fund,
        corrects=order.corrects,
        reason=order.reason,
    )
