"""What a reader may see of a claim: findings for reviewers never reach a partner."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from schemas.claims import ClaimView, OpenAsk, ReceivedDocument
from schemas.decisions import Decision, outcome_of
from schemas.findings import Audience, Finding, Severity
from services.intake.core import life
from services.intake.core.asks import Content, open_asks
from services.intake.core.orders import ClaimRow
from services.intake.queries.access import sees_all, visible_claim
from services.intake.store import claims, reviews
from services.intake.store.claims import Claim
from services.kit.keys import Principal


def shown_to_partners(decision: Decision) -> tuple[Finding, ...]:
    """The findings that a partner may see."""
    return tuple(finding for finding in decision.findings if finding.audience is not Audience.REVIEWER)


def blocking_codes(decision: Decision) -> str:
    """The codes, as partners may see them, of what blocks the claim."""
    errors = {finding.code for finding in shown_to_partners(decision) if finding.severity is Severity.ERROR}
    return ", ".join(sorted(errors))


def decision_for(caller: Principal, decision: Decision | None) -> Decision | None:
    """The decision as the caller may see it; its outcome is that of the findings shown."""
    if decision is None or sees_all(caller):
        return decision
    shown = shown_to_partners(decision)
    return decision.model_copy(update={"findings": shown, "outcome": outcome_of(shown)})


def claim_view(tx: Connection, caller: Principal, claim_id: str) -> ClaimView:
    """The claim with its documents and history. Raises ProblemError 404."""
    found = visible_claim(tx, caller, claim_id)
    # What the first of two reviewers said is not decided yet.
    shows_verdicts = found.state not in life.REVIEWABLE or sees_all(caller)
    papers = claims.documents_of(tx, claim_id, found.revision)
    return ClaimView(
        claim_id=found.claim_id,
        claim_number=found.claim_number,
        claim_name=found.claim_name,
        partner_id=found.partner_id,
        location=found.location,
        program=found.program,
        usage_period=found.usage_period,
        activity=found.activity,
        activity_start=found.activity_start,
        activity_end=found.activity_end,
        revision=found.revision,
        state=found.state,
        received_at=found.received_at,
        first_received_at=found.first_received_at,
        deadline=found.deadline,
        deadline_text=found.deadline_text,
        claimed=found.claimed,
        payable=None if found.decision is None else found.decision.amount_payable,
        reserved=found.reserved,
        approved=found.approved,
        due_on=found.due_on,
        lines=found.lines,
        documents=papers,
        line_verdicts=found.line_verdicts if shows_verdicts else (),
        document_verdicts=found.document_verdicts if shows_verdicts else (),
        asks=_open_asks(tx, found, papers),
        decision=decision_for(caller, found.decision),
        history=claims.history_of(tx, claim_id),
        next_acts=life.next_acts(found.standing),
    )


def content_of(found: Claim, papers: Sequence[ReceivedDocument]) -> Content:
    """What of the newest revision can be asked about."""
    codes = None
    if found.decision is not None:
        codes = frozenset(finding.printed_code for finding in shown_to_partners(found.decision))
    return Content(frozenset(paper.sha256 for paper in papers), found.lines, codes)


def _open_asks(tx: Connection, found: Claim, papers: Sequence[ReceivedDocument]) -> tuple[OpenAsk, ...]:
    if found.state not in life.UNDECIDED:
        return ()
    documents = frozenset(paper.sha256 for paper in papers)
    return open_asks(reviews.asked_of(tx, found.claim_id), documents)


def claim_row(found: Claim) -> ClaimRow:
    """The claim as it stands in a list."""
    return ClaimRow(
        claim_id=found.claim_id,
        claim_number=found.claim_number,
        claim_name=found.claim_name,
        partner_id=found.partner_id,
        location=found.location,
        program=found.program,
        usage_period=found.usage_period,
        activity=found.activity,
        revision=found.revision,
        state=str(found.state),
        received_at=found.received_at,
        deadline=found.deadline,
        deadline_text=found.deadline_text,
        claimed=found.claimed,
        payable=None if found.decision is None else found.decision.amount_payable,
        reserved=found.reserved,
        approved=found.approved,
    )
