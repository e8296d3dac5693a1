"""Hides RabbitMQ: publishing with windowed confirms, consuming with a pool of handlers and acks after the commit."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pika
import structlog

from services.kit.broker import (
    DEAD_EXCHANGE,
    EXCHANGE,
    Handler,
    Message,
    Outcome,
    Received,
    Topology,
    parked_message,
    parked_queue_of,
)
from services.kit.consumer import Delivery, Status
from services.kit.limits import Limits
from services.kit.rabbitmq_link import RabbitLink

log = structlog.get_logger(__name__)


def declare(channel: Any, topology: Topology, limits: Limits, done: Callable[[], None]) -> None:
    """Declare exchanges, parked queues, quorum queues and bindings, one after the other, then call `done`."""
    steps: deque[Callable[[Callable[[Any], None]], Any]] = deque()
    steps.append(lambda then: channel.exchange_declare(EXCHANGE, "topic", durable=True, callback=then))
    steps.append(lambda then: channel.exchange_declare(DEAD_EXCHANGE, "direct", durable=True, callback=then))
    for queue, patterns in topology.queues.items():
        steps.extend(_working_queue(channel, queue, patterns, limits))
    for queue, patterns in topology.outsiders.items():
        steps.extend(_outsider_queue(channel, queue, patterns, limits))

    def next_step(_frame: Any = None) -> None:
        if steps:
            steps.popleft()(next_step)
        else:
            done()

    next_step()


def _working_queue(
    channel: Any, queue: str, patterns: tuple[str, ...], limits: Limits
) -> list[Callable[[Callable[[Any], None]], Any]]:
    parked = parked_queue_of(queue)
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": limits.delivery_count_max,
        "x-dead-letter-exchange": DEAD_EXCHANGE,
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    return [
        lambda then: channel.queue_declare(
            parked, durable=True, arguments={"x-queue-type": "quorum"}, callback=then
        ),
        lambda then: channel.queue_bind(parked, DEAD_EXCHANGE, queue, callback=then),
        lambda then: channel.queue_declare(queue, durable=True, arguments=arguments, callback=then),
        *(_binding(channel, queue, pattern) for pattern in patterns),
    ]


def _outsider_queue(
    channel: Any, queue: str, patterns: tuple[str, ...], limits: Limits
) -> list[Callable[[Callable[[Any], None]], Any]]:
    arguments = {
        "x-queue-type": "quorum",
        "x-max-length": limits.outsider_queue_messages_max,
        "x-overflow": "drop-head",
    }
    return [
        lambda then: channel.queue_declare(queue, durable=True, arguments=arguments, callback=then),
        *(_binding(channel, queue, pattern) for pattern in patterns),
    ]


def _binding(channel: Any, queue: str, pattern: str) -> Callable[[Callable[[Any], None]], Any]:
    key = f"{pattern[:-1]}#" if pattern.endswith("*") else pattern
    return lambda then: channel.queue_bind(queue, EXCHANGE, key, callback=then)


@dataclass
class _Batch:
    """Messages of one publish call with what became of each."""

    messages: Sequence[Message]
    outcomes: list[Outcome | None] = field(default_factory=list)
    left: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def settle(self, index: int, outcome: Outcome) -> None:
        if self.outcomes[index] is None:
            self.outcomes[index] = outcome
            self.left -= 1
            if self.left == 0:
                self.done.set()


class RabbitPublisher(RabbitLink):
    """Publishes with confirms and `mandatory`, up to `publish_window_count` unconfirmed at a time."""

    def __init__(self, url: str, name: str, limits: Limits, topology: Topology) -> None:
        super().__init__(url, f"{name} publisher", limits)
        self._topology = topology
        self._waiting: deque[tuple[_Batch, int]] = deque()
        self._in_flight: dict[int, tuple[_Batch, int]] = {}
        self._returned: set[int] = set()
        self._tag = 0

    def publish(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send all and wait for the broker's word; what is not confirmed in time counts as failed."""
        if not messages:
            return []
        batch = _Batch(messages, [None] * len(messages), len(messages))
        if not self.is_up or not self.call(lambda: self._enqueue(batch)):
            return [Outcome.FAILED] * len(messages)
        batch.done.wait(self._limits.publish_confirm_seconds_max)
        return [outcome or Outcome.FAILED for outcome in batch.outcomes]

    def set_up(self, channel: Any, done: Callable[[], None]) -> None:
        """Declare the topology, then switch confirms on."""
        self._tag = 0
        channel.add_on_return_callback(self._on_return)

        def confirming(_frame: Any) -> None:
            done()

        declare(
            channel,
            self._topology,
            self._limits,
            lambda: channel.confirm_delivery(self._on_confirm, callback=confirming),
        )

    def lost(self) -> None:
        """Whatever was not confirmed has failed, as far as we know."""
        for batch, index in (*self._in_flight.values(), *self._waiting):
            batch.settle(index, Outcome.FAILED)
        self._in_flight.clear()
        self._waiting.clear()
        self._returned.clear()

    def _enqueue(self, batch: _Batch) -> None:
        self._waiting.extend((batch, index) for index in range(len(batch.messages)))
        self._fill_window()

    def _fill_window(self) -> None:
        channel = self.channel
        while self._waiting and len(self._in_flight) < self._limits.publish_window_count:
            batch, index = self._waiting.popleft()
            if channel is None or not channel.is_open:
                batch.settle(index, Outcome.FAILED)
                continue
            message = batch.messages[index]
            self._tag += 1
            self._in_flight[self._tag] = (batch, index)
            properties = pika.BasicProperties(
                content_type="application/json",
                delivery_mode=2,
                message_id=message.message_id,
                correlation_id=str(self._tag),
                headers=message.headers,
            )
            channel.basic_publish(
                message.exchange, message.routing_key, message.body, properties, mandatory=message.mandatory
            )

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # The broker returns a message before it confirms it.
        self._returned.add(int(properties.correlation_id))

    def _on_confirm(self, frame: Any) -> None:
        confirmed = isinstance(frame.method, pika.spec.Basic.Ack)
        last = frame.method.delivery_tag
        tags = sorted(tag for tag in self._in_flight if tag <= last) if frame.method.multiple else [last]
        for tag in tags:
            batch, index = self._in_flight.pop(tag)
            if tag in self._returned:
                self._returned.discard(tag)
                batch.settle(index, Outcome.UNROUTABLE)
            else:
                batch.settle(index, Outcome.CONFIRMED if confirmed else Outcome.FAILED)
        self._fill_window()


class RabbitSubscriber(RabbitLink):
    """Consumes one queue: handlers run in a bounded pool, acks go back through the I/O thread.

    After every (re)connection it takes one message at a time until one ends well, so that a message which kills
    the worker does not use up the delivery counts of its neighbors.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        limits: Limits,
        topology: Topology,
        handler: Handler,
        publisher: RabbitPublisher,
    ) -> None:
        super().__init__(url, queue, limits)
        self._queue = queue
        self._topology = topology
        self._handler = handler
        self._publisher = publisher
        self._pool = ThreadPoolExecutor(limits.handler_threads_count, thread_name_prefix=f"handle-{queue}")
        self._consumer_tag: str | None = None
        self._slow = True
        self._busy = 0
        self._idle = threading.Condition()

    def set_up(self, channel: Any, done: Callable[[], None]) -> None:
        """Declare the topology, then consume, one message at a time."""
        self._slow = True

        def consuming() -> None:
            self._consume(channel, 1, done)

        declare(channel, self._topology, self._limits, consuming)

    def lost(self) -> None:
        """The broker hands out again what was not acknowledged on the lost channel."""
        self._consumer_tag = None

    def drain(self) -> None:
        """Stop taking messages, finish and acknowledge those at hand, then close."""
        self._stopping.set()
        self.call(self._cancel)
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, self._limits.shutdown_seconds_max)
        self.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def is_consuming(self) -> bool:
        """True while the queue is consumed."""
        return self.is_up and self._consumer_tag is not None

    def _consume(self, channel: Any, prefetch: int, done: Callable[[], None]) -> None:
        def started(_frame: Any) -> None:
            done()

        def qos_set(_frame: Any) -> None:
            self._consumer_tag = channel.basic_consume(self._queue, self._on_message, callback=started)

        channel.basic_qos(prefetch_count=prefetch, callback=qos_set)

    def _cancel(self) -> None:
        if self.channel is not None and self.channel.is_open and self._consumer_tag is not None:
            self.channel.basic_cancel(self._consumer_tag)
            self._consumer_tag = None

    def _speed_up(self, channel: Any) -> None:
        if not self._slow or self._stopping.is_set() or channel is not self.channel or not channel.is_open:
            return
        self._slow = False
        tag, self._consumer_tag = self._consumer_tag, None
        again = self._limits.consume_prefetch_count
        channel.basic_cancel(tag, callback=lambda _frame: self._consume(channel, again, lambda: None))

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        headers = dict(properties.headers or {})
        received = Received(headers, body, method.redelivered, int(headers.get("x-delivery-count", 0)))
        with self._idle:
            self._busy += 1
        self._pool.submit(self._handle, channel, method.delivery_tag, received)

    def _handle(self, channel: Any, tag: int, received: Received) -> None:
        delivery = self._handled(channel, received)
        try:
            good = delivery is not None and delivery.status in (Status.DONE, Status.REPEATED)
            self.call(lambda: self._settle(channel, tag, delivery is not None, good))
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _handled(self, channel: Any, received: Received) -> Delivery | None:
        """Handle until it is done or kept; None when the channel went, or the worker stops, before that.

        While the database or the broker is away the message is held, not handed back: each handing back counts
        towards the delivery limit, and would end with an innocent message among the parked ones.
        """
        delay = 0.1
        while channel is self.channel:
            try:
                delivery = self._handler(received)
                if delivery.status is not Status.PARKED or self._park(received, delivery):
                    return delivery
            except Exception:
                log.exception("handling_failed", queue=self._queue)
            if self._stopping.wait(delay):
                return None
            delay = min(delay * 2, self._limits.reconnect_seconds_max)
        return None

    def _park(self, received: Received, delivery: Delivery) -> bool:
        outcomes = self._publisher.publish([parked_message(self._queue, received, delivery)])
        log.warning("event_parked", queue=self._queue, cause=delivery.cause, kept=outcomes[0].value)
        return outcomes == [Outcome.CONFIRMED]

    def _settle(self, channel: Any, tag: int, acknowledge: bool, good: bool) -> None:
        # A tag means nothing on another channel; what a lost one delivered is delivered again.
        if channel is not self.channel or not channel.is_open:
            return
        if acknowledge:
            channel.basic_ack(tag)
        else:
            channel.basic_nack(tag, requeue=True)
        if good:
            self._speed_up(channel)
