"""Hides exactly-once: an event's effect and the note that it was handled commit together, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from schemas.events import Envelope
from services.kit import events, metrics, outbox, tracing
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.tables import inbox

log = structlog.get_logger(__name__)
REASON_CHARS_MAX = 2000
COLLISIONS_MAX = 3
"""How often an event is handled anew at once when another transaction got in between."""


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


@dataclass(frozen=True)
class Arrival:
    """An event as it arrived; `attempts` is how often it was handed back to the outbox before."""

    event: Envelope[Any]
    attempts: int = 0


def is_slow(consumer: Consumer, event_type: str) -> bool:
    """Tell whether preparing the event reads documents, so that no other event should wait for it in one batch."""
    return event_type in getattr(consumer, "slow_types", ())


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
    with metrics.HANDLER_SECONDS.labels(consumer.name).time(), tracing.hop(event.traceparent):
        delivery = _delivered(database, clock, consumer, Arrival(event, attempts), limits)
    metrics.DELIVERIES.labels(consumer.name, delivery.status.value).inc()
    return delivery


def deliver_many(
    database: Database, clock: Clock, consumer: Consumer, arrivals: Sequence[Arrival], *, limits: Limits
) -> list[Delivery]:
    """Hand many events to `consumer` in one transaction; each ends as `deliver` would have ended it, in order.

    Every event has a savepoint of its own, so a bad one is undone alone. When the transaction as a whole fails
    (a deadlock, a lost connection), each event is delivered for itself. Raises as `deliver` does.
    """
    if len(arrivals) > 1:
        try:
            with metrics.HANDLER_SECONDS.labels(consumer.name).time():
                deliveries = _delivered_together(database, clock, consumer, arrivals, limits)
        except DBAPIError as error:
            log.info("batch_taken_apart", consumer=consumer.name, count=len(arrivals), error=_brief(error))
        else:
            for delivery in deliveries:
                metrics.DELIVERIES.labels(consumer.name, delivery.status.value).inc()
            return deliveries
    return [
        deliver(database, clock, consumer, one.event, limits=limits, attempts=one.attempts)
        for one in arrivals
    ]


def _delivered(
    database: Database, clock: Clock, consumer: Consumer, arrival: Arrival, limits: Limits
) -> Delivery:
    event = arrival.event
    with database.read() as tx:
        if _handled(tx, consumer.name, event.id):
            return Delivery(Status.REPEATED)
    try:
        prepared = consumer.prepare(event)
        return _handled_once(database, clock, consumer, event, prepared)
    except Exception as error:
        failed = _failed(consumer, event, error, arrival.attempts, limits)
    if failed.status is Status.RETRIED:
        with database.write() as tx:
            _retry(tx, clock, consumer, arrival, limits)
    return failed


def _handled_once(
    database: Database, clock: Clock, consumer: Consumer, event: Envelope[Any], prepared: Any
) -> Delivery:
    collisions = 0
    while True:
        try:
            with database.write() as tx:
                if not mark_handled(tx, consumer.name, event.id, clock.now()):
                    return Delivery(Status.REPEATED)
                consumer.handle(tx, event, prepared)
            return Delivery(Status.DONE)
        except (IntegrityError, OperationalError):
            # Another transaction wrote the same row first, or each waited for the other: look again, from the start.
            collisions += 1
            if collisions == COLLISIONS_MAX:
                raise


def _delivered_together(
    database: Database, clock: Clock, consumer: Consumer, arrivals: Sequence[Arrival], limits: Limits
) -> list[Delivery]:
    with database.read() as tx:
        known = {one.event.id for one in arrivals if _handled(tx, consumer.name, one.event.id)}
    prepared: list[Any] = [
        None if one.event.id in known else _prepared(consumer, one.event) for one in arrivals
    ]
    deliveries = []
    with database.write() as tx:
        for one, ready in zip(arrivals, prepared, strict=True):
            delivery = Delivery(Status.REPEATED)
            if one.event.id not in known:
                with tracing.hop(one.event.traceparent):
                    delivery = _handled_among(tx, clock, consumer, one, ready, limits)
                    if delivery.status is Status.RETRIED:
                        _retry(tx, clock, consumer, one, limits)
            deliveries.append(delivery)
    return deliveries


@dataclass(frozen=True)
class _Unprepared:
    """Why an event of a batch could not be prepared."""

    error: Exception


def _prepared(consumer: Consumer, event: Envelope[Any]) -> Any:
    with tracing.hop(event.traceparent):
        try:
            return consumer.prepare(event)
        except Exception as error:  # told when its turn comes
            return _Unprepared(error)


def _handled_among(
    tx: Connection, clock: Clock, consumer: Consumer, arrival: Arrival, prepared: Any, limits: Limits
) -> Delivery:
    event = arrival.event
    try:
        if isinstance(prepared, _Unprepared):
            raise prepared.error
        with tx.begin_nested():
            if not mark_handled(tx, consumer.name, event.id, clock.now()):
                return Delivery(Status.REPEATED)
            consumer.handle(tx, event, prepared)
        return Delivery(Status.DONE)
    except DBAPIError:
        raise
    except Exception as error:
        return _failed(consumer, event, error, arrival.attempts, limits)


def _failed(
    consumer: Consumer, event: Envelope[Any], error: Exception, attempts: int, limits: Limits
) -> Delivery:
    """Say how a failed delivery ends: retried on a named failure that passes, else parked with its cause."""
    if isinstance(error, RetryLater | OperationalError | IntegrityError):
        code = "DATABASE_BUSY" if isinstance(error, DBAPIError) else getattr(error, "code", "RETRY_LATER")
        if attempts + 1 >= limits.retry_attempts_max:
            return Delivery(Status.PARKED, code, f"given up after {attempts + 1} attempts: {_brief(error)}")
        log.info("event_retried", consumer=consumer.name, event_id=event.id, code=code, attempts=attempts + 1)
        return Delivery(Status.RETRIED, code, _brief(error))
    if isinstance(error, Unprocessable):
        return Delivery(Status.PARKED, error.code, _brief(error))
    # A fault of ours must not stop the queue; the event is kept with its cause.
    log.error(
        "event_failed", consumer=consumer.name, event_id=event.id, event_type=event.type, exc_info=error
    )
    return Delivery(Status.PARKED, type(error).__name__, _brief(error))


def _retry(tx: Connection, clock: Clock, consumer: Consumer, arrival: Arrival, limits: Limits) -> None:
    now = clock.now()
    delay = min(limits.retry_delay_seconds_first * 2**arrival.attempts, limits.retry_delay_seconds_max)
    outbox.append(
        tx,
        arrival.event,
        now=now,
        target=consumer.name,
        not_before=now + timedelta(seconds=delay),
        attempts=arrival.attempts + 1,
    )


def _brief(error: Exception) -> str:
    return str(error)[:REASON_CHARS_MAX]


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
