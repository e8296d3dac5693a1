"""Hides how parked messages are looked at and moved on RabbitMQ: one short-lived connection for one command."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
from pika.exceptions import AMQPError

from services.kit.broker import (
    ATTEMPTS_HEADER,
    CAUSE_HEADER,
    REASON_HEADER,
    RELAY_QUEUE,
    BrokerUnavailable,
    parked_queue_of,
    queue_of,
)
from services.kit.limits import Limits
from services.kit.parking import Parked

_PREFIX = "cloudEvents:"


class RetryImpossible(RuntimeError):
    """A parked message that is no event has no consumer to go to."""

    code = "RETRY_IMPOSSIBLE"


class RabbitParking:
    """The parked queues of the workers. Messages keep their order; what is only looked at goes back unchanged."""

    def __init__(self, url: str, consumers: tuple[str, ...], limits: Limits) -> None:
        self._url = url
        self._consumers = consumers
        self._limits = limits

    def listed(self) -> list[Parked]:
        """Return every parked message, numbered from 1, grouped by consumer and cause."""
        with self._channel() as channel:
            found = [parked for _tag, parked, _body in self._taken(channel)]
        return sorted(found, key=lambda parked: (parked.consumer, parked.cause, parked.row_id))

    def retry(self, row_id: int) -> Parked | None:
        """Send a parked message to its queue again, with the same event id; None when there is none.

        Raises RetryImpossible for an outbox row that the relay could not read.
        """
        return self._end(row_id, again=True)

    def discard(self, row_id: int) -> Parked | None:
        """Forget a parked message; None when there is none."""
        return self._end(row_id, again=False)

    def _end(self, row_id: int, *, again: bool) -> Parked | None:
        with self._channel() as channel:
            for tag, parked, (properties, body) in self._taken(channel):
                if parked.row_id != row_id:
                    continue
                if again and queue_of(parked.consumer) == RELAY_QUEUE:
                    raise RetryImpossible(
                        f"{parked.event_id} is no event and no retry makes it one: discard it"
                    )
                if again:
                    headers = dict(properties.headers or {})
                    for name in (CAUSE_HEADER, REASON_HEADER, "x-death", "x-delivery-count"):
                        headers.pop(name, None)
                    properties.headers = {**headers, ATTEMPTS_HEADER: 0}
                    channel.basic_publish("", queue_of(parked.consumer), body, properties, mandatory=True)
                channel.basic_ack(tag)
                return parked
        return None

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        try:
            connection = pika.BlockingConnection(pika.URLParameters(self._url))
        except AMQPError as error:
            raise BrokerUnavailable(f"RabbitMQ does not answer: {type(error).__name__}") from None
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
        finally:
            connection.close()

    def _taken(self, channel: Any) -> Iterator[tuple[int, Parked, tuple[Any, bytes]]]:
        number = 0
        for consumer in self._consumers:
            queue = parked_queue_of(queue_of(consumer))
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
            while number < self._limits.parked_show_count_max:
                method, properties, body = channel.basic_get(queue)
                if method is None:
                    break
                number += 1
                yield method.delivery_tag, _parked(number, consumer, properties, body), (properties, body)


def _parked(number: int, consumer: str, properties: Any, body: bytes) -> Parked:
    headers = dict(properties.headers or {})
    attributes = {
        name.removeprefix(_PREFIX): value for name, value in headers.items() if name.startswith(_PREFIX)
    }
    text = body.decode("utf-8", "replace")
    try:
        content: Any = json.loads(text)
    except ValueError:
        content = text
    deaths = headers.get("x-death") or [{}]
    died = deaths[0].get("reason", "")
    return Parked(
        row_id=number,
        consumer=consumer,
        event_id=str(attributes.get("id", "")),
        type=str(attributes.get("type", "")),
        envelope=json.dumps({**attributes, "data": content}, default=str),
        cause=str(headers.get(CAUSE_HEADER) or died or "unknown"),
        reason=str(headers.get(REASON_HEADER) or f"the broker put it here: {died or 'unknown'}"),
        parked_at=deaths[0].get("time"),
    )
