"""By which day a person answers (R-57, R-58): counted in business days, and standing still while the partner acts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.rules.business_days import BUSINESS_DAYS_MAX, BusinessCalendar
from services.rules.clocks import service_due_on
from services.rules.pack import RulePack
from services.rules.windows import midnight

REVIEW = "review"
DISPUTE = "dispute"


@dataclass(frozen=True)
class Due:
    """The last day in time, and the instant (UTC) at which it ends in the zone of the pack."""

    on: date
    at: datetime


def review_due(pack: RulePack, started_at: datetime) -> Due | None:
    """By when a claim received at `started_at` is reviewed (R-57); None where the pack promises no day."""
    return _due(pack, service_due_on(pack, REVIEW, pack.local_day(started_at)))


def dispute_due(pack: RulePack, started_at: datetime) -> Due | None:
    """By when a dispute is answered (R-58); a pack without such a clock promises what it promises for a review."""
    day = pack.local_day(started_at)
    return _due(pack, service_due_on(pack, DISPUTE, day) or service_due_on(pack, REVIEW, day))


def due_after_pause(pack: RulePack, due_on: date, asked_at: datetime, resumed_at: datetime) -> Due:
    """The due day moved by the business days that lay with the partner: as many are left as when it was asked."""
    calendar = _calendar(pack)
    paused = business_days_between(calendar, pack.local_day(asked_at), pack.local_day(resumed_at))
    moved = calendar.plus(due_on, min(paused, BUSINESS_DAYS_MAX))
    return Due(moved, midnight(moved + timedelta(days=1), pack.zone))


def days_left(pack: RulePack, due_on: date, now: datetime) -> int:
    """Business days until the due day; 0 on it, negative when business days have passed since."""
    today = pack.local_day(now)
    calendar = _calendar(pack)
    if today <= due_on:
        return business_days_between(calendar, today, due_on)
    return -business_days_between(calendar, due_on, today)


def business_days_between(calendar: BusinessCalendar, after: date, until: date) -> int:
    """How many business days lie after `after` and not after `until`; 0 when `until` is not later."""
    days = (until - after).days
    return sum(1 for step in range(1, days + 1) if after + timedelta(days=step) in calendar)


def _calendar(pack: RulePack) -> BusinessCalendar:
    return BusinessCalendar.of(pack.holiday_calendar)


def _due(pack: RulePack, due_on: date | None) -> Due | None:
    return None if due_on is None else Due(due_on, midnight(due_on + timedelta(days=1), pack.zone))
