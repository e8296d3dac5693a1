"""Balances by bucket, what can still be claimed, and the trial balance."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.money import Money
from services.ledger.core.accounts import Bucket
from services.ledger.store.lots import CLAIMABLE
from services.ledger.store.tables import accounts, claims, earnings, lots


@dataclass(frozen=True)
class BalanceRow:
    """What sits in one bucket of one lot."""

    partner: str
    location: str
    program: str
    period: str
    bucket: str
    amount: Money


def balances(
    tx: Connection,
    *,
    partner: str | None = None,
    location: str | None = None,
    program: str | None = None,
    period: str | None = None,
) -> list[BalanceRow]:
    """Return the non-zero balances, sorted; the program owner's own side is not among them."""
    names = ("partner", "location", "program", "period", "bucket")
    columns = [accounts.c[name] for name in names]
    total = sa.func.sum(accounts.c.posted).label("total")
    chosen = sa.select(*columns, accounts.c.currency, total).where(accounts.c.bucket != str(Bucket.SOURCE))
    for name, value in (
        ("partner", partner),
        ("location", location),
        ("program", program),
        ("period", period),
    ):
        if value is not None:
            chosen = chosen.where(accounts.c[name] == value)
    grouped = chosen.group_by(*columns, accounts.c.currency).order_by(*columns, accounts.c.currency)
    return [
        BalanceRow(
            partner=row.partner,
            location=row.location,
            program=row.program,
            period=row.period,
            bucket=row.bucket,
            amount=Money(amount_minor=int(row.total), currency=row.currency),
        )
        for row in tx.execute(grouped)
        if row.total
    ]


@dataclass(frozen=True)
class Funds:
    """Co-op of one usage period (R-41): remaining = earned - claimed; available is what no claim holds either."""

    partner: str
    location: str
    program: str
    usage_period: str
    earning_period: str
    earned: Money
    claimed: Money
    reserved: Money
    expired: Money
    remaining: Money
    available: Money
    opens_on: datetime
    closes_on: datetime


def funds(
    tx: Connection,
    *,
    partner: str | None = None,
    location: str | None = None,
    program: str | None = None,
    usage_period: str | None = None,
) -> list[Funds]:
    """Return the claimable funds by usage period; periods that were paid as rebate have none."""
    names = ("partner", "location", "program", "period", "currency")
    chosen = sa.select(lots).where(lots.c.outcome == CLAIMABLE)
    given = (
        ("partner", partner),
        ("location", location),
        ("program", program),
        ("usage_period", usage_period),
    )
    for name, value in given:
        if value is not None:
            chosen = chosen.where(lots.c[name] == value)
    found = []
    for lot in tx.execute(chosen.order_by(*[lots.c[name] for name in names])):
        same = [getattr(lot, name) for name in names]
        earned = _sum(
            tx, earnings.c.coop, [earnings.c[name] == value for name, value in zip(names, same, strict=True)]
        )
        claimed = _sum(
            tx, claims.c.approved, [claims.c[name] == value for name, value in zip(names, same, strict=True)]
        )
        posted = {
            row.bucket: row.posted
            for row in tx.execute(
                sa.select(accounts.c.bucket, accounts.c.posted).where(
                    *[accounts.c[name] == value for name, value in zip(names, same, strict=True)]
                )
            )
        }
        found.append(_funds(lot, earned, claimed, posted))
    return found


def _sum(tx: Connection, column: sa.Column[int], where: list[sa.ColumnElement[bool]]) -> int:
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(*where)).scalar_one())


def _funds(lot: sa.Row[tuple[object, ...]], earned: int, claimed: int, posted: dict[str, int]) -> Funds:
    def money(minor: int) -> Money:
        return Money(amount_minor=minor, currency=lot.currency)

    return Funds(
        partner=lot.partner,
        location=lot.location,
        program=lot.program,
        usage_period=lot.usage_period,
        earning_period=lot.period,
        earned=money(earned),
        claimed=money(claimed),
        reserved=money(posted.get(str(Bucket.COOP_RESERVED), 0)),
        expired=money(posted.get(str(Bucket.EXPIRED), 0)),
        remaining=money(earned - claimed),
        available=money(posted.get(str(Bucket.COOP_AVAILABLE), 0)),
        opens_on=lot.opens_on,
        closes_on=lot.closes_on,
    )


def trial_balance(tx: Connection) -> dict[str, dict[str, Money]]:
    """Return the sum of every bucket by currency, the program owner's side included: each currency adds up to zero."""
    total = sa.func.sum(accounts.c.posted).label("total")
    chosen = sa.select(accounts.c.currency, accounts.c.bucket, total).group_by(
        accounts.c.currency, accounts.c.bucket
    )
    found: dict[str, dict[str, Money]] = {}
    for row in tx.execute(chosen.order_by(accounts.c.currency, accounts.c.bucket)):
        money = Money(amount_minor=int(row.total), currency=row.currency)
        found.setdefault(row.currency, {})[row.bucket] = money
    return found
