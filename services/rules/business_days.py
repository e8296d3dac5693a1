"""Business days by a named holiday calendar (R-57 to R-60, C15).

A calendar is `none` (Saturdays and Sundays only), a country such as `US`, a country with a subdivision such as
`US-CA`, or a financial market such as `XNYS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

BUSINESS_DAYS_MAX = 3660
_SATURDAY = 5


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    import holidays  # costs a fifth of a second, and most packs name no calendar

    names = {"none"}
    for country, subdivisions in holidays.list_supported_countries(include_aliases=False).items():
        names.add(country)
        names.update(f"{country}-{subdivision}" for subdivision in subdivisions)
    return frozenset(names | set(holidays.list_supported_financial(include_aliases=False)))


def calendar_name(name: str) -> str:
    """Return the name of a known holiday calendar. Raises ValueError."""
    if name != "none" and name not in _names():
        raise ValueError(
            f"{name!r} is no holiday calendar: use none, a country (US), a part of one (US-CA) or a market (XNYS)"
        )
    return name


@lru_cache(maxsize=512)
def _holidays_of(name: str, year: int) -> frozenset[date]:
    if name == "none":
        return frozenset()
    import holidays

    country, _, subdivision = name.partition("-")
    if country in holidays.list_supported_financial(include_aliases=False):
        return frozenset(holidays.financial_holidays(country, years=year))
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))


@dataclass(frozen=True)
class BusinessCalendar:
    """Which days are business days: Monday to Friday, less the holidays of `name` and of `further`."""

    name: str = "none"
    further: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def of(cls, name: str, further: Iterable[date] = ()) -> "BusinessCalendar":
        """Build one by name. Raises ValueError for an unknown calendar."""
        return cls(calendar_name(name), frozenset(further))

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and day.weekday() < _SATURDAY
            and day not in self.further
            and day not in _holidays_of(self.name, day.year)
        )

    def plus(self, day: date, business_days: int) -> date:
        """The `business_days`-th business day after `day`; 0 gives `day` itself. Raises ValueError beyond the bound."""
        if not 0 <= business_days <= BUSINESS_DAYS_MAX:
            raise ValueError(f"between 0 and {BUSINESS_DAYS_MAX} business days can be counted")
        while business_days:
            day = self.following(day)
            business_days -= 1
        return day

    def following(self, day: date) -> date:
        """The first business day after `day`."""
        day += timedelta(days=1)
        while day not in self:
            day += timedelta(days=1)
        return day

    def preceding(self, day: date) -> date:
        """The last business day before `day`."""
        day -= timedelta(days=1)
        while day not in self:
            day -= timedelta(days=1)
        return day
