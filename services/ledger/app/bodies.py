"""What the ledger's routes take and give."""

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field

from schemas.base import Contract, Day, Instant
from schemas.ids import LocationId, Name, PartnerId
from schemas.money import Money
from services.kit.http import ProblemError
from services.ledger.queries.statements import Payout
from services.ledger.store.runs import PayoutRow

Reference = Annotated[str, Field(pattern=r"^[^/\x00-\x1f]{1,100}$")]
MonthText = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
EARNINGS_MAX = 1000


class EarningOrder(Contract):
    """An earning of a month; negative, or with `corrects` and a reason, for a correction (R-20)."""

    id: Reference
    partner_id: PartnerId
    location: LocationId
    program: Name
    month: MonthText
    amount: Money
    fund: Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,64}$")] = ""
    corrects: Reference | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


class EarningBatch(Contract):
    """Up to 1000 earnings, booked together."""

    earnings: Annotated[tuple[EarningOrder, ...], Field(strict=False, min_length=1, max_length=EARNINGS_MAX)]


class EarningAnswer(Contract):
    """What became of one earning: `created`, `exists`, or `refused` with the reason. `line` is that of a file."""

    id: str
    status: str
    code: str = ""
    detail: str = ""
    line: int | None = None


class EarningAnswers(Contract):
    """One answer for each earning, in order."""

    created: int
    existing: int
    refused: int
    results: tuple[EarningAnswer, ...]


class BalanceView(Contract):
    """What sits in one bucket of an earning period."""

    partner_id: str
    location: str
    program: str
    period: str
    bucket: str
    amount: Money


class FundsView(Contract):
    """Co-op of a usage period (R-41); `closes_on` is the first instant at which claims are late."""

    partner_id: str
    location: str
    program: str
    usage_period: str
    earning_period: str
    earned: Money
    claimed: Money
    reserved: Money
    expired: Money
    remaining: Money
    available: Money
    opens_on: Instant
    closes_on: Instant


class StatementLineView(Contract):
    """One entry with the balance after it."""

    location: str
    program: str
    period: str
    bucket: str
    sequence: int
    transfer_id: str
    kind: str
    amount: Money
    balance_after: Money
    effective_on: Instant
    recorded_at: Instant
    references: dict[str, str]


class PayoutView(Contract):
    """A payout; `of` names claims, months or earning periods.

    `state` is `upcoming` in a preview, `in_progress` from the run on, then what the payment system said last: `sent`,
    `failed`, `reversed` (R-67).
    """

    id: str
    on: Day
    partner_id: str
    location: str
    program: str
    kind: str
    amount: Money
    of: tuple[str, ...]
    state: str


def payout_view(row: Payout | PayoutRow, state: str) -> PayoutView:
    """Show a payout."""
    if isinstance(row, PayoutRow):
        on, amount = row.pay_day, Money(amount_minor=row.amount, currency=row.currency)
    else:
        on, amount = row.on, row.amount
    return PayoutView(
        id=row.id,
        on=on,
        partner_id=row.partner,
        location=row.location,
        program=row.program,
        kind=row.kind,
        amount=amount,
        of=row.of,
        state=state,
    )


class WithheldView(Contract):
    """A run that paid nothing to a payee for want of a complete profile; the money stays due until it is forfeited."""

    partner_id: str
    location: str
    program: str
    since: Day
    forfeits_at: Instant | None


class PayoutPreview(Contract):
    """What runs would pay, and what stays withheld after them."""

    payouts: tuple[PayoutView, ...]
    withheld: tuple[WithheldView, ...]


class PaymentOrder(Contract):
    """What a payment system says of a payout; `reference` is its own."""

    state: Literal["sent", "failed", "reversed"]
    reference: Annotated[str, Field(max_length=200)] = ""
    reason: Annotated[str, Field(max_length=200)] = ""


class PaymentAnswer(Contract):
    """A report as it was taken: `created`, or `exists` for a repeat."""

    payout_id: str
    state: str
    status: str


class ProfileOrder(Contract):
    """Whether bank and tax details of a partner are complete."""

    partner_id: PartnerId
    complete: bool


class ProfileAnswer(Contract):
    """A profile as it stands: `created` for a change, `exists` for what was known."""

    partner_id: str
    complete: bool
    status: str


class ReplayOrder(Contract):
    """Which events are published again, and to which queue."""

    queue: Annotated[str, Field(max_length=100)]
    after: Annotated[int, Field(ge=0, le=2**62)] = 0
    rows: Annotated[int, Field(ge=1, le=1000)] = 1000


class ReplayAnswer(Contract):
    """How many events were published again; go on with `after=next_after`."""

    queue: str
    events: int
    next_after: int


def json_body(model: type[Contract]) -> dict[str, Any]:
    """What OpenAPI says of a route that reads its body itself."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


class BalancePage(Contract):
    """Balances, and the cursor of the next page."""

    items: tuple[BalanceView, ...]
    next: str | None = None


class FundsPage(Contract):
    """Funds, and the cursor of the next page."""

    items: tuple[FundsView, ...]
    next: str | None = None


class StatementPage(Contract):
    """Statement lines, and the cursor of the next page."""

    items: tuple[StatementLineView, ...]
    next: str | None = None


class PayoutPage(Contract):
    """Payouts, and the cursor of the next page."""

    items: tuple[PayoutView, ...]
    next: str | None = None


class EventPage(Contract):
    """Ledger events as CloudEvents; go on with `after=next_after`."""

    items: tuple[dict[str, Any], ...]
    next_after: int


async def bounded_body(request: Request, bytes_max: int, limit: str) -> bytes:
    """Read a body, counting while it comes. Raises ProblemError 413."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > bytes_max:
            raise ProblemError(
                413, "BODY_TOO_LARGE", f"the body may have {bytes_max} bytes ({limit}); send less at once"
            )
    return bytes(content)
