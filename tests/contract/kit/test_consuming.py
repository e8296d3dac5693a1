"""A worker that consumes: what it holds it finishes, what it has not begun it gives back, slow messages go alone."""

import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from services.kit import outbox
from services.kit.broker import Received, Topology, event_of, queue_of, type_of
from services.kit.clock import ManualClock
from services.kit.consumer import Delivery, Status
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.rabbitmq_publisher import RabbitPublisher
from services.kit.rabbitmq_subscriber import RabbitSubscriber
from services.kit.relay import BrokerRelay
from tests.contract.kit.test_delivery import SECONDS_MAX, START, until
from tests.events import limit_raised, withdrawn
from tests.servers import Server

pytestmark = pytest.mark.rabbitmq
LIMITS = Limits(handler_threads_count=1, consume_prefetch_count=8, handler_batch_count=4)


@dataclass
class Line:
    """A queue with a relay into it; handlers stop at the gate while it is shut."""

    url: str
    database: Database
    queue: str = field(default_factory=lambda: queue_of(f"t{uuid.uuid4().hex[:8]}"))
    batches: list[list[str]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.topology = Topology({self.queue: ("coop.claim.*", "coop.plan.*")})
        self.publisher = RabbitPublisher(self.url, "test", LIMITS, self.topology)
        self.publisher.start()
        self.publisher.wait_up(SECONDS_MAX)
        self.relay = BrokerRelay(self.database, ManualClock(START), self.publisher, self.topology, LIMITS)
        self.gate.set()

    def handle(self, batch: Sequence[Received]) -> list[Delivery]:
        self.entered.set()
        assert self.gate.wait(SECONDS_MAX)
        self.batches.append([event_of(one).subject for one in batch])
        return [Delivery(Status.DONE)] * len(batch)

    def subscriber(self) -> RabbitSubscriber:
        made = RabbitSubscriber(
            self.url,
            self.queue,
            LIMITS,
            self.topology,
            self.handle,
            self.publisher,
            is_slow=lambda received: type_of(received).startswith("coop.plan."),
        )
        made.start()
        made.wait_up(SECONDS_MAX)
        return made

    def send(self, *keys: str) -> None:
        with self.database.write() as tx:
            for key in keys:
                event = limit_raised(key) if key.startswith("slow") else withdrawn(key)
                outbox.append(tx, event, now=START)
        while self.relay.step():
            pass

    def handled(self) -> list[str]:
        return [key for batch in self.batches for key in batch]


@pytest.fixture
def line(rabbitmq_server: Server, sqlite_database: Database) -> Iterator[Line]:
    found = Line(rabbitmq_server.url, sqlite_database)
    yield found
    found.publisher.stop()


def test_a_drained_worker_finishes_what_it_holds_and_gives_the_rest_back(line: Line) -> None:
    first = line.subscriber()
    line.send("warm")
    until(lambda: line.handled() == ["warm"])
    line.gate.clear()
    line.entered.clear()
    line.send(*(f"k{number}" for number in range(20)))
    assert line.entered.wait(SECONDS_MAX)
    draining = threading.Thread(target=first.drain)
    draining.start()
    until(lambda: not first.is_consuming)
    line.gate.set()
    draining.join(SECONDS_MAX)
    finished = line.handled()
    second = line.subscriber()
    until(lambda: len(line.handled()) == 21)
    second.drain()
    # Acknowledged means never again: what the first finished is not among what the second was given.
    assert sorted(line.handled()) == sorted(["warm", *(f"k{number}" for number in range(20))])
    assert 1 < len(finished) < 21


def test_what_waits_is_handled_in_batches_and_a_slow_message_alone(line: Line) -> None:
    worker = line.subscriber()
    line.send("warm")
    until(lambda: line.handled() == ["warm"])
    line.gate.clear()
    line.entered.clear()
    line.send("a")
    assert line.entered.wait(SECONDS_MAX)
    line.send("b", "c", "slow-1", "d", "e")
    until(lambda: len(worker._waiting) == 5)
    line.gate.set()
    until(lambda: len(line.handled()) == 7)
    worker.drain()
    assert line.batches == [["warm"], ["a"], ["b", "c"], ["slow-1"], ["d", "e"]]
