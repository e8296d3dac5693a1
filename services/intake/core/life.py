"""The life of a claim (R-30, R-31): who may do what to it, and what the system makes of verdicts and reservations.

Facts about a revision (the decision, what the ledger holds or refuses) may arrive in any order; `system_moves`
derives the moves from all of them together, so their order never matters.
"""

from dataclasses import dataclass, replace

from schemas.claims import ClaimAct, ClaimState, ReviewDecision, ReviewVerdict, TransitionNotAllowed, after
from schemas.decisions import Outcome
from schemas.money import Money

UNDECIDED = frozenset(
    {
        ClaimState.EDITING,
        ClaimState.SUBMITTED,
        ClaimState.UNDER_REVIEW,
        ClaimState.ACTION_REQUIRED,
        ClaimState.DISPUTED,
    }
)
REVIEWABLE = frozenset({ClaimState.UNDER_REVIEW, ClaimState.DISPUTED})
DISPUTES_MAX = 1
FUNDS_REFUSED = "FUNDS_INSUFFICIENT"
LATE = "DEADLINE_PASSED"


@dataclass(frozen=True)
class Standing:
    """All that an act on a claim depends on. Reservation and verdict are those of the current revision."""

    state: ClaimState
    revision: int
    claimed: Money
    reserved: Money | None = None
    outcome: Outcome | None = None
    refusal_code: str | None = None
    disputes: int = 0


@dataclass(frozen=True)
class Move:
    """One step of the claim: the act, where it leads, and what stands in the history with it."""

    act: ClaimAct
    state: ClaimState
    reason_code: str | None = None
    comment: str = ""


class ActRefused(ValueError):
    """The act is not possible as the claim stands; nothing was changed."""

    code = "ACT_REFUSED"


class StaleRevision(ActRefused):
    """Somebody acted on a revision that is not the newest any more."""

    code = "REVISION_STALE"

    def __init__(self, seen: int, current: int) -> None:
        self.seen = seen
        self.current = current
        super().__init__(
            f"you acted on revision {seen}, but revision {current} is the newest: open the claim again and decide on that"
        )


class ActNotAllowed(ActRefused):
    """The state of the claim does not allow the act."""

    code = TransitionNotAllowed.code


class NotReserved(ActRefused):
    """An approval without funds held for the claim."""

    code = "NOT_RESERVED"

    def __init__(self) -> None:
        super().__init__(
            "no funds are reserved for this claim, so it cannot be approved: ask the partner or reject it"
        )


class ApprovalTooHigh(ActRefused):
    """An approval of more than the ledger holds."""

    code = "APPROVAL_OVER_RESERVATION"

    def __init__(self, asked: Money, reserved: Money) -> None:
        super().__init__(f"{asked} cannot be approved: {reserved} is reserved for this claim")


class ApprovalCurrency(ActRefused):
    """An approval in another currency than that of the reservation."""

    code = "APPROVAL_CURRENCY"


class ReasonMissing(ActRefused):
    """Less than the whole reserved amount is approved and no reason is given."""

    code = "REASON_MISSING"


class SecondReviewerNeeded(ActRefused):
    """One reviewer approved the amount twice; another one must agree."""

    code = "SECOND_REVIEWER_NEEDED"


class SameReviewer(ActRefused):
    """Whoever took a decision answers its dispute."""

    code = "SAME_REVIEWER"


class NotReady(ActRefused):
    """The claim does not wait for a reviewer."""

    code = "NOT_READY_FOR_REVIEW"


class DisputeLate(ActRefused):
    """The time in which a rejection can be disputed is over."""

    code = "DISPUTE_TIME_PASSED"


class DisputedBefore(ActRefused):
    """A rejection can be disputed once."""

    code = "DISPUTED_BEFORE"


def moved(state: ClaimState, act: ClaimAct, reason_code: str | None = None, comment: str = "") -> Move:
    """Return the one step that `act` makes. Raises ActNotAllowed."""
    try:
        return Move(act, after(state, act), reason_code, comment)
    except TransitionNotAllowed as error:
        raise ActNotAllowed(f"{error}; {_possible(state)}") from None


def _possible(state: ClaimState) -> str:
    acts = [str(act) for act in ClaimAct if _allowed(state, act)]
    return f"possible now: {', '.join(acts)}" if acts else "it is decided for good"


def _allowed(state: ClaimState, act: ClaimAct) -> bool:
    try:
        after(state, act)
    except TransitionNotAllowed:
        return False
    return True


def system_moves(standing: Standing) -> tuple[Move, ...]:
    """Return the steps the system takes for the current revision, given all facts known so far.

    A verdict brings a submitted claim under review; from there a passed deadline rejects it, and a blocking finding
    or refused funds send it back to the partner. A disputed claim is left to a person.
    """
    moves: list[Move] = []
    state = standing.state
    if state is ClaimState.SUBMITTED and standing.outcome is not None:
        moves.append(moved(state, ClaimAct.START_REVIEW))
        state = moves[-1].state
    if state is ClaimState.UNDER_REVIEW:
        if standing.outcome is Outcome.LATE:
            moves.append(moved(state, ClaimAct.REJECT, LATE))
        elif standing.outcome is Outcome.BLOCKED:
            moves.append(moved(state, ClaimAct.ASK_PARTNER, "FINDINGS"))
        elif standing.refusal_code is not None and standing.reserved is None:
            moves.append(moved(state, ClaimAct.ASK_PARTNER, standing.refusal_code))
    return tuple(moves)


def resubmitted(standing: Standing) -> tuple[Move, ...]:
    """The steps of a new revision: only where the partner was asked for one (R-31). Raises ActNotAllowed."""
    edit = moved(standing.state, ClaimAct.EDIT)
    return edit, moved(edit.state, ClaimAct.SUBMIT)


def withdrawn(standing: Standing, comment: str = "") -> Move:
    """The partner takes an undecided claim back. Raises ActNotAllowed."""
    return moved(standing.state, ClaimAct.WITHDRAW, comment=comment)


def disputed(standing: Standing, comment: str) -> Move:
    """The partner disputes a rejection, once. Raises ActNotAllowed or DisputedBefore."""
    move = moved(standing.state, ClaimAct.DISPUTE, comment=comment)
    if standing.disputes >= DISPUTES_MAX:
        raise DisputedBefore("this rejection was disputed before, and the answer to a dispute is final")
    return move


def refuse_stale(standing: Standing, seen: int) -> None:
    """Refuse an act on another revision than the newest. Raises StaleRevision."""
    if seen != standing.revision:
        raise StaleRevision(seen, standing.revision)


def refuse_same_reviewer(standing: Standing, reviewer: str, deciders: frozenset[str]) -> None:
    """A disputed decision is looked at by somebody else than who took it. Raises SameReviewer."""
    if standing.disputes and reviewer in deciders:
        raise SameReviewer("you took the decision that is disputed: another reviewer must answer")


def reviewed(standing: Standing, decision: ReviewDecision) -> tuple[Move, Money | None]:
    """Return the step of a reviewer's decision and the approved amount. Raises a subclass of ActRefused."""
    refuse_stale(standing, decision.revision)
    act = {
        ReviewVerdict.APPROVE: ClaimAct.APPROVE,
        ReviewVerdict.ASK: ClaimAct.ASK_PARTNER,
        ReviewVerdict.REJECT: ClaimAct.REJECT,
    }[decision.verdict]
    move = moved(standing.state, act, decision.reason_code, decision.comment)
    if act is not ClaimAct.APPROVE:
        return move, None
    return move, _approved_amount(standing, decision)


def _approved_amount(standing: Standing, decision: ReviewDecision) -> Money:
    reserved = standing.reserved
    if reserved is None or reserved.amount_minor <= 0:
        raise NotReserved
    amount = decision.amount or reserved
    if amount.currency != reserved.currency:
        raise ApprovalCurrency(f"the claim is in {reserved.currency}; {amount} cannot be approved")
    if reserved < amount:
        raise ApprovalTooHigh(amount, reserved)
    said = decision.reason_code or next(
        (line.reason_code for line in decision.lines if line.reason_code), None
    )
    if amount < reserved and said is None:
        raise ReasonMissing(f"{reserved} is payable; say by a reason_code why only {amount} is approved")
    return amount


@dataclass(frozen=True)
class FirstApproval:
    """The approval of one of two reviewers; `reviewer` is the id of the key that gave it."""

    reviewer: str
    amount: Money


def approval_is_whole(
    approved: Money, above: Money | None, first: FirstApproval | None, reviewer: str
) -> bool:
    """Tell whether the approval counts now, or is the first of two that must agree on the amount.

    Two reviewers are needed above the pack's amount, and wherever it is in another currency. A first approval of
    another amount is void. Raises SecondReviewerNeeded when the same reviewer repeats the first approval.
    """
    if above is None or (approved.currency == above.currency and approved <= above):
        return True
    if first is None or first.amount != approved:
        return False
    if first.reviewer == reviewer:
        raise SecondReviewerNeeded(
            f"you approved {approved} already: above {above} another reviewer must agree"
        )
    return True


def next_acts(standing: Standing) -> tuple[str, ...]:
    """What can be done next, by anybody, in plain act names; the page shows those that the reader's role allows."""
    acts: list[str] = []
    if standing.state in REVIEWABLE:
        if standing.reserved is not None:
            acts.append("approve")
        acts += ["ask", "reject"]
    if standing.state is ClaimState.ACTION_REQUIRED:
        acts.append("revise")
    if standing.state is ClaimState.REJECTED and standing.disputes < DISPUTES_MAX:
        acts.append("dispute")
    if standing.state in UNDECIDED:
        acts.append("withdraw")
    return (*acts, "comment")


def revised(standing: Standing, claimed: Money, state: ClaimState) -> Standing:
    """The standing of the next revision: nothing is known about it yet."""
    return replace(
        standing,
        state=state,
        revision=standing.revision + 1,
        claimed=claimed,
        reserved=None,
        outcome=None,
        refusal_code=None,
    )
