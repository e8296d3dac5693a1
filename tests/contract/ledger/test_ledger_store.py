"""What the database itself holds, on each dialect: append only, floors, repeats, corrections, the chain."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError

from services.kit.database import Database
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.posting import Transfer
from services.ledger.core.refusals import ContentDiffers, CorrectionExceeds
from services.ledger.handlers.feed import sequence
from services.ledger.queries.balances import balances, trial_balance
from services.ledger.queries.feed import events_after, heads
from services.ledger.queries.verification import verify
from services.ledger.store.posting import post
from services.ledger.store.tables import (
    APPEND_ONLY,
    accounts,
    entries,
    metadata,
    plan_usage,
    plans,
    transfers,
)
from tests.unit.ledger.ledger_cases import earn, instant

NOW = datetime(2019, 4, 2, tzinfo=UTC)
LOT = Lot("P1", "L1", "csp-indirect-reseller", "2019-01-01/2019-06-30", "USD")
SOURCE, REBATE = AccountKey(LOT, Bucket.SOURCE), AccountKey(LOT, Bucket.REBATE)
AVAILABLE = AccountKey(LOT, Bucket.COOP_AVAILABLE)


def transfer(key: str, amount: int = 100, **more: object) -> Transfer:
    return Transfer(key, "earning_rebate", SOURCE, REBATE, amount, NOW, {"earning": key}, **more)  # type: ignore[arg-type]


def posted(database: Database, *batch: Transfer) -> tuple[int, int]:
    with database.write() as tx:
        done = post(tx, batch, now=NOW)
    return len(done.created), len(done.existing)


def test_the_migration_makes_exactly_the_tables_of_the_store(database: Database) -> None:
    inspector = sa.inspect(database.engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}, table.name
        indexes = {str(index["name"]) for index in inspector.get_indexes(table.name)}
        assert {str(index.name) for index in table.indexes} <= indexes, table.name
        keys = inspector.get_pk_constraint(table.name)["constrained_columns"]
        assert sorted(keys) == sorted(column.name for column in table.primary_key), table.name


def test_every_append_only_table_refuses_updates_and_deletes(database: Database) -> None:
    posted(database, transfer("k1"))
    sequence(database)
    with database.write() as tx:
        earn(tx, "e1", "2019-03", "100.00", now=NOW)
    for table in (
        "ledger_transfers",
        "ledger_entries",
        "ledger_events",
        "ledger_positions",
        "ledger_earnings",
    ):
        assert table in APPEND_ONLY
        column = metadata.tables[table].columns.keys()[0]
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append only"), database.write() as tx:
                tx.execute(sa.text(statement))


def test_the_database_refuses_what_would_cross_a_floor(database: Database) -> None:
    posted(database, transfer("k1"))
    below = sa.update(accounts).where(accounts.c.id == REBATE.id).values(floor=0, posted=-1)
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(below)


def test_the_database_refuses_what_would_cross_a_plan_limit(database: Database) -> None:
    values = dict.fromkeys(("partner", "location", "program", "fund", "pack", "inputs_sha256"), "x")
    months = {"first_month": "2022-01", "last_month": "2022-12", "currency": "USD", "recorded_at": NOW}
    with database.write() as tx:
        tx.execute(sa.insert(plans).values(plan="PL", **values, **months))
        tx.execute(sa.insert(plan_usage).values(plan="PL", month="2022-04", cap=100, paid=100))
    with pytest.raises(IntegrityError), database.write() as tx:
        tx.execute(sa.update(plan_usage).values(paid=101))


def test_a_repeated_transfer_exists_and_changes_nothing(database: Database) -> None:
    assert posted(database, transfer("k1"), transfer("k2")) == (2, 0)
    assert posted(database, transfer("k1"), transfer("k3"), transfer("k3")) == (1, 2)
    with database.read() as tx:
        assert [row.amount.amount_minor for row in balances(tx)] == [300]


def test_the_same_business_key_with_other_content_is_an_error(database: Database) -> None:
    posted(database, transfer("k1"))
    with pytest.raises(ContentDiffers):
        posted(database, transfer("k1", 101))


def test_all_corrections_of_a_transfer_together_never_exceed_it(database: Database) -> None:
    original = transfer("k1", 100)
    posted(database, original)

    def correction(key: str, amount: int) -> Transfer:
        return Transfer(key, "earning_rebate", REBATE, SOURCE, amount, NOW, {}, corrects=original.id)

    posted(database, correction("c1", 60))
    with pytest.raises(CorrectionExceeds):
        posted(database, correction("c2", 41))
    posted(database, correction("c2", 40))
    assert verify(database) == []


def test_a_batch_is_posted_whole_or_not_at_all(database: Database) -> None:
    taken = Transfer("k2", "funds_expired", AVAILABLE, AccountKey(LOT, Bucket.EXPIRED), 1, NOW)
    with pytest.raises(ValueError, match="available"):
        posted(database, transfer("k1"), taken)
    with database.read() as tx:
        assert balances(tx) == []
        assert tx.execute(sa.select(sa.func.count()).select_from(transfers)).scalar_one() == 0


def test_entries_carry_running_balances_without_gaps(database: Database) -> None:
    posted(database, *[transfer(f"k{number}", number) for number in range(1, 6)])
    with database.read() as tx:
        chosen = sa.select(entries).where(entries.c.account == REBATE.id).order_by(entries.c.sequence)
        found = [(row.sequence, row.amount, row.balance_after) for row in tx.execute(chosen)]
    assert found == [(1, 1, 1), (2, 2, 3), (3, 3, 6), (4, 4, 10), (5, 5, 15)]


def test_the_feed_is_gapless_and_can_be_read_again_from_any_position(database: Database) -> None:
    posted(database, *[transfer(f"k{number}", number) for number in range(1, 6)])
    whole = events_after(database, 0)
    assert [event.position for event in whole] == [1, 2, 3, 4, 5]
    assert [event.event["data"]["position"] for event in whole] == [1, 2, 3, 4, 5]
    posted(database, transfer("k6", 6))
    assert [event.position for event in events_after(database, 4)] == [5, 6]
    assert events_after(database, 2)[:3] == whole[2:]


def test_a_ledger_is_sound_and_every_currency_comes_to_zero(database: Database) -> None:
    with database.write() as tx:
        for number in range(20):
            currency = "EUR" if number % 3 else "USD"
            earn(
                tx, f"e{number}", "2019-03", "100.01", currency=currency, now=instant("2019-04-02T00:00:00Z")
            )
    assert verify(database) == []
    with database.read() as tx:
        sums = {
            code: sum(row.amount_minor for row in found.values()) for code, found in trial_balance(tx).items()
        }
    assert sums == {"EUR": 0, "USD": 0}


def drop_triggers(tx: sa.Connection, table: str) -> None:
    if tx.dialect.name == "sqlite":
        for act in ("update", "delete"):
            tx.execute(sa.text(f"DROP TRIGGER {table}_no_{act}"))
    else:
        tx.execute(sa.text(f"DROP TRIGGER {table}_append_only ON {table}"))


@pytest.mark.parametrize(
    "table, change, code, where",
    [
        (
            "ledger_entries",
            "UPDATE ledger_entries SET amount = amount + 1 WHERE sequence = 2 AND amount > 0",
            "BALANCE_WRONG",
            "rebate #2",
        ),
        (
            "ledger_entries",
            "DELETE FROM ledger_entries WHERE sequence = 2 AND amount > 0",
            "SEQUENCE_GAP",
            "rebate #3",
        ),
        ("ledger_transfers", "UPDATE ledger_transfers SET kind = 'payout_paid'", "ROW_CHANGED", "trf_"),
        (
            "ledger_transfers",
            "UPDATE ledger_transfers SET row_sha256 = inputs_sha256",
            "CHAIN_BROKEN",
            "trf_",
        ),
        ("ledger_positions", "DELETE FROM ledger_positions WHERE position = 2", "POSITION_GAP", "3"),
        (
            "",
            "UPDATE ledger_accounts SET posted = posted + 1 WHERE bucket = 'rebate'",
            "ACCOUNT_WRONG",
            "rebate",
        ),
        (
            "",
            "UPDATE ledger_accounts SET posted = posted + 1 WHERE bucket = 'rebate'",
            "NOT_CONSERVED",
            "USD",
        ),
    ],
)
def test_verify_names_the_first_row_that_somebody_changed(
    database: Database, table: str, change: str, code: str, where: str
) -> None:
    posted(database, *[transfer(f"k{number}", number) for number in range(1, 5)])
    assert verify(database) == []
    kept = heads(database)
    with database.write() as tx:
        if table:
            drop_triggers(tx, table)
        tx.execute(sa.text(change))
    found = {problem.code: problem.where for problem in verify(database)}
    assert where in found[code]
    assert kept == heads(database) or code == "POSITION_GAP"
