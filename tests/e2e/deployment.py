"""The distributed system as separate processes: one `coop work` each, on private services and a shared clock."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
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
from services.kit.tables import inbox
from services.ledger.worker import LedgerConsumer
from services.validator.worker import ValidatorConsumer
from tests.servers import S3_KEY, S3_SECRET, free_port

CONSUMERS = (IntakeConsumer, ValidatorConsumer, LedgerConsumer)
TAP = "e2e.tap"
COOP = str(Path(sys.executable).with_name("coop"))
READY_SECONDS_MAX = 40
SETTLE_SECONDS_MAX = 60


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

    def asked(self, path: str) -> httpx2.Response | None:
        """What the ops port answers; None when nothing does."""
        try:
            return httpx2.get(f"http://127.0.0.1:{self.ops_port}{path}", timeout=5)
        except httpx2.HTTPError:
            return None

    def is_ready(self) -> bool:
        """True when it says it is ready. Raises AssertionError with the end of its log when it has ended."""
        assert self.process.poll() is None, f"{self.part} ended:\n{self.log.read_text()[-3000:]}"
        answer = self.asked("/readyz")
        return answer is not None and answer.status_code == 200

    def figure(self, name: str) -> float:
        """The sum of a figure over its labels."""
        answer = self.asked("/metrics")
        lines = [] if answer is None else answer.text.splitlines()
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
                method, properties, _body = self._channel.basic_get(TAP, auto_ack=True)
                if method is None:
                    return True
                headers = properties.headers or {}
                self.seen[str(headers.get("cloudEvents:id"))] = str(headers.get("cloudEvents:type"))
        except AMQPError:
            self.close()
            return False

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue."""
        return int(self._channel.queue_declare(queue, passive=True).method.message_count)

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None and connection.is_open:
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
            "PATH": os.environ["PATH"],
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
            timeout=120,
        )

    def coop_json(self, *words: str) -> Any:
        """The JSON document of a command that must go well."""
        told = self.coop(*words, "--json")
        assert told.returncode == 0, told.stdout + told.stderr
        return json.loads(told.stdout)

    def start(self, part: str, **environment: str) -> Worker:
        """Start a worker; it is ready some time later."""
        port, ops_port = free_port(), free_port()
        log = self.folder / f"{part}-{len(self.workers)}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [COOP, "work", part],
                env={
                    **self.environment,
                    "COOP_PORT": str(port),
                    "COOP_OPS_PORT": str(ops_port),
                    **environment,
                },
                cwd=self.folder,
                stdout=sink,
                stderr=sink,
            )
        worker = Worker(part, process, port, ops_port, log)
        self.workers.append(worker)
        return worker

    def start_ready(self, *parts: str) -> list[Worker]:
        """Start workers and wait until each is ready."""
        started = [self.start(part) for part in parts]
        for worker in started:
            until(worker.is_ready, f"{worker.part} is ready", READY_SECONDS_MAX)
        return started

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
                handled = set(map(tuple, tx.execute(sa.select(inbox.c.consumer, inbox.c.event_id))))
        except sa.exc.OperationalError:
            return "the database is away"
        if waiting:
            return f"{waiting} rows in the outbox"
        missing = [
            (taker.name, event_type, event_id)
            for event_id, event_type in self.tap.seen.items()
            for taker in CONSUMERS
            if any(events.matches(pattern, event_type) for pattern in taker.subscriptions)
            and (taker.name, event_id) not in handled
        ]
        return f"{len(missing)} deliveries, first {missing[0]}" if missing else ""

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
        told = deployment.coop("migrate")
        assert told.returncode == 0, told.stderr
        assert deployment.tap.drain()
        yield deployment
    finally:
        deployment.end()
