"""Hides which broker carries the events: names, messages and the narrow port that an adapter fills."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from schemas.events import Envelope
from services.kit import events
from services.kit.consumer import Delivery

EXCHANGE = "coop.events"
DEAD_EXCHANGE = "coop.dead"
RELAY_QUEUE = "coop.relay"
"""Has no messages of its own; its parked queue keeps what the relay could not read."""
OUTSIDER_QUEUES = {
    "coop.reviews": ("coop.review.requested.v1", "coop.claim.decided.v1"),
    "coop.payments": ("coop.ledger.*",),
}
"""Queues that outsiders may opt into: bounded and drop-head, because their guarantee is the replay."""

_PREFIX = "cloudEvents:"
ATTEMPTS_HEADER = "coop-attempts"
CAUSE_HEADER = "coop-cause"
REASON_HEADER = "coop-reason"
REASON_CHARS_MAX = 1000


class BrokerUnavailable(RuntimeError):
    """The broker does not answer; what was not confirmed stays in the outbox."""

    code = "BROKER_UNAVAILABLE"


def queue_of(consumer: str) -> str:
    """The queue of a consumer."""
    return f"coop.{consumer}"


def parked_queue_of(queue: str) -> str:
    """Where a queue's messages go that cannot be handled."""
    return f"{queue}.parked"


@dataclass(frozen=True)
class Message:
    """Bytes with headers, on their way to `exchange` and `routing_key`."""

    exchange: str
    routing_key: str
    message_id: str
    headers: dict[str, Any]
    body: bytes
    mandatory: bool = True


@dataclass(frozen=True)
class Received:
    """A message as it came from a queue. `delivery_count` is how often it was handed out before."""

    headers: dict[str, Any]
    body: bytes
    redelivered: bool
    delivery_count: int = 0


class Outcome(StrEnum):
    """What became of a published message."""

    CONFIRMED = "confirmed"
    UNROUTABLE = "unroutable"
    FAILED = "failed"


@dataclass(frozen=True)
class Topology:
    """Every queue with the event types bound to it; `outsiders` are bounded, the others lose nothing."""

    queues: dict[str, tuple[str, ...]]
    outsiders: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def is_wanted(self, event_type: str) -> bool:
        """Tell whether some queue takes the event type."""
        return any(
            events.matches(pattern, event_type)
            for patterns in (*self.queues.values(), *self.outsiders.values())
            for pattern in patterns
        )


class Publisher(Protocol):
    """Sends messages and says of each whether the broker has it."""

    def publish(self, messages: Sequence[Message]) -> list[Outcome]:
        """Send all, many in flight at once; returns one outcome each, in order."""
        ...


Handler = Callable[[Sequence[Received]], Sequence[Delivery]]
"""Handles a batch in a worker thread, one delivery each; a PARKED one is kept in the parked queue with its reason."""


def message_of(event: Envelope[Any], *, target: str | None = None, attempts: int = 0) -> Message:
    """Write an event in binary mode: attributes as headers, data as the body (CloudEvents, AMQP binding)."""
    attributes = event.model_dump(mode="json", exclude={"data"}, exclude_none=True)
    headers: dict[str, Any] = {f"{_PREFIX}{name}": value for name, value in attributes.items()}
    headers[ATTEMPTS_HEADER] = attempts
    return Message(
        exchange="" if target else EXCHANGE,
        routing_key=queue_of(target) if target else event.type,
        message_id=event.id,
        headers=headers,
        body=event.data.model_dump_json().encode(),
    )


def type_of(received: Received) -> str:
    """The event type that a message says it has."""
    return str(received.headers.get(f"{_PREFIX}type", ""))


def event_of(received: Received) -> Envelope[Any]:
    """Read an event in binary mode. Raises EventInvalid."""
    attributes = {
        name.removeprefix(_PREFIX): value
        for name, value in received.headers.items()
        if name.startswith(_PREFIX)
    }
    return events.from_parts(attributes, received.body)


def unreadable_message(event_id: str, event_type: str, content: str, delivery: Delivery) -> Message:
    """Wrap an outbox row that is no event for the relay's parked queue, with cause and reason."""
    return Message(
        exchange="",
        routing_key=parked_queue_of(RELAY_QUEUE),
        message_id=event_id,
        headers={
            f"{_PREFIX}id": event_id,
            f"{_PREFIX}type": event_type,
            CAUSE_HEADER: delivery.cause,
            REASON_HEADER: delivery.reason[:REASON_CHARS_MAX],
        },
        body=content.encode(),
    )


def parked_message(queue: str, received: Received, delivery: Delivery) -> Message:
    """Wrap what could not be handled for its parked queue, with cause and reason."""
    return Message(
        exchange="",
        routing_key=parked_queue_of(queue),
        message_id=str(received.headers.get(f"{_PREFIX}id", "")),
        headers={
            **received.headers,
            CAUSE_HEADER: delivery.cause,
            REASON_HEADER: delivery.reason[:REASON_CHARS_MAX],
        },
        body=received.body,
    )
