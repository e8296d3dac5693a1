"""Routes that give whole tables: statements and transactions as files, the trial balance, the replay of the feed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from schemas.base import Instant
from schemas.money import Money
from services.kit.http import (
    Caller,
    IdempotencyKey,
    ProblemError,
    Repeatable,
    body_sha256,
    require,
    validated,
)
from services.kit.platform import Platform
from services.ledger.app.answering import answered
from services.ledger.app.bodies import ReplayAnswer, ReplayOrder, bounded_body, json_body
from services.ledger.exports.table import Table, as_csv, as_pdf, content_disposition
from services.ledger.handlers.replays import QUEUES, replay
from services.ledger.queries import balances, statements
from services.ledger.queries.tables import statement_table, transaction_table
from services.ledger.queries.transactions import MONTHS_DEFAULT, MONTHS_PRESETS, Wanted, transactions
from services.rules.periods import Month

FINANCE_ROLES = ("payment_operations", "operator")
Filter = Annotated[str | None, Query(max_length=200)]
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "pdf": "application/pdf",
}


def _file(table: Table, name: str, extension: str) -> Response:
    made = as_pdf(table) if extension == "pdf" else as_csv(table, "\t" if extension == "tsv" else ",")
    headers = {"Content-Disposition": content_disposition(f"{name}.{extension}")}
    return Response(made, media_type=_MEDIA[extension], headers=headers)


def _files(*extensions: str) -> dict[int | str, dict[str, Any]]:
    content = {_MEDIA[one].partition(";")[0]: {"schema": {"type": "string"}} for one in extensions}
    return {200: {"content": content, "description": "The file"}}


def routes(platform: Platform) -> APIRouter:
    """Return the routes that export."""
    here = APIRouter(tags=["exports"])
    _file_routes(here, platform)

    @here.get("/trial-balance", operation_id="get_trial_balance")
    def trial_balance(caller: Caller) -> dict[str, dict[str, Money]]:
        """The sum of every bucket by currency, the program owner's side included: each currency adds up to zero."""
        require(caller, *FINANCE_ROLES)
        with platform.database.read() as tx:
            return balances.trial_balance(tx)

    @here.post(
        "/ledger/events:replay",
        operation_id="replay_ledger_events",
        response_model=ReplayAnswer,
        openapi_extra=json_body(ReplayOrder),
    )
    async def replay_events(request: Request, caller: Caller, key: IdempotencyKey = None) -> Response:
        """Publish ledger events again to one queue, from any position on; their ids are those of the first time."""
        require(caller, *FINANCE_ROLES)
        content = await bounded_body(
            request, platform.limits.request_json_bytes_max, "request_json_bytes_max"
        )
        order = validated(ReplayOrder, content, "the replay")
        if order.queue not in QUEUES:
            raise ProblemError(422, "QUEUE_UNKNOWN", f"a replay goes to one of {', '.join(QUEUES)}")
        once = Repeatable(caller.key_id, "POST /v1/ledger/events:replay", key, body_sha256(content))

        def act() -> ReplayAnswer:
            count, last = replay(
                platform.database,
                order.queue,
                after=order.after,
                rows_max=order.rows,
                now=platform.clock.now(),
            )
            return ReplayAnswer(queue=order.queue, events=count, next_after=last)

        return await run_in_threadpool(answered, platform, once, act)

    return here


def _file_routes(here: APIRouter, platform: Platform) -> None:
    @here.get(
        "/statements/{partner_id}.{extension}",
        operation_id="export_statement",
        response_class=Response,
        responses=_files("csv", "pdf"),
    )
    def export_statement(
        caller: Caller,
        partner_id: str,
        extension: Literal["csv", "pdf"],
        period: Filter = None,
        as_of: Instant | None = None,
        location: Filter = None,
        program: Filter = None,
    ) -> Response:
        """A partner's whole statement as a file. With `as_of` it is the same to the byte whatever comes later."""
        with platform.database.read() as tx:
            found = statements.statement(
                tx, partner_id, period=period, as_of=as_of, location=location, program=program
            )
        seen = [line for line in found if caller.may_see(partner_id, line.location, line.program)]
        name = "-".join(["statement", partner_id, *([period.replace("/", "-")] if period else [])])
        return _file(statement_table(partner_id, seen), name, extension)

    @here.get(
        "/transactions.{extension}",
        operation_id="export_transactions",
        response_class=Response,
        responses=_files("csv", "tsv", "pdf"),
    )
    def export_transactions(
        caller: Caller,
        extension: Literal["csv", "tsv", "pdf"],
        months: int = MONTHS_DEFAULT,
        partner_id: Filter = None,
        location: Filter = None,
        program: Filter = None,
        payment_id: Filter = None,
        earning_type: Literal["rebate", "coop", "plan"] | None = None,
        status: Filter = None,
    ) -> Response:
        """Every part of every earning of the last 3, 6, 12 or 36 months, with its state and payment (R-73)."""
        if months not in MONTHS_PRESETS:
            raise ProblemError(422, "MONTHS_INVALID", "months is 3, 6, 12 or 36")
        now = platform.clock.now()
        last = Month.of(now.date())
        wanted = Wanted(
            first_month=str(last.plus(1 - months)),
            last_month=str(last),
            partner=partner_id or "",
            location=location or "",
            program=program or "",
            payment_id=payment_id or "",
            earning_type=earning_type or "",
            status=status or "",
        )
        with platform.database.read() as tx:
            found = transactions(tx, platform.packs, wanted, now=now)
        seen = [row for row in found if caller.may_see(row.partner, row.location, row.program)]
        return _file(transaction_table(seen), "transactions", extension)
