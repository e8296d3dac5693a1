"""Many events in one transaction end as each would have ended alone; relays share the work; unreadable rows wait apart."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from schemas.events import Envelope
from services.kit import outbox, parking
from services.kit.broker import Message, Outcome, Topology, queue_of
from services.kit.clock import ManualClock
from services.kit.consumer import Arrival, Delivery, RetryLater, Status, Unprocessable, deliver, deliver_many
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.outbox_hint import OutboxHint
from services.kit.relay import BrokerRelay, EmbeddedRelay
from services.kit.tables import answers, inbox
from services.kit.tables import outbox as outbox_table
from tests.contract.kit.test_delivery import LIMITS, START
from tests.events import AT, withdrawn

TOPOLOGY = Topology({queue_of("notes"): ("coop.claim.*",)})


class Notes:
    """A consumer whose effect is a row; what it shall do with an event stands in the event's key."""

    name = "notes"
    subscriptions = ("coop.claim.*",)

    def prepare(self, event: Envelope[Any]) -> None:
        if event.subject.startswith("unready"):
            raise RetryLater("the document is not there yet")

    def handle(self, tx: Connection, event: Envelope[Any], prepared: None) -> None:
        row = {"key_id": "notes", "route": event.subject, "idempotency_key": event.id, "body_sha256": ""}
        tx.execute(sa.insert(answers).values(**row, status=200, answer="{}", answered_at=AT))
        if event.subject.startswith("bad"):
            raise Unprocessable("nobody can do this")
        if event.subject.startswith("early"):
            raise RetryLater("something must come first")
        if event.subject.startswith("fault"):
            raise ZeroDivisionError("division by zero")


class Deadlocked(Notes):
    """Its transaction fails as a whole as often as told."""

    def __init__(self, times: int) -> None:
        self.times = times

    def handle(self, tx: Connection, event: Envelope[Any], prepared: None) -> None:
        super().handle(tx, event, prepared)
        if self.times:
            self.times -= 1
            raise OperationalError("insert", {}, Exception("deadlock detected"))


def state_of(database: Database) -> tuple[list[str], list[str], list[tuple[str, str | None, int]]]:
    """Effects, handled events, and what waits in the outbox; emptied afterwards."""
    with database.write() as tx:
        effects = sorted(row.route for row in tx.execute(sa.select(answers.c.route)))
        handled = sorted(row.event_id for row in tx.execute(sa.select(inbox.c.event_id)))
        rows = tx.execute(sa.select(outbox_table.c.event_id, outbox_table.c.target, outbox_table.c.attempts))
        waiting = sorted(tuple(row) for row in rows)
        for table in (answers, inbox, outbox_table):
            tx.execute(sa.delete(table))
    return effects, handled, waiting


keys = st.lists(
    st.tuples(
        st.sampled_from(("good", "bad", "early", "fault", "unready")), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=8,
)


@settings(max_examples=40)
@given(drawn=keys)
def test_a_batch_ends_as_its_events_would_have_ended_one_by_one(
    sqlite_database: Database, drawn: list[tuple[str, int, int]]
) -> None:
    arrivals = [Arrival(withdrawn(f"{kind}-{number}"), attempts) for kind, number, attempts in drawn]
    clock, consumer = ManualClock(START), Notes()
    together = deliver_many(sqlite_database, clock, consumer, arrivals, limits=LIMITS)
    batch = state_of(sqlite_database)
    alone = [
        deliver(sqlite_database, clock, consumer, one.event, limits=LIMITS, attempts=one.attempts)
        for one in arrivals
    ]
    assert together == alone
    assert batch == state_of(sqlite_database)


def test_a_batch_whose_transaction_fails_is_delivered_one_by_one(database: Database) -> None:
    arrivals = [Arrival(withdrawn(f"good-{number}")) for number in range(5)]
    told = deliver_many(database, ManualClock(START), Deadlocked(1), arrivals, limits=LIMITS)
    assert told == [Delivery(Status.DONE)] * 5
    assert len(state_of(database)[0]) == 5


def test_an_event_that_collides_is_handled_anew_at_once(database: Database) -> None:
    told = deliver(database, ManualClock(START), Deadlocked(2), withdrawn("good"), limits=LIMITS)
    assert told == Delivery(Status.DONE)


def test_an_event_that_collides_again_and_again_is_retried_from_the_outbox(database: Database) -> None:
    told = deliver(database, ManualClock(START), Deadlocked(99), withdrawn("good"), limits=LIMITS)
    assert (told.status, told.cause) == (Status.RETRIED, "DATABASE_BUSY")
    effects, handled, waiting = state_of(database)
    assert (effects, handled) == ([], [])
    assert waiting == [(withdrawn("good").id, "notes", 1)]


class Wire:
    """A publisher in memory. `forgetful` takes every message and says that it has not."""

    def __init__(self, *, forgetful: bool = False) -> None:
        self.messages: list[Message] = []
        self.forgetful = forgetful
        self._lock = threading.Lock()

    def publish(self, messages: Sequence[Message]) -> list[Outcome]:
        with self._lock:
            self.messages += messages
        return [Outcome.FAILED if self.forgetful else Outcome.CONFIRMED] * len(messages)


def record(database: Database, count: int) -> list[str]:
    recorded = [withdrawn(f"k{number}") for number in range(count)]
    with database.write() as tx:
        outbox.append_many(tx, recorded, now=START)
    return [event.id for event in recorded]


def test_what_the_broker_did_not_confirm_is_published_again(database: Database) -> None:
    recorded = record(database, 3)
    wire = Wire(forgetful=True)
    relay = BrokerRelay(database, ManualClock(START), wire, TOPOLOGY, LIMITS)
    assert relay.step() == 0
    wire.forgetful = False
    assert relay.step() == 3
    assert Counter(message.message_id for message in wire.messages) == Counter(recorded * 2)


@pytest.mark.postgres
def test_several_relays_at_once_publish_every_event_once(postgresql_database: Database) -> None:
    recorded = record(postgresql_database, 300)
    wire, stop = Wire(), threading.Event()
    limits = Limits(relay_batch_count=7, relay_poll_seconds=0.01)
    clock = ManualClock(START)
    relays = [BrokerRelay(postgresql_database, clock, wire, TOPOLOGY, limits) for _ in range(4)]
    threads = [threading.Thread(target=relay.run, args=(stop,)) for relay in relays]
    for thread in threads:
        thread.start()
    pause = threading.Event()
    for _ in range(500):
        if len(wire.messages) >= 300:
            break
        pause.wait(0.02)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert Counter(message.message_id for message in wire.messages) == Counter(recorded)


@pytest.mark.postgres
def test_a_commit_wakes_a_relay_that_waits(postgresql_database: Database) -> None:
    hint, stop, woken = OutboxHint(postgresql_database), threading.Event(), threading.Event()

    def wait() -> None:
        hint.wait(stop, 0.01)  # listens from here on
        listening.set()
        hint.wait(stop, 30)
        woken.set()

    listening = threading.Event()
    thread = threading.Thread(target=wait)
    thread.start()
    assert listening.wait(10)
    record(postgresql_database, 1)
    assert woken.wait(10)
    thread.join(10)
    hint.close()


def spoil(database: Database) -> str:
    spoiled, sound = record(database, 2)
    with database.write() as tx:
        tx.execute(
            sa.update(outbox_table).where(outbox_table.c.event_id == spoiled).values(envelope='{"type": 1')
        )
    return sound


def test_an_unreadable_row_does_not_stand_in_the_way_of_the_others(database: Database) -> None:
    sound = spoil(database)
    wire = Wire()
    relay = BrokerRelay(database, ManualClock(START), wire, TOPOLOGY, LIMITS)
    assert relay.step() == 2
    kept, handed_on = wire.messages
    assert (kept.exchange, kept.routing_key, kept.body) == ("", "coop.relay.parked", b'{"type": 1')
    assert kept.headers["coop-cause"] == "EVENT_INVALID"
    assert handed_on.message_id == sound


def test_an_unreadable_row_is_parked_where_everything_is_embedded(sqlite_database: Database) -> None:
    sound = spoil(sqlite_database)
    relay = EmbeddedRelay(sqlite_database, ManualClock(START), [Notes()], LIMITS)
    relay.run_dry()
    with sqlite_database.read() as tx:
        (row,) = parking.listed(tx, 10)
    assert (row.consumer, row.cause, row.envelope) == ("relay", "EVENT_INVALID", '{"type": 1')
    assert state_of(sqlite_database)[1] == [sound]
