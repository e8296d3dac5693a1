"""Every figure that a worker publishes on `/metrics`, with its name, kind and labels, in this one place."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.kit import outbox
from services.kit.clock import Clock
from services.kit.database import Database

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()

OUTBOX_OLDEST_SECONDS = Gauge(
    "coop_outbox_oldest_seconds", "Age of the event that has waited longest in the outbox.", registry=registry
)
OUTBOX_ROWS = Gauge("coop_outbox_rows", "Events in the outbox, due or not.", registry=registry)
QUEUE_MESSAGES = Gauge(
    "coop_queue_messages", "Messages that wait in a queue, as last asked.", ["queue"], registry=registry
)
RELAYED = Counter(
    "coop_relayed", "Outbox rows by what became of them at the broker.", ["outcome"], registry=registry
)
CONFIRM_SECONDS = Histogram(
    "coop_publish_confirm_seconds",
    "From publishing a batch to the last confirm of it.",
    buckets=_SECONDS,
    registry=registry,
)
DELIVERIES = Counter(
    "coop_deliveries",
    "Events by how their handling ended: done, repeated (known to the inbox), retried, parked.",
    ["consumer", "status"],
    registry=registry,
)
REDELIVERIES = Counter(
    "coop_redeliveries", "Messages that the broker handed out again.", ["queue"], registry=registry
)
HANDLER_SECONDS = Histogram(
    "coop_handler_seconds",
    "Time to handle one batch of events, reading documents included.",
    ["consumer"],
    buckets=_SECONDS,
    registry=registry,
)
RECONNECTS = Counter(
    "coop_broker_connections_lost", "Connections to the broker that were lost.", ["link"], registry=registry
)
SCHEDULER_STEPS = Counter(
    "coop_scheduler_steps", "Turns in which every job was asked and none failed.", registry=registry
)


def observe_outbox(database: Database, clock: Clock) -> None:
    """Look at the outbox now and set its figures."""
    with database.read() as tx:
        oldest = outbox.oldest(tx)
        OUTBOX_ROWS.set(outbox.count(tx))
    OUTBOX_OLDEST_SECONDS.set(0 if oldest is None else max(0.0, (clock.now() - oldest).total_seconds()))


def exposition() -> bytes:
    """All figures in the text format of Prometheus."""
    return generate_latest(registry)
