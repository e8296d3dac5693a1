"""What a person can do with parked messages on RabbitMQ: look, send again, discard."""

import uuid
from collections.abc import Iterator

import pika
import pytest

from services.kit.broker import (
    RELAY_QUEUE,
    Received,
    Topology,
    message_of,
    parked_message,
    unreadable_message,
)
from services.kit.broker import queue_of as queue_named
from services.kit.consumer import Delivery, Status
from services.kit.limits import Limits
from services.kit.rabbitmq_parked import RabbitParking, RetryImpossible
from services.kit.rabbitmq_publisher import RabbitPublisher
from tests.contract.kit.test_delivery import SECONDS_MAX
from tests.events import withdrawn
from tests.servers import Server

pytestmark = pytest.mark.rabbitmq
LIMITS = Limits()
CONSUMER = f"t{uuid.uuid4().hex[:8]}"
QUEUE = queue_named(CONSUMER)


@pytest.fixture
def publisher(rabbitmq_server: Server) -> Iterator[RabbitPublisher]:
    found = RabbitPublisher(rabbitmq_server.url, "test", LIMITS, Topology({QUEUE: ()}))
    found.start()
    found.wait_up(SECONDS_MAX)
    yield found
    found.stop()


def taken(server: Server, queue: str) -> list[dict[str, object]]:
    """The headers of what waits in a queue, which is empty afterwards."""
    connection = pika.BlockingConnection(pika.URLParameters(server.url))
    channel = connection.channel()
    found = []
    while (got := channel.basic_get(queue, auto_ack=True))[0] is not None:
        found.append(dict(got[1].headers))
    connection.close()
    return found


def test_a_message_that_is_sent_again_goes_to_its_queue_under_its_own_id(
    rabbitmq_server: Server, publisher: RabbitPublisher
) -> None:
    message = message_of(withdrawn("a"), attempts=7)
    received = Received(message.headers, message.body, redelivered=False)
    publisher.publish([parked_message(QUEUE, received, Delivery(Status.PARKED, "FAULT", "it fell over"))])
    parking = RabbitParking(rabbitmq_server.url, (CONSUMER,), LIMITS)
    (row,) = parking.listed()
    assert (row.event_id, row.cause, row.reason) == (withdrawn("a").id, "FAULT", "it fell over")
    assert parking.retry(row.row_id + 1) is None
    assert parking.retry(row.row_id) == row
    assert parking.listed() == []
    (headers,) = taken(rabbitmq_server, QUEUE)
    headers.pop("x-delivery-count")  # the broker's own, counted anew
    assert headers == {**message.headers, "coop-attempts": 0}


def test_a_row_that_is_no_event_can_be_looked_at_and_discarded_but_not_sent_again(
    rabbitmq_server: Server, publisher: RabbitPublisher
) -> None:
    taken(rabbitmq_server, f"{RELAY_QUEUE}.parked")
    told = Delivery(Status.PARKED, "EVENT_INVALID", "the outbox row is no event")
    publisher.publish([unreadable_message("evt_1", "coop.claim.decided.v1", "{", told)])
    parking = RabbitParking(rabbitmq_server.url, ("relay",), LIMITS)
    (row,) = parking.listed()
    assert (row.consumer, row.event_id, row.cause) == ("relay", "evt_1", "EVENT_INVALID")
    with pytest.raises(RetryImpossible):
        parking.retry(row.row_id)
    assert parking.listed() == [row]
    assert parking.discard(row.row_id) == row
    assert parking.listed() == []


def test_looking_before_any_worker_ran_finds_nothing(rabbitmq_server: Server) -> None:
    assert RabbitParking(rabbitmq_server.url, (f"t{uuid.uuid4().hex[:8]}",), LIMITS).listed() == []
