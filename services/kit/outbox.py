"""Hides how an event waits, in the transaction of the change it tells of, until it is handed on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.events import Envelope
from services.kit import events
from services.kit.outbox_hint import give_hint
from services.kit.tables import outbox


@dataclass(frozen=True)
class Waiting:
    """One row of the outbox. `target` names the only consumer it is for; None means every subscriber."""

    row_id: int
    event_id: str
    type: str
    target: str | None
    envelope: str
    attempts: int


def append(
    tx: Connection,
    event: Envelope[Any],
    *,
    now: datetime,
    target: str | None = None,
    not_before: datetime | None = None,
    attempts: int = 0,
) -> None:
    """Record that `event` must be handed on once the transaction commits."""
    append_many(tx, [event], now=now, target=target, not_before=not_before, attempts=attempts)


def append_many(
    tx: Connection,
    batch: Sequence[Envelope[Any]],
    *,
    now: datetime,
    target: str | None = None,
    not_before: datetime | None = None,
    attempts: int = 0,
) -> None:
    """Record a batch of events with one statement."""
    rows = [
        {
            "event_id": event.id,
            "type": event.type,
            "target": target,
            "envelope": events.to_json(event),
            "not_before": not_before or now,
            "attempts": attempts,
            "recorded_at": now,
        }
        for event in batch
    ]
    if rows:
        tx.execute(sa.insert(outbox), rows)
        give_hint(tx)


def due(tx: Connection, now: datetime, count: int, *, lock: bool = False) -> list[Waiting]:
    """Return up to `count` rows that may be handed on now; `lock` keeps them from other relays on PostgreSQL."""
    columns = (
        outbox.c.id,
        outbox.c.event_id,
        outbox.c.type,
        outbox.c.target,
        outbox.c.envelope,
        outbox.c.attempts,
    )
    chosen = sa.select(*columns).where(outbox.c.not_before <= now).order_by(outbox.c.id).limit(count)
    rows = tx.execute(chosen.with_for_update(skip_locked=True) if lock else chosen)
    return [Waiting(*row) for row in rows]


def remove(tx: Connection, waiting: Sequence[Waiting]) -> None:
    """Take handed-on rows out."""
    if waiting:
        tx.execute(sa.delete(outbox).where(outbox.c.id.in_([row.row_id for row in waiting])))


def count(tx: Connection) -> int:
    """Return how many rows wait, due or not."""
    return int(tx.execute(sa.select(sa.func.count()).select_from(outbox)).scalar_one())


def oldest(tx: Connection) -> datetime | None:
    """Return when the longest-waiting row was recorded."""
    found: datetime | None = tx.execute(sa.select(sa.func.min(outbox.c.recorded_at))).scalar_one()
    return found
