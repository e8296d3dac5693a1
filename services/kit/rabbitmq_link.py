"""Hides one connection to RabbitMQ with its own I/O thread: heartbeats never wait, a lost connection comes back."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pika
import structlog
from pika.exceptions import AMQPError

from services.kit import metrics
from services.kit.broker import BrokerUnavailable
from services.kit.limits import Limits

log = structlog.get_logger(__name__)
# The client tells each failed step on stderr; this module tells once what it comes to.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class RabbitLink:
    """A connection and one channel, owned by one thread; others hand work to that thread with `call`."""

    def __init__(self, url: str, name: str, limits: Limits) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = limits.heartbeat_seconds
        self._parameters.client_properties = {"connection_name": f"coop {name}"}
        self._parameters.socket_timeout = limits.ready_seconds_max
        self._limits = limits
        self._name = name
        self._stopping = threading.Event()
        self._up = threading.Event()
        self._came_up = False
        self._lock = threading.Lock()
        self._connection: Any = None
        self._failure = ""
        self._refusal = ""
        self.channel: Any = None
        self._thread = threading.Thread(target=self._run, name=f"rabbitmq-{name}", daemon=True)

    def start(self) -> None:
        """Start the I/O thread; it connects by itself, again and again."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection and wait for the I/O thread."""
        self._stopping.set()
        self.call(self._close)
        self._thread.join(self._limits.shutdown_seconds_max)

    @property
    def is_up(self) -> bool:
        """True while the channel is open and set up."""
        return self._up.is_set()

    @property
    def is_alive(self) -> bool:
        """True while the I/O thread runs."""
        return self._thread.is_alive()

    def ping_loop(self) -> None:
        """Raise BrokerUnavailable when the I/O thread is dead or does not come round; a lost connection is no harm."""
        came_round = threading.Event()
        if not self.is_alive:
            raise BrokerUnavailable(f"the I/O thread of {self._name} has ended")
        if self.call(came_round.set) and not came_round.wait(self._limits.ready_seconds_max):
            with self._lock:
                stuck = self._connection is not None
            if stuck:
                raise BrokerUnavailable(f"the I/O thread of {self._name} does not come round")

    def wait_up(self, seconds: float) -> None:
        """Wait for the channel. Raises BrokerUnavailable with the last failure, at once when waiting cannot help."""
        deadline = time.monotonic() + seconds
        while not self._up.wait(min(0.1, max(0.0, deadline - time.monotonic()))):
            if self._refusal:
                raise BrokerUnavailable(self._refusal)
            if time.monotonic() >= deadline:
                raise BrokerUnavailable(f"RabbitMQ does not answer: {self._failure or 'no connection'}")

    def call(self, work: Callable[[], None]) -> bool:
        """Run `work` in the I/O thread; False when there is no connection to run it on."""
        with self._lock:
            connection = self._connection
            if connection is None:
                return False
            try:
                connection.ioloop.add_callback_threadsafe(work)
            except Exception:  # the loop ended between the look and the call
                return False
        return True

    def set_up(self, channel: Any, done: Callable[[], None]) -> None:
        """Prepare a fresh channel, then call `done`; given by the subclass."""
        raise NotImplementedError

    def lost(self) -> None:
        """Forget everything that belonged to the channel that is gone; given by the subclass."""

    def _run(self) -> None:
        delay = 0.1
        while not self._stopping.is_set():
            connection = pika.SelectConnection(
                self._parameters,
                on_open_callback=self._opened,
                on_open_error_callback=self._refused,
                on_close_callback=self._closed,
            )
            with self._lock:
                self._connection = connection
            try:
                connection.ioloop.start()
            except Exception as error:
                self._failure = f"{type(error).__name__}: {error}"
                log.exception("rabbitmq_loop_failed", link=self._name)
            self._forget()
            was_up, self._came_up = self._came_up, False
            if was_up and not self._stopping.is_set():
                metrics.RECONNECTS.labels(self._name).inc()
            delay = 0.1 if was_up else min(delay * 2, self._limits.reconnect_seconds_max)
            self._stopping.wait(delay)

    def _forget(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        self._up.clear()
        self.channel = None
        self.lost()
        if connection is not None:
            connection.ioloop.close()

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Any) -> None:
        self.channel = channel
        channel.add_on_close_callback(self._channel_closed)
        self.set_up(channel, self._ready)

    def _ready(self) -> None:
        self._came_up = True
        self._up.set()

    def _channel_closed(self, _channel: Any, reason: Exception) -> None:
        self._failure = str(reason)
        self._up.clear()
        if not self._stopping.is_set():
            log.warning("rabbitmq_channel_closed", link=self._name, reason=str(reason))
        self._close()

    def _refused(self, connection: Any, error: Exception | str) -> None:
        self._failure = _told(error)
        if "ACCESS_REFUSED" in self._failure or "ProbableAuthenticationError" in self._failure:
            self._refusal = "RabbitMQ refuses the user or the password: mend COOP_BROKER_URL"
        elif "ProbableAccessDeniedError" in self._failure:
            self._refusal = "RabbitMQ refuses the virtual host: mend the path of COOP_BROKER_URL"
        connection.ioloop.stop()

    def _closed(self, connection: Any, reason: Exception) -> None:
        self._failure = str(reason)
        if not self._stopping.is_set():
            log.warning("rabbitmq_connection_closed", link=self._name, reason=str(reason))
        connection.ioloop.stop()

    def _close(self) -> None:
        connection = self._connection
        if connection is None:
            return
        if connection.is_closing or connection.is_closed:
            return
        try:
            connection.close()
        except AMQPError:
            connection.ioloop.stop()


def _told(error: Exception | str) -> str:
    inner = getattr(error, "exceptions", None) or getattr(error, "args", None)
    while isinstance(inner, (list, tuple)) and inner and isinstance(inner[-1], Exception):
        error = inner[-1]
        inner = getattr(error, "exceptions", None) or getattr(error, "args", None)
    return f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
