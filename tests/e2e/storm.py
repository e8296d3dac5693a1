"""Faults on real processes while claims come in, and the laws that must hold when the storm is over.

`make chaos SEED=7 FAULTS=1000` draws longer ones. The faults drawn depend on the seed alone; what they hit depends on
how the processes run.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pika
import sqlalchemy as sa
from pika.exceptions import AMQPError

from services.kit.broker import EXCHANGE, queue_of
from services.kit.clock import parse_instant
from services.ledger.queries.statements import payout_list
from tests.e2e.deployment import CONSUMERS, Deployment, Worker, until
from tests.servers import RABBITMQ_SERVER, free_port, rabbitmq_environment, wait_for_port

BUNDLE = Path(__file__).resolve().parents[2] / "samples" / "bundles" / "clean"
PROGRAM, LOCATION, NAME = "csp-indirect-reseller", "GB-LON", "Northlight Cloud Ltd"
PARTS = ("intake", "validator", "ledger", "ledger", "relay", "relay", "scheduler")
BEGIN, PAID = parse_instant("2020-01-15T17:00:00+00:00"), parse_instant("2020-03-16T07:00:00+00:00")
FINAL = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}
HEARTBEAT_SECONDS = 3
FROZEN_SECONDS = 3 * HEARTBEAT_SECONDS
FAULT_SECONDS = 0.4
RESUMED_SECONDS_MAX = 10


class Broker:
    """A RabbitMQ node that can be killed and started again on the same port and folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"
        self._folder = folder
        self._environment = rabbitmq_environment(folder, self.port)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the node and wait until it listens."""
        with (self._folder / "console.log").open("ab") as sink:
            self._process = subprocess.Popen(
                [str(RABBITMQ_SERVER)],
                env=self._environment,
                stdout=sink,
                stderr=sink,
                cwd=self._folder,
                start_new_session=True,
            )
        wait_for_port(self.port, self._process, self._folder / "console.log")

    def kill(self) -> None:
        """Kill the node and all of its session with -9."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def end(self) -> None:
        """Kill the node, and the name server that it started on a port of its own."""
        self.kill()
        port = f"ERL_EPMD_PORT={self._environment['ERL_EPMD_PORT']}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"epmd" in (entry / "cmdline").read_bytes() and port in (
                    entry / "environ"
                ).read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGTERM)


@dataclass
class Sent:
    """A claim that was answered with 202, and what its partner or reviewer wants of it."""

    claim_id: str
    partner: str
    fate: str
    done: bool = False


@dataclass
class Storm:
    """One run: claims come in while faults happen, all drawn from one seed."""

    deployment: Deployment
    broker: Broker
    seed: int
    faults: int
    figures: Counter[str] = field(default_factory=Counter)
    resumed_seconds: list[float] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    poison: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.claims = max(12, self.faults // 5)
        self.over = threading.Event()
        self.trouble: BaseException | None = None
        self.frozen: list[tuple[float, Worker]] = []
        self.workers: list[Worker] = []
        self.key = self.reviewer_key = ""
        self.deployment.environment |= {
            "COOP_LIMITS__HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
            "COOP_LIMITS__RECONNECT_SECONDS_MAX": "1",
        }

    # -- the calm before

    def begin(self) -> None:
        """Enroll partners with funds, start every part, move to the day on which claims come in."""
        clock = self.deployment.clock
        clock.move_to(parse_instant("2019-07-05T12:00:00+00:00"))
        given = ("operator", "incentives_admin", "global_admin")
        roles = [word for role in given for word in ("--role", role)]
        self.key = self.deployment.coop_json("keys", "issue", "partner", *roles)["key"]
        self.reviewer_key = self.deployment.coop_json("keys", "issue", "reviewer", "--role", "reviewer")[
            "key"
        ]
        self.workers = self.deployment.start_ready(*PARTS)
        with self.deployment.started("web") as web, self._client() as http:
            for number in range(self.claims):
                seat = {
                    "location": LOCATION,
                    "location_name": "London",
                    "program": PROGRAM,
                    "onboarded_on": "2018-11-04",
                }
                person = {"partner_id": _partner(number), "name": NAME, "enrollments": [seat]}
                self._must(http, "/partners", json=person)
            earnings = [
                {
                    "id": f"E-{number}",
                    "partner_id": _partner(number),
                    "location": LOCATION,
                    "program": PROGRAM,
                    "month": "2019-05",
                    "amount": {"amount": "20000.00", "currency": "USD"},
                }
                for number in range(self.claims)
            ]
            answer = http.post(f"http://127.0.0.1:{web.port}/v1/earnings", json={"earnings": earnings})
            assert answer.json()["created"] == self.claims, answer.text
        self.deployment.settle()
        clock.move_to(BEGIN)
        time.sleep(0.5)
        self.deployment.settle()

    # -- the storm

    def rage(self) -> None:
        """Let claims and faults happen at once; ends when both are through and every worker is up again."""
        people = (self._tick, self._submit, self._decide)
        threads = [threading.Thread(target=self._at_work, args=(work,)) for work in people]
        for thread in threads:
            thread.start()
        try:
            kinds = self._kinds()
            for kind in kinds:
                self._thaw()
                self._revive()
                kind()
                self.figures["faults"] += 1
                time.sleep(FAULT_SECONDS)
            until(self._calm, "every claim is in and decided, every worker is up", 240)
        finally:
            self.over.set()
            for thread in threads:
                thread.join(30)

    def _kinds(self) -> list[Callable[[], None]]:
        weights: dict[Callable[[], None], int] = {
            self._kill_worker: 12,
            self._kill_relay: 6,
            self._end_backend: 24,
            self._lose_confirm: 12,
            self._duplicate: 20,
            self._reorder: 10,
            self._poison: 10,
            self._freeze: 4,
        }
        drawn = self.random.choices(list(weights), list(weights.values()), k=self.faults)
        every = max(self.faults // 2, 1)
        for place in range(every // 2, self.faults, every):
            drawn[place] = self._kill_broker
        return drawn

    def _kill_worker(self) -> None:
        self._kill(self.random.choice([place for place, part in enumerate(PARTS) if part != "relay"]))

    def _kill_relay(self) -> None:
        self._kill(self.random.choice([place for place, part in enumerate(PARTS) if part == "relay"]))

    def _kill(self, place: int) -> None:
        self.figures[f"kill -9 {PARTS[place]}"] += 1
        self.workers[place].kill()

    def _revive(self) -> None:
        for place, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                self.workers[place] = self.deployment.start(PARTS[place], port=worker.port)

    def _end_backend(self) -> None:
        self.figures["database back end ended"] += 1
        self._sql(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) one"
        )

    def _lose_confirm(self) -> None:
        # The broker has confirmed, and the relay's transaction that would remove the rows is ended.
        self.figures["confirm lost"] += 1
        self._sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query LIKE '%kit_outbox%SKIP LOCKED%'"
        )

    def _duplicate(self) -> None:
        known = list(self.deployment.tap.messages)
        if not known:
            return
        self.figures["duplicate delivered"] += 1
        properties, body = self.random.choice(known)
        self._on_channel(
            lambda channel: channel.basic_publish(
                EXCHANGE, properties.headers["cloudEvents:type"], body, properties
            )
        )

    def _reorder(self) -> None:
        self.figures["delivered late"] += 1
        queue = queue_of(self.random.choice(CONSUMERS).name)

        def hold_back(channel: Any) -> None:
            until_seconds = time.monotonic() + 0.3
            tag = None
            while tag is None and time.monotonic() < until_seconds:
                method, _properties, _body = channel.basic_get(queue)
                tag = None if method is None else method.delivery_tag
            if tag is not None:
                time.sleep(0.3)
                channel.basic_nack(tag, requeue=True)

        self._on_channel(hold_back)

    def _poison(self) -> None:
        queue = queue_of(self.random.choice(CONSUMERS).name)
        kind = self.random.choice(("bad schema", "unknown type", "no JSON"))
        self.figures[f"poison: {kind}"] += 1
        self.poison += 1
        headers = {
            "cloudEvents:specversion": "1.0",
            "cloudEvents:id": f"evt_{self.random.getrandbits(128):032x}",
            "cloudEvents:type": "coop.claim.nonsense.v1"
            if kind == "unknown type"
            else "coop.claim.decided.v1",
            "cloudEvents:source": "/storm",
            "cloudEvents:time": "2020-01-15T17:00:00Z",
        }
        body = b"\xff{" if kind == "no JSON" else b'{"claim_id": 7}'
        properties = pika.BasicProperties(headers=headers, delivery_mode=2)
        until(
            lambda: self._on_channel(
                lambda channel: channel.basic_publish("", queue, body, properties, mandatory=True)
            ),
            "the poison is in",
            60,
        )

    def _freeze(self) -> None:
        place = self.random.randrange(len(PARTS))
        if any(worker is self.workers[place] for _until, worker in self.frozen):
            return
        self.figures["frozen past the heartbeat"] += 1
        self.workers[place].kill(signal.SIGSTOP)
        self.frozen.append((time.monotonic() + FROZEN_SECONDS, self.workers[place]))

    def _thaw(self, *, all_of_them: bool = False) -> None:
        for until_seconds, worker in list(self.frozen):
            if all_of_them or time.monotonic() >= until_seconds:
                worker.kill(signal.SIGCONT)
                self.frozen.remove((until_seconds, worker))

    def _kill_broker(self) -> None:
        self.figures["kill -9 broker"] += 1
        self._thaw(all_of_them=True)
        self._revive()
        until(self._all_ready, "every worker is up", 120)
        before = [worker.process.pid for worker in self.workers]
        self.broker.kill()
        time.sleep(0.5)
        self.broker.start()
        back = time.monotonic()
        until(self._all_ready, "consuming resumes", 60)
        self.resumed_seconds.append(round(time.monotonic() - back, 1))
        assert [worker.process.pid for worker in self.workers] == before, "a worker was restarted"

    def _all_ready(self) -> bool:
        return all(worker.process.poll() is None and worker.is_ready() for worker in self.workers)

    def _at_work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # told by the thread that waits for this one
            self.trouble = error

    def _calm(self) -> bool:
        if self.trouble is not None:
            raise self.trouble
        self._thaw()
        self._revive()
        decided = len(self.sent) == self.claims and all(claim.done for claim in self.sent)
        return decided and not self.frozen and self._all_ready()

    # -- what people do meanwhile

    def _tick(self) -> None:
        while not self.over.wait(0.25):
            self.deployment.clock.move_to(self.deployment.clock.now() + timedelta(seconds=5))

    def _submit(self) -> None:
        pace = self.faults * FAULT_SECONDS / self.claims
        with self._client() as http:
            for number in range(self.claims):
                content = _bundle(_partner(number), self.deployment.folder / f"bundle-{number}.zip")
                headers = {"Content-Type": "application/zip", "Idempotency-Key": f"claim-{number}"}
                answer = self._must(http, "/claims", content=content, headers=headers)
                fate = random.Random(self.seed + number).choice(("approve", "approve", "reject", "withdraw"))
                self.sent.append(Sent(answer["claim_id"], _partner(number), fate))
                if self.over.wait(pace):
                    return

    def _decide(self) -> None:
        with self._client() as http:
            while not self.over.wait(0.2):
                for claim in [claim for claim in self.sent if not claim.done]:
                    claim.done = self._decided(http, claim)

    def _decided(self, http: httpx2.Client, claim: Sent) -> bool:
        try:
            seen = http.get(f"{self._intake}/claims/{claim.claim_id}").json()
            if seen.get("state") == FINAL[claim.fate]:
                return True
            if seen.get("state") != "under_review" or seen["decision"] is None or seen["reserved"] is None:
                return False
            if claim.fate == "withdraw":
                act, order = "withdraw", {}
            else:
                order = {"verdict": claim.fate, "revision": seen["revision"]}
                order |= {"reason_code": "NOT_ELIGIBLE"} if claim.fate == "reject" else {}
                act = "decision"
            key = self.key if act == "withdraw" else self.reviewer_key
            answer = http.post(
                f"{self._intake}/claims/{claim.claim_id}/{act}",
                json=order,
                headers={"Idempotency-Key": f"{act}-{claim.claim_id}", "Authorization": f"Bearer {key}"},
            )
        except (httpx2.HTTPError, ValueError):
            return False
        assert answer.status_code in (200, 409) or answer.status_code >= 500, answer.text
        return answer.status_code == 200

    @property
    def _intake(self) -> str:
        return f"http://127.0.0.1:{self.workers[0].port}/v1"

    def _client(self) -> httpx2.Client:
        return httpx2.Client(timeout=15, headers={"Authorization": f"Bearer {self.key}"})

    def _must(self, http: httpx2.Client, path: str, **given: Any) -> Any:
        """Ask until it is accepted: the same key and body, whatever fails in between."""

        def accepted() -> Any:
            try:
                answer = http.post(f"{self._intake}{path}", **given)
            except httpx2.HTTPError:
                self.figures["requests repeated"] += 1
                time.sleep(0.2)
                return None
            assert answer.status_code < 500 or answer.status_code in (500, 503), answer.text
            if answer.status_code >= 500:
                self.figures["requests repeated"] += 1
                time.sleep(0.2)
                return None
            assert answer.status_code in (200, 201, 202), answer.text
            return answer.json()

        return until(accepted, f"POST {path} is accepted", 120)

    def _sql(self, statement: str) -> None:
        with contextlib.suppress(sa.exc.OperationalError), self.deployment.database.write() as tx:
            tx.execute(sa.text(statement))

    def _on_channel(self, work: Callable[[Any], Any]) -> bool:
        try:
            connection = pika.BlockingConnection(pika.URLParameters(self.broker.url))
            try:
                channel = connection.channel()
                channel.confirm_delivery()
                work(channel)
            finally:
                connection.close()
        except AMQPError:
            return False
        return True

    # -- the calm after

    def end(self) -> list[str]:
        """Let everything finish, move past the payout run, and name every law that does not hold."""
        ticking = threading.Event()

        def tick() -> None:
            while not ticking.wait(0.25):
                self.deployment.clock.move_to(self.deployment.clock.now() + timedelta(seconds=60))

        thread = threading.Thread(target=tick)
        thread.start()
        try:
            self.deployment.settle(120)
            self.deployment.clock.move_to(PAID)
            until(self._paid, "every approved claim is paid", 60)
            self.deployment.settle(120)
        finally:
            ticking.set()
            thread.join(10)
        return [*self._broken_claims(), *self._broken_queues(), *self._broken_books()]

    def _paid_claims(self) -> Counter[str]:
        with self.deployment.database.read() as tx:
            names = [name for row in payout_list(tx, rows_max=100_000) for name in row.of]
        return Counter(name for name in names if name.startswith("clm_"))

    def _approved(self) -> set[str]:
        return {claim.claim_id for claim in self.sent if claim.fate == "approve"}

    def _paid(self) -> bool:
        return self._approved() <= set(self._paid_claims())

    def _broken_claims(self) -> list[str]:
        broken = []
        with self._client() as http:
            for claim in self.sent:
                seen = http.get(f"{self._intake}/claims/{claim.claim_id}").json()
                if seen["state"] != FINAL[claim.fate]:
                    broken.append(f"claim {claim.claim_id} is {seen['state']}, not {FINAL[claim.fate]}")
        if len({claim.claim_id for claim in self.sent}) != self.claims:
            broken.append("a request that was repeated made a second claim")
        paid = self._paid_claims()
        broken += [f"claim {name} was paid {times} times" for name, times in paid.items() if times != 1]
        others = {claim.claim_id for claim in self.sent} - self._approved()
        broken += [f"claim {name} was paid and is not approved" for name in others & set(paid)]
        self.figures["claims"] = len(self.sent)
        self.figures["payouts of claims"] = len(self._approved() & set(paid))
        return broken

    def _broken_queues(self) -> list[str]:
        tap = self.deployment.tap
        tap.drain()
        broken = [
            f"{name} still holds messages" for name in self.deployment.topology().queues if tap.depth(name)
        ]
        parked = self.deployment.parked()
        innocent = [row for row in parked if row["cause"] != "EVENT_INVALID"]
        broken += [f"an innocent event is parked: {row}" for row in innocent]
        if len(parked) - len(innocent) < self.poison:
            broken.append(f"{self.poison} poison messages, but {len(parked) - len(innocent)} are parked")
        self.figures["events"] = len(tap.seen)
        self.figures["deliveries seen again"] = tap.repeats
        self.figures["parked"] = len(parked)
        return broken

    def _broken_books(self) -> list[str]:
        told = self.deployment.coop("verify", "--json")
        found: list[str] = json.loads(told.stdout)["broken"]
        return found

    def report(self) -> str:
        """The figures and the seed, one a line."""
        lines = [f"seed {self.seed}", *(f"{name}: {count}" for name, count in sorted(self.figures.items()))]
        return "\n".join([*lines, f"consuming resumed after (s): {self.resumed_seconds}"])


def _partner(number: int) -> str:
    return f"P-{number:07d}"


def _bundle(partner: str, path: Path) -> bytes:
    manifest = json.loads((BUNDLE / "claim.json").read_text(encoding="utf-8"))
    with zipfile.ZipFile(path, "w") as container:
        container.writestr("claim.json", json.dumps({**manifest, "partner_id": partner}))
        for file in sorted(BUNDLE.iterdir()):
            if file.name != "claim.json":
                container.write(file, file.name)
    return path.read_bytes()
