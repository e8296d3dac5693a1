"""Routes that read: balances, funds, statements, payouts, explanations, and the feed. What is not yours is not there."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query

from schemas.base import Instant
from services.kit.http import Caller, Cursor, PageRows, ProblemError, decode_cursor, encode_cursor, not_found
from services.kit.keys import Principal
from services.kit.platform import Platform
from services.ledger.app.bodies import (
    BalancePage,
    BalanceView,
    EventPage,
    FundsPage,
    FundsView,
    PayoutPage,
    StatementLineView,
    StatementPage,
    payout_view,
)
from services.ledger.queries import balances, explanation, feed, statements
from services.ledger.queries.balances import BalanceRow, Funds
from services.ledger.queries.statements import Payout, StatementLine

T = TypeVar("T")
Filter = Annotated[str | None, Query(max_length=200)]


def routes(platform: Platform) -> APIRouter:
    """Return the routes that read the ledger."""
    here = APIRouter(tags=["ledger"])
    _balance_routes(here, platform)
    _payout_routes(here, platform)
    rows_default = platform.limits.page_rows_default

    @here.get("/ledger/events", operation_id="list_ledger_events")
    def list_events(
        caller: Caller, after: Annotated[int, Query(ge=0, le=2**62)] = 0, rows: PageRows = rows_default
    ) -> EventPage:
        """Ledger events behind a position, in a gapless order; read again from any position."""
        found = feed.events_after(platform.database, after, rows)
        seen = [event for event in found if caller.may_see(event.partner, event.location, event.program)]
        return EventPage(
            items=tuple(event.event for event in seen), next_after=found[-1].position if found else after
        )

    return here


def _balance_routes(here: APIRouter, platform: Platform) -> None:
    rows_default = platform.limits.page_rows_default

    @here.get("/balances", operation_id="list_balances")
    def list_balances(
        caller: Caller,
        partner_id: Filter = None,
        location: Filter = None,
        program: Filter = None,
        period: Filter = None,
        cursor: Cursor = None,
        rows: PageRows = rows_default,
    ) -> BalancePage:
        """Balances by bucket that are not zero."""
        with platform.database.read() as tx:
            found = balances.balances(
                tx, partner=partner_id, location=location, program=program, period=period
            )
        page, next_cursor = _page(_seen(caller, found, _owner), cursor, rows)
        return BalancePage(items=tuple(_balance(row) for row in page), next=next_cursor)

    @here.get("/funds", operation_id="list_funds")
    def list_funds(
        caller: Caller,
        partner_id: Filter = None,
        location: Filter = None,
        program: Filter = None,
        usage_period: Filter = None,
        cursor: Cursor = None,
        rows: PageRows = rows_default,
    ) -> FundsPage:
        """Co-op by usage period: earned, claimed, remaining, and until when it can be claimed."""
        with platform.database.read() as tx:
            found = balances.funds(
                tx, partner=partner_id, location=location, program=program, usage_period=usage_period
            )
        page, next_cursor = _page(_seen(caller, found, _owner), cursor, rows)
        return FundsPage(items=tuple(_funds(row) for row in page), next=next_cursor)

    @here.get("/statements", operation_id="get_statement")
    def get_statement(
        caller: Caller,
        partner_id: Annotated[str, Query(max_length=64)],
        period: Filter = None,
        as_of: Instant | None = None,
        location: Filter = None,
        program: Filter = None,
        cursor: Cursor = None,
        rows: PageRows = rows_default,
    ) -> StatementPage:
        """A partner's entries with running balances, as they were recorded up to `as_of`."""
        with platform.database.read() as tx:
            found = statements.statement(
                tx, partner_id, period=period, as_of=as_of, location=location, program=program
            )
        seen = [line for line in found if caller.may_see(partner_id, line.location, line.program)]
        page, next_cursor = _page(seen, cursor, rows)
        return StatementPage(items=tuple(_line(line) for line in page), next=next_cursor)


def _payout_routes(here: APIRouter, platform: Platform) -> None:
    @here.get("/payouts", operation_id="list_payouts")
    def list_payouts(
        caller: Caller,
        partner_id: Filter = None,
        cursor: Cursor = None,
        rows: PageRows = platform.limits.page_rows_default,
    ) -> PayoutPage:
        """Payouts in the order of their pay days."""
        after = _payout_cursor(cursor)
        page: list[Payout] = []
        with platform.database.read() as tx:
            while len(page) <= rows:
                found = statements.payout_list(tx, partner=partner_id, after=after, rows_max=rows + 1)
                page += _seen(caller, found, _owner)
                if len(found) <= rows:
                    break
                after = (found[-1].on, found[-1].id)
        more = len(page) > rows
        page = page[:rows]
        with platform.database.read() as tx:
            states = statements.payment_states(tx, [row.id for row in page])
        next_cursor = encode_cursor(page[-1].on.isoformat(), page[-1].id) if more and page else None
        return PayoutPage(
            items=tuple(payout_view(row, states.get(row.id, "in_progress")) for row in page), next=next_cursor
        )

    @here.get("/payouts/{payout_id}", operation_id="explain_payout")
    def explain_payout(caller: Caller, payout_id: str) -> dict[str, Any]:
        """Why this was paid: its transfers, claims, and the earnings each of them used."""
        with platform.database.read() as tx:
            found = statements.payout(tx, payout_id)
            if found is None or not caller.may_see(found.partner, found.location, found.program):
                raise not_found("the payout")
            told = explanation.explain_payout(tx, payout_id)
        assert told is not None
        return told


def _payout_cursor(cursor: str | None) -> tuple[date, str] | None:
    if cursor is None:
        return None
    parts = decode_cursor(cursor)
    try:
        day, payout_id = parts
        return date.fromisoformat(day), str(payout_id)
    except (TypeError, ValueError):
        raise ProblemError(400, "CURSOR_INVALID", "the cursor is not one of ours; start without it") from None


def _owner(row: Any) -> tuple[str, str, str]:
    return row.partner, row.location, row.program


def _seen(caller: Principal, rows: Sequence[T], owner: Callable[[T], tuple[str, str, str]]) -> list[T]:
    return [row for row in rows if caller.may_see(*owner(row))]


def _page(rows: Sequence[T], cursor: str | None, count: int) -> tuple[Sequence[T], str | None]:
    start = 0
    if cursor is not None:
        parts = decode_cursor(cursor)
        if len(parts) != 1 or not isinstance(parts[0], int) or parts[0] < 0:
            raise ProblemError(400, "CURSOR_INVALID", "the cursor is not one of ours; start without it")
        start = parts[0]
    end = start + count
    return rows[start:end], encode_cursor(end) if end < len(rows) else None


def _balance(row: BalanceRow) -> BalanceView:
    return BalanceView(
        partner_id=row.partner,
        location=row.location,
        program=row.program,
        period=row.period,
        bucket=row.bucket,
        amount=row.amount,
    )


def _funds(row: Funds) -> FundsView:
    amounts = {
        name: getattr(row, name)
        for name in ("earned", "claimed", "reserved", "expired", "remaining", "available")
    }
    return FundsView(
        partner_id=row.partner,
        location=row.location,
        program=row.program,
        usage_period=row.usage_period,
        earning_period=row.earning_period,
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        **amounts,
    )


def _line(line: StatementLine) -> StatementLineView:
    return StatementLineView(**{name: getattr(line, name) for name in StatementLineView.model_fields})
