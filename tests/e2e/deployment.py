"""The distributed system as separate processes: one `coop work` each, on private services and a shared clock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pika
import sqlalchemy as sa
from pika.exceptions import AMQPError

from services.cli.instance import topology
from services.intake.worker import IntakeConsumer
from services.kit import events, outbox
from services.kit.broker import EXCHANGE, Topology, parked_queue_of, queue_of
from services.kit.clock import FileClock
from services.kit.config import Settings
from services.kit.database import Database
from services.kit.roles import OWNED_PREFIXES, role_of
from services.kit.tables import inbox
from services.ledger.worker import LedgerConsumer
from services.validator.worker import ValidatorConsumer
from tests.servers import S3_KEY, S3_SECRET, free_port

CONSUMERS = (IntakeConsumer, ValidatorConsumer, LedgerConsumer)
TAP = "e2e.tap"
COOP = str(Path(sys.executable).with_name("coop"))
READY_SECONDS_MAX = 120
SETTLE_SECONDS_MAX = 90


def until(holds: Callable[[], Any], what: str, seconds: float = SETTLE_SECONDS_MAX) -> Any:
    """Wait until something holds, bounded; returns what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)
    return found


@dataclass
class Worker:
    """One process with its ports and its log."""

    part: str
    process: subprocess.Popen[bytes]
    port: int
    ops_port: int
    log: Path

    def asked(self, path: str) -> tuple[int, str] | None:
        """Status and text that the ops port answers; None when nothing does."""
        line = HTTPConnection("127.0.0.1", self.ops_port, timeout=5)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):
            return None
        finally:
            line.close()

    def is_ready(self) -> bool:
        """True when it says it is ready. Raises AssertionError with the end of its log when it has ended."""
        assert self.process.poll() is None, f"{self.part} ended:\n{self.log.read_text()[-3000:]}"
        answer = self.asked("/readyz")
        return answer is not None and answer[0] == 200

    def figure(self, name: str) -> float:
        """The sum of a figure over its labels."""
        answer = self.asked("/metrics")
        lines = [] if answer is None else answer[1].splitlines()
        told = [line for line in lines if line.partition("{")[0].partition(" ")[0] == name]
        return sum(float(line.rpartition(" ")[2]) for line in told)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to this process alone."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, seconds: float = 30) -> int:
        """Ask it to end and return its exit code."""
        self.kill(signal.SIGTERM)
        return self.process.wait(seconds)


class Tap:
    """Sees a copy of every event that was ever published, so that none can get lost unseen."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None
        self._channel: Any = None
        self.seen: dict[str, str] = {}
        self.unhandled: set[tuple[str, str]] = set()
        self.messages: deque[tuple[Any, bytes]] = deque(maxlen=200)
        self.repeats = 0

    def drain(self) -> bool:
        """Take what is there; False while the broker is away."""
        try:
            if self._channel is None:
                self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
                self._channel = self._connection.channel()
                self._channel.exchange_declare(EXCHANGE, "topic", durable=True)
                self._channel.queue_declare(TAP, durable=True)
                self._channel.queue_bind(TAP, EXCHANGE, "#")
            while True:
                method, properties, body = self._channel.basic_get(TAP)
                if method is None:
                    return True
                headers = properties.headers or {}
                self.messages.append((properties, body))
                self._note(str(headers.get("cloudEvents:id")), str(headers.get("cloudEvents:type")))
                self._channel.basic_ack(method.delivery_tag)
        except AMQPError:
            self.close()
            return False

    def _note(self, event_id: str, event_type: str) -> None:
        if event_id in self.seen:
            self.repeats += 1
            return
        self.seen[event_id] = event_type
        for taker in CONSUMERS:
            if any(events.matches(pattern, event_type) for pattern in taker.subscriptions):
                self.unhandled.add((taker.name, event_id))

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue."""
        return int(self._channel.queue_declare(queue, passive=True).method.message_count)

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
            with suppress(AMQPError):
                connection.close()


def empty_broker(url: str) -> None:
    """Remove the product's queues, so that a deployment starts on a bare broker."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for consumer in (*(taker.name for taker in CONSUMERS), "relay"):
        channel.queue_delete(queue_of(consumer))
        channel.queue_delete(parked_queue_of(queue_of(consumer)))
    channel.queue_delete(TAP)
    connection.close()


@dataclass
class Deployment:
    """Workers on one database, bucket and broker, and what a test needs to see of them."""

    folder: Path
    database_url: str
    broker_url: str
    s3_url: str
    bucket: str
    workers: list[Worker] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = FileClock(self.folder / "clock")
        self.clock.move_to(datetime(2018, 12, 1, tzinfo=UTC))
        self.environment = {
            **{
                name: os.environ[name]
                for name in ("PATH", "PYTHONPATH", "COOP_LIMITS__READ_OCR_PAGES_MAX")
                if name in os.environ
            },
            "COOP_HOME": str(self.folder),
            "COOP_DEMO": "1",
            "COOP_CLOCK": f"file:{self.folder / 'clock'}",
            "COOP_DATABASE_URL": self.database_url,
            "COOP_BROKER_URL": self.broker_url,
            "COOP_S3_ENDPOINT": self.s3_url,
            "COOP_S3_ACCESS_KEY": S3_KEY,
            "COOP_S3_SECRET_KEY": S3_SECRET,
            "COOP_S3_BUCKET": self.bucket,
            "COOP_LIMITS__SCHEDULER_POLL_SECONDS": "0.1",
            "COOP_LIMITS__RELAY_POLL_SECONDS": "0.1",
            "COOP_LIMITS__START_SECONDS_MAX": "60",
            **self.environment,
        }
        self.database = Database(self.database_url)
        self.tap = Tap(self.broker_url)

    def coop(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [COOP, *words],
            env={**self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def coop_json(self, *words: str) -> Any:
        """The JSON document of a command that must go well."""
        told = self.coop(*words, "--json")
        assert told.returncode == 0, told.stdout + told.stderr
        return json.loads(told.stdout)

    def start(self, part: str, *, port: int = 0, **environment: str) -> Worker:
        """Start a worker; it is ready some time later."""
        port, ops_port = port or free_port(), free_port()
        log = self.folder / f"{part}-{len(self.workers)}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [COOP, "work", part],
                env={
                    **self.environment,
                    "COOP_PORT": str(port),
                    "COOP_OPS_PORT": str(ops_port),
                    "COOP_DATABASE_URL": self._as_role(part),
                    **environment,
                },
                cwd=self.folder,
                stdout=sink,
                stderr=sink,
            )
        worker = Worker(part, process, port, ops_port, log)
        self.workers.append(worker)
        return worker

    def _as_role(self, part: str) -> str:
        """Workers log in under their own roles, so that what these may do is enough."""
        url = sa.engine.make_url(self.database_url).set(username=role_of(part))
        return url.render_as_string(hide_password=False)

    @contextmanager
    def started(self, part: str) -> Iterator[Worker]:
        """A worker that is up for a while."""
        (worker,) = self.start_ready(part)
        yield worker
        assert worker.stop() == 0
        self.workers.remove(worker)

    def start_ready(self, *parts: str) -> list[Worker]:
        """Start workers and wait until each is ready."""
        started = [self.start(part) for part in parts]
        self.wait_ready(started)
        return started

    def wait_ready(self, workers: list[Worker]) -> None:
        """Wait until each says that it is ready."""
        for worker in workers:
            until(worker.is_ready, f"{worker.part} is ready", READY_SECONDS_MAX)

    def end(self) -> None:
        """End every worker that is left, each by its own id."""
        for worker in self.workers:
            worker.kill(signal.SIGCONT)
            worker.kill()
            worker.process.wait(10)
        self.tap.close()
        self.database.close()

    def topology(self) -> Topology:
        """The queues as the workers declare them."""
        return topology(Settings(_env_file=None))

    def unsettled(self) -> str:
        """What is not done yet: rows in the outbox, published events that a subscriber has not handled; else ''."""
        if not self.tap.drain():
            return "the broker is away"
        try:
            with self.database.read() as tx:
                waiting = outbox.count(tx)
                ids = {event_id for _consumer, event_id in self.tap.unhandled}
                known = sa.select(inbox.c.consumer, inbox.c.event_id).where(inbox.c.event_id.in_(ids))
                self.tap.unhandled -= {(row.consumer, row.event_id) for row in tx.execute(known)}
        except sa.exc.OperationalError:
            return "the database is away"
        if waiting:
            return f"{waiting} rows in the outbox"
        for consumer, event_id in sorted(self.tap.unhandled):
            return f"{len(self.tap.unhandled)} deliveries, first {self.tap.seen[event_id]} to {consumer}"
        return ""

    def settle(self, seconds: float = SETTLE_SECONDS_MAX) -> None:
        """Wait until every event is handled."""
        state = [""]

        def settled() -> bool:
            state[0] = self.unsettled()
            return not state[0]

        try:
            until(settled, "every event is handled", seconds)
        except AssertionError:
            raise AssertionError(f"not settled: {state[0]}\n{self.last_words()}") from None

    def last_words(self) -> str:
        """The end of every log."""
        return "\n".join(f"--- {w.part}\n{w.log.read_text()[-1500:]}" for w in self.workers)

    def parked(self) -> list[dict[str, Any]]:
        """What `coop dead list` tells."""
        found: list[dict[str, Any]] = self.coop_json("dead", "list")["parked"]
        return found


@contextmanager
def deployed(
    folder: Path, database_url: str, broker_url: str, s3_url: str, bucket: str
) -> Iterator[Deployment]:
    """A migrated deployment without workers; whatever is started is ended."""
    empty_broker(broker_url)
    deployment = Deployment(folder, database_url, broker_url, s3_url, bucket)
    try:
        told = deployment.coop("migrate", "--roles")
        assert told.returncode == 0, told.stderr
        with deployment.database.write() as tx:
            for worker in OWNED_PREFIXES:
                tx.execute(sa.text(f"ALTER ROLE {role_of(worker)} LOGIN"))
        assert deployment.tap.drain()
        yield deployment
    finally:
        deployment.end()
