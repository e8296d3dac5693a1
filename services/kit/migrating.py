"""Hides how the tables come to be: the packaged Alembic history, run over one connection."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from services.kit.database import Database


def migrate(database: Database, revision: str = "head") -> str:
    """Bring the tables to `revision` in one transaction; returns the revision that then holds."""
    with as_file(files("migrations")) as folder, database.write() as tx:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = tx
        if _current(tx) == ScriptDirectory.from_config(config).get_current_head() and revision == "head":
            return _current(tx) or ""
        command.upgrade(config, revision)
        return _current(tx) or ""


class DatabaseNotMigrated(RuntimeError):
    """The tables are missing or older than this release."""

    code = "DATABASE_NOT_MIGRATED"


def require_current(database: Database) -> None:
    """Make sure that the tables are those of this release. Raises DatabaseNotMigrated."""
    with as_file(files("migrations")) as folder, database.read() as tx:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        head, current = ScriptDirectory.from_config(config).get_current_head(), _current(tx)
    if current != head:
        raise DatabaseNotMigrated(
            f"the tables are not there or not up to date: run coop migrate (they are at {current}, wanted is {head})"
        )


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the tables back to `revision`."""
    with as_file(files("migrations")) as folder, database.write() as tx:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = tx
        command.downgrade(config, revision)


def _current(tx: Connection) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()
