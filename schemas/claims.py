"""The life of a claim (R-30, R-31): its states, the acts that move it, and what the API shows of it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Contract, Day, Instant, Period
from schemas.bundle import DOCUMENTS_MAX, LINES_MAX, ManifestLine
from schemas.decisions import Decision
from schemas.ids import ClaimId, Code, Sha256
from schemas.money import Money

ASKS_MAX = 100


class ClaimState(StrEnum):
    """Where a claim is. `approved`, `rejected` and `withdrawn` are decided."""

    EDITING = "editing"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    ACTION_REQUIRED = "action_required"
    APPROVED = "approved"
    REJECTED = "rejected"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


class ClaimAct(StrEnum):
    """What somebody does to a claim."""

    SUBMIT = "submit"
    START_REVIEW = "start_review"
    EDIT = "edit"
    APPROVE = "approve"
    REJECT = "reject"
    ASK_PARTNER = "ask_partner"
    DISPUTE = "dispute"
    WITHDRAW = "withdraw"


_S, _A = ClaimState, ClaimAct
TRANSITIONS: dict[tuple[ClaimState, ClaimAct], ClaimState] = {
    (_S.EDITING, _A.SUBMIT): _S.SUBMITTED,
    (_S.EDITING, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SUBMITTED, _A.START_REVIEW): _S.UNDER_REVIEW,
    (_S.SUBMITTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.UNDER_REVIEW, _A.APPROVE): _S.APPROVED,
    (_S.UNDER_REVIEW, _A.REJECT): _S.REJECTED,
    (_S.UNDER_REVIEW, _A.ASK_PARTNER): _S.ACTION_REQUIRED,
    (_S.UNDER_REVIEW, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ACTION_REQUIRED, _A.EDIT): _S.EDITING,
    (_S.ACTION_REQUIRED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.REJECTED, _A.DISPUTE): _S.DISPUTED,
    (_S.DISPUTED, _A.APPROVE): _S.APPROVED,
    (_S.DISPUTED, _A.REJECT): _S.REJECTED,
    (_S.DISPUTED, _A.ASK_PARTNER): _S.ACTION_REQUIRED,
    (_S.DISPUTED, _A.WITHDRAW): _S.WITHDRAWN,
}
"""Every allowed transition (R-30); whatever is not here is refused."""


class TransitionNotAllowed(ValueError):
    """The act is not allowed in the state the claim is in."""

    code = "TRANSITION_NOT_ALLOWED"

    def __init__(self, state: ClaimState, act: ClaimAct) -> None:
        self.state = state
        self.act = act
        super().__init__(f"a claim that is {state} cannot be moved by {act}")


def after(state: ClaimState, act: ClaimAct) -> ClaimState:
    """Return the state that `act` leads to. Raises TransitionNotAllowed."""
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise TransitionNotAllowed(state, act) from None


class ReceivedDocument(Contract):
    """One file as it was received. `problem` is why its bytes are no sound file of the declared type."""

    file: str
    sha256: Sha256
    bytes: Annotated[int, Field(ge=0)]
    media_type: str
    kind: str
    note: str = ""
    typed: dict[str, str] = {}
    problem: Code | None = None


class Receipt(Contract):
    """The answer to an accepted bundle: what was received when, and the deadline that counts."""

    claim_id: ClaimId
    claim_number: int
    claim_name: str
    revision: int
    state: Annotated[ClaimState, Field(strict=False)]
    received_at: Instant
    first_received_at: Instant
    documents: Annotated[tuple[ReceivedDocument, ...], Field(strict=False)]
    manifest_sha256: Sha256
    pack_id: str
    deadline: Instant
    deadline_text: str


class ReviewVerdict(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    ASK = "ask"
    REJECT = "reject"


class PartVerdict(StrEnum):
    """What a reviewer says of one line or one document; only a line can be cut."""

    ACCEPT = "accept"
    CUT = "cut"
    REFUSE = "refuse"


class LineVerdict(Contract):
    """A reviewer's word on one line of the manifest, numbered from 1. `amount` is what a cut leaves."""

    line: Annotated[int, Field(ge=1, le=LINES_MAX)]
    verdict: Annotated[PartVerdict, Field(strict=False)]
    amount: Money | None = None
    reason_code: Code | None = None

    @model_validator(mode="after")
    def _complete(self) -> "LineVerdict":
        if (self.verdict is PartVerdict.CUT) != (self.amount is not None):
            raise ValueError("a cut says the amount that is left, and nothing else carries an amount")
        if self.amount is not None and self.amount.amount_minor <= 0:
            raise ValueError("a cut leaves more than zero; refuse the line instead")
        if self.verdict is not PartVerdict.ACCEPT and self.reason_code is None:
            raise ValueError(f"{self.verdict} needs a reason_code")
        return self


class DocumentVerdict(Contract):
    """A reviewer's word on one document of the revision: accept or refuse."""

    sha256: Sha256
    verdict: Annotated[PartVerdict, Field(strict=False)]
    reason_code: Code | None = None
    comment: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _complete(self) -> "DocumentVerdict":
        if self.verdict is PartVerdict.CUT:
            raise ValueError("a document is accepted or refused; only a line can be cut")
        if self.verdict is PartVerdict.REFUSE and self.reason_code is None:
            raise ValueError("refuse needs a reason_code")
        return self


class Ask(Contract):
    """One thing the partner is to mend: about a finding (its printed code), a document or a line of the revision."""

    finding: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    document: Sha256 | None = None
    line: Annotated[int, Field(ge=1, le=LINES_MAX)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _about_one_thing(self) -> "Ask":
        if sum(place is not None for place in (self.finding, self.document, self.line)) != 1:
            raise ValueError("an ask is about exactly one finding, document or line")
        return self


class OpenAsk(Contract):
    """An ask that is not mended yet, and the revision it was asked about."""

    revision: int
    ask: Ask


class ReviewDecision(Contract):
    """A reviewer's act. `revision` is the one the reviewer saw; a stale act is refused.

    A reason code is obligatory, except for an approval of the whole payable amount. Where an approval gives verdicts
    on lines it gives one on each, their accepted amounts are the approved amount, and the reasons stand with them.
    """

    verdict: Annotated[ReviewVerdict, Field(strict=False)]
    revision: Annotated[int, Field(ge=1)]
    amount: Money | None = None
    reason_code: Code | None = None
    comment: Annotated[str, Field(max_length=5000)] = ""
    lines: Annotated[tuple[LineVerdict, ...], Field(strict=False, max_length=LINES_MAX)] = ()
    documents: Annotated[tuple[DocumentVerdict, ...], Field(strict=False, max_length=DOCUMENTS_MAX)] = ()
    asks: Annotated[tuple[Ask, ...], Field(strict=False, max_length=ASKS_MAX)] = ()

    @model_validator(mode="after")
    def _said_once(self) -> "ReviewDecision":
        if len({line.line for line in self.lines}) < len(self.lines):
            raise ValueError("lines has two verdicts on one line")
        if len({document.sha256 for document in self.documents}) < len(self.documents):
            raise ValueError("documents has two verdicts on one document")
        return self

    @model_validator(mode="after")
    def _reason_given(self) -> "ReviewDecision":
        if self.verdict is not ReviewVerdict.APPROVE and self.reason_code is None:
            raise ValueError(f"{self.verdict} needs a reason_code")
        if self.verdict is not ReviewVerdict.APPROVE and self.amount is not None:
            raise ValueError("only an approval carries an amount")
        if self.verdict is not ReviewVerdict.ASK and self.asks:
            raise ValueError("only an ask carries asks")
        if self.amount is not None and self.amount.amount_minor <= 0:
            raise ValueError("an approved amount is more than zero")
        return self


class HistoryEntry(Contract):
    """Who did what, when, and from which revision."""

    at: Instant
    actor: str
    act: str
    revision: int
    state: Annotated[ClaimState, Field(strict=False)]
    reason_code: str | None = None
    comment: str = ""


class ClaimView(Contract):
    """A claim as its partner or a reviewer sees it; findings are those the reader may see.

    `due_on` is the last day that the program promises for the review or the answer to a dispute; `asks` are those
    that no revision has mended yet.
    """

    claim_id: ClaimId
    claim_number: int
    claim_name: str
    partner_id: str
    location: str
    program: str
    usage_period: Period
    activity: str
    activity_start: Day
    activity_end: Day
    revision: int
    state: Annotated[ClaimState, Field(strict=False)]
    received_at: Instant
    first_received_at: Instant
    deadline: Instant
    deadline_text: str
    claimed: Money
    payable: Money | None = None
    reserved: Money | None = None
    approved: Money | None = None
    due_on: Day | None = None
    lines: Annotated[tuple[ManifestLine, ...], Field(strict=False)] = ()
    documents: Annotated[tuple[ReceivedDocument, ...], Field(strict=False)] = ()
    line_verdicts: Annotated[tuple[LineVerdict, ...], Field(strict=False)] = ()
    document_verdicts: Annotated[tuple[DocumentVerdict, ...], Field(strict=False)] = ()
    asks: Annotated[tuple[OpenAsk, ...], Field(strict=False)] = ()
    decision: Decision | None = None
    history: Annotated[tuple[HistoryEntry, ...], Field(strict=False)] = ()
    next_acts: Annotated[tuple[str, ...], Field(strict=False)] = ()
