"""The database port, on every dialect."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from services.kit import outbox, tables
from services.kit.database import Database
from services.kit.migrating import downgrade, migrate
from tests.events import withdrawn

NOW = datetime(2020, 2, 14, 23, 59, 59, 123456, tzinfo=UTC)


class TestDatabase:
    def test_a_committed_write_is_read_back_with_its_instant_to_the_microsecond(
        self, database: Database
    ) -> None:
        with database.write() as tx:
            outbox.append(tx, withdrawn("a"), now=NOW)
        with database.read() as tx:
            assert outbox.oldest(tx) == NOW

    def test_instants_of_other_zones_are_kept_as_the_same_moment_and_sort_in_time_order(
        self, database: Database
    ) -> None:
        pacific = timezone(timedelta(hours=-8))
        with database.write() as tx:
            outbox.append(tx, withdrawn("later"), now=datetime(2020, 2, 14, 20, tzinfo=pacific))
            outbox.append(tx, withdrawn("earlier"), now=datetime(2020, 2, 15, 1, tzinfo=UTC))
        with database.read() as tx:
            assert outbox.oldest(tx) == datetime(2020, 2, 15, 1, tzinfo=UTC)

    def test_an_instant_without_a_zone_is_refused(self, database: Database) -> None:
        with pytest.raises(sa.exc.StatementError), database.write() as tx:
            outbox.append(tx, withdrawn("a"), now=datetime(2020, 1, 1))

    def test_an_error_inside_the_transaction_leaves_nothing(self, database: Database) -> None:
        def fail_inside() -> None:
            with database.write() as tx:
                outbox.append(tx, withdrawn("a"), now=NOW)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_inside()
        with database.read() as tx:
            assert outbox.count(tx) == 0

    def test_a_transaction_inside_a_transaction_is_refused(self, database: Database) -> None:
        with database.write(), pytest.raises(RuntimeError), database.write():
            pass

    def test_a_read_sees_one_state_while_others_write(self, database: Database) -> None:
        with database.read() as tx:
            before = outbox.count(tx)
            writer = threading.Thread(target=self._write, args=(database,))
            writer.start()
            writer.join()
            assert outbox.count(tx) == before
        with database.read() as tx:
            assert outbox.count(tx) == before + 1

    def test_concurrent_writers_all_succeed(self, database: Database) -> None:
        writers = [threading.Thread(target=self._write, args=(database,)) for _ in range(20)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        with database.read() as tx:
            assert outbox.count(tx) == 20

    def test_ids_of_removed_outbox_rows_are_not_used_again(self, database: Database) -> None:
        seen = set()
        for _ in range(3):
            self._write(database)
            with database.write() as tx:
                [row] = outbox.due(tx, NOW, 10)
                outbox.remove(tx, [row])
                seen.add(row.row_id)
        assert len(seen) == 3

    def _write(self, database: Database) -> None:
        with database.write() as tx:
            outbox.append(tx, withdrawn("a"), now=NOW)


class TestMigrations:
    def test_migrating_twice_changes_nothing(self, database: Database) -> None:
        assert migrate(database) == migrate(database)

    def test_the_history_goes_down_and_up_again(self, database: Database) -> None:
        head = migrate(database)
        downgrade(database)
        with database.read() as tx:
            left = set(sa.inspect(tx).get_table_names())
        assert left <= {"alembic_version"}
        assert migrate(database) == head

    def test_the_migrated_tables_are_those_of_the_code(self, database: Database) -> None:
        with database.read() as tx:
            found = {name for name in sa.inspect(tx).get_table_names() if name.startswith("kit_")}
        assert found == set(tables.metadata.tables)
