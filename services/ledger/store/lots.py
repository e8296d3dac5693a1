"""Lots and their earnings: what was earned by whom, for which period, and what became of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.core.accounts import Account, AccountKey, Bucket, Lot
from services.ledger.core.closing import Conversion, ExpiryTaken
from services.ledger.store.posting import account_of, insert_ignoring
from services.ledger.store.tables import accounts, earnings, lots, transfers

OPEN, CLAIMABLE, CONVERTED, PLAN = "open", "claimable", "converted", "plan"


@dataclass(frozen=True)
class LotRow:
    """A lot with the pack that decides about it, its dates, and its outcome at the close."""

    lot: Lot
    pack: str
    plan_program: bool
    ends_at: datetime
    usage_period: str | None = None
    opens_on: datetime | None = None
    closes_on: datetime | None = None
    outcome: str = OPEN
    swept_at: datetime | None = None


@dataclass(frozen=True)
class EarningRow:
    """An earning as booked: its parts add up to its amount."""

    id: str
    lot: Lot
    month: str
    fund: str
    amount: int
    rebate: int
    coop: int
    payable: int
    pack: str
    corrects: str | None
    reason: str
    inputs_sha256: str
    recorded_at: datetime
    number: int


def _lot(row: Any) -> Lot:
    return Lot(row.partner, row.location, row.program, row.period, row.currency)


def _lot_row(row: Any) -> LotRow:
    return LotRow(
        _lot(row),
        row.pack,
        row.plan_program,
        row.ends_at,
        row.usage_period,
        row.opens_on,
        row.closes_on,
        row.outcome,
        row.swept_at,
    )


def _is_lot(table: sa.Table, lot: Lot) -> sa.ColumnElement[bool]:
    return sa.and_(*[table.c[name] == value for name, value in asdict(lot).items()])


def keep(tx: Connection, wanted: Iterable[LotRow]) -> list[LotRow]:
    """Make lots that are missing; lock all in sorted order and return them as they stand.

    A lot that is still open takes the pack and the dates given last.
    """
    by_lot = {row.lot: row for row in wanted}
    if not by_lot:
        return []
    rows = [_values(row) for _, row in sorted(by_lot.items())]
    tx.execute(insert_ignoring(tx, lots), rows)
    found = []
    for standing in _locked(tx, by_lot):
        row = by_lot[standing.lot]
        if (
            standing.pack != row.pack
            and standing.outcome in (OPEN, PLAN)
            and standing.plan_program == row.plan_program
        ):
            tx.execute(sa.update(lots).where(_is_lot(lots, row.lot)).values(**_values(row)))
            standing = row
        found.append(standing)
    return found


def _locked(tx: Connection, wanted: Collection[Lot]) -> list[LotRow]:
    partners = sorted({lot.partner for lot in wanted})
    periods = sorted({lot.period for lot in wanted})
    order = [lots.c[name] for name in ("partner", "location", "program", "period", "currency")]
    found: list[LotRow] = []
    for start in range(0, len(partners), 500):
        chosen = sa.select(lots).where(
            lots.c.partner.in_(partners[start : start + 500]), lots.c.period.in_(periods)
        )
        rows = tx.execute(chosen.order_by(*order).with_for_update())
        found += [row for row in map(_lot_row, rows) if row.lot in wanted]
    return found


def _values(row: LotRow) -> dict[str, Any]:
    return {
        **asdict(row.lot),
        **{name: value for name, value in asdict(row).items() if name != "lot"},
    }


def decide(tx: Connection, lot: Lot, outcome: str) -> None:
    """Record what became of a lot at its close."""
    tx.execute(sa.update(lots).where(_is_lot(lots, lot)).values(outcome=outcome))


def mark_swept(tx: Connection, lot: Lot, at: datetime) -> None:
    """Record that the expiry run has taken what was free."""
    tx.execute(sa.update(lots).where(_is_lot(lots, lot)).values(swept_at=at))


def group(tx: Connection, partner: str, program: str, period: str, currency: str) -> list[LotRow]:
    """Return the lots of all locations of a partner in a program and period, locked in sorted order."""
    chosen = sa.select(lots).where(
        lots.c.partner == partner,
        lots.c.program == program,
        lots.c.period == period,
        lots.c.currency == currency,
    )
    return [_lot_row(row) for row in tx.execute(chosen.order_by(lots.c.location).with_for_update())]


def ended(tx: Connection, at: datetime) -> list[LotRow]:
    """Return the open lots whose earning period has ended."""
    chosen = sa.select(lots).where(lots.c.outcome == OPEN, lots.c.ends_at <= at)
    return [_lot_row(row) for row in tx.execute(chosen)]


def unswept(tx: Connection, at: datetime) -> list[LotRow]:
    """Return the claimable lots whose window has closed and which no expiry run has seen, locked."""
    chosen = sa.select(lots).where(
        lots.c.outcome == CLAIMABLE, lots.c.closes_on <= at, lots.c.swept_at.is_(None)
    )
    order = (lots.c.partner, lots.c.location, lots.c.program, lots.c.period, lots.c.currency)
    return [_lot_row(row) for row in tx.execute(chosen.order_by(*order).with_for_update())]


def for_usage(tx: Connection, partner: str, program: str, usage_period: str) -> list[LotRow]:
    """Return the lots of all locations whose funds are for a usage period, locked in sorted order."""
    chosen = sa.select(lots).where(
        lots.c.partner == partner, lots.c.program == program, lots.c.usage_period == usage_period
    )
    order = (lots.c.location, lots.c.period, lots.c.currency)
    return [_lot_row(row) for row in tx.execute(chosen.order_by(*order).with_for_update())]


def of_partners(tx: Connection, partners: Iterable[str]) -> list[LotRow]:
    """Return all lots of the partners, in the order of their periods."""
    chosen = sa.select(lots).where(lots.c.partner.in_(sorted(set(partners)))).order_by(lots.c.period)
    return [_lot_row(row) for row in tx.execute(chosen)]


def coop_earned(tx: Connection, partner: str, program: str, period: str, currency: str) -> dict[str, int]:
    """Return the co-op earned by each location of a partner in a program and period."""
    chosen = (
        sa.select(earnings.c.location, sa.func.sum(earnings.c.coop))
        .where(
            earnings.c.partner == partner,
            earnings.c.program == program,
            earnings.c.period == period,
            earnings.c.currency == currency,
        )
        .group_by(earnings.c.location)
    )
    return {location: int(total) for location, total in tx.execute(chosen)}


def month_totals(tx: Connection, months: Iterable[tuple[Lot, str]]) -> dict[tuple[Lot, str], int]:
    """Return what was earned so far in each month of each lot."""
    wanted = set(months)
    if not wanted:
        return {}
    columns = [earnings.c[name] for name in ("partner", "location", "program", "period", "currency")]
    chosen = (
        sa.select(*columns, earnings.c.month, sa.func.sum(earnings.c.amount).label("total"))
        .where(
            earnings.c.partner.in_(sorted({lot.partner for lot, _ in wanted})),
            earnings.c.month.in_(sorted({month for _, month in wanted})),
        )
        .group_by(*columns, earnings.c.month)
    )
    return {(_lot(row), row.month): int(row.total) for row in tx.execute(chosen)}


def earning(tx: Connection, earning_id: str) -> EarningRow | None:
    """Return an earning by its id."""
    row = tx.execute(sa.select(earnings).where(earnings.c.id == earning_id)).first()
    return _earning(row) if row is not None else None


def _earning(row: Any) -> EarningRow:
    return EarningRow(
        id=row.id,
        lot=_lot(row),
        month=row.month,
        fund=row.fund,
        amount=row.amount,
        rebate=row.rebate,
        coop=row.coop,
        payable=row.payable,
        pack=row.pack,
        corrects=row.corrects,
        reason=row.reason,
        inputs_sha256=row.inputs_sha256,
        recorded_at=row.recorded_at,
        number=row.number,
    )


def earning_hashes(tx: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the input hashes of the earnings that are recorded already."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        chosen = sa.select(earnings.c.id, earnings.c.inputs_sha256).where(
            earnings.c.id.in_(ids[start : start + 500])
        )
        found |= {row.id: row.inputs_sha256 for row in tx.execute(chosen)}
    return found


def earning_corrections(tx: Connection, earning_id: str) -> int:
    """Return the sum of all corrections of an earning, signed."""
    chosen = sa.select(sa.func.coalesce(sa.func.sum(earnings.c.amount), 0)).where(
        earnings.c.corrects == earning_id
    )
    return int(tx.execute(chosen).scalar_one())


def last_earning_number(tx: Connection) -> int:
    """Return the number of the earning recorded last."""
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(earnings.c.number), 0))).scalar_one())


def insert_earnings(tx: Connection, rows: Sequence[EarningRow]) -> None:
    """Record earnings with one statement."""
    if rows:
        names = [name for name in EarningRow.__dataclass_fields__ if name != "lot"]
        plain = [{**asdict(row.lot), **{name: getattr(row, name) for name in names}} for row in rows]
        tx.execute(sa.insert(earnings), plain)


def earnings_of(
    tx: Connection, partner: str, location: str, program: str, period: str | None = None
) -> list[EarningRow]:
    """Return earnings in the order recorded."""
    chosen = sa.select(earnings).where(
        earnings.c.partner == partner, earnings.c.location == location, earnings.c.program == program
    )
    if period is not None:
        chosen = chosen.where(earnings.c.period == period)
    return [_earning(row) for row in tx.execute(chosen.order_by(earnings.c.number))]


def account(tx: Connection, key: AccountKey) -> Account | None:
    """Return an account as it stands."""
    row = tx.execute(sa.select(accounts).where(accounts.c.id == key.id)).first()
    return account_of(row) if row is not None else None


def balance(tx: Connection, key: AccountKey) -> int:
    """Return what is free on an account; 0 when it was never used."""
    found = account(tx, key)
    return found.available if found else 0


def conversions(tx: Connection, lot: Lot) -> list[Conversion]:
    """Return the lot's conversions with what was not yet turned back, newest first."""
    source = AccountKey(lot, Bucket.COOP_ACCRUING).id
    return [Conversion(name, left) for name, left in _uncorrected(tx, source, "coop_converted")]


def expiries(tx: Connection, lot: Lot) -> list[ExpiryTaken]:
    """Return what expiry runs took from the lot and was not yet posted back, newest first."""
    source = AccountKey(lot, Bucket.COOP_AVAILABLE).id
    return [ExpiryTaken(name, left) for name, left in _uncorrected(tx, source, "funds_expired")]


def _uncorrected(tx: Connection, source: str, kind: str) -> list[tuple[str, int]]:
    back = transfers.alias()
    corrected = (
        sa.select(sa.func.coalesce(sa.func.sum(back.c.amount), 0))
        .where(back.c.corrects == transfers.c.id)
        .scalar_subquery()
    )
    chosen = (
        sa.select(transfers.c.id, (transfers.c.amount - corrected).label("open"))
        .where(transfers.c.source == source, transfers.c.kind == kind)
        .order_by(transfers.c.recorded_at.desc(), transfers.c.id)
    )
    return [(row.id, int(row.open)) for row in tx.execute(chosen) if row.open > 0]
