"""`make bench-ledger`: postings as a ratio to the bare insert of the same rows, on a private PostgreSQL.

The floor is the insert of one transfer and its two entries with the same columns and indexes, a thousand at once:
no balances, no locks, no events, no outbox. Each round runs all cases one after the other; the figure is the median
of the rounds' ratios.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from schemas.money import Money
from services.kit.database import Database
from services.kit.migrating import migrate
from services.kit.packs import PackLibrary
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.posting import Transfer
from services.ledger.handlers.earnings import Earning, record_earnings
from services.ledger.queries.balances import balances
from services.ledger.queries.statements import statement
from services.ledger.store.posting import post, transfer_row
from services.rules.periods import Month
from tests.servers import postgresql

NOW = datetime(2019, 4, 2, tzinfo=UTC)
PERIOD = "2019-01-01/2019-06-30"
ROUNDS, BATCH, SINGLES = 5, 1000, 40
SIZES = (10_000, 30_000)


@dataclass
class Bench:
    """A database, numbers that never come twice, and transfers a second by case and round."""

    database: Database
    numbers: Any = field(default_factory=count)
    rates: dict[str, list[float]] = field(default_factory=dict)

    def timed(self, case: str, rows: int, act: Callable[[], None]) -> None:
        """Run a case and keep its rate."""
        start = time.perf_counter()
        act()
        self.rates.setdefault(case, []).append(rows / (time.perf_counter() - start))

    def transfers(self, rows: int, partners: int) -> list[Transfer]:
        """New transfers, spread over partners."""
        found = []
        for number in range(rows):
            lot = Lot(f"P{number % partners}", "L1", "csp-indirect-reseller", PERIOD, "USD")
            key = f"bench/{next(self.numbers)}"
            source, target = AccountKey(lot, Bucket.SOURCE), AccountKey(lot, Bucket.REBATE)
            found.append(Transfer(key, "earning_rebate", source, target, 100, NOW, {"earning": key}))
        return found

    def post(self, batch: list[Transfer]) -> None:
        """Post in one transaction, with events and outbox rows."""
        with self.database.write() as tx:
            post(tx, batch, now=NOW)


def _floor(bench: Bench, tables: tuple[sa.Table, sa.Table]) -> Callable[[], None]:
    rows, sides = [], []
    for transfer in bench.transfers(BATCH, BATCH):
        rows.append({**transfer_row(transfer, NOW), "row_sha256": "0" * 64})
        for account, amount in ((transfer.source.id, -100), (transfer.target.id, 100)):
            side = {"account": account, "sequence": next(bench.numbers), "transfer_id": transfer.id}
            sides.append(
                {**side, "amount": amount, "balance_after": amount, "held_change": 0, "held_after": 0}
            )

    def act() -> None:
        with bench.database.write() as tx:
            tx.execute(sa.insert(tables[0]), rows)
            tx.execute(sa.insert(tables[1]), sides)

    return act


def _floor_tables(database: Database) -> tuple[sa.Table, sa.Table]:
    with database.write() as tx:
        for name in ("transfers", "entries"):
            tx.execute(sa.text(f"CREATE TABLE floor_{name} (LIKE ledger_{name} INCLUDING ALL)"))
    from services.ledger.store.tables import entries, transfers

    bare = sa.MetaData()
    return transfers.to_metadata(bare, name="floor_transfers"), entries.to_metadata(
        bare, name="floor_entries"
    )


def _round(bench: Bench, tables: tuple[sa.Table, sa.Table]) -> None:
    bench.timed("floor", BATCH, _floor(bench, tables))
    many = bench.transfers(BATCH, BATCH)
    bench.timed("batch 1000, many partners", BATCH, lambda: bench.post(many))
    hot = bench.transfers(BATCH, 1)
    bench.timed("batch 1000, one hot account", BATCH, lambda: bench.post(hot))
    hundreds = [bench.transfers(100, BATCH) for _ in range(5)]
    bench.timed("batch 100", 500, lambda: [bench.post(batch) for batch in hundreds] and None)
    singles = bench.transfers(SINGLES, BATCH)
    bench.timed("single", SINGLES, lambda: [bench.post([one]) for one in singles] and None)


def _import(bench: Bench) -> None:
    packs = PackLibrary.load()
    amount = Money(amount_minor=100_00, currency="USD")
    for _ in range(3):
        batch = [
            Earning(
                f"i{next(bench.numbers)}",
                f"Q{number % 200}",
                "L1",
                "csp-indirect-reseller",
                Month(2019, 3),
                amount,
            )
            for number in range(500)
        ]

        def act(batch: list[Earning] = batch) -> None:
            with bench.database.write() as tx:
                record_earnings(tx, packs, batch, now=NOW)

        bench.timed("import lines", 500, act)


def _reads(bench: Bench) -> dict[str, dict[str, float]]:
    """Milliseconds of one partner's balances and statement, as the whole ledger grows."""
    found: dict[str, dict[str, float]] = {}
    steady = bench.transfers(10, 1)
    steady = [
        Transfer(one.key, one.kind, *_moved_to("S0", one), one.amount, NOW, one.references) for one in steady
    ]
    bench.post(steady)
    done = 0
    for size in SIZES:
        while done < size:
            bench.post(bench.transfers(BATCH, BATCH))
            done += BATCH
        with bench.database.write() as tx:
            tx.execute(sa.text("ANALYZE"))
        found[f"{size}"] = {
            "balances": _median_ms(bench, balances),
            "statement": _median_ms(bench, _statement),
        }
    return found


def _moved_to(partner: str, one: Transfer) -> tuple[AccountKey, AccountKey]:
    lot = Lot(partner, "L1", "csp-indirect-reseller", PERIOD, "USD")
    return AccountKey(lot, one.source.bucket), AccountKey(lot, one.target.bucket)


def _statement(tx: sa.Connection, *, partner: str) -> Any:
    return statement(tx, partner, period=PERIOD)


def _median_ms(bench: Bench, read: Callable[..., Any]) -> float:
    times = []
    for _ in range(40):
        with bench.database.read() as tx:
            start = time.perf_counter()
            read(tx, partner="S0")
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _ratio(bench: Bench, case: str, to: str) -> float:
    pairs = zip(bench.rates[case], bench.rates[to], strict=True)
    return statistics.median(rate / other for rate, other in pairs)


def measured() -> dict[str, Any]:
    """Run everything on a private server and return ratios, reads and the machine they were taken on."""
    with (
        tempfile.TemporaryDirectory(prefix="coop-bench-ledger-") as folder,
        postgresql(Path(folder)) as server,
    ):
        database = Database(server.url)
        try:
            migrate(database)
            bench = Bench(database)
            tables = _floor_tables(database)
            _round(bench, tables)
            bench.rates.clear()
            for _ in range(ROUNDS):
                _round(bench, tables)
            _import(bench)
            reads = _reads(bench)
        finally:
            database.close()
    return {
        "machine": f"{platform.machine()} {platform.system()}, PostgreSQL {server.version}",
        "batch 1000 to the floor": _ratio(bench, "batch 1000, many partners", "floor"),
        "batch 100 to single posts": _ratio(bench, "batch 100", "single"),
        "one hot account to many partners": _ratio(
            bench, "batch 1000, one hot account", "batch 1000, many partners"
        ),
        "transfers a second": {case: statistics.median(rates) for case, rates in bench.rates.items()},
        "milliseconds of a read, by transfers in the ledger": reads,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measured(), indent=2, default=str) + "\n")
