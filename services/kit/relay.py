"""Hides how committed events leave the outbox: straight to the consumers in the process, or to the broker."""

import threading
from collections.abc import Sequence
from typing import Any

import structlog

from schemas.events import Envelope
from services.kit import events, metrics, outbox, parking
from services.kit.broker import Message, Outcome, Publisher, Topology, message_of, unreadable_message
from services.kit.clock import Clock
from services.kit.consumer import Consumer, Delivery, Status, deliver, takes
from services.kit.database import Database
from services.kit.events import EventInvalid
from services.kit.limits import Limits
from services.kit.outbox_hint import OutboxHint

log = structlog.get_logger(__name__)
RELAY = "relay"
"""The holder of parked rows that name no consumer."""


class _Relay:
    """What both relays share: step after step until told to stop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def step(self) -> int:
        """Hand on one batch of due events; returns how many."""
        raise NotImplementedError

    def wait(self, stop: threading.Event) -> None:
        """Wait a little for new rows."""
        stop.wait(self._limits.relay_poll_seconds)

    def run(self, stop: threading.Event) -> None:
        """Hand on until told to stop, looking again after a short wait whenever nothing was handed on."""
        while not stop.is_set():
            try:
                handed_on = self.step()
            except Exception:  # the database may be away for a moment; the rows stay
                log.exception("relay_step_failed")
                handed_on = 0
            if handed_on == 0:
                self.wait(stop)
        self.end()

    def end(self) -> None:
        """Give back what waiting took."""


class EmbeddedRelay(_Relay):
    """Hands due events on in the order they were recorded. A crash in between only repeats; the inbox decides."""

    def __init__(
        self, database: Database, clock: Clock, consumers: Sequence[Consumer], limits: Limits
    ) -> None:
        super().__init__(limits)
        self._database = database
        self._clock = clock
        self._consumers = tuple(consumers)

    def step(self) -> int:
        """Hand on one batch of due events; returns how many."""
        with self._database.read() as tx:
            batch = outbox.due(tx, self._clock.now(), self._limits.relay_batch_count)
        for row in batch:
            self._hand_on(row)
            with self._database.write() as tx:
                outbox.remove(tx, [row])
        return len(batch)

    def run_dry(self, steps_max: int = 100_000) -> int:
        """Hand on until nothing is due; returns how many. Raises RuntimeError when it never ends."""
        total = 0
        for _ in range(steps_max):
            done = self.step()
            if done == 0:
                return total
            total += done
        raise RuntimeError(f"the outbox did not run dry in {steps_max} steps")

    def _hand_on(self, row: outbox.Waiting) -> None:
        try:
            event = events.from_json(row.envelope)
        except EventInvalid as error:
            self._park_unreadable(row, error)
            return
        for consumer in self._consumers:
            if row.target not in (None, consumer.name) or (
                row.target is None and not takes(consumer, row.type)
            ):
                continue
            delivery = deliver(
                self._database, self._clock, consumer, event, limits=self._limits, attempts=row.attempts
            )
            if delivery.status is Status.PARKED:
                self._park(consumer.name, event, delivery)

    def _park_unreadable(self, row: outbox.Waiting, error: EventInvalid) -> None:
        with self._database.write() as tx:
            parking.park_row(tx, row.target or RELAY, row, _unreadable(error), self._clock.now())
        log.warning("outbox_row_unreadable", event_id=row.event_id, reason=str(error))

    def _park(self, consumer: str, event: Envelope[Any], delivery: Delivery) -> None:
        with self._database.write() as tx:
            parking.park(tx, consumer, event, delivery, self._clock.now())
        log.warning("event_parked", consumer=consumer, event_id=event.id, cause=delivery.cause)


class BrokerRelay(_Relay):
    """Publishes due events and removes what the broker confirmed; several may run at once on PostgreSQL.

    An event that no queue wants is dropped; one that its queue did not get stays for the next step.
    """

    def __init__(
        self, database: Database, clock: Clock, publisher: Publisher, topology: Topology, limits: Limits
    ) -> None:
        super().__init__(limits)
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._topology = topology
        self._hint = OutboxHint(database)

    def wait(self, stop: threading.Event) -> None:
        """Wait until the database hints at new rows, at most as long as between two looks."""
        self._hint.wait(stop, self._limits.relay_poll_seconds)

    def end(self) -> None:
        """Stop listening."""
        self._hint.close()

    def step(self) -> int:
        """Publish one batch of due events; returns how many the broker has."""
        if self._database.dialect == "sqlite":
            return self._step_unlocked()
        with self._database.write() as tx:
            batch = outbox.due(tx, self._clock.now(), self._limits.relay_batch_count, lock=True)
            gone = self._published(batch)
            outbox.remove(tx, gone)
        return len(gone)

    def _step_unlocked(self) -> int:
        # SQLite has one writer: it must not wait for the network, and there is only one relay.
        with self._database.read() as tx:
            batch = outbox.due(tx, self._clock.now(), self._limits.relay_batch_count)
        gone = self._published(batch)
        if gone:
            with self._database.write() as tx:
                outbox.remove(tx, gone)
        return len(gone)

    def _published(self, batch: Sequence[outbox.Waiting]) -> list[outbox.Waiting]:
        if not batch:
            return []
        outcomes = self._publisher.publish([self._message(row) for row in batch])
        gone = []
        for row, outcome in zip(batch, outcomes, strict=True):
            metrics.RELAYED.labels(outcome.value).inc()
            unwanted = row.target is None and not self._topology.is_wanted(row.type)
            if outcome is Outcome.CONFIRMED or (outcome is Outcome.UNROUTABLE and unwanted):
                gone.append(row)
        return gone

    def _message(self, row: outbox.Waiting) -> Message:
        try:
            return message_of(events.from_json(row.envelope), target=row.target, attempts=row.attempts)
        except EventInvalid as error:
            # It would stand in the way for ever; a person finds it among the parked.
            log.warning("outbox_row_unreadable", event_id=row.event_id, reason=str(error))
            return unreadable_message(row.event_id, row.type, row.envelope, _unreadable(error))


def _unreadable(error: EventInvalid) -> Delivery:
    return Delivery(Status.PARKED, error.code, f"the outbox row is no event: {error}")
