"""Reading amounts from text, strictly and never guessed (R-42, C11).

A text has a value only if one reading is left; with several it is AMBIGUOUS and carries the candidates.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from schemas.money import EXPONENTS
from services.rules.currencies import currency_of_sign

TEXT_CHARS_MAX = 64
DIGITS_MAX = 18

_SPACES = "\u0020\u00a0\u202f\u2009\u2007\u2008\u2005"
_APOSTROPHES = "'\u2019\u2018\u00b4`"
_MINUS = "-\u2212\u2013\u2010\u2011"
_CREDIT_WORDS = ("CR", "CR.")
_NUMBER = re.compile(r"[0-9][0-9., ']*[0-9]|[0-9]|[.,][0-9]+")


class AmountStatus(StrEnum):
    """What a text says about an amount."""

    OK = "OK"
    AMBIGUOUS = "AMBIGUOUS"
    EMPTY = "EMPTY"
    UNREADABLE = "UNREADABLE"


@dataclass(frozen=True)
class AmountReading:
    """`value` (a decimal text with the decimals of the source) only when OK; `candidates` only when AMBIGUOUS."""

    status: AmountStatus
    value: str | None = None
    candidates: tuple[str, ...] = ()
    currency: str | None = None

    @property
    def decimal(self) -> Decimal | None:
        """The value as a number."""
        return Decimal(self.value) if self.value is not None else None


_UNREADABLE = AmountReading(AmountStatus.UNREADABLE)


@dataclass(frozen=True)
class _Parts:
    """A text taken apart: sign, digits with separators, and what the currency is."""

    negative: bool
    number: str
    currency: str | None


@dataclass(frozen=True)
class _Reading:
    """One way to read the number. `regular` means grouped as numbers are grouped."""

    value: str
    regular: bool
    grouped: bool
    decimals: int


@lru_cache(maxsize=64)
def decimal_sign(locale: str | None) -> str | None:
    """The decimal sign of a locale such as sv, fr_CH or en-GB; None for an unknown one."""
    if not locale:
        return None
    try:
        sign = str(Locale.parse(locale.replace("-", "_")).number_symbols["latn"]["decimal"])
    except (UnknownLocaleError, ValueError, KeyError, TypeError):
        return None
    return sign if sign in ".," else None


def _plain(text: str) -> str:
    """Spaces, apostrophes, minus signs and digits of any script in one spelling each."""
    spelled = []
    for char in text:
        if char in _SPACES:
            spelled.append(" ")
        elif char in _APOSTROPHES:
            spelled.append("'")
        elif char in _MINUS:
            spelled.append("-")
        elif char.isdecimal():
            spelled.append(str(unicodedata.decimal(char)))
        else:
            spelled.append(char)
    return "".join(spelled).strip()


def _without_sign(words: str) -> tuple[str, int]:
    """The words beside a number without a leading or trailing sign, and how many minus signs went."""
    for place in (0, -1):
        if words and words[place] in "+-":
            minus = words[place] == "-"
            return (words[1:] if place == 0 else words[:-1]).strip(), int(minus)
    return words, 0


def _taken_apart(text: str, locale: str | None) -> _Parts | None:
    """Split off sign and currency; None when anything else is left."""
    minus = 0
    if text.startswith("(") and text.endswith(")"):
        minus, text = 1, text[1:-1].strip()
    match = _NUMBER.search(text)
    if match is None:
        return None
    before, behind = text[: match.start()].strip(), text[match.end() :].strip()
    if behind == "." or behind.startswith((".-", ",-", "--")):
        # "1250.-" and "1250,--" write zero cents as a dash.
        behind = behind.lstrip(".,-").strip()
    if behind.upper().split()[-1:] and behind.upper().split()[-1] in _CREDIT_WORDS:
        behind, minus = behind[: -len(behind.split()[-1])].strip(), minus + 1
    currencies = set()
    for words in (before, behind):
        rest, signs = _without_sign(words)
        minus += signs
        if rest:
            currencies.add(_currency(rest, locale))
    named = {currency for currency in currencies if currency}
    if minus > 1 or None in currencies or len(named) > 1:
        return None
    return _Parts(bool(minus), match.group(), named.pop() if named else None)


def _currency(words: str, locale: str | None) -> str | None:
    """The currency that sign and code together name ("USD $"); None when a word is no currency."""
    whole = currency_of_sign(words, locale)
    if whole is not None:
        return whole
    found = {currency_of_sign(word, locale) for word in words.split()}
    if None in found or not found:
        return None
    # A code beside a shared sign says which one is meant: "CAD $".
    codes = {word.upper() for word in words.split()} & EXPONENTS.keys()
    if codes:
        return codes.pop() if len(codes) == 1 else None
    return found.pop() if len(found) == 1 else None


def _is_grouped(groups: list[str]) -> bool:
    """Whether digits are grouped in threes, or the Indian way (three, before it twos)."""
    first, rest = groups[0], groups[1:]
    if not rest:
        return bool(first)
    if not 1 <= len(first) <= 3 or first.startswith("0"):
        return False
    thousands = all(len(group) == 3 for group in rest)
    indian = len(rest[-1]) == 3 and len(first) <= 2 and all(len(group) == 2 for group in rest[:-1])
    return thousands or indian


def _read_with(number: str, decimal: str | None) -> _Reading | None:
    """Read the number with its last `decimal` as the decimal sign (None: no decimals). None if it has no such sign."""
    whole, fraction = number, ""
    if decimal is not None:
        whole, found, fraction = number.rpartition(decimal)
        if not found or not fraction.isdigit():
            return None
    separators = {char for char in whole if not char.isdigit()}
    groups = re.split(r"[., ']", whole)
    grouped = _is_grouped(groups) or (decimal is not None and whole == "")
    regular = grouped and len(separators) <= 1 and decimal not in separators
    digits = "".join(groups).lstrip("0") or "0"
    value = f"{digits}.{fraction}" if decimal is not None else digits
    return _Reading(value, regular, grouped, len(fraction))


def _readings(number: str) -> list[_Reading]:
    """Every reading, each value once; regular ones win over irregular ones of the same value."""
    found: dict[str, _Reading] = {}
    for decimal in (None, ".", ","):
        reading = _read_with(number, decimal)
        if reading is not None and (reading.value not in found or reading.regular):
            found[reading.value] = reading
    return list(found.values())


def _choice(number: str, currency: str | None, locale: str | None) -> list[_Reading]:
    """The readings that cannot be ruled out, the most likely first."""
    readings = _readings(number)
    exponent = EXPONENTS.get(currency or "", 2)
    decimal = decimal_sign(locale)
    own = [
        reading
        for reading in (_read_with(number, decimal), _read_with(number, None))
        if decimal is not None
        and reading is not None
        and reading.regular
        and not _contradicts(number, reading, decimal)
    ]
    regular = [reading for reading in readings if reading.regular]
    kept = regular or readings
    if own:
        # The locale decides, unless its reading has decimals that this currency cannot have and another has not.
        fits = own[0].decimals <= exponent or currency is None or len(regular) == 1
        kept = own[:1] if fits else regular
    return sorted(
        kept,
        key=lambda reading: (not reading.regular, not reading.grouped, reading.decimals not in {0, exponent}),
    )


def _contradicts(number: str, reading: _Reading, decimal: str) -> bool:
    """Whether a reading without decimals takes the locale's decimal sign for a grouping sign."""
    return reading.decimals == 0 and decimal in number


def parse_amount(text: str, locale: str | None = None) -> AmountReading:
    """Read an amount with its currency (R-42).

    `locale` is the document's (`sv`, `fr_CH`, `en-GB`), or None when unknown. Understood are codes and signs, spaces
    of any kind, apostrophes and Indian groups, a minus before or behind, parentheses and CR. Nothing is guessed.
    """
    plain = _plain(text)
    if not plain:
        return AmountReading(AmountStatus.EMPTY)
    if len(plain) > TEXT_CHARS_MAX:
        return _UNREADABLE
    parts = _taken_apart(plain, locale)
    if parts is None or sum(char.isdigit() for char in parts.number) > DIGITS_MAX:
        return _UNREADABLE
    readings = _choice(parts.number, parts.currency, locale)
    values = [
        f"-{reading.value}" if parts.negative and Decimal(reading.value) else reading.value
        for reading in readings
    ]
    if len(values) == 1 and readings[0].regular:
        return AmountReading(AmountStatus.OK, values[0], (), parts.currency)
    if len(values) > 1:
        return AmountReading(AmountStatus.AMBIGUOUS, None, tuple(values), parts.currency)
    return _UNREADABLE
