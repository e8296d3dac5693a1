"""Hides how exchanges, queues and bindings come to be on RabbitMQ: declared by whoever connects, always the same."""

from collections import deque
from collections.abc import Callable
from typing import Any

from services.kit.broker import DEAD_EXCHANGE, EXCHANGE, RELAY_QUEUE, Topology, parked_queue_of
from services.kit.limits import Limits


def declare(channel: Any, topology: Topology, limits: Limits, done: Callable[[], None]) -> None:
    """Declare exchanges, parked queues, quorum queues and bindings, one after the other, then call `done`."""
    steps: deque[Callable[[Callable[[Any], None]], Any]] = deque()
    steps.append(lambda then: channel.exchange_declare(EXCHANGE, "topic", durable=True, callback=then))
    steps.append(lambda then: channel.exchange_declare(DEAD_EXCHANGE, "direct", durable=True, callback=then))
    steps.append(lambda then: _parked_queue(channel, parked_queue_of(RELAY_QUEUE), then))
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
        lambda then: _parked_queue(channel, parked, then),
        lambda then: channel.queue_bind(parked, DEAD_EXCHANGE, queue, callback=then),
        lambda then: channel.queue_declare(queue, durable=True, arguments=arguments, callback=then),
        *(_binding(channel, queue, pattern) for pattern in patterns),
    ]


def _parked_queue(channel: Any, queue: str, then: Callable[[Any], None]) -> Any:
    return channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"}, callback=then)


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
