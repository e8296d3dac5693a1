"""Hides how a worker process lives: it starts, tells whether it is ready, and on SIGTERM finishes what it holds."""

import json
import signal
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any

import structlog

from services.kit.broker import Received, Topology, event_of, queue_of
from services.kit.broker_rabbitmq import RabbitPublisher, RabbitSubscriber
from services.kit.consumer import Consumer, Delivery, Status, deliver
from services.kit.events import EventInvalid
from services.kit.platform import Platform

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
    """Work on the consumer's queue until told to stop, then finish and acknowledge what is at hand.

    Raises BrokerUnavailable when the broker does not answer at the start.
    """
    assert platform.settings.broker_url is not None
    url = platform.settings.broker_url.get_secret_value()

    def handle(received: Received) -> Delivery:
        try:
            event = event_of(received)
        except EventInvalid as error:
            return Delivery(Status.PARKED, error.code, str(error))
        attempts = int(received.headers.get("coop-attempts", 0))
        return deliver(
            platform.database, platform.clock, consumer, event, limits=platform.limits, attempts=attempts
        )

    publisher = RabbitPublisher(url, consumer.name, platform.limits, topology)
    subscriber = RabbitSubscriber(url, queue_of(consumer.name), platform.limits, topology, handle, publisher)
    publisher.start()
    subscriber.start()
    try:
        publisher.wait_up(platform.limits.ready_seconds_max)
        subscriber.wait_up(platform.limits.ready_seconds_max)
        pings = {
            "database": platform.database.ping,
            "objects": platform.objects.ping,
            "queue": _up(subscriber),
        }
        with OpsServer(platform.settings.host, platform.settings.ops_port, pings, stop):
            log.info("worker_started", worker=consumer.name)
            stop.wait()
            log.info("worker_stopping", worker=consumer.name)
    finally:
        subscriber.drain()
        publisher.stop()


def _up(subscriber: RabbitSubscriber) -> Ping:
    def ping() -> None:
        if not subscriber.is_consuming:
            raise RuntimeError("the queue is not consumed")

    return ping


class OpsServer:
    """`/healthz` (the process lives) and `/readyz` (every dependency answers and it is not stopping)."""

    def __init__(self, host: str, port: int, pings: Mapping[str, Ping], stop: threading.Event) -> None:
        self._server: ThreadingHTTPServer | None = None
        if port:
            self._server = ThreadingHTTPServer((host, port), _ops_handler(pings, stop))

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


def _ops_handler(pings: Mapping[str, Ping], stop: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, {"status": "alive"})
            elif self.path == "/readyz":
                found = readiness(pings)
                ready = not stop.is_set() and set(found.values()) <= {"ok"}
                self._answer(200 if ready else 503, {"ready": ready, "stopping": stop.is_set(), **found})
            else:
                self._answer(404, {"status": "unknown"})

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Health checks come every few seconds and are no news."""

    return Handler
