"""How values are written for people in the three languages, and how they are kept in a finding (see the glossary)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_symbol

from schemas.base import Period
from schemas.findings import Texts
from schemas.money import Money

LANGUAGES = ("en", "sv", "fr")
VALUE_CHARS_MAX = 200

_NO_BREAK_SPACE = "\u00a0"
_DATE_FORMATS = {"en": "d MMM yyyy", "sv": "yyyy-MM-dd", "fr": "dd/MM/yyyy"}
_INSTANT_FORMATS = {"en": "d MMM yyyy, HH:mm", "sv": "yyyy-MM-dd HH:mm", "fr": "dd/MM/yyyy HH:mm"}


@dataclass(frozen=True)
class Term:
    """A word of a pack or of the vocabulary: its id, and what people call it."""

    id: str
    texts: Texts


Value = str | int | Decimal | Money | date | datetime | Period | Texts | Term
"""What a text may be filled with. An instant is written in UTC; a deadline comes as Texts with its own zone."""


def written_money(amount: Money, language: str) -> str:
    """EUR 9,999.99 · 9 999,99 EUR · 9 999,99 €."""
    number = written_number(Decimal(amount.amount), language)
    if language == "en":
        return f"{amount.currency}{_NO_BREAK_SPACE}{number}"
    unit = get_currency_symbol(amount.currency, locale=language) if language == "fr" else amount.currency
    return f"{number}{_NO_BREAK_SPACE}{unit}"


def written_number(number: Decimal | int, language: str) -> str:
    """The number with all its decimals and the separators of the language."""
    exponent = Decimal(number).as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(number, format=pattern, locale=language))


def written_day(day: date, language: str) -> str:
    """14 Feb 2020 · 2020-02-14 · 14/02/2020."""
    return str(format_date(day, _DATE_FORMATS[language], locale=language))


def _clean(text: str) -> str:
    """One line of bounded length without control characters: texts of documents are strangers."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= VALUE_CHARS_MAX else line[: VALUE_CHARS_MAX - 1] + "…"


def written(value: Value, language: str) -> str:
    """The value as people of the language write it."""
    if isinstance(value, Term):
        value = value.texts
    if isinstance(value, Texts):
        return str(getattr(value, language))
    if isinstance(value, Money):
        return written_money(value, language)
    if isinstance(value, datetime):
        return f"{format_datetime(value.astimezone(UTC), _INSTANT_FORMATS[language], locale=language)} UTC"
    if isinstance(value, date):
        return written_day(value, language)
    if isinstance(value, Period):
        return f"{written_day(value.start, language)} – {written_day(value.end, language)}"
    if isinstance(value, int | Decimal):
        return written_number(value, language)
    return _clean(value)


def canonical(value: Value) -> str:
    """The value as it is kept: ISO days and instants, plain decimals, ids; the same in every language."""
    if isinstance(value, Term):
        return value.id
    if isinstance(value, Texts):
        return value.en
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return _clean(str(value))


def in_all_languages(value: Value) -> Texts:
    """The value written in each language."""
    return Texts(**{language: written(value, language) for language in LANGUAGES})


def joined(values: Mapping[str, Texts] | list[Texts]) -> Texts:
    """Several words as one list in each language."""
    words = list(values.values()) if isinstance(values, Mapping) else values
    return Texts(
        **{language: ", ".join(str(getattr(word, language)) for word in words) for language in LANGUAGES}
    )
