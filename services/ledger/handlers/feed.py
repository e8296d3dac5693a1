"""The sequencer: gives every committed ledger event its position in the feed."""

from services.kit.database import Database
from services.ledger.store import feed


def sequence(database: Database) -> int:
    """Place every event that waits; returns how many. Run by the scheduler, and before a feed is read."""
    total = 0
    while True:
        with database.write() as tx:
            done = feed.sequence(tx)
        total += done
        if done < feed.BATCH_ROWS:
            return total
