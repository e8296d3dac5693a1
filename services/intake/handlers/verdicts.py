"""What the validator decided and the ledger held: noted with the revision it is about, then the claim moves on.

Events may come late, twice or out of order. What is about an older revision is recorded and moves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.claims import ClaimAct, HistoryEntry
from schemas.decisions import outcome_of
from schemas.events import (
    REVIEW_REQUESTED,
    ClaimValidated,
    Envelope,
    LedgerEvent,
    ReserveRefused,
    ReviewRequested,
)
from services.intake.core import life
from services.intake.core.holds import HOLD_KINDS, step_of
from services.intake.core.life import Move
from services.intake.handlers.decisions import SYSTEM, emit, emit_decided
from services.intake.queries.views import blocking_codes, shown_to_partners
from services.intake.store import claims, reviews
from services.intake.store.claims import Claim
from services.kit.consumer import Unprocessable
from services.kit.platform import Platform

LEDGER = "ledger"
VALIDATOR = "validator"


class ClaimUnknown(Unprocessable):
    """An event names a claim or revision that intake never recorded."""

    code = "CLAIM_UNKNOWN"


def note_validated(platform: Platform, tx: Connection, event: Envelope[ClaimValidated]) -> None:
    """Keep the decision with its revision and let the claim move. Raises ClaimUnknown."""
    data = event.data
    found = _claim(tx, data.claim_id, data.revision)
    claims.record_decision(tx, data.claim_id, data.revision, data.decision)
    # The history is read by partners too, so it is written from what they may see.
    outcome = outcome_of(shown_to_partners(data.decision)).value.upper()
    words = blocking_codes(data.decision)
    _note(tx, found, event.time, VALIDATOR, "validated", data.revision, outcome, words)
    _advance(platform, tx, data.claim_id)


def note_refused(platform: Platform, tx: Connection, event: Envelope[ReserveRefused]) -> None:
    """Keep why the ledger holds no funds and let the claim move. Raises ClaimUnknown."""
    data = event.data
    found = _claim(tx, data.claim_id, data.revision)
    refusal = {"requested": str(data.requested), "available": str(data.available)}
    claims.record_refusal(tx, data.claim_id, data.revision, data.code, refusal)
    _note(tx, found, event.time, LEDGER, "reserve_refused", data.revision, data.code, _refusal_words(refusal))
    _advance(platform, tx, data.claim_id)


def note_ledger(platform: Platform, tx: Connection, event: Envelope[LedgerEvent]) -> None:
    """Keep what the ledger did for a claim; what it did for none is not ours. Raises ClaimUnknown."""
    data = event.data
    claim_id = data.references.get("claim")
    if claim_id is None:
        return
    found = claims.claim(tx, claim_id, lock=True)
    if found is None:
        raise ClaimUnknown(f"the ledger names the claim {claim_id}, which intake never recorded")
    step = step_of(data)
    if step.kind in HOLD_KINDS:
        claims.record_hold_step(tx, claim_id, step)
    revision = step.revision if step.revision is not None else found.revision
    _note(tx, found, event.time, LEDGER, data.kind, min(revision, found.revision), None, _words(data))
    _advance(platform, tx, claim_id)


def _words(data: LedgerEvent) -> str:
    """The amount, and by how much and which cap it is less than what was asked for (R-54)."""
    cut, cap = data.references.get("cut"), data.references.get("cap")
    return f"{data.amount}, {cut} less by {cap}" if cut and cap else str(data.amount)


def _claim(tx: Connection, claim_id: str, revision: int) -> Claim:
    found = claims.claim(tx, claim_id, lock=True)
    if found is None or revision > found.revision:
        raise ClaimUnknown(f"intake has no revision {revision} of claim {claim_id}")
    return found


def _note(
    tx: Connection,
    found: Claim,
    at: datetime,
    actor: str,
    act: str,
    revision: int,
    reason_code: str | None,
    words: str,
) -> None:
    entry = HistoryEntry(
        at=at,
        actor=actor,
        act=act,
        revision=revision,
        state=found.state,
        reason_code=reason_code,
        comment=words,
    )
    claims.add_history(tx, found.claim_id, (entry,))


def _refusal_words(refusal: Mapping[str, str]) -> str:
    return f"requested {refusal['requested']}, available {refusal['available']}"


def _reason_words(found: Claim, move: Move) -> str:
    """What a partner is told with a step: the amounts of a refusal, or the codes of what blocks."""
    if move.act is ClaimAct.START_REVIEW:
        return ""
    if found.refusal is not None and move.reason_code == found.refusal_code:
        return _refusal_words(found.refusal)
    return "" if found.decision is None else blocking_codes(found.decision)


def _advance(platform: Platform, tx: Connection, claim_id: str) -> None:
    """Take the steps that the facts about the newest revision lead to."""
    found = claims.claim(tx, claim_id)
    assert found is not None
    moves = life.system_moves(found.standing)
    if not moves:
        _request_review(platform, tx, found)
        return
    claims.change_claim(tx, found, state=str(moves[-1].state))
    now = platform.clock.now()
    for move in moves:
        entry = HistoryEntry(
            at=now,
            actor=SYSTEM,
            act=str(move.act),
            revision=found.revision,
            state=move.state,
            reason_code=move.reason_code,
            comment=_reason_words(found, move),
        )
        claims.add_history(tx, claim_id, (entry,))
        if move.act is ClaimAct.REJECT:
            emit_decided(platform, tx, found, move, SYSTEM)
    _request_review(platform, tx, replace(found, state=moves[-1].state))


def _request_review(platform: Platform, tx: Connection, found: Claim) -> None:
    """Tell once of each revision that a person is to decide it: it was judged, and its funds are held."""
    if found.state not in life.REVIEWABLE or found.decision is None or found.reserved is None:
        return
    if not reviews.mark_ready(tx, found.claim_id, found.revision, platform.clock.now()):
        return
    data = ReviewRequested(
        claim_id=found.claim_id,
        claim_number=found.claim_number,
        revision=found.revision,
        partner_id=found.partner_id,
        location=found.location,
        program=found.program,
        usage_period=found.usage_period,
        activity=found.activity,
        is_dispute=found.disputes > 0,
        outcome=found.decision.outcome,
        findings=tuple(finding.printed_code for finding in found.decision.findings),
        claimed=found.claimed,
        payable=found.decision.amount_payable,
        reserved=found.reserved,
        first_received_at=found.first_received_at,
        due_on=found.due_on,
    )
    emit(platform, tx, found, REVIEW_REQUESTED, data)
