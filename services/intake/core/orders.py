"""What callers ask of intake and what it answers, besides claims themselves: the models of its HTTP bodies."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.base import Contract, Day, Instant, Period
from schemas.claims import ClaimView, HistoryEntry
from schemas.ids import LocationId, Name, PartnerId
from schemas.money import Money

Comment = Annotated[str, Field(min_length=1, max_length=5000)]
PlanId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class CommentOrder(Contract):
    """Words to stand in the history of a claim."""

    comment: Comment


class WithdrawOrder(Contract):
    """A withdrawal, with or without words."""

    comment: Annotated[str, Field(max_length=5000)] = ""


class EnrollmentOrder(Contract):
    """A location of a partner takes part in a program from the day its onboarding was completed."""

    location: LocationId
    location_name: Name
    program: Name
    onboarded_on: Day


class PartnerOrder(Contract):
    """A partner with its names and enrollments; enrollments not named stay as they are."""

    partner_id: PartnerId
    name: Name
    aliases: Annotated[tuple[Name, ...], Field(strict=False, max_length=50)] = ()
    enrollments: Annotated[tuple[EnrollmentOrder, ...], Field(strict=False, max_length=500)] = ()


class EnrollmentView(Contract):
    """One enrollment; `program` is its id."""

    location: str
    location_name: str
    program: str
    onboarded_on: Day


class PartnerView(Contract):
    """A partner with the enrollments the caller may see."""

    partner_id: str
    name: str
    aliases: tuple[str, ...]
    enrollments: tuple[EnrollmentView, ...]


class ImportedLine(Contract):
    """What became of one line of a partner list; line 1 is the heading."""

    line: int
    status: Literal["created", "updated", "unchanged", "refused"]
    code: str | None = None
    detail: str = ""


class ImportReport(Contract):
    """What became of every line, and how many of each kind there are."""

    created: int
    updated: int
    unchanged: int
    refused: int
    lines: tuple[ImportedLine, ...]


class PlanOrder(Contract):
    """An approved plan to be recorded (R-26); `approved_at` is now unless it is given."""

    plan: PlanId
    partner_id: PartnerId
    location: LocationId
    program: Name
    fund: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    period: Period
    limit: Money
    approved_at: Instant | None = None

    @model_validator(mode="after")
    def _positive(self) -> "PlanOrder":
        if self.limit.amount_minor <= 0:
            raise ValueError("a plan's limit is more than zero")
        return self


class LimitOrder(Contract):
    """A higher limit; it counts from the month after it was recorded (R-29)."""

    limit: Money


class PlanView(Contract):
    """A recorded plan with the limit that was recorded last."""

    plan: str
    partner_id: str
    location: str
    program: str
    fund: str
    period: Period
    limit: Money
    approved_at: Instant


class ClaimRow(Contract):
    """A claim in a list."""

    claim_id: str
    claim_number: int
    claim_name: str
    partner_id: str
    location: str
    program: str
    usage_period: Period
    activity: str
    revision: int
    state: str
    received_at: Instant
    deadline: Instant
    deadline_text: str
    claimed: Money
    payable: Money | None
    reserved: Money | None
    approved: Money | None


class ClaimPage(Contract):
    """One page of claims; `next` is the cursor of the page after, absent on the last."""

    items: tuple[ClaimRow, ...]
    next: str | None = None


class CheckoutView(Contract):
    """Who has a claim on the desk until when; `checkout` is the number that a release names."""

    checkout: int
    revision: int
    reviewer: str
    is_mine: bool
    until: Instant


class ReviewRow(Contract):
    """A claim that waits for a reviewer, with what the machine found.

    `days_left` counts business days until the due day; 0 on it, negative when business days have passed since.
    """

    claim: ClaimRow
    outcome: str | None
    findings: tuple[str, ...]
    is_dispute: bool
    due_on: Day | None
    days_left: int | None
    is_overdue: bool
    checkout: CheckoutView | None


class ReviewPage(Contract):
    """One page of the reviewers' queue."""

    items: tuple[ReviewRow, ...]
    next: str | None = None


class ReleaseOrder(Contract):
    """The check-out to end, by the number that its claiming gave."""

    checkout: Annotated[int, Field(ge=1)]


class CheckoutAnswer(Contract):
    """The check-out and its claim; both absent when nothing waits."""

    checkout: CheckoutView | None
    claim: ClaimView | None


class PartnerPage(Contract):
    """One page of partners."""

    items: tuple[PartnerView, ...]
    next: str | None = None


class PlanPage(Contract):
    """One page of plans."""

    items: tuple[PlanView, ...]
    next: str | None = None


class ActAnswer(Contract):
    """What an act did: the row it left in the history, and the claim as it stands now."""

    done: HistoryEntry
    claim: ClaimView
