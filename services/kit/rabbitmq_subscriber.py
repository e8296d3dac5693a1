"""Hides consuming from RabbitMQ: a bounded pool of handlers, batches of what waits, acks after the commit."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from services.kit import metrics
from services.kit.broker import Handler, Outcome, Received, Topology, parked_message
from services.kit.consumer import Delivery, Status
from services.kit.limits import Limits
from services.kit.rabbitmq_link import RabbitLink
from services.kit.rabbitmq_publisher import RabbitPublisher
from services.kit.rabbitmq_topology import declare

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Taken:
    """A message with the channel it came on: its tag means nothing on another."""

    channel: Any
    tag: int
    received: Received


class RabbitSubscriber(RabbitLink):
    """Consumes one queue. What waits is handled in batches; a message that `is_slow` is handled alone.

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
        is_slow: Callable[[Received], bool] = lambda _received: False,
    ) -> None:
        super().__init__(url, queue, limits)
        self._queue = queue
        self._topology = topology
        self._handler = handler
        self._publisher = publisher
        self._is_slow = is_slow
        self._pool = ThreadPoolExecutor(limits.handler_threads_count, thread_name_prefix=f"handle-{queue}")
        self._consumer_tag: str | None = None
        self._slow_start = True
        self._waiting: deque[_Taken] = deque()
        self._threads_busy = 0
        self._drained = False
        self._changed = threading.Condition()

    def set_up(self, channel: Any, done: Callable[[], None]) -> None:
        """Declare the topology, then consume, one message at a time."""
        self._slow_start = True

        def consuming() -> None:
            self._consume(channel, 1, done)

        declare(channel, self._topology, self._limits, consuming)

    def lost(self) -> None:
        """The broker hands out again what was not acknowledged on the lost channel."""
        self._consumer_tag = None
        with self._changed:
            self._waiting.clear()

    def drain(self) -> None:
        """Stop taking messages, finish and acknowledge those in hand, give the rest back, then close; once is enough."""
        if self._drained:
            return
        self._drained = True
        self._stopping.set()
        self.call(self._cancel)
        with self._changed:
            self._waiting.clear()
            self._changed.wait_for(lambda: self._threads_busy == 0, self._limits.shutdown_seconds_max)
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
        if not self._slow_start or self._stopping.is_set():
            return
        self._slow_start = False
        tag, self._consumer_tag = self._consumer_tag, None
        again = self._limits.consume_prefetch_count
        channel.basic_cancel(tag, callback=lambda _frame: self._consume(channel, again, lambda: None))

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        headers = dict(properties.headers or {})
        received = Received(headers, body, method.redelivered, int(headers.get("x-delivery-count", 0)))
        if received.redelivered:
            metrics.REDELIVERIES.labels(self._queue).inc()
        with self._changed:
            if self._stopping.is_set():
                return
            self._waiting.append(_Taken(channel, method.delivery_tag, received))
            if self._threads_busy == self._limits.handler_threads_count:
                return
            self._threads_busy += 1
        self._pool.submit(self._work)

    def _work(self) -> None:
        while batch := self._next_batch():
            self._handle(batch)

    def _next_batch(self) -> list[_Taken]:
        """What to handle next; nothing ends the thread's turn, in the same step, so that no arrival is overlooked."""
        batch: list[_Taken] = []
        with self._changed:
            while self._waiting and len(batch) < self._limits.handler_batch_count:
                alone = self._is_slow(self._waiting[0].received)
                if alone and batch:
                    break
                batch.append(self._waiting.popleft())
                if alone:
                    break
            if not batch:
                self._threads_busy -= 1
                self._changed.notify_all()
        return batch

    def _handle(self, batch: Sequence[_Taken]) -> None:
        """Handle until each is done or kept, or the channel went, or the worker stops.

        While the database or the broker is away messages are held, not handed back: each handing back counts
        towards the delivery limit, and would end with an innocent message among the parked ones.
        """
        left = [taken for taken in batch if taken.channel is self.channel]
        delay = 0.1
        while left and left[0].channel is self.channel:
            try:
                deliveries = self._handler([taken.received for taken in left])
                left = self._settled(left, deliveries)
            except Exception:
                log.exception("handling_failed", queue=self._queue)
            if left and self._stopping.wait(delay):
                return
            delay = min(delay * 2, self._limits.reconnect_seconds_max)

    def _settled(self, batch: Sequence[_Taken], deliveries: Sequence[Delivery]) -> list[_Taken]:
        """Acknowledge what is done or safely parked; returns what could not be parked yet."""
        told = list(zip(batch, deliveries, strict=True))
        bad = [(taken, delivery) for taken, delivery in told if delivery.status is Status.PARKED]
        messages = [parked_message(self._queue, taken.received, delivery) for taken, delivery in bad]
        outcomes = self._publisher.publish(messages)
        left = []
        for (taken, delivery), outcome in zip(bad, outcomes, strict=True):
            log.warning("event_parked", queue=self._queue, cause=delivery.cause, kept=outcome.value)
            if outcome is not Outcome.CONFIRMED:
                left.append(taken)
        finished = [taken for taken, _delivery in told if taken not in left]
        good = any(delivery.status in (Status.DONE, Status.REPEATED) for _taken, delivery in told)
        self.call(lambda: self._acknowledge(finished, good))
        return left

    def _acknowledge(self, finished: Sequence[_Taken], good: bool) -> None:
        # A tag means nothing on another channel; what a lost one delivered is delivered again.
        channel = self.channel
        if channel is None or not channel.is_open:
            return
        for taken in finished:
            if taken.channel is channel:
                channel.basic_ack(taken.tag)
        if good and finished and finished[0].channel is channel:
            self._speed_up(channel)
