"""Approved plans and their limits: only an approved plan pays, and a raise counts from the next month (R-26, R-29)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.money import Money
from services.ledger.core.posting import digest
from services.ledger.core.refusals import (
    AmountNotPositive,
    ContentDiffers,
    CurrencyMismatch,
    PlanDuplicate,
    PlanUnknown,
)
from services.ledger.handlers.jobs import catch_up, schedule_payouts
from services.ledger.handlers.terms import Packs, local_month, pack_in_force, pack_named, program_id
from services.ledger.store import plans as store
from services.ledger.store.plans import PlanRow
from services.rules.periods import Month


@dataclass(frozen=True)
class Plan:
    """An approved plan: its limit counts in every month from `first_month` to `last_month`."""

    plan: str
    partner: str
    location: str
    program: str
    fund: str
    first_month: Month
    last_month: Month
    limit: Money
    pack: str | None = None


def approve_plan(tx: Connection, packs: Packs, plan: Plan, *, now: datetime) -> bool:
    """Record an approved plan; False for a repeat. Raises Refused."""
    catch_up(tx, packs, now=now)
    pack = (
        pack_named(packs, plan.pack)
        if plan.pack
        else pack_in_force(packs, plan.program, plan.last_month.first_day)
    )
    program = program_id(pack, plan.program)
    if plan.limit.amount_minor < 0:
        raise AmountNotPositive(f"the limit of plan {plan.plan} is below zero")
    row = PlanRow(
        plan=plan.plan,
        partner=plan.partner,
        location=plan.location,
        program=program,
        fund=plan.fund,
        first_month=str(plan.first_month),
        last_month=str(plan.last_month),
        currency=plan.limit.currency,
        pack=pack.id,
        inputs_sha256=digest(
            [
                plan.partner,
                plan.location,
                program,
                plan.fund,
                str(plan.first_month),
                str(plan.last_month),
                str(plan.limit),
            ]
        ),
        recorded_at=now,
    )
    before = store.plan(tx, plan.plan)
    if before is not None:
        if before.inputs_sha256 != row.inputs_sha256:
            raise ContentDiffers(f"plan {plan.plan}")
        return False
    twin = store.same_key(tx, row)
    if twin is not None:
        raise PlanDuplicate(f"plan {twin.plan} is for the same partner, location, fund, program and period")
    store.insert(tx, row)
    store.add_limit(tx, plan.plan, from_month=row.first_month, limit=plan.limit.amount_minor, now=now)
    schedule_payouts(tx, pack, now=now)
    return True


def set_limit(
    tx: Connection, packs: Packs, plan: str, limit: Money, *, recorded_at: datetime, now: datetime
) -> str:
    """Record a changed limit; it counts from the month after it was recorded, never backwards (R-29).

    Returns the first month it counts in. Raises PlanUnknown, CurrencyMismatch.
    """
    catch_up(tx, packs, now=now)
    row = store.plan(tx, plan)
    if row is None:
        raise PlanUnknown(f"no approved plan {plan} is known; approve it before its limit is changed")
    if limit.currency != row.currency:
        raise CurrencyMismatch(f"plan {plan} is in {row.currency}; set its limit in {row.currency}")
    if limit.amount_minor < 0:
        raise AmountNotPositive(f"the limit of plan {plan} is below zero")
    from_month = str(local_month(pack_named(packs, row.pack), recorded_at).plus(1))
    standing = store.limits(tx, plan)
    if standing[-1] != (from_month, limit.amount_minor):
        store.add_limit(tx, plan, from_month=from_month, limit=limit.amount_minor, now=recorded_at)
    return from_month


def currency_of(tx: Connection, plan: str) -> str:
    """The currency of a plan. Raises PlanUnknown."""
    row = store.plan(tx, plan)
    if row is None:
        raise PlanUnknown(f"no approved plan {plan} is known")
    return row.currency
