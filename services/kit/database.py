"""Hides which database it is. PostgreSQL in production, SQLite embedded; the same statements on both."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, make_url

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_WRITE = "coop_write"
_INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class DatabaseUnavailable(RuntimeError):
    """The database does not answer now, or refuses us."""

    code = "DATABASE_UNAVAILABLE"


class InstantColumn(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC to the microsecond; as text on SQLite, where text order is time order."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Text on SQLite, timestamptz elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(27))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse an instant without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone cannot be stored")
        instant = value.astimezone(UTC)
        return instant.strftime(_INSTANT_FORMAT) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.strptime(value, _INSTANT_FORMAT).replace(tzinfo=UTC)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


class JsonColumn(sa.types.TypeDecorator[Any]):
    """A JSON value as canonical text: sorted keys, no blanks, so that equal values are equal bytes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read JSON."""
        return None if value is None else json.loads(value)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit id that SQLite still lets AUTOINCREMENT."""


def canonical_json(value: Any) -> str:
    """Return JSON with sorted keys and no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Database:
    """Short transactions on one database. Nothing reads a document or calls the network inside one."""

    def __init__(self, url: str, *, busy_seconds_max: int = 30, pool_count: int = 10) -> None:
        address = make_url(url)
        self.dialect: str = address.get_backend_name()
        self._writer = threading.RLock()
        self._writing = threading.local()
        if self.dialect == "sqlite":
            if address.database and address.database != ":memory:":
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = sa.create_engine(
                address, connect_args={"timeout": busy_seconds_max, "check_same_thread": False}
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(
                address, pool_size=pool_count, max_overflow=pool_count, pool_pre_ping=True
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed on leaving, rolled back on an error.

        SQLite takes one writer at a time, in this process by a lock and between processes by BEGIN IMMEDIATE.
        """
        if getattr(self._writing, "open", False):
            raise RuntimeError("a transaction is already open in this thread; pass it on instead")
        if self.dialect == "sqlite":
            self._writer.acquire()
        self._writing.open = True
        try:
            with self.engine.connect() as raw:
                connection = raw.execution_options(**{_WRITE: True})
                with connection.begin():
                    yield connection
        finally:
            self._writing.open = False
            if self.dialect == "sqlite":
                self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot to read from."""
        with self.engine.connect() as raw:
            if self.dialect == "sqlite":
                connection = raw
            else:
                connection = raw.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def ping(self) -> None:
        """Raise DatabaseUnavailable, in one sentence, when the database does not answer."""
        try:
            with self.read() as tx:
                tx.execute(sa.select(1))
        except sa.exc.DBAPIError as error:
            raise DatabaseUnavailable(f"the database does not answer: {_reason(error)}") from None


def _reason(error: sa.exc.DBAPIError) -> str:
    """The driver's own word, without what it tells of the connection around it."""
    told = str(error.orig or error).strip()
    return told.rpartition("FATAL:")[2].strip().splitlines()[0].removeprefix("connection failed: ")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
