"""Amounts as they stand in cells: found, signed, with the currency beside them, and with every reading they allow.

Which decimal sign the document uses is learned from its unambiguous amounts; what stays ambiguous keeps its candidates
(R-42, C11) until arithmetic settles it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from services.rules.amounts import AmountStatus, parse_amount
from services.rules.currencies import currency_of_sign
from services.validator.readers.text_layout import Cell

_DIGITS = r"(?:\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,4})?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?|\d+(?:[.,]\d{1,4})?|\d+(?:[.,]\d+)+)"
_AMOUNT = re.compile(rf"(?<![\w.,:/#+])(?P<digits>{_DIGITS})(?![\d/#]|:(?!\s?[-–—])|[.,]\d|[-–]\d)")
_MONEY_SIGN = re.compile(
    r"(?:(?:US|C|CA|A|AU|NZ|HK|S|R|MX)?\$|€|£|¥|₹|₩|₺|zł|Kč|kr\.?|SEK|EUR|USD|GBP|CHF|DKK|NOK|PLN|CZK|HUF|RON|CAD|AUD|NZD|"
    r"JPY|CNY|INR|ZAR|BRL|MXN|SGD|HKD|AED|ILS|TRY|Rs\.?|Euros?|euros?|EURO|Fr\.?|Ft)(?![^\W\d_])",
)
_SIGN_BEFORE = re.compile(rf"(?:{_MONEY_SIGN.pattern})\s?$")
_SIGN_BEHIND = re.compile(rf"\s?(?:{_MONEY_SIGN.pattern})")
_MINUS = "-−–"
_NO_CENTS = re.compile(r"(?:[.,:]\s?[-–—]{1,2})(?!\d)")
_UNIT_BEHIND = re.compile(r"[^\W\d_]")
# A figure one leaves much white on its sides; wider than this the first digits may be a column of their own.
_GAP_GROUP_EMS = 0.7


class Amount(NamedTuple):
    """One number of a cell. `readings` has one value when it is unambiguous; `money` when a currency is beside it."""

    cell: Cell
    start: int
    end: int
    raw: str
    digits: str
    negative: bool
    readings: tuple[Decimal, ...]
    decimals: int
    currency_sign: str | None
    percent: bool

    @property
    def right(self) -> float:
        """The right edge on the page."""
        return self.cell.box_of(self.start, self.end)[2]

    @property
    def left(self) -> float:
        """The left edge on the page."""
        return self.cell.box_of(self.start, self.end)[0]

    @property
    def looks_like_money(self) -> bool:
        """Whether it has cents or a currency, so that it is not a count, a year or an identifier."""
        return not self.percent and (
            self.decimals == 2 or self.currency_sign is not None or len(self.readings) > 1
        )


def amounts_of(cell: Cell, taken: Iterable[tuple[int, int]] = ()) -> list[Amount]:
    """All numbers of a cell that could be amounts, apart from the places `taken` by dates. Locale not applied yet."""
    text = cell.text
    busy = list(taken)
    found: list[Amount] = []
    for start, end in _joined(cell, [match.span("digits") for match in _AMOUNT.finditer(text)]):
        if any(start < other_end and other_start < end for other_start, other_end in busy):
            continue
        amount = _amount(cell, text, start, end)
        if amount is not None:
            found.append(amount)
    return found


def _joined(cell: Cell, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Numbers grouped by spaces put together: short first group, three digits each, and no more than a narrow gap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined:
            before_start, before_end = joined[-1]
            before, here = cell.text[before_start:before_end], cell.text[start:end]
            first_group = before.split(" ")[0]
            if (
                start == before_end + 1
                and re.fullmatch(r"\d{1,3}(?: \d{3})*", before)
                and not first_group.startswith("0")
                and re.fullmatch(r"\d{3}(?:[.,]\d{1,2})?", here)
                and _narrow(cell, before_end, start)
            ):
                joined[-1] = (before_start, end)
                continue
        joined.append((start, end))
    return joined


def _narrow(cell: Cell, end: int, start: int) -> bool:
    left, right = cell.box_of(max(end - 1, 0), end), cell.box_of(start, start + 1)
    return right[0] - left[2] < _GAP_GROUP_EMS * max(cell.size, 4.0)


def _amount(cell: Cell, text: str, start: int, end: int) -> Amount | None:
    digits = text[start:end]
    first, last = start, end
    sign: str | None = None
    negative = False
    behind = _SIGN_BEHIND.match(text, end)
    no_cents = _NO_CENTS.match(text, end)
    if no_cents:
        last = no_cents.end()
        behind = _SIGN_BEHIND.match(text, last)
    if behind:
        sign, last = behind.group().strip(), behind.end()
    elif end < len(text) and _UNIT_BEHIND.match(text, end):
        return None
    percent = re.match(r"\s?(?:%|v\.?\s?H\.)", text[end:]) is not None
    before = text[:start]
    if before and before[-1] in _MINUS and not re.search(r"[^\W_]\s?$", before[:-1]):
        negative, first, before = True, first - 1, before[:-1]
    ahead = _SIGN_BEFORE.search(before)
    if ahead and not re.search(r"[^\W_]$", before[: ahead.start()]):
        sign, first = ahead.group().strip(), ahead.start()
        before = text[:first]
        if before and before[-1] in _MINUS and not re.search(r"\w\s?$", before[:-1]):
            negative, first = True, first - 1
    elif start > 0 and text[start - 1] in _MINUS and not negative:
        return None
    if (
        not negative
        and last < len(text)
        and text[last] in _MINUS
        and not no_cents
        and not text[last + 1 : last + 2].strip()
    ):
        negative, last = True, last + 1
    if (
        first > 0
        and text[first - 1] == "("
        and text[last : last + 1] == ")"
        and ("," in digits or "." in digits)
    ):
        negative, first, last = True, first - 1, last + 1
    # Cents written as a dash leave only whole numbers before it.
    readings, decimals = _readings(re.sub(r"[.,'’ ]", "", digits) if no_cents else digits, None)
    if not readings:
        return None
    return Amount(
        cell,
        first,
        last,
        text[first:last],
        digits,
        negative,
        _signed(readings, negative),
        decimals,
        sign,
        percent,
    )


def _signed(readings: tuple[Decimal, ...], negative: bool) -> tuple[Decimal, ...]:
    return tuple(-value for value in readings) if negative else readings


@lru_cache(maxsize=8192)
def _readings(digits: str, locale: str | None) -> tuple[tuple[Decimal, ...], int]:
    """The values that `digits` allows in a locale, and the decimals of the first."""
    reading = parse_amount(digits, locale)
    texts = (reading.value,) if reading.status is AmountStatus.OK and reading.value else reading.candidates
    values = tuple(Decimal(text) for text in texts)
    return values, max(-int(values[0].as_tuple().exponent), 0) if values else 0


def decimal_locale(amounts: Iterable[Amount], hint: str | None) -> str | None:
    """A locale that writes decimals as this document does: `de` for a comma, `en` for a point.

    Learned from amounts that can be read in one way only; where both signs occur as decimals, the one of nine in ten.
    Without such amounts it is the hint.
    """
    votes: Counter[str] = Counter()
    for amount in amounts:
        if len(amount.readings) == 1 and amount.decimals in (1, 2, 4) and not amount.percent:
            sign = amount.digits[-1 - amount.decimals]
            weight = 3 if sum(c in ".,'’ " for c in amount.digits) > 1 or amount.decimals == 2 else 1
            votes["de" if sign == "," else "en"] += weight
    if not votes:
        return hint
    (style, count), *_ = votes.most_common(1)
    return style if count >= 0.9 * votes.total() else None


def in_locale(amount: Amount, locale: str | None) -> Amount:
    """The amount as the document's style reads it. An amount that contradicts the style keeps its own reading."""
    if len(amount.readings) == 1 or locale is None:
        return amount
    readings, decimals = _readings(amount.digits, locale)
    if len(readings) == 1 and decimals == 3:
        return amount  # money has no three decimals in most currencies: both readings stay
    return amount._replace(readings=_signed(readings, amount.negative), decimals=decimals)


def whole_units(amount: Amount) -> Amount:
    """The amount in a currency without decimals, such as yen: of several readings the one without."""
    whole = tuple(
        value
        for value in amount.readings
        if value == value.to_integral_value() and value.as_tuple().exponent == 0
    )
    return (
        amount._replace(readings=whole, decimals=0)
        if len(amount.readings) > 1 and len(whole) == 1
        else amount
    )


def currency_code(sign: str, locale: str | None) -> str | None:
    """The ISO 4217 code of a sign or code as printed."""
    return currency_of_sign(sign.strip(), locale)
