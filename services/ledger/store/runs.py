"""Runs: what is due when, what a payout run finds, and what it has paid."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.core.accounts import Account, Bucket, Lot
from services.ledger.store.lots import CLAIMABLE, OPEN
from services.ledger.store.posting import account_of, insert_ignoring
from services.ledger.store.tables import (
    accounts,
    earnings,
    jobs,
    lots,
    payment_reports,
    payout_earnings,
    payouts,
    schedules,
    withheld,
)

ADVISORY_LOCK = 0x6C65646765720001
"""Held while runs are worked off, so that several processes do not do the same one."""


@dataclass(frozen=True)
class Schedule:
    """The next payout run of a pack: for which month, on which day, at which instant."""

    pack: str
    month: str
    pay_day: date
    next_payout_at: datetime


@dataclass(frozen=True)
class PayoutRow:
    """What a run pays to a partner's location in a program, of one kind. `of` names claims, months or periods."""

    id: str
    run_at: datetime
    pay_day: date
    partner: str
    location: str
    program: str
    kind: str
    amount: int
    currency: str
    of: tuple[str, ...]


@dataclass(frozen=True)
class DueEarning:
    """An earning that no run has paid."""

    id: str
    lot: Lot
    month: str
    rebate: int


def take_turn(tx: Connection) -> None:
    """Wait until no other process works off runs. SQLite has one writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))


def next_due(tx: Connection) -> datetime | None:
    """Return the earliest instant at which a close, an expiry, a payout run or a forfeiture is due."""
    closes = sa.select(sa.func.min(lots.c.ends_at)).where(lots.c.outcome == OPEN)
    expiries = sa.select(sa.func.min(lots.c.closes_on)).where(
        lots.c.outcome == CLAIMABLE, lots.c.swept_at.is_(None)
    )
    payout_runs = sa.select(sa.func.min(schedules.c.next_payout_at))
    forfeitures = sa.select(sa.func.min(withheld.c.forfeits_at)).where(withheld.c.closed_at.is_(None))
    due = (closes, expiries, payout_runs, forfeitures)
    instants = tx.execute(sa.select(*[one.scalar_subquery() for one in due])).one()
    return min((instant for instant in instants if instant is not None), default=None)


def record_job(tx: Connection, name: str, due_at: datetime, now: datetime) -> bool:
    """Record that a run was done; False when it was recorded before."""
    row = {"name": name, "due_at": due_at, "recorded_at": now}
    return tx.execute(insert_ignoring(tx, jobs).values(**row).returning(jobs.c.name)).first() is not None


def schedule(tx: Connection, pack_id: str) -> Schedule | None:
    """Return the next payout run of a pack."""
    row = tx.execute(sa.select(schedules).where(schedules.c.pack == pack_id)).first()
    return Schedule(row.pack, row.month, row.pay_day, row.next_payout_at) if row is not None else None


def due_schedules(tx: Connection, at: datetime) -> list[Schedule]:
    """Return the payout runs that are due, in a fixed order."""
    chosen = sa.select(schedules).where(schedules.c.next_payout_at <= at).order_by(schedules.c.pack)
    return [Schedule(row.pack, row.month, row.pay_day, row.next_payout_at) for row in tx.execute(chosen)]


def set_schedule(tx: Connection, row: Schedule) -> None:
    """Set the next payout run of a pack."""
    changed = tx.execute(sa.update(schedules).where(schedules.c.pack == row.pack).values(**asdict(row)))
    if changed.rowcount == 0:
        tx.execute(insert_ignoring(tx, schedules).values(**asdict(row)))


def balances_due(tx: Connection) -> list[Account]:
    """Return the accounts that hold something a run may pay or set off."""
    buckets = [
        str(bucket) for bucket in (Bucket.REBATE, Bucket.PAYABLE, Bucket.CARRIED_OVER, Bucket.COOP_CLAIMED)
    ]
    chosen = (
        sa.select(accounts)
        .where(accounts.c.bucket.in_(buckets), accounts.c.posted != 0)
        .order_by(accounts.c.id)
    )
    return [account_of(row) for row in tx.execute(chosen)]


RETURNED = ("failed", "reversed")
"""The reports of a payment system after which a payout's money is due again."""


def returned_payouts() -> sa.Select[tuple[str]]:
    """The payouts whose money came back."""
    return sa.select(payment_reports.c.payout_id).where(payment_reports.c.state.in_(RETURNED))


def earnings_due(tx: Connection, month: str, *, before: datetime | None = None) -> list[DueEarning]:
    """Return the rebates of months up to `month` that no run has paid, in the order of their months.

    `before` leaves out what was recorded at that instant or later.
    """
    paid = sa.select(payout_earnings.c.earning_id).where(
        payout_earnings.c.payout_id.not_in(returned_payouts())
    )
    chosen = (
        sa.select(earnings)
        .where(earnings.c.month <= month, earnings.c.rebate != 0, earnings.c.id.not_in(paid))
        .order_by(earnings.c.month, earnings.c.number)
    )
    if before is not None:
        chosen = chosen.where(earnings.c.recorded_at < before)
    return [
        DueEarning(
            row.id,
            Lot(row.partner, row.location, row.program, row.period, row.currency),
            row.month,
            row.rebate,
        )
        for row in tx.execute(chosen)
    ]


def insert_payouts(tx: Connection, rows: Sequence[PayoutRow]) -> None:
    """Record what a run pays."""
    if rows:
        tx.execute(sa.insert(payouts), [{**asdict(row), "of": list(row.of)} for row in rows])


def link_earnings(tx: Connection, links: Iterable[tuple[str, str]]) -> None:
    """Record which payout paid which earning."""
    rows = [{"earning_id": earning, "payout_id": payout} for earning, payout in links]
    if rows:
        tx.execute(sa.insert(payout_earnings), rows)


def payout(tx: Connection, payout_id: str) -> PayoutRow | None:
    """Return a payout, locked."""
    row = tx.execute(sa.select(payouts).where(payouts.c.id == payout_id).with_for_update()).first()
    return _payout(row) if row is not None else None


def payouts_of(tx: Connection, *, run_from: datetime | None = None) -> list[PayoutRow]:
    """Return payouts in the order of their runs; all, or those of runs at an instant and later."""
    chosen = sa.select(payouts).order_by(payouts.c.run_at, payouts.c.id)
    if run_from is not None:
        chosen = chosen.where(payouts.c.run_at >= run_from)
    return [_payout(row) for row in tx.execute(chosen)]


def _payout(row: Any) -> PayoutRow:
    values = {name: getattr(row, name) for name in PayoutRow.__dataclass_fields__}
    return PayoutRow(**{**values, "of": tuple(row.of)})
