"""Claims as the ledger knows them, and the holds on funds for them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.core.accounts import Lot
from services.ledger.store.tables import claims, hold_resolutions, holds

RESERVED, REFUSED, APPROVED, RELEASED, WITHDRAWN = "reserved", "refused", "approved", "released", "withdrawn"


@dataclass(frozen=True)
class ClaimRow:
    """A claim: what was asked for last, what is held, what was approved. Amounts in minor units."""

    claim: str
    lot: Lot
    usage_period: str
    activity: str
    effective_on: datetime
    revision: int
    status: str
    requested: int
    reserved: int = 0
    approved: int = 0
    hold_id: str | None = None
    holds: int = 0
    payout_id: str | None = None


def _row(row: Any) -> ClaimRow:
    return ClaimRow(
        row.claim,
        Lot(row.partner, row.location, row.program, row.period, row.currency),
        row.usage_period,
        row.activity,
        row.effective_on,
        row.revision,
        row.status,
        row.requested,
        row.reserved,
        row.approved,
        row.hold_id,
        row.holds,
        row.payout_id,
    )


def claim(tx: Connection, claim_id: str) -> ClaimRow | None:
    """Return a claim, locked; on PostgreSQL even before it has a row, so that two first acts do not meet."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(claim_id, 0))))
    row = tx.execute(sa.select(claims).where(claims.c.claim == claim_id).with_for_update()).first()
    return _row(row) if row is not None else None


def look_up(tx: Connection, claim_id: str) -> ClaimRow | None:
    """Return a claim as it stands, to read only."""
    row = tx.execute(sa.select(claims).where(claims.c.claim == claim_id)).first()
    return _row(row) if row is not None else None


def save(tx: Connection, row: ClaimRow, *, new: bool) -> None:
    """Keep a claim's standing."""
    values = {**asdict(row.lot), **{name: value for name, value in asdict(row).items() if name != "lot"}}
    if new:
        tx.execute(sa.insert(claims).values(**values))
    else:
        tx.execute(sa.update(claims).where(claims.c.claim == row.claim).values(**values))


def hold(
    tx: Connection, *, hold_id: str, claim_id: str, revision: int, transfer_id: str, amount: int
) -> None:
    """Record a hold."""
    tx.execute(
        sa.insert(holds).values(
            id=hold_id, claim=claim_id, revision=revision, transfer_id=transfer_id, amount=amount
        )
    )


def resolve(tx: Connection, hold_id: str, *, settled: int, released: int, now: datetime) -> None:
    """Record how a hold ended. A second time is refused by the primary key."""
    tx.execute(
        sa.insert(hold_resolutions).values(
            hold_id=hold_id, settled=settled, released=released, recorded_at=now
        )
    )


def counted(tx: Connection, partner: str, program: str, usage_period: str, *, without: str) -> list[ClaimRow]:
    """Return the other claims of a partner, program and usage period that caps count (R-53), as received."""
    chosen = sa.select(claims).where(
        claims.c.partner == partner,
        claims.c.program == program,
        claims.c.usage_period == usage_period,
        claims.c.claim != without,
        claims.c.status.in_((RESERVED, APPROVED)),
    )
    return [_row(row) for row in tx.execute(chosen.order_by(claims.c.effective_on, claims.c.claim))]


def unpaid(tx: Connection, *, settled_before: datetime | None = None) -> list[ClaimRow]:
    """Return approved claims that no run has paid, in a fixed order; all, or those settled before an instant."""
    chosen = sa.select(claims).where(claims.c.status == APPROVED, claims.c.payout_id.is_(None))
    if settled_before is not None:
        settled = (
            sa.select(holds.c.claim)
            .join(hold_resolutions, hold_resolutions.c.hold_id == holds.c.id)
            .where(hold_resolutions.c.settled > 0, hold_resolutions.c.recorded_at < settled_before)
        )
        chosen = chosen.where(claims.c.claim.in_(settled))
    return [_row(row) for row in tx.execute(chosen.order_by(claims.c.effective_on, claims.c.claim))]


def paid_by(tx: Connection, claim_ids: Sequence[str], payout_id: str) -> None:
    """Record which payout paid the claims."""
    tx.execute(sa.update(claims).where(claims.c.claim.in_(claim_ids)).values(payout_id=payout_id))


def due_again(tx: Connection, payout_id: str) -> None:
    """Record that what a payout paid for its claims did not arrive."""
    tx.execute(sa.update(claims).where(claims.c.payout_id == payout_id).values(payout_id=None))


def of_owner(tx: Connection, partner: str, location: str, program: str) -> list[ClaimRow]:
    """Return the claims of a partner's location in a program."""
    chosen = sa.select(claims).where(
        claims.c.partner == partner, claims.c.location == location, claims.c.program == program
    )
    return [_row(row) for row in tx.execute(chosen.order_by(claims.c.effective_on, claims.c.claim))]
