"""Hides where an event is kept that could not be handled, until a person has looked at it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.events import Envelope
from services.kit import events
from services.kit.consumer import Delivery
from services.kit.outbox import Waiting
from services.kit.tables import parked


@dataclass(frozen=True)
class Parked:
    """One parked event with the consumer that could not handle it, and why."""

    row_id: int
    consumer: str
    event_id: str
    type: str
    envelope: str
    cause: str
    reason: str
    parked_at: datetime | None


_COLUMNS = (
    parked.c.id,
    parked.c.consumer,
    parked.c.event_id,
    parked.c.type,
    parked.c.envelope,
    parked.c.cause,
    parked.c.reason,
    parked.c.parked_at,
)


def park(tx: Connection, consumer: str, event: Envelope[Any], delivery: Delivery, now: datetime) -> None:
    """Keep `event` with the cause and reason of its failed delivery."""
    tx.execute(
        sa.insert(parked).values(
            consumer=consumer,
            event_id=event.id,
            type=event.type,
            envelope=events.to_json(event),
            cause=delivery.cause,
            reason=delivery.reason,
            parked_at=now,
        )
    )


def park_row(tx: Connection, consumer: str, row: Waiting, delivery: Delivery, now: datetime) -> None:
    """Keep an outbox row that is no event, as it stands."""
    tx.execute(
        sa.insert(parked).values(
            consumer=consumer,
            event_id=row.event_id,
            type=row.type,
            envelope=row.envelope,
            cause=delivery.cause,
            reason=delivery.reason,
            parked_at=now,
        )
    )


def listed(tx: Connection, count_max: int, consumer: str | None = None) -> list[Parked]:
    """Return parked events, grouped by consumer and cause, oldest first."""
    chosen = sa.select(*_COLUMNS).order_by(parked.c.consumer, parked.c.cause, parked.c.id).limit(count_max)
    if consumer is not None:
        chosen = chosen.where(parked.c.consumer == consumer)
    return [Parked(*row) for row in tx.execute(chosen)]


def take(tx: Connection, row_id: int) -> Parked | None:
    """Remove one parked event and return it; None when there is none."""
    row = tx.execute(sa.select(*_COLUMNS).where(parked.c.id == row_id)).first()
    if row is None:
        return None
    tx.execute(sa.delete(parked).where(parked.c.id == row_id))
    return Parked(*row)
