"""Service clocks: by which day something is done, and how long originals are kept (R-57 to R-61, C13 to C15)."""

from datetime import date, timedelta

from services.rules.business_days import BusinessCalendar
from services.rules.pack import RulePack
from services.rules.pack_terms import SlaClock
from services.rules.periods import Month, plus_months


def due_on(clock: SlaClock, started_on: date, calendar: BusinessCalendar) -> date | None:
    """The last day in time, counted from the day on which it began; None where nothing is promised."""
    if clock.business_days is not None:
        return calendar.plus(started_on, clock.business_days)
    if clock.days is not None:
        return started_on + timedelta(days=clock.days)
    if clock.end_of is not None:
        return Month.of(started_on).plus(1 if clock.end_of == "month_after_submission" else 0).last_day
    return None


def service_due_on(pack: RulePack, service: str, started_on: date) -> date | None:
    """The due day of a service of the pack (`review`, `dispute`, `payment` …); None where it promises no day."""
    clock = {str(name): clock for name, clock in pack.sla.items()}.get(service)
    if clock is None:
        return None
    return due_on(clock, started_on, BusinessCalendar.of(pack.holiday_calendar))


def keep_originals_until(pack: RulePack, activity_end: date) -> date | None:
    """The last day on which originals must still be there (R-61); None where the pack says nothing."""
    if pack.retention is None:
        return None
    return plus_months(activity_end, pack.retention.months_after_activity)
