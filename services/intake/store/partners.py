"""Statements over partners, their locations and enrollments, and plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.base import Period
from schemas.money import Money
from services.intake.store.scope import Triples, within
from services.intake.store.tables import enrollments, locations, partners, plan_limits, plans


@dataclass(frozen=True)
class Enrollment:
    """A location of a partner in a program."""

    partner_id: str
    partner_name: str
    aliases: tuple[str, ...]
    location: str
    location_name: str
    program: str
    onboarded_on: date


@dataclass(frozen=True)
class Plan:
    """An approved plan with the limit recorded last."""

    plan: str
    partner_id: str
    location: str
    program: str
    fund: str
    period: Period
    limit: Money
    approved_at: datetime


_ENROLLED = (
    sa.select(
        enrollments.c.partner_id,
        partners.c.name.label("partner_name"),
        partners.c.aliases,
        enrollments.c.location,
        locations.c.name.label("location_name"),
        enrollments.c.program,
        enrollments.c.onboarded_on,
    )
    .join(partners, partners.c.partner_id == enrollments.c.partner_id)
    .join(
        locations,
        sa.and_(
            locations.c.partner_id == enrollments.c.partner_id, locations.c.location == enrollments.c.location
        ),
    )
)


def _enrollment(row: Any) -> Enrollment:
    return Enrollment(
        row.partner_id,
        row.partner_name,
        tuple(row.aliases),
        row.location,
        row.location_name,
        row.program,
        row.onboarded_on,
    )


def enrollment(tx: Connection, partner_id: str, location: str, program: str) -> Enrollment | None:
    """Return the enrollment, or None."""
    row = tx.execute(
        _ENROLLED.where(
            enrollments.c.partner_id == partner_id,
            enrollments.c.location == location,
            enrollments.c.program == program,
        )
    ).first()
    return None if row is None else _enrollment(row)


def enrolled(
    tx: Connection,
    scopes: Triples,
    *,
    after: tuple[str, str, str] | None,
    rows: int,
    partner_id: str | None = None,
) -> list[Enrollment]:
    """Return enrollments within `scopes` in the order of their key, from behind `after`."""
    key = (enrollments.c.partner_id, enrollments.c.location, enrollments.c.program)
    chosen = _ENROLLED.where(within(enrollments, scopes)).order_by(*key).limit(rows)
    if partner_id is not None:
        chosen = chosen.where(enrollments.c.partner_id == partner_id)
    if after is not None:
        chosen = chosen.where(sa.tuple_(*key) > sa.tuple_(*map(sa.literal, after)))
    return [_enrollment(row) for row in tx.execute(chosen)]


def partner(tx: Connection, partner_id: str) -> tuple[str, tuple[str, ...]] | None:
    """Return name and aliases of a partner, or None."""
    row = tx.execute(
        sa.select(partners.c.name, partners.c.aliases).where(partners.c.partner_id == partner_id)
    ).first()
    return None if row is None else (row.name, tuple(row.aliases))


def enrollments_of(tx: Connection, partner_id: str) -> list[Enrollment]:
    """Return every enrollment of a partner."""
    return [_enrollment(row) for row in tx.execute(_ENROLLED.where(enrollments.c.partner_id == partner_id))]


def put_partner(tx: Connection, partner_id: str, name: str, aliases: Sequence[str], now: datetime) -> None:
    """Record a partner or replace its name and aliases."""
    values = {"name": name, "aliases": sorted(set(aliases))}
    if partner(tx, partner_id) is None:
        tx.execute(sa.insert(partners).values(partner_id=partner_id, recorded_at=now, **values))
    else:
        tx.execute(sa.update(partners).where(partners.c.partner_id == partner_id).values(**values))


def put_location(tx: Connection, partner_id: str, location: str, name: str) -> None:
    """Record a location or replace its name."""
    here = sa.and_(locations.c.partner_id == partner_id, locations.c.location == location)
    if tx.execute(sa.select(locations.c.name).where(here)).first() is None:
        tx.execute(sa.insert(locations).values(partner_id=partner_id, location=location, name=name))
    else:
        tx.execute(sa.update(locations).where(here).values(name=name))


def put_enrollment(
    tx: Connection, partner_id: str, location: str, program: str, onboarded_on: date, now: datetime
) -> None:
    """Record an enrollment or replace its day of onboarding."""
    here = sa.and_(
        enrollments.c.partner_id == partner_id,
        enrollments.c.location == location,
        enrollments.c.program == program,
    )
    if tx.execute(sa.select(enrollments.c.program).where(here)).first() is None:
        row = {"partner_id": partner_id, "location": location, "program": program, "enrolled_at": now}
        tx.execute(sa.insert(enrollments).values(onboarded_on=onboarded_on, **row))
    else:
        tx.execute(sa.update(enrollments).where(here).values(onboarded_on=onboarded_on))


def _plan(row: Any) -> Plan:
    return Plan(
        row.plan,
        row.partner_id,
        row.location,
        row.program,
        row.fund,
        Period(start=row.period_start, end=row.period_end),
        Money(amount_minor=row.limit_minor, currency=row.currency),
        row.approved_at,
    )


def plan(tx: Connection, name: str, *, lock: bool = False) -> Plan | None:
    """Return a plan, or None. `lock` keeps other writers off it until the transaction ends."""
    chosen = sa.select(plans).where(plans.c.plan == name)
    row = tx.execute(chosen.with_for_update() if lock else chosen).first()
    return None if row is None else _plan(row)


def plan_with_key(tx: Connection, wanted: Plan) -> Plan | None:
    """Return the plan of the same partner, location, fund, program and period (R-23), or None."""
    row = tx.execute(
        sa.select(plans).where(
            plans.c.partner_id == wanted.partner_id,
            plans.c.location == wanted.location,
            plans.c.fund == wanted.fund,
            plans.c.program == wanted.program,
            plans.c.period_start == wanted.period.start,
            plans.c.period_end == wanted.period.end,
        )
    ).first()
    return None if row is None else _plan(row)


def listed_plans(tx: Connection, scopes: Triples, *, after: str | None, rows: int) -> list[Plan]:
    """Return plans within `scopes` by name, from behind `after`."""
    chosen = sa.select(plans).where(within(plans, scopes)).order_by(plans.c.plan).limit(rows)
    if after is not None:
        chosen = chosen.where(plans.c.plan > after)
    return [_plan(row) for row in tx.execute(chosen)]


def add_plan(tx: Connection, fresh: Plan, actor: str) -> None:
    """Record an approved plan with its first limit."""
    tx.execute(
        sa.insert(plans).values(
            plan=fresh.plan,
            partner_id=fresh.partner_id,
            location=fresh.location,
            program=fresh.program,
            fund=fresh.fund,
            period_start=fresh.period.start,
            period_end=fresh.period.end,
            currency=fresh.limit.currency,
            limit_minor=fresh.limit.amount_minor,
            approved_at=fresh.approved_at,
        )
    )
    _add_limit(tx, fresh.plan, fresh.limit, fresh.approved_at, actor)


def set_plan_limit(tx: Connection, name: str, limit: Money, recorded_at: datetime, actor: str) -> None:
    """Record a new limit; the earlier ones stay in their history."""
    tx.execute(sa.update(plans).where(plans.c.plan == name).values(limit_minor=limit.amount_minor))
    _add_limit(tx, name, limit, recorded_at, actor)


def _add_limit(tx: Connection, name: str, limit: Money, recorded_at: datetime, actor: str) -> None:
    row = {"plan": name, "recorded_at": recorded_at, "recorded_by": actor}
    tx.execute(sa.insert(plan_limits).values(limit_minor=limit.amount_minor, **row))
