"""The feed of ledger events: gapless, in order, replayable from any position."""

from services.kit.database import Database
from services.ledger.handlers.feed import sequence
from services.ledger.store import feed
from services.ledger.store.feed import PositionedEvent

__all__ = ["PositionedEvent", "events_after", "heads"]


def events_after(database: Database, position: int = 0, rows_max: int = 200) -> list[PositionedEvent]:
    """Return events behind `position`; what was committed so far has its position first."""
    with database.read() as tx:
        waiting = feed.waiting(tx)
    if waiting:
        sequence(database)
    with database.read() as tx:
        return feed.after(tx, position, rows_max)


def heads(database: Database) -> dict[str, str]:
    """Return the last link of every partner's chain, to be kept where a superuser of the database cannot write."""
    sequence(database)
    with database.read() as tx:
        return feed.heads(tx)
