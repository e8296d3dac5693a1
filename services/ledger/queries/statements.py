"""Statements with running balances, and payouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.money import Money
from services.ledger.core.accounts import Bucket
from services.ledger.store import payments
from services.ledger.store.tables import accounts, entries, payouts, transfers


@dataclass(frozen=True)
class StatementLine:
    """One entry of an account: what moved, why, and the balance after it."""

    location: str
    program: str
    period: str
    bucket: str
    sequence: int
    transfer_id: str
    kind: str
    amount: Money
    balance_after: Money
    effective_on: datetime
    recorded_at: datetime
    references: dict[str, str]


def statement(
    tx: Connection,
    partner: str,
    *,
    period: str | None = None,
    as_of: datetime | None = None,
    location: str | None = None,
    program: str | None = None,
) -> list[StatementLine]:
    """Return a partner's entries in the order of accounts and sequences, as they were recorded up to `as_of`.

    Corrections stand under the period they correct and carry the instant they were recorded at (R-20).
    """
    chosen = (
        sa.select(
            accounts.c.location,
            accounts.c.program,
            accounts.c.period,
            accounts.c.bucket,
            accounts.c.currency,
            entries,
            transfers.c.kind,
            transfers.c.effective_on,
            transfers.c.recorded_at,
            transfers.c.references,
        )
        .join(entries, entries.c.account == accounts.c.id)
        .join(transfers, transfers.c.id == entries.c.transfer_id)
        .where(accounts.c.partner == partner, accounts.c.bucket != str(Bucket.SOURCE))
    )
    for name, value in (("period", period), ("location", location), ("program", program)):
        if value is not None:
            chosen = chosen.where(accounts.c[name] == value)
    if as_of is not None:
        chosen = chosen.where(transfers.c.recorded_at <= as_of)
    return [
        StatementLine(
            location=row.location,
            program=row.program,
            period=row.period,
            bucket=row.bucket,
            sequence=row.sequence,
            transfer_id=row.transfer_id,
            kind=row.kind,
            amount=Money(amount_minor=row.amount, currency=row.currency),
            balance_after=Money(amount_minor=row.balance_after, currency=row.currency),
            effective_on=row.effective_on,
            recorded_at=row.recorded_at,
            references=row.references,
        )
        for row in tx.execute(chosen.order_by(accounts.c.id, entries.c.sequence))
    ]


@dataclass(frozen=True)
class Payout:
    """What was paid on a pay day, and what for: `of` names claims, months or earning periods."""

    id: str
    on: date
    partner: str
    location: str
    program: str
    kind: str
    amount: Money
    of: tuple[str, ...]


def _payout(row: Any) -> Payout:
    return Payout(
        row.id,
        row.pay_day,
        row.partner,
        row.location,
        row.program,
        row.kind,
        Money(amount_minor=row.amount, currency=row.currency),
        tuple(row.of),
    )


def payout_list(
    tx: Connection, *, partner: str | None = None, after: tuple[date, str] | None = None, rows_max: int = 200
) -> list[Payout]:
    """Return payouts in the order of their pay days, behind (pay day, id)."""
    chosen = sa.select(payouts)
    if partner is not None:
        chosen = chosen.where(payouts.c.partner == partner)
    if after is not None:
        day, payout_id = after
        later = sa.and_(payouts.c.pay_day == day, payouts.c.id > payout_id)
        chosen = chosen.where(sa.or_(payouts.c.pay_day > day, later))
    return [
        _payout(row) for row in tx.execute(chosen.order_by(payouts.c.pay_day, payouts.c.id).limit(rows_max))
    ]


def payout(tx: Connection, payout_id: str) -> Payout | None:
    """Return one payout."""
    row = tx.execute(sa.select(payouts).where(payouts.c.id == payout_id)).first()
    return _payout(row) if row is not None else None


def payment_states(tx: Connection, payout_ids: Sequence[str]) -> dict[str, str]:
    """Return what payment systems said last of payouts; nothing for those of which nothing was said."""
    return payments.last_states(tx, payout_ids)
