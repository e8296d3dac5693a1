"""Replay: events of the feed are published again, to one queue, under their first ids."""

from datetime import datetime

from services.kit import outbox
from services.kit.broker import OUTSIDER_QUEUES
from services.kit.database import Database
from services.kit.events import from_json
from services.ledger.core.posting import canonical
from services.ledger.handlers.feed import sequence
from services.ledger.store import feed

QUEUES = tuple(name for name, types in sorted(OUTSIDER_QUEUES.items()) if "coop.ledger.*" in types)
"""The queues that take ledger events."""


def replay(database: Database, queue: str, *, after: int, rows_max: int, now: datetime) -> tuple[int, int]:
    """Publish events behind a position to `queue`; returns how many, and the position of the last one."""
    sequence(database)
    with database.write() as tx:
        found = feed.after(tx, after, rows_max)
        outbox.append_many(tx, [from_json(canonical(one.event)) for one in found], now=now, target=queue)
    return len(found), found[-1].position if found else after
