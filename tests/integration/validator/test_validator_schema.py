"""The tables that the validator uses are those that the migrations make."""

import sqlalchemy as sa

from services.kit.database import Database
from services.validator.store.tables import metadata


def _shape(inspector: sa.Inspector, table: str) -> object:
    columns = {
        column["name"]: (str(column["type"]), column["nullable"], bool(column["primary_key"]))
        for column in inspector.get_columns(table)
    }
    indexes = {index["name"]: tuple(index["column_names"]) for index in inspector.get_indexes(table)}
    unique = {tuple(one["column_names"]) for one in inspector.get_unique_constraints(table)}
    return columns, indexes, unique


def test_migrated_tables_are_the_tables_of_the_store(sqlite_database: Database) -> None:
    fresh = sa.create_engine("sqlite://")
    metadata.create_all(fresh)
    ours, migrated = sa.inspect(fresh), sa.inspect(sqlite_database.engine)
    names = sorted(metadata.tables)
    assert {name: _shape(migrated, name) for name in names} == {name: _shape(ours, name) for name in names}
    fresh.dispose()


def test_no_table_of_the_validator_is_unknown_to_the_store(database: Database) -> None:
    tables = sa.inspect(database.engine).get_table_names()
    assert sorted(name for name in tables if name.startswith("validator_")) == sorted(metadata.tables)
