"""The invoice's currency: codes and signs beside its amounts, and what it says of itself."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from schemas.money import EXPONENTS
from services.validator.readers.text_amounts import Amount, currency_code
from services.validator.readers.text_candidates import Document, Place
from services.validator.readers.text_headings import Candidate

_SIGN = re.compile(
    r"(?<![^\W_])(?:[A-Z]{3}(?![^\W_])|(?:US|C|CA|A|AU|NZ|HK|S|R|MX)?\$|€|£|¥|₹|(?:Rs|kr|zł|Kč)\.?(?![^\W_])|[Ee]uros?(?![^\W_])|EURO?(?![^\W_]))"
)
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


def currency_candidates(
    document: Document, amounts: dict[int, list[Amount]], total: Amount | None, locale: str | None
) -> list[Candidate]:
    """Currencies with their support, best first; `place.raw` is what was printed, `why` starts with the code."""
    scores: Counter[str] = Counter()
    places: dict[str, Place] = {}
    reasons: dict[str, list[str]] = defaultdict(list)

    def vote(sign: str, place: Place, weight: float, why: str) -> None:
        code = currency_code(sign, locale)
        if not code or code not in EXPONENTS:
            return
        scores[code] += weight
        if code not in places or why == "total":
            places[code] = place
        if why not in reasons[code]:
            reasons[code].append(why)

    for cell in document.cells:
        for amount in amounts.get(id(cell), ()):
            if amount.currency_sign:
                vote(amount.currency_sign, Place(cell, amount.start, amount.end), 0.15, "amounts")
        labeled = any(label.field == "currency" for label in document.labels[id(cell)])
        for match in _SIGN.finditer(cell.text):
            place = Place(cell, match.start(), match.end())
            sign = match.group()
            if labeled or _label_before(document, place):
                vote(sign, place, 1.0, "label")
            elif sign not in _COMMON_ABBREVIATIONS and len(cell.text) < 60:
                vote(sign, place, 0.2, "text")
        for pattern, code in _IN_WORDS:
            if match := pattern.search(cell.norm):
                vote(
                    code,
                    Place(cell, cell.text_offset(match.start()), cell.text_end(match.end())),
                    0.8,
                    "words",
                )
    if total is not None:
        _vote_for_total(document, total, vote)
    _shared_dollar(scores, places, reasons)
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    return [
        Candidate(places[code], min(scores[code], 3.0), f"{code} {','.join(reasons[code])}")
        for code in ranked
    ]


def _vote_for_total(document: Document, total: Amount, vote: object) -> None:
    call = vote
    assert callable(call)
    if total.currency_sign:
        call(total.currency_sign, Place(total.cell, total.start, total.end), 2.0, "total")
    for cell in document.row_of(total.cell):
        for match in _SIGN.finditer(cell.text):
            if cell is not total.cell or not total.start <= match.start() < total.end:
                call(match.group(), Place(cell, match.start(), match.end()), 1.0, "total")


def _label_before(document: Document, place: Place) -> bool:
    """Whether the cell to the left is a currency label ("Währung: | EUR")."""
    if place.cell.column == 0 or place.start > 2:
        return False
    left = document.row_of(place.cell)[place.cell.column - 1]
    return any(label.field == "currency" for label in document.labels[id(left)])


def _shared_dollar(scores: Counter[str], places: dict[str, Place], reasons: dict[str, list[str]]) -> None:
    """A bare $ counts for the one dollar that the document names by its code."""
    named = [code for code in ("CAD", "AUD", "NZD", "HKD", "SGD", "MXN") if scores.get(code, 0) >= 0.2]
    bare = "USD" in scores and places["USD"].raw.strip("0123456789., -") == "$"
    if len(named) == 1 and bare and not any(code in places["USD"].cell.text for code in ("USD", "US$")):
        scores[named[0]] += scores.pop("USD")
        reasons[named[0]].append("sign")
