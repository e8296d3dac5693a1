"""The tables as the stores describe them are the tables as the migrations make them, on both databases."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from services.intake.store import tables as intake
from services.kit import tables as kit
from services.kit.database import Database
from services.ledger.store import tables as ledger
from services.validator.store import tables as validator

DESCRIBED = (kit.metadata, intake.metadata, ledger.metadata, validator.metadata)


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name == "alembic_version")


def test_stores_and_migrations_describe_the_same_tables(database: Database) -> None:
    with database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True, "include_name": ours})
        together = sa.MetaData(naming_convention=kit.metadata.naming_convention)
        for metadata in DESCRIBED:
            for table in metadata.tables.values():
                table.to_metadata(together)
        assert compare_metadata(context, together) == []
