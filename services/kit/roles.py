"""Hides what each worker may do in PostgreSQL: a role for each, with no more than its own tables need."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.kit.database import Database

OWNED_PREFIXES: dict[str, tuple[str, ...]] = {
    "intake": ("intake_",),
    "validator": ("validator_",),
    "ledger": ("ledger_",),
    "scheduler": ("ledger_",),
    "web": ("intake_", "validator_", "ledger_"),
    "relay": (),
}
"""The tables that a worker works on, by the first part of their names; the web holds the pages of all three."""

_LOCKED = frozenset({"ledger_positions", "ledger_payouts"})
"""Grow only, and are locked: PostgreSQL asks for UPDATE to allow that; the trigger refuses the update itself."""
_WORKING = "SELECT, INSERT, UPDATE, DELETE"
_KIT = {
    "kit_outbox": "SELECT, INSERT",
    "kit_inbox": "SELECT, INSERT",
    "kit_answers": "SELECT, INSERT",
    "kit_keys": "SELECT",
    "alembic_version": "SELECT",
}
_PAGES = {"kit_secrets": "SELECT, INSERT"}
_RELAY = {"kit_outbox": "SELECT, UPDATE, DELETE", "alembic_version": "SELECT"}


class RolesUnsupported(RuntimeError):
    """Only PostgreSQL has roles."""

    code = "ROLES_UNSUPPORTED"


def role_of(worker: str) -> str:
    """The database role of a worker."""
    return f"coop_{worker}"


def grant_roles(database: Database) -> list[str]:
    """Make the roles (without login) and give each just what it needs, anew; returns their names.

    What may only grow (triggers say so) can be read and added to, and nothing else. Raises RolesUnsupported.
    """
    if database.dialect != "postgresql":
        raise RolesUnsupported("SQLite has no roles; they are for PostgreSQL (COOP_DATABASE_URL)")
    with database.write() as tx:
        tables = sorted(sa.inspect(tx).get_table_names())
        growing = _append_only(tx)
        for worker in OWNED_PREFIXES:
            for statement in _statements(tx, worker, tables, growing):
                tx.execute(sa.text(statement))
    return [role_of(worker) for worker in OWNED_PREFIXES]


def _append_only(tx: Connection) -> set[str]:
    found = tx.execute(
        sa.text(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE :name"
        ),
        {"name": "%_append_only"},
    )
    return {row.relname for row in found}


def _statements(tx: Connection, worker: str, tables: list[str], growing: set[str]) -> Iterator[str]:
    # Names come from the catalog and from this module; nothing of a caller's gets into a statement.
    role = role_of(worker)
    known = tx.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    if known is None:
        yield f"CREATE ROLE {role} NOLOGIN"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    kit = _RELAY if worker == "relay" else _KIT | (_PAGES if worker in ("intake", "web") else {})
    for table in tables:
        granted = kit.get(table)
        if table.startswith(OWNED_PREFIXES[worker]):
            granted = _WORKING if table not in growing else "SELECT, INSERT"
            if table in growing & _LOCKED:
                granted += ", UPDATE"
        if granted is not None:
            yield f"GRANT {granted} ON {table} TO {role}"
