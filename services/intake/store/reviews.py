"""Statements over the reviewers' queue: what waits, who has it on the desk, and what was said of lines and documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.bundle import ManifestLine
from schemas.claims import Ask, ReviewDecision
from schemas.decisions import Decision
from schemas.findings import Audience
from services.intake.core.asks import Asked
from services.intake.core.checkouts import Checkout
from services.intake.store.claims import JOINED, Claim, change_revision, claim, claim_of_row
from services.intake.store.scope import Triples, within
from services.intake.store.tables import checkouts, claims, revisions

_RANK = sa.case((claims.c.state == "disputed", 0), (revisions.c.outcome == "clean", 1), else_=2)
_READY = sa.or_(
    claims.c.state == "disputed",
    sa.and_(
        claims.c.state == "under_review", revisions.c.outcome.is_not(None), revisions.c.reserved_minor > 0
    ),
)
_WITH_DESK = JOINED.add_columns(
    _RANK.label("rank"),
    checkouts.c.number.label("checkout_number"),
    checkouts.c.key_id.label("checkout_key_id"),
    checkouts.c.reviewer.label("checkout_reviewer"),
    checkouts.c.revision.label("checkout_revision"),
    checkouts.c.until.label("checkout_until"),
).outerjoin(checkouts, checkouts.c.claim_id == claims.c.claim_id)


@dataclass(frozen=True)
class Waiting:
    """A claim in the queue, with its rank (0 disputed, 1 clean, 2 with remarks) and its check-out."""

    rank: int
    claim: Claim
    checkout: Checkout | None


@dataclass(frozen=True)
class QueueFilter:
    """What of the queue is asked for; what is None or False is not asked."""

    mine: str | None = None
    due_by: date | None = None
    clean: bool = False
    disputes: bool = False
    program: str | None = None
    partner_id: str | None = None


def review_queue(
    tx: Connection,
    scopes: Triples,
    *,
    after: tuple[int, datetime, int] | None,
    rows: int,
    now: datetime,
    wanted: QueueFilter | None = None,
) -> list[Waiting]:
    """Return claims a reviewer can decide: disputed, then clean, then with remarks; by first receipt."""
    chosen = (
        _WITH_DESK.where(within(claims, scopes), _READY, *_conditions(wanted or QueueFilter(), now))
        .order_by(_RANK, claims.c.first_received_at, claims.c.claim_number)
        .limit(rows)
    )
    if after is not None:
        rank, received_at, number = after
        same_rank = sa.literal(rank) == _RANK
        later = sa.or_(
            claims.c.first_received_at > received_at,
            sa.and_(claims.c.first_received_at == received_at, claims.c.claim_number > number),
        )
        chosen = chosen.where(sa.or_(sa.literal(rank) < _RANK, sa.and_(same_rank, later)))
    return [_waiting(row) for row in tx.execute(chosen)]


def _conditions(wanted: QueueFilter, now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.mine is not None:
        yield checkouts.c.key_id == wanted.mine
        yield checkouts.c.until > now
        yield checkouts.c.revision == claims.c.revision
    if wanted.due_by is not None:
        yield claims.c.due_on <= wanted.due_by
    if wanted.clean:
        yield revisions.c.outcome == "clean"
    if wanted.disputes:
        yield claims.c.state == "disputed"
    if wanted.program is not None:
        yield claims.c.program == wanted.program
    if wanted.partner_id is not None:
        yield claims.c.partner_id == wanted.partner_id


def candidates(tx: Connection, scopes: Triples, *, now: datetime, rows: int) -> list[str]:
    """Return the ids of claims nobody has on the desk: overdue ones first, then clean ones, then by first receipt."""
    overdue = sa.case((claims.c.due_at <= now, 0), else_=1)
    clean = sa.case((revisions.c.outcome == "clean", 0), else_=1)
    free = sa.or_(
        checkouts.c.claim_id.is_(None),
        checkouts.c.until <= now,
        checkouts.c.revision != claims.c.revision,
    )
    chosen = (
        _WITH_DESK.where(within(claims, scopes), _READY, free)
        .order_by(overdue, clean, claims.c.first_received_at, claims.c.claim_number)
        .limit(rows)
    )
    return [str(row.claim_id) for row in tx.execute(chosen)]


def is_ready(found: Claim) -> bool:
    """Whether a reviewer can decide the claim."""
    if found.state == "disputed":
        return True
    return found.state == "under_review" and found.outcome is not None and found.reserved is not None


def free_claim(tx: Connection, claim_id: str) -> Claim | None:
    """Return the claim locked, or None while another transaction has it."""
    locked = sa.select(claims.c.claim_id).where(claims.c.claim_id == claim_id)
    if tx.execute(locked.with_for_update(skip_locked=True)).first() is None:
        return None
    return claim(tx, claim_id)


def checkout_of(tx: Connection, claim_id: str) -> Checkout | None:
    """Return the last check-out of a claim, running or ended."""
    row = tx.execute(sa.select(checkouts).where(checkouts.c.claim_id == claim_id)).first()
    if row is None:
        return None
    return Checkout(row.number, row.key_id, row.reviewer, row.revision, row.until)


def put_checkout(tx: Connection, claim_id: str, fresh: Checkout) -> None:
    """Record a check-out in place of the one before."""
    values = {
        "number": fresh.number,
        "key_id": fresh.key_id,
        "reviewer": fresh.reviewer,
        "revision": fresh.revision,
        "until": fresh.until,
    }
    done = tx.execute(sa.update(checkouts).where(checkouts.c.claim_id == claim_id).values(**values))
    if done.rowcount == 0:
        tx.execute(sa.insert(checkouts).values(claim_id=claim_id, **values))


def end_checkout(tx: Connection, claim_id: str, now: datetime) -> None:
    """Take the claim off whoever's desk it lies on."""
    running = sa.and_(checkouts.c.claim_id == claim_id, checkouts.c.until > now)
    tx.execute(sa.update(checkouts).where(running).values(until=now))


def mark_ready(tx: Connection, claim_id: str, revision: int, now: datetime) -> bool:
    """Note that the revision waits for a person; False when that was noted before."""
    done = tx.execute(
        sa.update(revisions)
        .where(
            revisions.c.claim_id == claim_id,
            revisions.c.revision == revision,
            revisions.c.ready_at.is_(None),
        )
        .values(ready_at=now)
    )
    return done.rowcount == 1


def record_verdicts(tx: Connection, claim_id: str, order: ReviewDecision) -> None:
    """Keep what the reviewer said of lines and documents, and asked for, with the revision it is about."""
    kept = order.model_dump(mode="json", include={"lines", "documents", "asks"})
    change_revision(tx, claim_id, order.revision, verdicts=kept)


def asked_of(tx: Connection, claim_id: str) -> tuple[Asked, ...]:
    """Return every revision with what was asked about it, oldest first."""
    rows = tx.execute(
        sa.select(revisions.c.revision, revisions.c.verdicts, revisions.c.lines, revisions.c.decision)
        .where(revisions.c.claim_id == claim_id)
        .order_by(revisions.c.revision)
    )
    return tuple(
        Asked(
            row.revision,
            tuple(Ask.model_validate(ask) for ask in (row.verdicts or {}).get("asks", ())),
            tuple(ManifestLine.model_validate(line) for line in row.lines or ()),
            _shown_findings(row.decision),
        )
        for row in rows
    )


def _shown_findings(decision: Mapping[str, Any] | None) -> frozenset[str] | None:
    if decision is None:
        return None
    findings = Decision.model_validate(decision, strict=False).findings
    return frozenset(
        finding.printed_code for finding in findings if finding.audience is not Audience.REVIEWER
    )


def record_decider(tx: Connection, claim_id: str, revision: int, key_id: str) -> None:
    """Keep who decided the revision."""
    change_revision(tx, claim_id, revision, decided_by=key_id)


def deciders_of(tx: Connection, claim_id: str) -> frozenset[str]:
    """Return the ids of the keys that approved or rejected any revision of the claim."""
    rows = tx.execute(
        sa.select(revisions.c.decided_by).where(
            revisions.c.claim_id == claim_id, revisions.c.decided_by.is_not(None)
        )
    )
    return frozenset(row.decided_by for row in rows)


def _waiting(row: sa.Row[tuple[object, ...]]) -> Waiting:
    found = None
    if row.checkout_number is not None:
        found = Checkout(
            row.checkout_number,
            row.checkout_key_id,
            row.checkout_reviewer,
            row.checkout_revision,
            row.checkout_until,
        )
    return Waiting(int(row.rank), claim_of_row(row), found)
