"""What people do to a claim: withdraw, dispute and comment (its partner), decide (a reviewer)."""

from dataclasses import replace
from typing import Any

from sqlalchemy.engine import Connection

from schemas.base import Contract
from schemas.claims import ClaimAct, HistoryEntry, ReviewDecision
from schemas.events import (
    CLAIM_DECIDED,
    CLAIM_WITHDRAWN,
    ClaimDecided,
    ClaimVerdict,
    ClaimWithdrawn,
)
from schemas.money import Money
from services.intake.core import admission, asks, checkouts, life, parts, service_days
from services.intake.core.life import FirstApproval, Move
from services.intake.core.orders import ActAnswer, CommentOrder, WithdrawOrder
from services.intake.handlers import once
from services.intake.handlers.once import Answer
from services.intake.handlers.submissions import SOURCE, due_columns, emit_submitted
from services.intake.queries.access import partners_claim, require_reviewer, visible_claim
from services.intake.queries.views import claim_view, content_of
from services.intake.store import claims, reviews
from services.intake.store.claims import Claim
from services.kit import events, outbox
from services.kit.http import Repeatable
from services.kit.keys import Principal
from services.kit.platform import Platform

SYSTEM = "system"
FIRST_APPROVAL = "approve_first"
"""The act of the first of two reviewers, as it stands in the history."""


def withdraw(
    platform: Platform, caller: Principal, claim_id: str, order: WithdrawOrder, request: Repeatable
) -> Answer:
    """The partner takes an undecided claim back. Raises ProblemError 404, 403 or 409."""

    def act(tx: Connection) -> ActAnswer:
        found = partners_claim(tx, caller, claim_id, platform.packs)
        move = life.withdrawn(found.standing, order.comment)
        claims.change_claim(tx, found, state=str(move.state))
        data = ClaimWithdrawn(
            claim_id=claim_id,
            revision=found.revision,
            partner_id=found.partner_id,
            location=found.location,
            program=found.program,
            actor=caller.name,
            withdrawn_at=platform.clock.now(),
        )
        emit(platform, tx, found, CLAIM_WITHDRAWN, data)
        return _noted(platform, tx, caller, found, move)

    return once.once(platform, request, 200, act)


def dispute(
    platform: Platform, caller: Principal, claim_id: str, order: CommentOrder, request: Repeatable
) -> Answer:
    """The partner disputes a rejection, once. Raises ProblemError 404, 403 or 409.

    The dispute is a new revision with the same papers: it is validated and funded anew, as the rejection gave the
    held funds back, and a person decides it.
    """

    def act(tx: Connection) -> ActAnswer:
        found = partners_claim(tx, caller, claim_id, platform.packs, act="dispute")
        move = life.disputed(found.standing, order.comment)
        _refuse_late_dispute(platform, tx, found)
        papers = claims.documents_of(tx, claim_id, found.revision)
        claims.change_claim(
            tx,
            found,
            state=str(move.state),
            revision=found.revision + 1,
            disputes=found.disputes + 1,
            approved_minor=None,
            approved_currency=None,
            **due_columns(service_days.dispute_due(platform.packs.get(found.pack_id), platform.clock.now())),
        )
        claims.add_revision(
            tx,
            claim_id,
            found.revision + 1,
            received_at=platform.clock.now(),
            submitted_by=caller.key_id,
            manifest=found.manifest,
            claimed_minor=found.claimed.amount_minor,
            lines=found.lines,
            received=papers,
        )
        fresh = claims.claim(tx, claim_id)
        assert fresh is not None
        emit_submitted(platform, tx, fresh, papers, ())
        return _noted(platform, tx, caller, fresh, move)

    return once.once(platform, request, 200, act)


def _refuse_late_dispute(platform: Platform, tx: Connection, found: Claim) -> None:
    rejected_at = [
        entry.at for entry in claims.history_of(tx, found.claim_id) if entry.act == ClaimAct.REJECT
    ]
    pack = platform.packs.get(found.pack_id)
    overdue = admission.dispute_overdue(pack, rejected_at[-1], platform.clock.now()) if rejected_at else None
    if overdue is not None:
        raise life.DisputeLate(f"the rejection could be disputed until {overdue}: it stands")


def comment(
    platform: Platform, caller: Principal, claim_id: str, order: CommentOrder, request: Repeatable
) -> Answer:
    """Anybody who sees the claim adds words to its history (R-6). Raises ProblemError 404."""

    def act(tx: Connection) -> ActAnswer:
        found = visible_claim(tx, caller, claim_id, lock=True)
        entry = HistoryEntry(
            at=platform.clock.now(),
            actor=caller.name,
            act="comment",
            revision=found.revision,
            state=found.state,
            comment=order.comment,
        )
        claims.add_history(tx, claim_id, (entry,))
        return ActAnswer(done=entry, claim=claim_view(tx, caller, claim_id))

    return once.once(platform, request, 200, act)


def decide(
    platform: Platform, caller: Principal, claim_id: str, order: ReviewDecision, request: Repeatable
) -> Answer:
    """A reviewer approves (whole or less), asks or rejects. Raises ProblemError 404, 403 or 409.

    Above the pack's amount an approval is the first of two: the claim stays until another reviewer agrees.
    """

    def act(tx: Connection) -> ActAnswer:
        found = visible_claim(tx, caller, claim_id, lock=True)
        require_reviewer(tx, caller, found)
        move, approved = _reviewed(platform, tx, caller, found, order)
        reviews.end_checkout(tx, claim_id, platform.clock.now())
        if order.lines or order.documents or order.asks:
            reviews.record_verdicts(tx, claim_id, order)
        if approved is not None and not _counts(platform, caller, found, approved):
            claims.change_claim(tx, found)
            claims.record_first_approval(tx, claim_id, found.revision, FirstApproval(caller.key_id, approved))
            return _noted(platform, tx, caller, found, _first_of_two(found, move, approved), FIRST_APPROVAL)
        amount = {} if approved is None else _approved_columns(approved)
        claims.change_claim(tx, found, state=str(move.state), **amount)
        if move.act is not ClaimAct.ASK_PARTNER:
            reviews.record_decider(tx, claim_id, found.revision, caller.key_id)
            emit_decided(platform, tx, found, move, caller.name, approved)
        return _noted(platform, tx, caller, found, move)

    return once.once(platform, request, 200, act)


def _reviewed(
    platform: Platform, tx: Connection, caller: Principal, found: Claim, order: ReviewDecision
) -> tuple[Move, Money | None]:
    """The step of the decision, were all rules kept. Raises a subclass of ActRefused."""
    standing = found.standing
    life.refuse_stale(standing, order.revision)
    life.refuse_same_reviewer(standing, caller.key_id, reviews.deciders_of(tx, found.claim_id))
    desk = reviews.checkout_of(tx, found.claim_id)
    checkouts.keep_off(desk, caller.key_id, found.revision, platform.clock.now())
    papers = claims.documents_of(tx, found.claim_id, found.revision)
    asks.refuse_unknown(order.asks, content_of(found, papers))
    return life.reviewed(standing, parts.weighed(order, found.lines, papers, found.currency))


def _counts(platform: Platform, caller: Principal, found: Claim, approved: Money) -> bool:
    amounts = platform.packs.get(found.pack_id).review_amounts
    above = None if amounts is None else amounts.four_eyes_above.money
    return life.approval_is_whole(approved, above, found.first_approval, caller.key_id)


def _first_of_two(found: Claim, move: Move, approved: Money) -> Move:
    words = f"{approved}; another reviewer must agree"
    return replace(move, state=found.state, comment=f"{words}. {move.comment}" if move.comment else words)


def _approved_columns(approved: Money) -> dict[str, Any]:
    return {"approved_minor": approved.amount_minor, "approved_currency": approved.currency}


def emit_decided(
    platform: Platform, tx: Connection, found: Claim, move: Move, actor: str, approved: Money | None = None
) -> None:
    """Tell that the claim is decided."""
    data = ClaimDecided(
        claim_id=found.claim_id,
        revision=found.revision,
        partner_id=found.partner_id,
        location=found.location,
        program=found.program,
        verdict=ClaimVerdict.APPROVED if move.act is ClaimAct.APPROVE else ClaimVerdict.REJECTED,
        approved=approved,
        reason_code=move.reason_code,
        actor=actor,
        decided_at=platform.clock.now(),
    )
    emit(platform, tx, found, CLAIM_DECIDED, data)


def emit(platform: Platform, tx: Connection, found: Claim, event_type: str, data: Contract) -> None:
    """Tell what happened to the newest revision of a claim; it happens to a revision once."""
    now = platform.clock.now()
    event = events.new_event(
        event_type,
        data,
        source=SOURCE,
        subject=found.claim_id,
        partner_id=found.partner_id,
        key=f"{found.claim_id}/{found.revision}",
        at=now,
    )
    outbox.append(tx, event, now=now)


def _noted(
    platform: Platform, tx: Connection, caller: Principal, found: Claim, move: Move, act: str | None = None
) -> ActAnswer:
    entry = HistoryEntry(
        at=platform.clock.now(),
        actor=caller.name,
        act=act or str(move.act),
        revision=found.revision,
        state=move.state,
        reason_code=move.reason_code,
        comment=move.comment,
    )
    claims.add_history(tx, found.claim_id, (entry,))
    return ActAnswer(done=entry, claim=claim_view(tx, caller, found.claim_id))
