"""Hides how committed events leave the outbox inside one process: straight to every subscribed consumer."""

import threading
from collections.abc import Sequence

import structlog

from services.kit import events, outbox, parking
from services.kit.clock import Clock
from services.kit.consumer import Consumer, Status, deliver, takes
from services.kit.database import Database
from services.kit.limits import Limits

log = structlog.get_logger(__name__)


class EmbeddedRelay:
    """Hands due events on in the order they were recorded. A crash in between only repeats; the inbox decides."""

    def __init__(
        self, database: Database, clock: Clock, consumers: Sequence[Consumer], limits: Limits
    ) -> None:
        self._database = database
        self._clock = clock
        self._consumers = tuple(consumers)
        self._limits = limits

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

    def run(self, stop: threading.Event) -> None:
        """Hand on until told to stop, looking again after a short wait whenever nothing is due."""
        while not stop.is_set():
            try:
                handed_on = self.step()
            except Exception:  # the database may be away for a moment; the rows stay
                log.exception("relay_step_failed")
                handed_on = 0
            if handed_on == 0:
                stop.wait(self._limits.relay_poll_seconds)

    def _hand_on(self, row: outbox.Waiting) -> None:
        event = events.from_json(row.envelope)
        for consumer in self._consumers:
            if row.target not in (None, consumer.name) or (
                row.target is None and not takes(consumer, row.type)
            ):
                continue
            delivery = deliver(
                self._database, self._clock, consumer, event, limits=self._limits, attempts=row.attempts
            )
            if delivery.status is Status.PARKED:
                with self._database.write() as tx:
                    parking.park(tx, consumer.name, event, delivery, self._clock.now())
                log.warning("event_parked", consumer=consumer.name, event_id=event.id, cause=delivery.cause)
