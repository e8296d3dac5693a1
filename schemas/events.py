"""The messages between the parts: CloudEvents 1.0 with JSON data, AMQP binding in binary mode.

A message refers to documents by their place in the object store and never carries their bytes. Models here are
the published schemas; both ends validate against them. A breaking change is a new version of the type.
"""

from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from schemas.base import SCHEMA_ROOT, Contract, Day, Instant, Period
from schemas.claims import ReceivedDocument
from schemas.decisions import Decision, Outcome
from schemas.ids import ClaimId, Code, EventId, Sha256
from schemas.money import Money

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

DataT = TypeVar("DataT", bound=Contract)


class ObjectRef(Contract):
    """Where bytes lie in the object store."""

    bucket: str
    key: str
    sha256: Sha256
    bytes: Annotated[int, Field(ge=0)]


class ClaimSubmitted(Contract):
    """`coop.claim.submitted.v1`: a revision was accepted. `first_received_at` decides the deadline for all.

    `changed` are the documents that are new or described otherwise than in the revision before; all in the first.
    """

    claim_id: ClaimId
    claim_number: int
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    partner_name: str
    location: str
    program: str
    received_at: Instant
    first_received_at: Instant
    manifest: ObjectRef
    documents: Annotated[tuple[ReceivedDocument, ...], Field(strict=False)]
    changed: Annotated[tuple[Sha256, ...], Field(strict=False)] = ()


class ClaimValidated(Contract):
    """`coop.claim.validated.v1`: the machine has decided one revision. Its payable amount is a forecast."""

    claim_id: ClaimId
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    location: str
    program: str
    usage_period: Period
    activity: str
    effective_on: Instant
    decision: Decision


class ReviewRequested(Contract):
    """`coop.review.requested.v1`: a revision was judged, its funds are held, and a person is to decide it.

    `findings` are printed codes, those for reviewers included; `due_on` is the last day in time.
    """

    claim_id: ClaimId
    claim_number: Annotated[int, Field(ge=1)]
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    location: str
    program: str
    usage_period: Period
    activity: str
    is_dispute: bool
    outcome: Annotated[Outcome, Field(strict=False)]
    findings: Annotated[tuple[str, ...], Field(strict=False)]
    claimed: Money
    payable: Money
    reserved: Money
    first_received_at: Instant
    due_on: Day | None = None


class ClaimVerdict(StrEnum):
    """How a claim was decided by a person, or by the system where nothing can be mended."""

    APPROVED = "approved"
    REJECTED = "rejected"


class ClaimDecided(Contract):
    """`coop.claim.decided.v1`: approved (whole or less) or rejected."""

    claim_id: ClaimId
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    location: str
    program: str
    verdict: Annotated[ClaimVerdict, Field(strict=False)]
    approved: Money | None = None
    reason_code: Code | None = None
    actor: str
    decided_at: Instant


class ClaimWithdrawn(Contract):
    """`coop.claim.withdrawn.v1`: the partner took an undecided claim back."""

    claim_id: ClaimId
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    location: str
    program: str
    actor: str
    withdrawn_at: Instant


class PartnerEnrolled(Contract):
    """`coop.partner.enrolled.v1`: a location of a partner takes part in a program."""

    partner_id: str
    partner_name: str
    location: str
    location_name: str
    program: str
    onboarded_on: Day
    aliases: Annotated[tuple[str, ...], Field(strict=False)] = ()


class PlanApproved(Contract):
    """`coop.plan.approved.v1`: a plan was approved with a limit (R-26); months are written YYYY-MM."""

    plan: str
    partner_id: str
    location: str
    program: str
    fund: str
    period: Period
    limit: Money
    approved_at: Instant


class PlanLimitRaised(Contract):
    """`coop.plan.limit_raised.v1`: counts from the month after it was recorded (R-29)."""

    plan: str
    partner_id: str
    limit: Money
    recorded_at: Instant


class EarningRecorded(Contract):
    """`coop.earning.recorded.v1`: an earning of a month was booked and split (R-16)."""

    earning_id: str
    partner_id: str
    location: str
    program: str
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    earned: Money
    rebate: Money
    coop: Money


class LedgerEntry(Contract):
    """One side of a transfer: the account, its next sequence number and its balance after."""

    account: str
    sequence: Annotated[int, Field(ge=1)]
    amount: Money
    balance_after: Money


class LedgerEvent(Contract):
    """`coop.ledger.<what happened>.v1`: one per transfer. `position` is the gapless cursor of feed and replay.

    `references` names what the transfer is about (claim, earning, plan, payout, corrected transfer).
    """

    position: Annotated[int, Field(ge=1)] | None = None
    transfer_id: str
    kind: str
    partner_id: str
    location: str
    program: str
    period: str
    amount: Money
    effective_on: Instant
    recorded_at: Instant
    references: dict[str, str]
    entries: Annotated[tuple[LedgerEntry, ...], Field(strict=False)]


class ReserveRefused(Contract):
    """`coop.ledger.reserve_refused.v1`: the ledger holds no funds for a claim, and why."""

    claim_id: ClaimId
    revision: Annotated[int, Field(ge=1)]
    partner_id: str
    location: str
    program: str
    requested: Money
    available: Money
    code: Code
    refused_at: Instant


class Envelope(Contract, Generic[DataT]):
    """A CloudEvents 1.0 event; `partnerid` and `traceparent` are extension attributes."""

    specversion: str = SPEC_VERSION
    id: EventId
    source: str
    type: str
    time: Instant
    subject: str
    datacontenttype: str = CONTENT_TYPE
    dataschema: str
    partnerid: str
    traceparent: str | None = None
    data: DataT


CLAIM_SUBMITTED = "coop.claim.submitted.v1"
CLAIM_VALIDATED = "coop.claim.validated.v1"
REVIEW_REQUESTED = "coop.review.requested.v1"
CLAIM_DECIDED = "coop.claim.decided.v1"
CLAIM_WITHDRAWN = "coop.claim.withdrawn.v1"
PARTNER_ENROLLED = "coop.partner.enrolled.v1"
PLAN_APPROVED = "coop.plan.approved.v1"
PLAN_LIMIT_RAISED = "coop.plan.limit_raised.v1"
EARNING_RECORDED = "coop.earning.recorded.v1"
RESERVE_REFUSED = "coop.ledger.reserve_refused.v1"
FUNDS_RESERVED = "coop.ledger.funds_reserved.v1"

LEDGER_KINDS = {
    "earning_rebate": "the rebate part of a month's earning was booked (R-16)",
    "earning_coop": "the co-op part of a month's earning was held (R-16)",
    "earning_plan": "the whole earning of a plan program was booked as payable (R-27)",
    "coop_released": "a closed period's co-op exceeded the threshold and can be claimed (R-17)",
    "coop_converted": "a closed period's co-op was at or below the threshold and becomes rebate (R-17, R-19)",
    "funds_reserved": "funds are held for a claim (R-53)",
    "hold_released": "the hold of a claim was given back",
    "claim_settled": "an approved claim took its held funds",
    "funds_restored": "funds that expired meanwhile were posted back for a claim received in time (R-44)",
    "payout_paid": "a payout run paid an amount (R-27)",
    "over_limit_carried": "earnings over the plan limit were carried to the next month (R-28)",
    "over_limit_forfeited": "earnings over the plan limit were forfeited (R-28)",
    "funds_expired": "co-op funds that were not claimed in their window expired (R-44)",
    "coop_taken_back": "a correction took back co-op funds that could already be claimed (R-20)",
    "claim_clawed_back": "what was paid for a claim was taken back (C6)",
    "payment_failed": "a payout did not arrive: the money is due again (R-67)",
    "payment_reversed": "a payout came back: the money is due again (R-67)",
    "payment_forfeited": "a payment was held too long for a missing profile (R-69)",
    "set_off_undone": "an amount set off in a payout that did not arrive is open again",
    "clawback_undone": "what was taken back had never arrived",
    "payout_set_off": "an amount that was due filled up a negative one before a payout run paid (R-20)",
}
"""What a ledger transfer can be; each is published as `coop.ledger.<kind>.v1`."""

EVENT_DATA: dict[str, type[Contract]] = {
    CLAIM_SUBMITTED: ClaimSubmitted,
    CLAIM_VALIDATED: ClaimValidated,
    REVIEW_REQUESTED: ReviewRequested,
    CLAIM_DECIDED: ClaimDecided,
    CLAIM_WITHDRAWN: ClaimWithdrawn,
    PARTNER_ENROLLED: PartnerEnrolled,
    PLAN_APPROVED: PlanApproved,
    PLAN_LIMIT_RAISED: PlanLimitRaised,
    EARNING_RECORDED: EarningRecorded,
    RESERVE_REFUSED: ReserveRefused,
    **{f"coop.ledger.{kind}.v1": LedgerEvent for kind in LEDGER_KINDS},
}
"""The data model of every published event type."""


class EventTypeUnknown(ValueError):
    """No published schema has this event type."""


def schema_uri(event_type: str) -> str:
    """The identity of the JSON Schema of an event type's data."""
    return f"{SCHEMA_ROOT}{event_type}"


def parse_data(event_type: str, data: dict[str, Any]) -> Contract:
    """Validate `data` against the published schema. Raises EventTypeUnknown or pydantic's ValidationError."""
    try:
        model = EVENT_DATA[event_type]
    except KeyError:
        raise EventTypeUnknown(f"no published schema for event type {event_type!r}") from None
    return model.model_validate(data, strict=False)
