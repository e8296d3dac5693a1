"""Outbox to effect, through the embedded relay and through RabbitMQ: the same promises on both."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from schemas.events import Envelope
from services.kit import outbox, parking
from services.kit.broker import Received, Topology, event_of, queue_of
from services.kit.clock import ManualClock
from services.kit.consumer import Arrival, Delivery, RetryLater, Status, Unprocessable, deliver_many
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.rabbitmq_publisher import RabbitPublisher
from services.kit.rabbitmq_subscriber import RabbitSubscriber
from services.kit.relay import BrokerRelay, EmbeddedRelay
from tests.events import limit_raised, withdrawn
from tests.servers import Server

START = datetime(2020, 1, 1, tzinfo=UTC)
LIMITS = Limits(reconnect_seconds_max=1, retry_attempts_max=3)
SECONDS_MAX = 20


class Recorder:
    """A consumer whose effects are rows in the parked table's sibling: it counts what it handled, by subject."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subscriptions = ("coop.claim.*",)
        self.handled: Counter[str] = Counter()
        self.fail: dict[str, Exception] = {}

    def prepare(self, event: Envelope[Any]) -> str:
        return event.subject

    def handle(self, tx: Connection, event: Envelope[Any], prepared: str) -> None:
        if prepared in self.fail:
            raise self.fail[prepared]
        self.handled[prepared] += 1


class Wire:
    """One way from the outbox to a consumer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(START)
        self.consumer = Recorder(f"t{uuid.uuid4().hex[:8]}")

    def record(self, *keys: str) -> None:
        with self.database.write() as tx:
            for key in keys:
                outbox.append(tx, withdrawn(key), now=self.clock.now())

    def waiting(self) -> int:
        with self.database.read() as tx:
            return outbox.count(tx)

    def settle(self) -> None:
        raise NotImplementedError

    def parked(self) -> list[tuple[str, str]]:
        raise NotImplementedError


class EmbeddedWire(Wire):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.relay = EmbeddedRelay(database, self.clock, [self.consumer], LIMITS)

    def settle(self) -> None:
        self.relay.run_dry()

    def parked(self) -> list[tuple[str, str]]:
        with self.database.read() as tx:
            return [(row.cause, row.reason) for row in parking.listed(tx, 100)]


class RabbitWire(Wire):
    def __init__(self, database: Database, url: str) -> None:
        super().__init__(database)
        queue = queue_of(self.consumer.name)
        topology = Topology({queue: self.consumer.subscriptions})
        self.received = 0
        self.graveyard: list[tuple[str, str]] = []
        self.publisher = RabbitPublisher(url, "test", LIMITS, topology)
        self.subscriber = RabbitSubscriber(url, queue, LIMITS, topology, self._handle, self.publisher)
        self.undertaker = RabbitSubscriber(
            url, f"{queue}.parked", LIMITS, Topology({}), self._bury, self.publisher
        )
        self.relay = BrokerRelay(database, self.clock, self.publisher, topology, LIMITS)
        for link in (self.publisher, self.subscriber):
            link.start()
            link.wait_up(SECONDS_MAX)
        self.undertaker.start()
        self.undertaker.wait_up(SECONDS_MAX)
        self.published = 0

    def _handle(self, batch: Sequence[Received]) -> list[Delivery]:
        arrivals = [Arrival(event_of(one), int(one.headers.get("coop-attempts", 0))) for one in batch]
        deliveries = deliver_many(self.database, self.clock, self.consumer, arrivals, limits=LIMITS)
        self.received += len(batch)
        return deliveries

    def _bury(self, batch: Sequence[Received]) -> list[Delivery]:
        self.graveyard += [(one.headers["coop-cause"], one.headers["coop-reason"]) for one in batch]
        return [Delivery(Status.DONE) for _ in batch]

    def settle(self) -> None:
        with self.database.read() as tx:
            self.published += sum(
                row.type.startswith("coop.claim.") for row in outbox.due(tx, self.clock.now(), 1000)
            )
        while self.relay.step():
            pass
        until(lambda: self.received >= self.published)

    def parked(self) -> list[tuple[str, str]]:
        until(lambda: bool(self.graveyard))
        return self.graveyard

    def close(self) -> None:
        self.undertaker.drain()
        self.subscriber.drain()
        self.publisher.stop()


def until(holds: Callable[[], bool]) -> None:
    """Wait until the law holds, bounded."""
    deadline = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.01)


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def wire(request: pytest.FixtureRequest, sqlite_database: Database) -> Iterator[Wire]:
    if request.param == "embedded":
        yield EmbeddedWire(sqlite_database)
        return
    server: Server = request.getfixturevalue("rabbitmq_server")
    rabbit = RabbitWire(sqlite_database, server.url)
    yield rabbit
    rabbit.close()


class TestDelivery:
    def test_every_recorded_event_is_handled_once(self, wire: Wire) -> None:
        keys = [f"k{number}" for number in range(100)]
        wire.record(*keys)
        wire.settle()
        assert wire.consumer.handled == Counter(keys)
        assert wire.waiting() == 0

    def test_an_event_handed_on_twice_takes_effect_once(self, wire: Wire) -> None:
        wire.record("a", "a", "b", "a")
        wire.settle()
        assert wire.consumer.handled == Counter(["a", "b"])

    def test_an_event_that_cannot_be_handled_is_parked_with_its_reason_and_its_neighbors_are_handled(
        self, wire: Wire
    ) -> None:
        wire.consumer.fail["bad"] = Unprocessable("the claim it names was never submitted")
        wire.record("a", "bad", "b")
        wire.settle()
        assert wire.consumer.handled == Counter(["a", "b"])
        assert wire.parked() == [("UNPROCESSABLE", "the claim it names was never submitted")]

    def test_a_fault_of_the_handler_parks_the_event_by_the_name_of_the_fault(self, wire: Wire) -> None:
        wire.consumer.fail["bad"] = ZeroDivisionError("division by zero")
        wire.record("bad", "b")
        wire.settle()
        assert wire.consumer.handled == Counter(["b"])
        assert wire.parked() == [("ZeroDivisionError", "division by zero")]

    def test_a_passing_failure_is_tried_again_after_its_delay_and_not_before(self, wire: Wire) -> None:
        wire.consumer.fail["a"] = RetryLater("the reservation is not there yet")
        wire.record("a")
        wire.settle()
        assert (wire.consumer.handled, wire.waiting()) == (Counter(), 1)
        del wire.consumer.fail["a"]
        wire.settle()
        assert wire.consumer.handled == Counter()
        wire.clock.move_to(START + timedelta(seconds=LIMITS.retry_delay_seconds_first))
        wire.settle()
        assert (wire.consumer.handled, wire.waiting()) == (Counter(["a"]), 0)

    def test_a_failure_that_does_not_pass_is_parked_after_the_last_attempt(self, wire: Wire) -> None:
        wire.consumer.fail["a"] = RetryLater("the reservation is not there yet")
        wire.record("a")
        for _ in range(LIMITS.retry_attempts_max):
            wire.settle()
            wire.clock.move_to(wire.clock.now() + timedelta(seconds=LIMITS.retry_delay_seconds_max))
        assert wire.waiting() == 0
        assert wire.parked() == [
            ("RETRY_LATER", "given up after 3 attempts: the reservation is not there yet")
        ]

    def test_an_event_that_nobody_subscribed_to_leaves_the_outbox(self, wire: Wire) -> None:
        with wire.database.write() as tx:
            outbox.append(tx, limit_raised("a"), now=START)
        wire.settle()
        assert (wire.consumer.handled, wire.waiting()) == (Counter(), 0)
