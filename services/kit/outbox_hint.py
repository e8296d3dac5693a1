"""Hides how the relay hears of new rows: NOTIFY on PostgreSQL. Only a hint: whoever misses one looks again anyway."""

import threading
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from services.kit.database import Database

log = structlog.get_logger(__name__)
CHANNEL = "coop_outbox"


def give_hint(tx: Connection) -> None:
    """Let waiting relays know once the transaction commits; nothing to do on SQLite."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


class OutboxHint:
    """Listens on a connection of its own; when that is lost it waits as if there were no hints, then listens anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._driver: Any = None

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Return at a hint, or after `seconds`, or when told to stop."""
        if self._database.dialect != "postgresql":
            stop.wait(seconds)
            return
        try:
            if self._driver is None:
                self._driver = self._listening()
            for _hint in self._driver.notifies(timeout=seconds, stop_after=1):
                pass
        except Exception as error:  # whatever happened to the connection, looking again is the guarantee
            log.info("outbox_hint_lost", error=type(error).__name__)
            self.close()
            stop.wait(seconds)

    def close(self) -> None:
        """Give the connection back."""
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.close()

    def _listening(self) -> Any:
        raw = self._database.engine.raw_connection()
        driver: Any = raw.driver_connection
        raw.detach()
        driver.autocommit = True
        driver.execute(f"LISTEN {CHANNEL}")
        return driver
