"""Payments after their release: what payment systems report, whose profile is complete, what is withheld (R-69)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.store.posting import insert_ignoring
from services.ledger.store.tables import payment_reports, profiles, transfers, withheld


@dataclass(frozen=True)
class Report:
    """What a payment system said of a payout: `sent`, `failed` or `reversed`."""

    payout_id: str
    number: int
    state: str
    reference: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True)
class Withheld:
    """A run that would have paid a payee whose profile was incomplete."""

    partner: str
    location: str
    program: str
    currency: str
    run_at: datetime
    pack: str
    month: str
    pay_day: date
    forfeits_at: datetime | None


@dataclass(frozen=True)
class Paid:
    """A transfer of a payout, and how much of it no other transfer gave back."""

    id: str
    kind: str
    source: str
    target: str
    amount: int
    references: dict[str, str]


def reports(tx: Connection, payout_id: str) -> list[Report]:
    """Return what was reported of a payout, in order."""
    chosen = sa.select(payment_reports).where(payment_reports.c.payout_id == payout_id)
    return [_report(row) for row in tx.execute(chosen.order_by(payment_reports.c.number))]


def last_states(tx: Connection, payout_ids: Sequence[str]) -> dict[str, str]:
    """Return the state reported last of each payout that has one."""
    chosen = sa.select(payment_reports).where(payment_reports.c.payout_id.in_(payout_ids))
    rows = tx.execute(chosen.order_by(payment_reports.c.payout_id, payment_reports.c.number))
    return {row.payout_id: row.state for row in rows}


def _report(row: Any) -> Report:
    return Report(**{name: getattr(row, name) for name in Report.__dataclass_fields__})


def add_report(tx: Connection, row: Report) -> None:
    """Record a report."""
    tx.execute(sa.insert(payment_reports).values(**asdict(row)))


def transfers_of(tx: Connection, partner: str, run_at: datetime, payout_id: str) -> list[Paid]:
    """Return the transfers that a payout made at its run."""
    chosen = sa.select(transfers).where(
        transfers.c.partner == partner,
        transfers.c.effective_on == run_at,
        transfers.c.kind.in_(("payout_paid", "payout_set_off")),
    )
    return [
        _paid(row)
        for row in tx.execute(chosen.order_by(transfers.c.id))
        if row.references.get("payout") == payout_id
    ]


def corrections_of(tx: Connection, transfer_id: str) -> list[Paid]:
    """Return the transfers that gave back a part of another."""
    chosen = sa.select(transfers).where(transfers.c.corrects == transfer_id)
    return [_paid(row) for row in tx.execute(chosen.order_by(transfers.c.id))]


def _paid(row: Any) -> Paid:
    return Paid(row.id, row.kind, row.source, row.target, row.amount, row.references)


def is_complete(tx: Connection, partner: str) -> bool:
    """Whether a partner's profile is complete; it is until somebody says otherwise."""
    chosen = sa.select(profiles.c.complete).where(profiles.c.partner == partner)
    row = tx.execute(chosen.order_by(profiles.c.number.desc()).limit(1)).first()
    return row is None or bool(row.complete)


def incomplete(tx: Connection) -> set[str]:
    """Return the partners whose profile is incomplete."""
    rows = tx.execute(sa.select(profiles).order_by(profiles.c.partner, profiles.c.number))
    return {
        partner for partner, complete in {row.partner: row.complete for row in rows}.items() if not complete
    }


def add_profile(tx: Connection, partner: str, *, complete: bool, now: datetime) -> None:
    """Record that a profile has become complete or incomplete."""
    last = sa.select(sa.func.coalesce(sa.func.max(profiles.c.number), 0)).where(profiles.c.partner == partner)
    number = int(tx.execute(last).scalar_one()) + 1
    tx.execute(sa.insert(profiles).values(partner=partner, number=number, complete=complete, recorded_at=now))


def withhold(tx: Connection, rows: Iterable[Withheld]) -> None:
    """Record what a run did not pay."""
    plain = [{**asdict(row), "closed_at": None} for row in rows]
    if plain:
        tx.execute(insert_ignoring(tx, withheld), plain)


def forfeiting(tx: Connection, at: datetime) -> list[Withheld]:
    """Return what is forfeited at an instant, in the order of its runs."""
    chosen = sa.select(withheld).where(withheld.c.closed_at.is_(None), withheld.c.forfeits_at <= at)
    order = [withheld.c[name] for name in ("run_at", "partner", "location", "program", "currency")]
    return [_withheld(row) for row in tx.execute(chosen.order_by(*order))]


def open_withheld(tx: Connection, partner: str | None = None) -> list[Withheld]:
    """Return what is withheld now."""
    chosen = sa.select(withheld).where(withheld.c.closed_at.is_(None))
    if partner is not None:
        chosen = chosen.where(withheld.c.partner == partner)
    order = [withheld.c[name] for name in ("run_at", "partner", "location", "program", "currency")]
    return [_withheld(row) for row in tx.execute(chosen.order_by(*order))]


def _withheld(row: Any) -> Withheld:
    return Withheld(**{name: getattr(row, name) for name in Withheld.__dataclass_fields__})


def close(tx: Connection, row: Withheld, now: datetime) -> None:
    """Record that nothing is withheld of a run any more."""
    names = ("partner", "location", "program", "currency", "run_at")
    where = [withheld.c[name] == getattr(row, name) for name in names]
    tx.execute(sa.update(withheld).where(*where).values(closed_at=now))


def release_withheld(tx: Connection, partner: str, now: datetime) -> None:
    """Record that nothing is withheld of a partner any more."""
    tx.execute(
        sa.update(withheld)
        .where(withheld.c.partner == partner, withheld.c.closed_at.is_(None))
        .values(closed_at=now)
    )
