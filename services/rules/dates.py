"""Reading days from text, strictly and never guessed (R-42 for days).

A text has a day only if one reading is left; with several it is AMBIGUOUS and carries the candidates.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from babel import Locale
from babel.dates import get_day_names, get_month_names

from schemas.base import Period

TEXT_CHARS_MAX = 80
YEAR_MIN, YEAR_MAX = 1990, 2099
_CENTURY = 2000

MONTH_LANGUAGES = ("en", "de", "sv", "fr", "es", "it", "nl", "pt", "da", "nb", "fi", "pl")
_MONTH_FIRST_TERRITORIES = frozenset({"US", "PH", "FM", "PR", "GU"})
_SMALL_WORDS = frozenset(
    {
        "den",
        "the",
        "of",
        "le",
        "de",
        "del",
        "do",
        "da",
        "el",
        "il",
        "am",
        "vom",
        "på",
        "ce",
        "dnia",
        "r",
        "kl",
        "to",
    }
)
_TIME = re.compile(
    r"[t, ]+\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?$"
)
_ORDINAL = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er|re|ère|:a|:e|º|ª|°)$")
_ISO_WEEKLESS = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2}) ?([-./]) ?(\d{1,2})(?: ?([-./]) ?| )(\d{4}|\d{2})")


class DateStatus(StrEnum):
    """What a text says about a day."""

    OK = "OK"
    AMBIGUOUS = "AMBIGUOUS"
    EMPTY = "EMPTY"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class DateReading:
    """`value` only when OK; `candidates`, in order of time, only when AMBIGUOUS."""

    status: DateStatus
    value: date | None = None
    candidates: tuple[date, ...] = ()


_UNREADABLE = DateReading(DateStatus.UNREADABLE)


def _plain_word(word: str) -> str:
    """Folded, without points; marks stay, so that fi `maalis` and pl `sierpień` keep apart from others."""
    return unicodedata.normalize("NFC", word).casefold().strip(".,;:()")


@lru_cache(maxsize=1)
def _months_by_word() -> dict[str, dict[str, int]]:
    """Month names and abbreviations: word -> language -> month."""
    found: dict[str, dict[str, int]] = {}
    for language in MONTH_LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    for spelled in {_plain_word(name), _without_marks(_plain_word(name))}:
                        if not spelled.isdigit():
                            found.setdefault(spelled, {})[language] = number
    # English papers also write Sept; French ones write the months of four letters in full.
    found.setdefault("sept", {})["en"] = 9
    return found


@lru_cache(maxsize=1)
def _weekdays() -> frozenset[str]:
    words: set[str] = set()
    for language in MONTH_LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for name in get_day_names(width, context, language).values():
                    for part in (name, *name.split("-")):
                        words.update({_plain_word(part), _without_marks(_plain_word(part))})
    return frozenset(words)


def _without_marks(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


def _months_of(word: str, language: str | None) -> frozenset[int]:
    languages = _months_by_word().get(_plain_word(word)) or _months_by_word().get(
        _without_marks(_plain_word(word))
    )
    if not languages:
        return frozenset()
    if language in languages:
        return frozenset({languages[language]})
    return frozenset(languages.values())


def _day(year: int, month: int, day: int) -> date | None:
    if not YEAR_MIN <= year <= YEAR_MAX:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str) -> int:
    return int(text) + (_CENTURY if len(text) == 2 else 0)


def _territory(locale: str | None) -> tuple[str | None, str | None]:
    if not locale:
        return None, None
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (ValueError, LookupError):
        return None, None
    return parsed.language, parsed.territory


def _numeric(text: str, locale: str | None) -> set[date] | None:
    """The days that digits and separators can mean; None when the text is of another shape."""
    iso = _ISO_WEEKLESS.fullmatch(text) or _COMPACT.fullmatch(text)
    if iso:
        year, *_, month, day = iso.groups()
        return _existing([(int(year), int(month), int(day))])
    numeric = _NUMERIC.fullmatch(text)
    if numeric is None:
        return None
    first, sign, second, later_sign, third = numeric.groups()
    one, two = int(first), int(second)
    if later_sign not in {sign, None} and (sign, later_sign) != ("/", "-"):
        return None
    language, territory = _territory(locale)
    day_first, month_first = (_year(third), two, one), (_year(third), one, two)
    if sign == "." or later_sign is None or later_sign != sign:
        orders = [day_first]
    elif territory in _MONTH_FIRST_TERRITORIES:
        orders = [month_first] if _existing([month_first]) else [day_first]
    elif language is not None and (language != "en" or territory is not None):
        orders = [day_first] if _existing([day_first]) else [month_first]
    else:
        orders = [day_first, month_first]
    if len(third) == 2:
        year_first = (_CENTURY + one, two, int(third))
        if sign == "-" and len(first) == 2:
            # 20-02-14 begins with the year in Sweden, and may do so anywhere.
            orders = [*orders, year_first]
    return _existing(orders)


def _existing(orders: Iterable[tuple[int, int, int]]) -> set[date]:
    return {found for order in orders if (found := _day(*order)) is not None}


def _worded(text: str, locale: str | None) -> set[date]:
    """The days that words and numbers mean: exactly one month, one day and one year, with weekday and small words."""
    language, _ = _territory(locale)
    months: list[frozenset[int]] = []
    numbers: list[str] = []
    for raw in re.split(r"[\s,/]+|(?<=\D)-|-(?=\D)|(?<=\d)\.(?=\D)|(?<=\d)-(?=\d)", text):
        word = _plain_word(raw.lstrip("'’"))
        if not word:
            continue
        ordinal = _ORDINAL.match(word)
        named = _months_of(word, language)
        if ordinal or word.isdigit():
            numbers.append(ordinal.group(1) if ordinal else word)
        elif named and not months:
            months.append(named)
        elif word not in _weekdays() and word not in _SMALL_WORDS:
            return set()
    if len(months) != 1 or len(numbers) != 2:
        return set()
    return _with_month(months[0], numbers)


def _with_month(months: frozenset[int], numbers: list[str]) -> set[date]:
    first, second = numbers
    orders: list[tuple[int, int, int]] = []
    for month in months:
        if len(second) in {2, 4} and len(first) <= 2:
            orders.append((_year(second), month, int(first)))
        if len(first) == 4 and len(second) <= 2:
            orders.append((int(first), month, int(second)))
    return _existing(orders)


def parse_date(text: str, locale: str | None = None, bounds: Period | None = None) -> DateReading:
    """Read a day.

    `locale` is the document's (`sv`, `en-US`), or None when unknown; plain `en` does not say whether day or month
    comes first. `bounds` are the days that are possible at all: they rule out readings of an ambiguous text, and
    leave a clear one alone (that it lies outside is for the checks to say).
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).casefold().strip(" .,;:")
    if not plain:
        return DateReading(DateStatus.EMPTY)
    if len(plain) > TEXT_CHARS_MAX:
        return _UNREADABLE
    timeless = _TIME.sub("", plain).strip(" ,")
    found = _numeric(timeless, locale)
    if found is None:
        found = _worded(timeless, locale)
    if len(found) > 1 and bounds is not None:
        found = {day for day in found if day in bounds} or found
    if not found:
        return _UNREADABLE
    if len(found) == 1:
        return DateReading(DateStatus.OK, found.pop())
    return DateReading(DateStatus.AMBIGUOUS, None, tuple(sorted(found)))
