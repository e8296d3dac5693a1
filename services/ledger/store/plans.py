"""Approved plans, their limits by month, and what was paid against each limit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.store.posting import insert_ignoring
from services.ledger.store.tables import plan_limits, plan_usage, plans


@dataclass(frozen=True)
class PlanRow:
    """An approved plan: whose, for which fund and months, judged by which pack."""

    plan: str
    partner: str
    location: str
    program: str
    fund: str
    first_month: str
    last_month: str
    currency: str
    pack: str
    inputs_sha256: str
    recorded_at: datetime


def _row(row: Any) -> PlanRow:
    return PlanRow(**{name: getattr(row, name) for name in PlanRow.__dataclass_fields__})


def plan(tx: Connection, plan_id: str) -> PlanRow | None:
    """Return a plan, locked."""
    row = tx.execute(sa.select(plans).where(plans.c.plan == plan_id).with_for_update()).first()
    return _row(row) if row is not None else None


def same_key(tx: Connection, row: PlanRow) -> PlanRow | None:
    """Return another plan of the same partner, location, fund, program and period (R-23)."""
    columns = ("partner", "location", "program", "fund", "first_month", "last_month")
    found = tx.execute(
        sa.select(plans).where(*[plans.c[name] == getattr(row, name) for name in columns])
    ).first()
    return _row(found) if found is not None else None


def insert(tx: Connection, row: PlanRow) -> None:
    """Record an approved plan."""
    tx.execute(sa.insert(plans).values(**asdict(row)))


def of_owner(tx: Connection, partner: str, location: str, program: str, currency: str) -> list[PlanRow]:
    """Return the plans of a partner's location in a program, in the order approved."""
    chosen = sa.select(plans).where(
        plans.c.partner == partner,
        plans.c.location == location,
        plans.c.program == program,
        plans.c.currency == currency,
    )
    return [_row(row) for row in tx.execute(chosen.order_by(plans.c.recorded_at, plans.c.plan))]


def limits(tx: Connection, plan_id: str) -> list[tuple[str, int]]:
    """Return (first month, limit) of a plan, in the order recorded."""
    chosen = sa.select(plan_limits.c.from_month, plan_limits.c.limit).where(plan_limits.c.plan == plan_id)
    return [(row.from_month, row.limit) for row in tx.execute(chosen.order_by(plan_limits.c.number))]


def add_limit(tx: Connection, plan_id: str, *, from_month: str, limit: int, now: datetime) -> None:
    """Record a limit that counts from a month on."""
    number = len(limits(tx, plan_id)) + 1
    tx.execute(
        sa.insert(plan_limits).values(
            plan=plan_id, number=number, from_month=from_month, limit=limit, recorded_at=now
        )
    )


def last_limit_recorded_at(tx: Connection, plan_id: str) -> datetime | None:
    """Return when the limit was last set."""
    chosen = sa.select(sa.func.max(plan_limits.c.recorded_at)).where(plan_limits.c.plan == plan_id)
    found: datetime | None = tx.execute(chosen).scalar_one()
    return found


def limit_left(tx: Connection, plan_id: str, month: str, cap: int) -> int:
    """Make or adjust the row of a limit and return what is left of it, locked.

    A limit that was lowered below what was paid stays at what was paid.
    """
    tx.execute(insert_ignoring(tx, plan_usage), [{"plan": plan_id, "month": month, "cap": cap, "paid": 0}])
    row = tx.execute(
        sa.select(plan_usage)
        .where(plan_usage.c.plan == plan_id, plan_usage.c.month == month)
        .with_for_update()
    ).one()
    effective = max(cap, row.paid)
    if effective != row.cap:
        tx.execute(
            sa.update(plan_usage)
            .where(plan_usage.c.plan == plan_id, plan_usage.c.month == month)
            .values(cap=effective)
        )
    return int(effective - row.paid)


def count_paid(tx: Connection, rows: Sequence[tuple[str, str, int]]) -> None:
    """Add (plan, month, amount) to what was paid. The database refuses what crosses the limit."""
    for plan_id, month, amount in rows:
        tx.execute(
            sa.update(plan_usage)
            .where(plan_usage.c.plan == plan_id, plan_usage.c.month == month)
            .values(paid=plan_usage.c.paid + amount)
        )
