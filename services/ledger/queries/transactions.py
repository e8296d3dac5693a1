"""The transaction table: every part of every earning, with its state and the payment that holds it (R-67, R-73, R-75)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.handlers.terms import Packs, pack_named
from services.ledger.store import payments
from services.ledger.store.tables import earnings, payout_earnings, payouts, withheld
from services.rules.paydays import payday
from services.rules.periods import Month

MONTHS_PRESETS = (3, 6, 12, 36)
MONTHS_DEFAULT = 12


@dataclass(frozen=True)
class Transaction:
    """One part of an earning: `rebate`, `coop` or `plan`. Co-op and plan parts are paid in sums: they name no payment.

    `status` is `unprocessed` before the month's pay day, `upcoming` when it is due, `on_hold` for want of a profile,
    `in_progress`, `sent`, `failed` or `reversed` for what a payout holds, and `posted` for what has no payment of its own.
    """

    earning_id: str
    partner: str
    location: str
    program: str
    month: str
    earning_type: str
    fund: str
    amount: int
    currency: str
    status: str
    payment_id: str
    paid_on: date | None
    estimated_on: date | None
    corrects: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Wanted:
    """The filters of R-73; empty means all. `first_month` and `last_month` both count."""

    first_month: str
    last_month: str
    partner: str = ""
    location: str = ""
    program: str = ""
    payment_id: str = ""
    earning_type: str = ""
    status: str = ""


def transactions(tx: Connection, packs: Packs, wanted: Wanted, *, now: datetime) -> list[Transaction]:
    """Return what fits, by month and in the order recorded."""
    chosen = sa.select(earnings).where(
        earnings.c.month >= wanted.first_month, earnings.c.month <= wanted.last_month
    )
    for name in ("partner", "location", "program"):
        if getattr(wanted, name):
            chosen = chosen.where(earnings.c[name] == getattr(wanted, name))
    if wanted.payment_id:
        linked = sa.select(payout_earnings.c.earning_id).where(
            payout_earnings.c.payout_id == wanted.payment_id
        )
        chosen = chosen.where(earnings.c.id.in_(linked))
    rows = tx.execute(chosen.order_by(earnings.c.month, earnings.c.number)).all()
    paid = _payments(tx, wanted)
    held = {
        (row.partner, row.location, row.program, row.currency): row.month
        for row in tx.execute(
            sa.select(withheld).where(withheld.c.closed_at.is_(None)).order_by(withheld.c.month)
        )
    }
    found = [
        part
        for row in rows
        for part in _parts(
            row,
            packs,
            paid.get(row.id),
            held.get((row.partner, row.location, row.program, row.currency)),
            now,
        )
    ]
    return [
        part
        for part in found
        if wanted.earning_type in ("", part.earning_type) and wanted.status in ("", part.status)
    ]


def _payments(tx: Connection, wanted: Wanted) -> dict[str, tuple[str, date, str]]:
    """The payment that holds each earning's rebate: the last one, with its day and state."""
    chosen = (
        sa.select(payout_earnings.c.earning_id, payouts.c.id, payouts.c.pay_day)
        .join(payouts, payouts.c.id == payout_earnings.c.payout_id)
        .join(earnings, earnings.c.id == payout_earnings.c.earning_id)
        .where(earnings.c.month >= wanted.first_month, earnings.c.month <= wanted.last_month)
    )
    if wanted.partner:
        chosen = chosen.where(payouts.c.partner == wanted.partner)
    rows = tx.execute(chosen.order_by(payouts.c.run_at, payouts.c.id)).all()
    states: Mapping[str, str] = payments.last_states(tx, sorted({row.id for row in rows}))
    return {row.earning_id: (row.id, row.pay_day, states.get(row.id, "in_progress")) for row in rows}


def _parts(
    row: Any, packs: Packs, paid: tuple[str, date, str] | None, held_month: str | None, now: datetime
) -> list[Transaction]:
    pack = pack_named(packs, row.pack)
    due = payday(pack, Month.parse(row.month))
    parts = []
    for earning_type, amount in (("rebate", row.rebate), ("coop", row.coop), ("plan", row.payable)):
        if amount == 0:
            continue
        payment = paid if earning_type == "rebate" else None
        if payment is not None:
            status = payment[2]
        elif earning_type == "coop":
            status = "posted"
        elif held_month is not None and row.month <= held_month:
            status = "on_hold"
        elif pack.local_day(now) < due:
            status = "unprocessed" if row.month >= str(Month.of(pack.local_day(now))) else "upcoming"
        else:
            status = "upcoming" if earning_type == "rebate" else "posted"
        parts.append(
            Transaction(
                earning_id=row.id,
                partner=row.partner,
                location=row.location,
                program=row.program,
                month=row.month,
                earning_type=earning_type,
                fund=row.fund,
                amount=amount,
                currency=row.currency,
                status=status,
                payment_id=payment[0] if payment is not None else "",
                paid_on=payment[1] if payment is not None else None,
                estimated_on=None if earning_type == "coop" else due,
                corrects=row.corrects or "",
                reason=row.reason,
                recorded_at=row.recorded_at,
            )
        )
    return parts
