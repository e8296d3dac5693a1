"""The invoice's currency: codes and signs beside its amounts, and what it says of itself."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

from schemas.money import EXPONENTS
from services.validator.readers.text_amounts import Amount, currency_code
from services.validator.readers.text_candidates import Document, Place

_SIGN = re.compile(
    r"(?<![^\W_])(?:[A-Z]{3}(?![^\W_])|(?:US|C|CA|A|AU|NZ|HK|S|R|MX)?\$|€|£|¥|₹|(?:Rs|kr|zł|Kč)\.?(?![^\W_])|[Ee]uros?(?![^\W_])|EURO?(?![^\W_]))"
)
_TEXT_CHARACTERS_MAX = 60
_IN_WORDS = (
    (re.compile(r"(?<![^\W_])us dollars?(?![^\W_])"), "USD"),
    (re.compile(r"(?<![^\W_])canadian dollars?(?![^\W_])"), "CAD"),
    (re.compile(r"(?<![^\W_])australian dollars?(?![^\W_])"), "AUD"),
    (re.compile(r"(?<![^\W_])(?:pounds? sterling)(?![^\W_])"), "GBP"),
    (re.compile(r"(?<![^\W_])swedish kron(?:or|a)(?![^\W_])"), "SEK"),
    (re.compile(r"(?<![^\W_])(?:swiss francs?|schweizer franken)(?![^\W_])"), "CHF"),
)
# Codes that are words or abbreviations in documents are believed only beside an amount or behind a label.
_COMMON_ABBREVIATIONS = frozenset(
    [
        "ALL",
        "TOP",
        "CUP",
        "MOP",
        "TRY",
        "BAM",
        "SOS",
        "SLE",
        "LAK",
        "PEN",
        "MAD",
        "VES",
        "COP",
        "GEL",
        "LEI",
        "NIO",
        "DOP",
        "BOB",
        "CDF",
        "KES",
        "CVE",
        "RON",
        "RUB",
        "BIF",
        "PAB",
        "XAF",
        "XPF",
        "STN",
        "MUR",
        "ISK",
        "NAD",
        "SAR",
        "QAR",
    ]
)


class CurrencyFound(NamedTuple):
    """A currency the document names, how much speaks for it, where it stands first or at the total, and why."""

    code: str
    score: float
    place: Place
    why: tuple[str, ...]


class _Ballot:
    """What speaks for each currency."""

    def __init__(self, locale: str | None) -> None:
        self._locale = locale
        self.scores: dict[str, float] = defaultdict(float)
        self.places: dict[str, Place] = {}
        self.reasons: dict[str, list[str]] = defaultdict(list)

    def vote(self, sign: str, place: Place, weight: float, why: str) -> None:
        """Count a sign or code as printed; signs that name no single currency count for none."""
        code = currency_code(sign, self._locale)
        if not code or code not in EXPONENTS:
            return
        self.scores[code] += weight
        if code not in self.places or why == "total":
            self.places[code] = place
        if why not in self.reasons[code]:
            self.reasons[code].append(why)


def currency_candidates(
    document: Document, amounts: dict[int, list[Amount]], total: Amount | None, locale: str | None
) -> list[CurrencyFound]:
    """Currencies with their support, best first."""
    ballot = _Ballot(locale)
    for cell in document.cells:
        for amount in amounts.get(id(cell), ()):
            if amount.currency_sign:
                ballot.vote(amount.currency_sign, Place(cell, amount.start, amount.end), 0.15, "amounts")
        labeled = any(label.field == "currency" for label in document.labels[id(cell)])
        for match in _SIGN.finditer(cell.text):
            place = Place(cell, match.start(), match.end())
            sign = match.group()
            if labeled or _label_before(document, place):
                ballot.vote(sign, place, 1.0, "label")
            elif sign not in _COMMON_ABBREVIATIONS and len(cell.text) < _TEXT_CHARACTERS_MAX:
                ballot.vote(sign, place, 0.2, "text")
        for pattern, code in _IN_WORDS:
            if named := pattern.search(cell.norm):
                words = Place(cell, cell.text_offset(named.start()), cell.text_end(named.end()))
                ballot.vote(code, words, 0.8, "words")
    if total is not None:
        _vote_for_total(document, total, ballot)
    _share_dollar(ballot)
    ranked = sorted(ballot.scores, key=lambda code: (-ballot.scores[code], code))
    return [
        CurrencyFound(code, ballot.scores[code], ballot.places[code], tuple(ballot.reasons[code]))
        for code in ranked
    ]


def _vote_for_total(document: Document, total: Amount, ballot: _Ballot) -> None:
    if total.currency_sign:
        ballot.vote(total.currency_sign, Place(total.cell, total.start, total.end), 2.0, "total")
    for cell in document.row_of(total.cell):
        for match in _SIGN.finditer(cell.text):
            if cell is not total.cell or not total.start <= match.start() < total.end:
                ballot.vote(match.group(), Place(cell, match.start(), match.end()), 1.0, "total")


def _label_before(document: Document, place: Place) -> bool:
    """Whether the cell to the left is a currency label ("Währung: | EUR")."""
    if place.cell.column == 0 or place.start > 2:
        return False
    left = document.row_of(place.cell)[place.cell.column - 1]
    return any(label.field == "currency" for label in document.labels[id(left)])


def _share_dollar(ballot: _Ballot) -> None:
    """A bare $ counts for the one dollar that the document names by its code."""
    named = [code for code in ("CAD", "AUD", "NZD", "HKD", "SGD", "MXN") if ballot.scores.get(code, 0) >= 0.2]
    if len(named) != 1 or "USD" not in ballot.scores:
        return
    place = ballot.places["USD"]
    bare = place.raw.strip("0123456789., -") == "$"
    if bare and not any(code in place.cell.text for code in ("USD", "US$")):
        ballot.scores[named[0]] += ballot.scores.pop("USD")
        ballot.reasons[named[0]].append("sign")
