"""The feed: every ledger event in a gapless order, and the chain of hashes for each partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.core.posting import CHAIN_START, chain_sha256
from services.ledger.store.tables import events, positions, transfers, unplaced

BATCH_ROWS = 1000


@dataclass(frozen=True)
class PositionedEvent:
    """An event as it was published, with its place in the feed."""

    position: int
    partner: str
    location: str
    program: str
    event: dict[str, Any]


def sequence(tx: Connection, rows_max: int = BATCH_ROWS) -> int:
    """Give committed events their positions, and chain their rows; returns how many.

    One sequencer at a time. Rows commit out of the order of their ids, but two that share an account never do: the
    later one waited for the lock of the earlier one.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE ledger_positions IN EXCLUSIVE MODE"))
    fresh = tx.execute(
        sa.select(events.c.id, events.c.transfer_id, events.c.partner, transfers.c.row_sha256)
        .join(unplaced, unplaced.c.transfer_id == events.c.transfer_id)
        .join(transfers, transfers.c.id == events.c.transfer_id)
        .order_by(events.c.id)
        .limit(rows_max)
    ).all()
    if not fresh:
        return 0
    last = int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(positions.c.position), 0))).scalar_one())
    heads = _heads(tx, sorted({row.partner for row in fresh}))
    rows = []
    for number, row in enumerate(fresh, start=last + 1):
        heads[row.partner] = chain_sha256(heads.get(row.partner, CHAIN_START), row.row_sha256)
        rows.append(
            {
                "position": number,
                "event_row": row.id,
                "transfer_id": row.transfer_id,
                "partner": row.partner,
                "chain_sha256": heads[row.partner],
            }
        )
    tx.execute(sa.insert(positions), rows)
    done = [{"placed": row["transfer_id"]} for row in rows]
    tx.execute(sa.delete(unplaced).where(unplaced.c.transfer_id == sa.bindparam("placed")), done)
    return len(rows)


def waiting(tx: Connection) -> bool:
    """Tell whether an event waits for its position."""
    return tx.execute(sa.select(unplaced.c.transfer_id).limit(1)).first() is not None


def _heads(tx: Connection, partners: Sequence[str]) -> dict[str, str]:
    newest = (
        sa.select(positions.c.partner, sa.func.max(positions.c.position).label("position"))
        .where(positions.c.partner.in_(partners))
        .group_by(positions.c.partner)
        .subquery()
    )
    chosen = sa.select(positions.c.partner, positions.c.chain_sha256).join(
        newest, newest.c.position == positions.c.position
    )
    return {row.partner: row.chain_sha256 for row in tx.execute(chosen)}


def heads(tx: Connection) -> dict[str, str]:
    """Return the last link of every partner's chain: what an auditor keeps elsewhere."""
    return _heads(tx, sorted({row.partner for row in tx.execute(sa.select(positions.c.partner).distinct())}))


def after(tx: Connection, position: int, rows_max: int) -> list[PositionedEvent]:
    """Return events behind `position`, in order."""
    chosen = (
        sa.select(positions.c.position, events.c.partner, events.c.location, events.c.program, events.c.event)
        .join(events, events.c.id == positions.c.event_row)
        .where(positions.c.position > position)
        .order_by(positions.c.position)
        .limit(rows_max)
    )
    found = []
    for row in tx.execute(chosen):
        event = {**row.event, "data": {**row.event["data"], "position": row.position}}
        found.append(PositionedEvent(row.position, row.partner, row.location, row.program, event))
    return found
