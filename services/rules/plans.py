"""Plans: payment up to the limit, what lies over it, dates and uniqueness (R-22 to R-29, C21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from schemas.base import Period
from services.rules.pack_terms import LimitScope, OverLimit, PlanRules
from services.rules.periods import Month


@dataclass(frozen=True)
class MonthlyPayout:
    """What a month pays and what lies over the limit, in minor units; together they are what was due."""

    paid_minor: int
    over_minor: int


def monthly_payout(due_minor: int, limit_minor: int) -> MonthlyPayout:
    """The smaller of what is due and the limit (R-27). A negative sum pays nothing and stays due."""
    paid = max(0, min(due_minor, limit_minor))
    return MonthlyPayout(paid, due_minor - paid)


@dataclass(frozen=True)
class PlanMonth:
    """One month of a plan in minor units: brought forward + earned = paid + carried + forfeited."""

    month: Month
    brought_minor: int
    earned_minor: int
    paid_minor: int
    carried_minor: int
    forfeited_minor: int


def limit_in_month(changes: Sequence[tuple[Month, int]], month: Month) -> int:
    """The limit that counts in a month (R-29): of the changes recorded before it, the last; never backwards.

    The first entry is the approved limit and counts from its own month on.
    """
    if not changes:
        raise ValueError("a plan has a limit")
    limit = changes[0][1]
    for recorded_in, changed in changes[1:]:
        if recorded_in < month:
            limit = changed
    return limit


def plan_payouts(
    earned: Mapping[Month, int],
    limits: Mapping[Month, int] | int,
    *,
    over_limit: OverLimit = OverLimit.CARRY_FORWARD,
    limit_scope: LimitScope = LimitScope.MONTH,
) -> tuple[PlanMonth, ...]:
    """Every month from the first to the last earning, in order (R-27, R-28).

    `limits` is one limit for all months, or a limit by month that holds until the next one named. With scope `plan`
    all payments together stay within the limit. A negative sum is carried whatever the policy: it is a debt.
    """
    if not earned:
        return ()
    months: list[PlanMonth] = []
    brought = paid_so_far = 0
    month, last = min(earned), max(earned)
    while month <= last:
        due = brought + earned.get(month, 0)
        limit = limits if isinstance(limits, int) else _named_limit(limits, month)
        room = limit - paid_so_far if limit_scope is LimitScope.PLAN else limit
        payout = monthly_payout(due, max(room, 0))
        forfeited = max(payout.over_minor, 0) if over_limit is OverLimit.FORFEIT else 0
        carried = payout.over_minor - forfeited
        months.append(PlanMonth(month, brought, earned.get(month, 0), payout.paid_minor, carried, forfeited))
        paid_so_far += payout.paid_minor
        brought, month = carried, month.plus(1)
    return tuple(months)


def _named_limit(limits: Mapping[Month, int], month: Month) -> int:
    named = [start for start in limits if start <= month]
    return limits[max(named)] if named else 0


class PlanSubmission(StrEnum):
    """Whether a plan came in time."""

    ACCEPTED = "ACCEPTED"
    REJECTED_LATE = "REJECTED_LATE"


@dataclass(frozen=True)
class PlanDates:
    """The last days, both counting, for the first submission and for corrections of it (R-24, C9, C10)."""

    submit_by: date
    resubmit_by: date


def plan_dates(rules: PlanRules, program_year_end: date) -> PlanDates:
    """The last days of a program year."""
    further = timedelta(days=rules.resubmit_by.program_year_end_plus_days)
    return PlanDates(program_year_end, program_year_end + further)


def plan_submission(
    rules: PlanRules, program_year_end: date, first_submitted: date, resubmitted: date | None = None
) -> PlanSubmission:
    """Whether a plan, and its correction if there is one, came in time. A late first submission cannot be mended."""
    dates = plan_dates(rules, program_year_end)
    late = first_submitted > dates.submit_by or (resubmitted is not None and resubmitted > dates.resubmit_by)
    return PlanSubmission.REJECTED_LATE if late else PlanSubmission.ACCEPTED


@dataclass(frozen=True)
class PlanKey:
    """What makes a plan the same plan (R-23)."""

    partner_id: str
    fund: str
    program: str
    period: str


class PlanConflict(StrEnum):
    """How a new plan clashes with one that exists."""

    NONE = "ACCEPTED"
    DUPLICATE = "DUPLICATE_PLAN"
    SECOND_FOR_FUND = "SECOND_PLAN_FOR_FUND"


def plan_conflict(
    rules: PlanRules,
    existing: Sequence[PlanKey],
    new: PlanKey,
    program_years: Mapping[str, Period] | None = None,
) -> PlanConflict:
    """The worst clash of a new plan with those that exist (R-23, C8).

    `program_years` gives the program year of a period; without it a period is its own year. Whether a second plan for
    a fund type is refused or only told is the pack's `one_per_fund_type_and_program_year`.
    """
    years = program_years or {}

    def same(key: PlanKey) -> bool:
        return all(getattr(key, name) == getattr(new, name) for name in rules.unique)

    def same_fund(key: PlanKey) -> bool:
        return (key.partner_id, key.fund, years.get(key.period, key.period)) == (
            new.partner_id,
            new.fund,
            years.get(new.period, new.period),
        )

    if any(same(key) for key in existing):
        return PlanConflict.DUPLICATE
    if rules.one_per_fund_type_and_program_year != "off" and any(same_fund(key) for key in existing):
        return PlanConflict.SECOND_FOR_FUND
    return PlanConflict.NONE
