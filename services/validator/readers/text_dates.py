"""Dates as they stand in cells, with every day they can mean.

`05/06/2019` has two readings; other dates of the document in the same style, its language or the vendor's country may
leave one (R-42: never guessed).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from babel import Locale

from services.rules.dates import YEAR_MAX, YEAR_MIN, parse_date
from services.validator.readers.text_layout import Cell, normalized

_LANGUAGES = (
    "en",
    "de",
    "fr",
    "sv",
    "es",
    "it",
    "nl",
    "da",
    "nb",
    "fi",
    "pl",
    "pt",
    "cs",
    "hu",
    "ro",
    "et",
    "lv",
    "lt",
    "sk",
    "sl",
    "hr",
    "ca",
)
_EXTRA_MONTHS = {"sept": 9, "maerz": 3, "jaenner": 1, "janner": 1, "mrz": 3, "fevr": 2, "avr": 4, "juil": 7, "mrt": 3, "okt": 10, "dez": 12, "dic": 12, "ene": 1, "set": 9, "giu": 6, "lug": 7, "ago": 8, "gen": 1}  # fmt: skip
_YEAR = r"(?:(?:19|20)\d{2})"
_ISO = re.compile(rf"(?<![\d.,/-])({_YEAR})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?!\d|[.,/]\d)")
_NUMERIC = re.compile(
    rf"(?<!\d)(?<!\d[.,/:])(\d{{1,2}})(\s?[./-]\s?)(\d{{1,2}})\2({_YEAR}|\d{{2}})(?![\d:]|[.,/]\d)"
)
_WORD = r"([^\W\d_]{3,12})"
_DAY_FIRST = re.compile(
    rf"(?<![\d.,/])(\d{{1,2}})(?:st|nd|rd|th|er|re|º|ª|°|:?e|\.)?[\s-]*(?:de\s|of\s|d['’])?[\s/-]*{_WORD}\.?\s?,?[\s/-]*(?:de\s|del\s|de\sl['’])?\s*['’]?({_YEAR}|\d{{2}})(?!\d|[.,]\d)",
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_]){_WORD}\.?[\s/-]*(\d{{1,2}})(?:st|nd|rd|th)?\s?,?[\s/-]+\s?({_YEAR})(?!\d)", re.I
)
_HUNGARIAN = re.compile(rf"(?<!\d)({_YEAR})\.\s(\d{{1,2}})\.\s(\d{{1,2}})\.?(?!\d)")
_COMPACT = re.compile(r"[\s:.]*(((?:19|20)\d{2})(\d{2})(\d{2}))(?!\d)")
_TIME_BEHIND = re.compile(r"\s*,?\s*(?:zeit|time|kl|um|at|a las|à)?[:.]?\s*\d{1,2}:\d{2}", re.I)


class Days(NamedTuple):
    """One date of a cell and the days it can mean, each with the order (dmy, mdy, ymd, name) that reads it so."""

    cell: Cell
    start: int
    end: int
    raw: str
    ordered: tuple[tuple[str, date], ...]
    separator: str
    with_time: bool

    @property
    def readings(self) -> tuple[date, ...]:
        """The days it can mean, each once."""
        return tuple(dict.fromkeys(day for _, day in self.ordered))

    @property
    def order(self) -> str | None:
        """The one order that reads it; None when several do."""
        return self.ordered[0][0] if len(self.ordered) == 1 else None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    plain = normalized(name)
                    if len(plain) >= 3 and not plain.isdigit():
                        names.setdefault(plain, number)
    names.update(_EXTRA_MONTHS)
    return names


def month_number(name: str) -> int | None:
    """1 to 12 for a month's name or abbreviation in any language of the reader."""
    return _months().get(normalized(name))


def dates_of(cell: Cell) -> list[Days]:
    """All dates of a cell from the left."""
    text = cell.text
    found: list[Days] = []
    if sum(character.isdigit() for character in text) < 3:
        return found
    for match in _ISO.finditer(text):
        _add(found, cell, match, [("ymd", _day(match[1], match[3], match[4]))], match[2])
    for match in _HUNGARIAN.finditer(text):
        _add(found, cell, match, [("ymd", _day(match[1], match[2], match[3]))], ".")
    for match in _NUMERIC.finditer(text):
        _add(found, cell, match, _numeric_orders(match), match[2].strip())
    for pattern, month_group, day_group in ((_DAY_FIRST, 2, 1), (_MONTH_FIRST, 1, 2)):
        for match in pattern.finditer(text):
            month = month_number(match[month_group])
            if month:
                _add(found, cell, match, [("name", _day(match[3], str(month), match[day_group]))], "name")
    return sorted(found, key=lambda days: days.start)


def compact_date(cell: Cell, start: int, end: int) -> Days | None:
    """A date written as eight digits, year first, that opens a part of a cell."""
    match = _COMPACT.match(cell.text, start, end)
    day = _day(match[2], match[3], match[4]) if match else None
    if match is None or day is None:
        return None
    return Days(cell, match.start(1), match.end(1), match[1], (("ymd", day),), "", False)


def _numeric_orders(match: re.Match[str]) -> list[tuple[str, date | None]]:
    """Every order whose day is one of those that the strict reading of the text allows."""
    first, second, third = match[1], match[3], match[4]
    reading = parse_date(re.sub(r"\s", "", match.group()))
    allowed = {reading.value, *reading.candidates}
    orders = (
        ("dmy", _day(third, second, first)),
        ("mdy", _day(third, first, second)),
        ("ymd", _day(first, second, third)),
    )
    return [(order, day) for order, day in orders if day in allowed]


def _add(
    found: list[Days],
    cell: Cell,
    match: re.Match[str],
    orders: Iterable[tuple[str, date | None]],
    separator: str,
) -> None:
    start, end = match.span()
    if any(start < other.end and other.start < end for other in found):
        return
    ordered = tuple((order, day) for order, day in orders if day is not None)
    if ordered:
        with_time = _TIME_BEHIND.match(cell.text, end) is not None
        found.append(Days(cell, start, end, match.group(), ordered, separator, with_time))


def _day(year: str, month: str, day: str) -> date | None:
    full = int(year) if len(year) == 4 else 2000 + int(year)
    try:
        return date(full, int(month), int(day)) if YEAR_MIN <= full <= YEAR_MAX else None
    except ValueError:
        return None


def day_order(found: Iterable[Days], language: str | None, territory: str | None) -> dict[str, str]:
    """For each separator, `dmy` or `mdy` where the document leaves no doubt.

    Dates that can only be read one way decide for their separator, then for the others; failing these, a language
    whose writers all put the day first, or the vendor's country.
    """
    seen: dict[str, set[str]] = {}
    for days in found:
        if days.separator in "/-" and len(days.readings) == 1 and days.order in ("dmy", "mdy"):
            seen.setdefault(days.separator, set()).add(days.order)
    orders = {separator: next(iter(kinds)) for separator, kinds in seen.items() if len(kinds) == 1}
    everything = set().union(*seen.values()) if seen else set()
    for separator in "/-":
        if separator in seen:
            continue
        if len(everything) == 1:
            orders[separator] = next(iter(everything))
        elif not everything and (usual := _usual_order(language, territory)):
            orders[separator] = usual
    return orders


_MONTH_FIRST_TERRITORIES = frozenset({"US"})
_DAY_FIRST_TERRITORIES = frozenset(
    [
        "GB",
        "IE",
        "AU",
        "NZ",
        "IN",
        "ZA",
        "FR",
        "DE",
        "AT",
        "CH",
        "IT",
        "ES",
        "PT",
        "NL",
        "BE",
        "LU",
        "DK",
        "NO",
        "FI",
        "PL",
        "SG",
        "MX",
        "BR",
        "AR",
    ]
)
_DAY_FIRST_LANGUAGES = frozenset(
    [
        "de",
        "fr",
        "es",
        "it",
        "nl",
        "da",
        "nb",
        "fi",
        "pl",
        "pt",
        "cs",
        "ro",
        "sk",
        "sl",
        "hr",
        "et",
        "lv",
        "ca",
    ]
)


def _usual_order(language: str | None, territory: str | None) -> str | None:
    if territory in _MONTH_FIRST_TERRITORIES and language in (None, "en"):
        return "mdy"
    if territory in _DAY_FIRST_TERRITORIES or language in _DAY_FIRST_LANGUAGES:
        return "dmy"
    return None


def settled(days: Days, orders: dict[str, str], bounds: tuple[date, date] | None) -> Days:
    """The date with the readings that remain under the document's order and the bounds (both ends included)."""
    ordered = days.ordered
    if len(days.readings) > 1:
        usual = orders.get(days.separator)
        ordered = tuple(each for each in ordered if each[0] == usual) or ordered
    if bounds and len({day for _, day in ordered}) > 1:
        ordered = tuple(each for each in ordered if bounds[0] <= each[1] <= bounds[1]) or ordered
    return days._replace(ordered=ordered)


_BETWEEN = re.compile(
    r"^\s*(?:-|–|—|bis(?: zum)?|to|until|through|thru|au|a|al|t/m|tot|till|t\.o\.m\.?|til|do|and|und|e|\.\.\.?)\s*$",
    re.I,
)


def service_period(
    cells: Iterable[Cell], dates: dict[int, list[Days]], orders: dict[str, str]
) -> list[tuple[str, Days, date]]:
    """Start and end of the one period the document names; empty when it names none or several."""
    found: dict[tuple[date, date], tuple[Days, Days]] = {}
    for cell in cells:
        here = dates[id(cell)]
        for first, second in pairwise(here):
            if not _BETWEEN.match(cell.text[first.end : second.start]):
                continue
            days = settled(first, orders, None).readings, settled(second, orders, None).readings
            if len(days[0]) == 1 and len(days[1]) == 1 and days[0][0] <= days[1][0]:
                found.setdefault((days[0][0], days[1][0]), (first, second))
    if len(found) != 1:
        return []
    ((start, end), (first, second)), *_ = found.items()
    return [("service_period_start", first, start), ("service_period_end", second, end)]
