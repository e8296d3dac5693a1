"""Hides exactly-once: an event's effect and the note that it was handled commit together, or not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from schemas.events import Envelope
from services.kit import events, outbox
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.tables import inbox

log = structlog.get_logger(__name__)


class RetryLater(Exception):
    """A named failure that passes by itself; the event is tried again with a growing delay."""

    code = "RETRY_LATER"


class Unprocessable(Exception):
    """The event can never be handled; it is parked with this reason."""

    code = "UNPROCESSABLE"


class Consumer(Protocol):
    """A service as a taker of events. `prepare` may read documents; `handle` is given the transaction."""

    name: str
    subscriptions: tuple[str, ...]

    def prepare(self, event: Envelope[Any]) -> Any:
        """Do what is slow or leaves the process, outside any transaction."""
        ...

    def handle(self, tx: Connection, event: Envelope[Any], prepared: Any) -> None:
        """Apply the effect and append to the outbox, inside the transaction that marks the event handled."""
        ...


class Status(StrEnum):
    """How a delivery ended."""

    DONE = "done"
    REPEATED = "repeated"
    RETRIED = "retried"
    PARKED = "parked"


@dataclass(frozen=True)
class Delivery:
    """How a delivery ended; `cause` groups parked events, `reason` tells one."""

    status: Status
    cause: str = ""
    reason: str = ""


def takes(consumer: Consumer, event_type: str) -> bool:
    """Tell whether the consumer subscribes to the event type."""
    return any(events.matches(pattern, event_type) for pattern in consumer.subscriptions)


def deliver(
    database: Database,
    clock: Clock,
    consumer: Consumer,
    event: Envelope[Any],
    *,
    limits: Limits,
    attempts: int = 0,
) -> Delivery:
    """Hand `event` to `consumer`; a repeat does nothing. The same function serves embedded and RabbitMQ.

    Raises what the database raises when even the retry cannot be written: then the event stays where it is.
    """
    with database.read() as tx:
        if _handled(tx, consumer.name, event.id):
            return Delivery(Status.REPEATED)
    try:
        prepared = consumer.prepare(event)
        with database.write() as tx:
            if not mark_handled(tx, consumer.name, event.id, clock.now()):
                return Delivery(Status.REPEATED)
            consumer.handle(tx, event, prepared)
    except (RetryLater, OperationalError) as error:
        return _retry(database, clock, consumer, event, limits, attempts, error)
    except Unprocessable as error:
        return Delivery(Status.PARKED, error.code, str(error))
    except Exception as error:  # a fault of ours must not stop the queue; the event is kept with its cause
        log.exception("event_failed", consumer=consumer.name, event_id=event.id, event_type=event.type)
        return Delivery(Status.PARKED, type(error).__name__, str(error)[:2000])
    return Delivery(Status.DONE)


def _retry(
    database: Database,
    clock: Clock,
    consumer: Consumer,
    event: Envelope[Any],
    limits: Limits,
    attempts: int,
    error: Exception,
) -> Delivery:
    code = getattr(error, "code", type(error).__name__)
    if isinstance(error, OperationalError):
        code = "DATABASE_BUSY"
    if attempts + 1 >= limits.retry_attempts_max:
        return Delivery(Status.PARKED, code, f"given up after {attempts + 1} attempts: {error}"[:2000])
    now = clock.now()
    delay = min(limits.retry_delay_seconds_first * 2**attempts, limits.retry_delay_seconds_max)
    with database.write() as tx:
        outbox.append(
            tx,
            event,
            now=now,
            target=consumer.name,
            not_before=now + timedelta(seconds=delay),
            attempts=attempts + 1,
        )
    log.info("event_retried", consumer=consumer.name, event_id=event.id, code=code, attempts=attempts + 1)
    return Delivery(Status.RETRIED, code, str(error)[:2000])


def _handled(tx: Connection, consumer: str, event_id: str) -> bool:
    found = tx.execute(
        sa.select(inbox.c.event_id).where(inbox.c.consumer == consumer, inbox.c.event_id == event_id)
    )
    return found.first() is not None


def mark_handled(tx: Connection, consumer: str, event_id: str, now: datetime) -> bool:
    """Note that the consumer handles the event; False when it already did."""
    if _handled(tx, consumer, event_id):
        return False
    try:
        with tx.begin_nested():
            tx.execute(sa.insert(inbox).values(consumer=consumer, event_id=event_id, handled_at=now))
    except IntegrityError:
        return False
    return True
