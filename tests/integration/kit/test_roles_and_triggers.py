"""What each worker may not do in the database, and what nobody may."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError

from services.kit.database import Database
from services.kit.roles import OWNED_PREFIXES, RolesUnsupported, grant_roles, role_of


def tables_of(database: Database) -> list[str]:
    with database.read() as tx:
        return sa.inspect(tx).get_table_names()


def growing_tables(database: Database) -> list[str]:
    return [
        table
        for table in tables_of(database)
        if table
        in ("validator_decisions", "ledger_transfers", "ledger_entries", "ledger_payouts", "ledger_events")
    ]


def test_ledger_and_decisions_refuse_to_be_changed_or_forgotten(database: Database) -> None:
    # A trigger for each row would let an empty table pass, so a row is put in where the columns allow it.
    found = growing_tables(database)
    assert len(found) == 5
    with database.read() as tx:
        if database.dialect == "sqlite":
            told = tx.execute(sa.text("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            guarded = {(row.tbl_name, act) for row in told for act in ("UPDATE", "DELETE") if act in row.sql}
            assert {(table, act) for table in found for act in ("UPDATE", "DELETE")} <= guarded
            return
    for table in found:
        for statement in (
            f"UPDATE {table} SET recorded_at = NULL",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            if "SET" in statement:
                with database.read() as tx:
                    column = sa.inspect(tx).get_columns(table)[0]["name"]
                statement = f"UPDATE {table} SET {column} = {column}"
            with pytest.raises(DBAPIError, match=r"append only|cannot truncate"), database.write() as tx:
                tx.execute(sa.text(statement))


@pytest.mark.postgres
@pytest.mark.parametrize("worker", sorted(OWNED_PREFIXES))
def test_a_worker_reaches_its_own_tables_and_no_others(postgresql_database: Database, worker: str) -> None:
    grant_roles(postgresql_database)
    services = {
        table for table in tables_of(postgresql_database) if not table.startswith(("kit_", "alembic"))
    }
    reached = set()
    for table in services:
        try:
            with postgresql_database.write() as tx:
                tx.execute(sa.text(f"SET LOCAL ROLE {role_of(worker)}"))
                tx.execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1"))
            reached.add(table)
        except ProgrammingError:
            continue
    own = OWNED_PREFIXES[worker]
    assert reached == {table for table in services if own and table.startswith(own)}


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("worker", "statement"),
    [
        ("ledger", "UPDATE ledger_entries SET amount = 0"),
        ("ledger", "DELETE FROM ledger_transfers"),
        ("web", "DELETE FROM validator_decisions"),
        ("web", "DELETE FROM kit_outbox"),
        ("relay", "INSERT INTO kit_keys DEFAULT VALUES"),
        ("intake", "INSERT INTO kit_keys DEFAULT VALUES"),
        ("scheduler", "DROP TABLE ledger_entries"),
    ],
)
def test_a_worker_is_refused_what_it_never_needs(
    postgresql_database: Database, worker: str, statement: str
) -> None:
    grant_roles(postgresql_database)
    with postgresql_database.write() as tx:
        tx.execute(sa.text(f"SET LOCAL ROLE {role_of(worker)}"))
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            tx.execute(sa.text(statement))


@pytest.mark.postgres
def test_granting_twice_changes_nothing(postgresql_database: Database) -> None:
    def granted() -> list[tuple[object, ...]]:
        with postgresql_database.read() as tx:
            rows = tx.execute(
                sa.text(
                    "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
                    " WHERE grantee LIKE 'coop\\_%' ORDER BY 1, 2, 3"
                )
            )
            return [tuple(row) for row in rows]

    grant_roles(postgresql_database)
    first = granted()
    grant_roles(postgresql_database)
    assert first
    assert granted() == first


def test_sqlite_says_that_it_has_no_roles(sqlite_database: Database) -> None:
    with pytest.raises(RolesUnsupported, match="SQLite has no roles"):
        grant_roles(sqlite_database)
