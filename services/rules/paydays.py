"""The day on which a month is paid (R-27, C15)."""

from datetime import date

from services.rules.business_days import BusinessCalendar
from services.rules.pack import RulePack
from services.rules.pack_terms import Payday, Roll
from services.rules.periods import Month

_MONTHS_LATER = {"same_month": 0, "next_month": 1, "month_after_next": 2}


def rolled(day: date, roll: Roll, calendar: BusinessCalendar) -> date:
    """The day itself where it is a business day or nothing rolls, else the next or the previous business day."""
    if roll is Roll.NONE or day in calendar:
        return day
    return calendar.following(day) if roll is Roll.NEXT_BUSINESS_DAY else calendar.preceding(day)


def payday_by(rule: Payday, month: Month, calendar: BusinessCalendar) -> date:
    """The pay day of a month by one rule and one calendar."""
    paid_in = month.plus(_MONTHS_LATER[rule.of])
    day = paid_in.last_day if rule.day == "last" else paid_in.first_day.replace(day=rule.day)
    return rolled(day, rule.roll, calendar)


def payday(pack: RulePack, month: Month) -> date:
    """The pay day of what was earned in `month` (R-27: the 15th of the following month)."""
    return payday_by(pack.payday, month, BusinessCalendar.of(pack.holiday_calendar))
