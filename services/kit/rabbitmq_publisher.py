"""Hides publishing on RabbitMQ: many messages in flight at once, each confirmed, returned or failed."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pika

from services.kit import metrics
from services.kit.broker import Message, Outcome, Topology, parked_queue_of
from services.kit.limits import Limits
from services.kit.rabbitmq_link import RabbitLink
from services.kit.rabbitmq_topology import declare


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
        with metrics.CONFIRM_SECONDS.time():
            batch.done.wait(self._limits.publish_confirm_seconds_max)
        return [outcome or Outcome.FAILED for outcome in batch.outcomes]

    def ask_depths(self) -> None:
        """Ask how many messages wait in every queue; the figures are there soon after."""
        self.call(self._ask_depths)

    def _ask_depths(self) -> None:
        channel = self.channel
        if channel is None or not self.is_up:
            return
        for queue in self._topology.queues:
            for name in (queue, parked_queue_of(queue)):
                channel.queue_declare(name, passive=True, callback=_note_depth)

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


def _note_depth(frame: Any) -> None:
    metrics.QUEUE_MESSAGES.labels(frame.method.queue).set(frame.method.message_count)
