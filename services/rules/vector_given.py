"""What a vector gives: typed access to its values, and the plain form in which answers are compared."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from schemas.base import Period
from schemas.money import Money, decimal_text, minor_units
from services.rules.business_days import BusinessCalendar
from services.rules.pack import RulePack
from services.rules.periods import Month

Answer = dict[str, Any]


class UnsupportedGiven(LookupError):
    """The rule has no function for what the vector gives."""


class Given:
    """The values of one vector. A missing value raises UnsupportedGiven, so that another shape can be tried."""

    def __init__(self, values: Mapping[str, Any], pack: RulePack) -> None:
        self.values = values
        self.pack = pack

    def __contains__(self, name: object) -> bool:
        return name in self.values and self.values[name] is not None  # type: ignore[index]

    def has(self, *names: str) -> bool:
        """Whether all of these are given (null counts as not given)."""
        return all(name in self for name in names)

    def raw(self, name: str) -> Any:
        """The value as it stands."""
        if name not in self.values:
            raise UnsupportedGiven(name)
        return self.values[name]

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        if name not in self and default is not None:
            return default
        return str(self.raw(name))

    @property
    def currency(self) -> str:
        """The currency of the amounts: stated, else that of the program, else that of the pack's first program."""
        if "currency" in self:
            return self.text("currency")
        if "program" in self and self.pack.lists(self.text("program")):
            return self.pack.program(self.text("program")).currency
        return self.pack.programs[0].currency

    def minor(self, name: str) -> int:
        """An amount in minor units."""
        return minor_units(str(self.raw(name)), self.currency)

    def minor_or_none(self, name: str) -> int | None:
        """An amount in minor units, or None where it is not given."""
        return self.minor(name) if name in self else None

    def money(self, name: str, default: str | None = None) -> Money:
        """An amount with its currency."""
        return Money.of(self.text(name, default), self.currency)

    def amount(self, minor: int) -> str:
        """Minor units as a decimal text."""
        return decimal_text(minor, self.currency)

    def day(self, name: str) -> date:
        """A day; of an instant, its day in the zone of the pack."""
        value = self.raw(name)
        if isinstance(value, datetime):
            return self.pack.local_day(value)
        if isinstance(value, date):
            return value
        text = str(value)
        return self.pack.local_day(datetime.fromisoformat(text)) if "T" in text else date.fromisoformat(text)

    def first_day(self, *names: str) -> date:
        """The first of several values that is given."""
        for name in names:
            if name in self:
                return self.day(name)
        raise UnsupportedGiven(names[0])

    def instant(self, name: str) -> datetime:
        """A moment with its zone."""
        value = self.raw(name)
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        if instant.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
        return instant

    def period(self, name: str) -> Period:
        """Two days."""
        value = self.raw(name)
        if isinstance(value, str):
            return Period.parse(value)
        start, end = (date.fromisoformat(str(day)) for day in value)
        return Period(start=start, end=end)

    def by_month(self, name: str) -> dict[Month, int]:
        """Amounts by month."""
        return {
            Month.parse(str(key)): minor_units(str(value), self.currency)
            for key, value in self.raw(name).items()
        }

    @property
    def calendar(self) -> BusinessCalendar:
        """The holiday calendar given; a vector that gives none has none."""
        days = [date.fromisoformat(str(day)) for day in self.values.get("holidays") or ()]
        name = self.values.get("calendar") or self.values.get("holiday_calendar") or "none"
        return BusinessCalendar.of(str(name), days)


Runner = Callable[[Given], Answer]
"""Runs a rule's function on what is given. Raises UnsupportedGiven for a shape it has no function for."""


def plain(value: Any) -> Any:
    """The form in which answers are compared: texts, booleans, null, lists and maps."""
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = [plain(inner) for inner in value]
        return sorted(listed, key=str) if isinstance(value, set | frozenset) else listed
    if isinstance(value, Period):
        return [value.start.isoformat(), value.end.isoformat()]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return str(value)
    return str(value)
