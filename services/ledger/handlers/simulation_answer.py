"""The answer of a what-if: what was paid, where every cent sits, what was refused, and the events."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.money import decimal_text
from services.ledger.core.accounts import Bucket
from services.ledger.store import feed
from services.ledger.store.tables import accounts, payouts


@dataclass(frozen=True)
class SimulationAnswer:
    """JSON-ready lists; amounts are decimal texts, balances are the non-zero ones in sorted order."""

    payouts: list[dict[str, Any]]
    balances: list[dict[str, str]]
    refused: list[dict[str, Any]]
    events: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """The answer as one JSON document."""
        return asdict(self)


def answer(tx: Connection, written: Mapping[str, str], refused: list[dict[str, Any]]) -> SimulationAnswer:
    """Read the answer out of the ledger; a program is called what the timeline called it first."""
    return SimulationAnswer(_payouts(tx, written), _balances(tx, written), refused, _events(tx))


def _payouts(tx: Connection, written: Mapping[str, str]) -> list[dict[str, Any]]:
    order = (
        payouts.c.run_at,
        payouts.c.partner,
        payouts.c.location,
        payouts.c.program,
        payouts.c.kind,
        payouts.c.of,
    )
    return [payout_told(row, written) for row in tx.execute(sa.select(payouts).order_by(*order))]


def payout_told(row: Any, written: Mapping[str, str]) -> dict[str, Any]:
    """A payout as the answer tells it."""
    return {
        "on": row.pay_day.isoformat(),
        "partner": row.partner,
        "location": row.location,
        "program": written.get(row.program, row.program),
        "kind": row.kind,
        "amount": decimal_text(row.amount, row.currency),
        "currency": row.currency,
        "of": list(row.of),
    }


def _balances(tx: Connection, written: Mapping[str, str]) -> list[dict[str, str]]:
    names = ("partner", "location", "program", "period", "bucket", "currency")
    columns = [accounts.c[name] for name in names]
    total = sa.func.sum(accounts.c.posted).label("total")
    chosen = sa.select(*columns, total).where(accounts.c.bucket != str(Bucket.SOURCE)).group_by(*columns)
    rows = [row for row in tx.execute(chosen) if row.total != 0]
    found = [
        {
            **{name: getattr(row, name) for name in names},
            "program": written.get(row.program, row.program),
            "amount": decimal_text(int(row.total), row.currency),
        }
        for row in rows
    ]
    return sorted(found, key=lambda balance: [balance[name] for name in names])


def _events(tx: Connection) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = feed.after(tx, len(found), feed.BATCH_ROWS)
        found += [event.event for event in page]
        if len(page) < feed.BATCH_ROWS:
            return found
