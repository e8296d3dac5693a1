"""What the ledger's routes take and give."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from schemas.base import Contract, Day, Instant
from schemas.ids import LocationId, Name, PartnerId
from schemas.money import Money
from services.kit.http import ProblemError

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
    """A payout; `of` names claims, months or earning periods."""

    id: str
    on: Day
    partner_id: str
    location: str
    program: str
    kind: str
    amount: Money
    of: tuple[str, ...]


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
