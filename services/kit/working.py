"""Hides how a worker process lives: it starts, tells whether it is ready, and on SIGTERM finishes what it holds."""

import json
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any

import structlog

from services.kit import metrics
from services.kit.broker import (
    ATTEMPTS_HEADER,
    Handler,
    Received,
    Topology,
    event_of,
    queue_of,
    type_of,
)
from services.kit.consumer import Arrival, Consumer, Delivery, Status, deliver_many, is_slow, takes
from services.kit.events import EventInvalid
from services.kit.platform import Platform
from services.kit.rabbitmq_publisher import RabbitPublisher
from services.kit.rabbitmq_subscriber import RabbitSubscriber

log = structlog.get_logger(__name__)
Ping = Callable[[], None]


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    return stop


def consume(platform: Platform, consumer: Consumer, topology: Topology, stop: threading.Event) -> None:
    """Work on the consumer's queue until told to stop, then finish and acknowledge what is in hand.

    Raises BrokerUnavailable when the broker does not answer at the start.
    """
    assert platform.settings.broker_url is not None
    url = platform.settings.broker_url.get_secret_value()
    limits = platform.limits
    publisher = RabbitPublisher(url, consumer.name, limits, topology)
    subscriber = RabbitSubscriber(
        url,
        queue_of(consumer.name),
        limits,
        topology,
        _handler(platform, consumer),
        publisher,
        is_slow=lambda received: is_slow(consumer, type_of(received)),
    )
    publisher.start()
    subscriber.start()
    try:
        publisher.wait_up(limits.start_seconds_max)
        subscriber.wait_up(limits.start_seconds_max)
        pings = {
            "database": platform.database.ping,
            "objects": platform.objects.ping,
            "queue": _up(subscriber),
        }
        lives = (publisher.ping_loop, subscriber.ping_loop)
        with OpsServer(platform.settings.host, platform.settings.ops_port, pings, stop, lives=lives):
            log.info("worker_started", worker=consumer.name)
            stop.wait()
            log.info("worker_stopping", worker=consumer.name)
            subscriber.drain()
    finally:
        subscriber.drain()
        publisher.stop()


def _handler(platform: Platform, consumer: Consumer) -> Handler:
    def handle(batch: Sequence[Received]) -> list[Delivery]:
        deliveries: dict[int, Delivery] = {}
        arrivals: dict[int, Arrival] = {}
        for place, received in enumerate(batch):
            try:
                event = event_of(received)
                if not takes(consumer, event.type):
                    raise EventInvalid(f"{consumer.name} does not take events of type {event.type}")
                arrivals[place] = Arrival(event, int(received.headers.get(ATTEMPTS_HEADER, 0)))
            except (EventInvalid, ValueError) as error:
                deliveries[place] = Delivery(Status.PARKED, EventInvalid.code, str(error))
        handled = deliver_many(
            platform.database, platform.clock, consumer, list(arrivals.values()), limits=platform.limits
        )
        deliveries.update(zip(arrivals, handled, strict=True))
        return [deliveries[place] for place in range(len(batch))]

    return handle


def _up(subscriber: RabbitSubscriber) -> Ping:
    def ping() -> None:
        if not subscriber.is_consuming:
            raise RuntimeError("the queue is not consumed")

    return ping


class OpsServer:
    """`/healthz` (the loops of the process come round), `/readyz` (every dependency answers and it is not stopping)
    and `/metrics`. `lives` are asked for health, `samplers` before the figures are told."""

    def __init__(
        self,
        host: str,
        port: int,
        pings: Mapping[str, Ping],
        stop: threading.Event,
        *,
        lives: Sequence[Ping] = (),
        samplers: Sequence[Ping] = (),
    ) -> None:
        self._server: ThreadingHTTPServer | None = None
        if port:
            routes = _Routes(pings, stop, lives, samplers)
            self._server = ThreadingHTTPServer((host, port), _ops_handler(routes))

    def __enter__(self) -> "OpsServer":
        if self._server is not None:
            threading.Thread(target=self._server.serve_forever, name="ops", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def readiness(pings: Mapping[str, Ping]) -> dict[str, str]:
    """Ask every dependency; returns `ok` or what is wrong, by name."""
    found = {}
    for name, ping in pings.items():
        try:
            ping()
            found[name] = "ok"
        except Exception as error:  # whatever it is, it means not ready
            found[name] = f"{type(error).__name__}"
    return found


@dataclass(frozen=True)
class _Routes:
    """What the ops server answers from."""

    pings: Mapping[str, Ping]
    stop: threading.Event
    lives: Sequence[Ping]
    samplers: Sequence[Ping]

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body for `path`."""
        if path == "/metrics":
            for sample in self.samplers:
                with suppress(Exception):  # the figures of what does not answer stay as they were
                    sample()
            return 200, metrics.CONTENT_TYPE, metrics.exposition()
        if path == "/healthz":
            found = readiness({str(place): live for place, live in enumerate(self.lives)})
            alive = set(found.values()) <= {"ok"}
            return _json(200 if alive else 503, {"status": "alive" if alive else "stuck"})
        if path == "/readyz":
            found = readiness(self.pings)
            ready = not self.stop.is_set() and set(found.values()) <= {"ok"}
            return _json(200 if ready else 503, {"ready": ready, "stopping": self.stop.is_set(), **found})
        return _json(404, {"status": "unknown"})


def _json(status: int, body: dict[str, Any]) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(body).encode()


def _ops_handler(routes: _Routes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, media_type, content = routes.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Health checks come every few seconds and are no news."""

    return Handler
