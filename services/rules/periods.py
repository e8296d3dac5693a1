"""Earning and usage periods, their labels, and months (R-10, R-11, R-71, C1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.base import Period
from services.rules.pack import RulePack
from services.rules.pack_terms import month_day

_MONTH = re.compile(r"(19[0-9]{2}|2[01][0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; written `2022-04`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `YYYY-MM`. Raises ValueError."""
        if not _MONTH.fullmatch(text):
            raise ValueError(f"{text!r} is not a month: write it as 2022-04")
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month a day lies in."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """The month that many months later (or earlier)."""
        years, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(years, number + 1)

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.plus(1).first_day - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def months_of(period: Period) -> tuple[Month, ...]:
    """Every month that has a day in the period, in order."""

    def walk() -> Iterator[Month]:
        month = Month.of(period.start)
        while month.first_day <= period.end:
            yield month
            month = month.plus(1)

    return tuple(walk())


def plus_months(day: date, months: int) -> date:
    """The same day of the month that many months later; the last of the month where it has no such day."""
    month = Month.of(day).plus(months)
    return min(month.first_day + timedelta(days=day.day - 1), month.last_day)


def _year_start(pack: RulePack, calendar_year: int) -> date:
    month, day = month_day(pack.fiscal_year_start)
    return date(calendar_year, month, day)


def fiscal_year(pack: RulePack, day: date) -> Period:
    """The fiscal (program) year that a day lies in (R-10, R-24)."""
    start = _year_start(pack, day.year)
    if day < start:
        start = _year_start(pack, day.year - 1)
    return Period(start=start, end=plus_months(start, 12) - timedelta(days=1))


def earning_period(pack: RulePack, day: date) -> Period:
    """The earning period that a day lies in (R-10); both ends count (R-11)."""
    start = fiscal_year(pack, day).start
    length = pack.periods.length_months
    while plus_months(start, length) <= day:
        start = plus_months(start, length)
    return Period(start=start, end=plus_months(start, length) - timedelta(days=1))


def following_period(pack: RulePack, period: Period) -> Period:
    """The period that begins the day after `period` ends."""
    return earning_period(pack, period.end + timedelta(days=1))


def preceding_period(pack: RulePack, period: Period) -> Period:
    """The period that ends the day before `period` begins."""
    return earning_period(pack, period.start - timedelta(days=1))


def usage_period(pack: RulePack, earning: Period) -> Period:
    """Where co-op of an earning period is spent (R-10)."""
    if pack.periods.usage_follows == "same_period":
        return earning
    return following_period(pack, earning)


def earning_period_of_usage(pack: RulePack, usage: Period) -> Period:
    """The earning period whose co-op a usage period spends."""
    if pack.periods.usage_follows == "same_period":
        return usage
    return preceding_period(pack, usage)


def is_usage_period(pack: RulePack, period: Period) -> bool:
    """Whether the days are exactly one period of the pack's calendar."""
    return earning_period(pack, period.start) == period


def label(pack: RulePack, period: Period) -> str:
    """The label computed from the dates (C1): FY19H2, FY20Q1, FY20M03 or FY20.

    A fiscal year is named by the year in which it ends.
    """
    year = fiscal_year(pack, period.start)
    name = f"FY{year.end.year % 100:02d}"
    length = pack.periods.length_months
    number, start = 1, plus_months(year.start, length)
    while start <= period.start:
        number, start = number + 1, plus_months(start, length)
    return {1: f"{name}M{number:02d}", 3: f"{name}Q{number}", 6: f"{name}H{number}", 12: name}[length]


def earnings_start(onboarding_completed_on: date) -> date:
    """Earnings start on the first day of the month in which onboarding was completed (R-71)."""
    return Month.of(onboarding_completed_on).first_day
