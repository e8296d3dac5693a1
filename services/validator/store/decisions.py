"""Decisions, only ever added to; each row carries its hash and that of the one before it for the same claim."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.decisions import Decision
from services.validator.store.tables import decisions

CHAIN_START = "0" * 64


@dataclass(frozen=True)
class Link:
    """The last decision of a claim: what the next one names as its predecessor."""

    decision_id: str
    row_sha256: str


@dataclass(frozen=True)
class Kept:
    """A decision with the claim's owner and the hashes of its row."""

    number: int
    partner_id: str
    location: str
    program: str
    decision: Decision
    previous_sha256: str
    row_sha256: str

    @property
    def triple(self) -> tuple[str, str, str]:
        """Whose claim it is about."""
        return self.partner_id, self.location, self.program


def row_hash(decision_json: str, previous_sha256: str) -> str:
    """The hash of a row: over its content and the hash of the row before it."""
    return hashlib.sha256(f"{previous_sha256}\x00{decision_json}".encode()).hexdigest()


def last(tx: Connection, claim_id: str) -> Link | None:
    """Return the newest decision of a claim."""
    row = tx.execute(
        sa.select(decisions.c.decision_id, decisions.c.row_sha256)
        .where(decisions.c.claim_id == claim_id)
        .order_by(decisions.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None else Link(row.decision_id, row.row_sha256)


def exists(tx: Connection, decision_id: str) -> bool:
    """Whether this very decision was recorded before."""
    return (
        tx.execute(sa.select(decisions.c.number).where(decisions.c.decision_id == decision_id)).first()
        is not None
    )


def add(
    tx: Connection, decision: Decision, owner: tuple[str, str, str], after: Link | None, now: datetime
) -> None:
    """Add a decision behind `after`. Raises IntegrityError when another one was added there meanwhile."""
    partner_id, location, program = owner
    text = decision.model_dump_json()
    previous = after.row_sha256 if after else CHAIN_START
    tx.execute(
        sa.insert(decisions).values(
            decision_id=decision.decision_id,
            claim_id=decision.claim_id,
            revision=decision.claim_revision,
            partner_id=partner_id,
            location=location,
            program=program,
            decision=text,
            previous_sha256=previous,
            row_sha256=row_hash(text, previous),
            recorded_at=now,
        )
    )


def of_claim(tx: Connection, claim_id: str) -> list[Kept]:
    """Return every decision of a claim, oldest first."""
    rows = tx.execute(
        sa.select(decisions).where(decisions.c.claim_id == claim_id).order_by(decisions.c.number)
    )
    return [_kept(row) for row in rows]


def all_in_order(tx: Connection, claim_id: str | None = None) -> Iterator[tuple[Kept, str]]:
    """Yield every decision (or those about one claim) with its stored text, in the order they were recorded."""
    wanted = sa.select(decisions).order_by(decisions.c.number)
    if claim_id is not None:
        wanted = wanted.where(decisions.c.claim_id == claim_id)
    for row in tx.execute(wanted):
        yield _kept(row), row.decision


def _kept(row: sa.Row[tuple[object, ...]]) -> Kept:
    return Kept(
        number=row.number,
        partner_id=row.partner_id,
        location=row.location,
        program=row.program,
        decision=Decision.model_validate_json(row.decision),
        previous_sha256=row.previous_sha256,
        row_sha256=row.row_sha256,
    )
