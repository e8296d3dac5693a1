"""Invoices read from words on pages: a text layer or recognized text, by the same rules.

Each fact names its place, the way it was read, what supported it and what else it could be. A value that nothing
settles is None with its alternatives and `ambiguous` (R-42, C11); hidden text is never a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from schemas.facts import Fact, Method, Row
from schemas.money import EXPONENTS
from services.validator.readers import (
    text_dates,
    text_kinds,
    text_labels,
    text_parties,
    text_tables,
    text_trust,
)
from services.validator.readers.pdf_words import PageWords
from services.validator.readers.text_amounts import (
    Amount,
    currency_code,
    decimal_locale,
    in_locale,
    whole_units,
)
from services.validator.readers.text_candidates import Document, Place
from services.validator.readers.text_headings import Candidate, date_candidates, days_at, number_candidates
from services.validator.readers.text_layout import lay_out
from services.validator.readers.text_locale import language_of, territory_of
from services.validator.readers.text_money import CurrencyFound, currency_candidates
from services.validator.readers.text_options import options_of
from services.validator.readers.text_totals import Total, settle

_SCORE_MIN = 0.35
_MARGIN = 0.08
_CURRENCY_MARGIN = 0.35
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")


@dataclass(frozen=True, slots=True)
class TextReading:
    """What the words of a document say: facts by field id, lines by column, flags, and its kind when that is plain."""

    facts: dict[str, Fact]
    lines: tuple[Row, ...]
    flags: tuple[str, ...]
    kind: str | None


@dataclass(frozen=True, slots=True)
class _Source:
    """Where facts come from: the way the words were read."""

    method: Method
    engine: str

    def fact(
        self,
        place: Place,
        value: str | None,
        confidence: float,
        checks: Sequence[str] = (),
        alternatives: Sequence[str] = (),
    ) -> Fact:
        """A fact at a place; `value` None with alternatives is ambiguous."""
        words = place.cell.confidence_of(place.start, place.end)
        return Fact(
            value=value,
            raw=place.raw,
            page=place.cell.page,
            box=place.box,
            method=self.method,
            engine=self.engine,
            confidence=round(min(max(confidence, 0.0), 1.0) * words, 3),
            ambiguous=value is None and bool(alternatives),
            alternatives=tuple(alternatives),
            checks=tuple(checks),
        )


def read_invoice(
    pages: Sequence[PageWords],
    *,
    locale_hint: str | None = None,
    date_bounds: tuple[date, date] | None = None,
) -> TextReading:
    """Read an invoice from its words.

    `locale_hint` (`sv`, `en_US`) counts where the document does not tell; `date_bounds` (both ends included) may leave
    one reading of an ambiguous date, and never changes a plain one.
    """
    flags = text_trust.flags_of(pages)
    document = Document([lay_out(page) for page in pages])
    if not document.cells:
        return TextReading({}, (), flags, None)
    source = _Source(pages[0].method, pages[0].engine)
    language = language_of(document) or _part(locale_hint, 0)
    territory = territory_of(document) or _part(locale_hint, 1)
    locale = language if territory is None or language is None else f"{language}_{territory}"

    facts: dict[str, Fact] = {}
    numbers = number_candidates(document)
    places = _number(facts, source, numbers)
    _dates(facts, source, document, places, language, territory, date_bounds)
    amounts = _amounts(document, locale_hint)
    totals = settle(options_of(document, amounts), _printed_rates(document))
    gross = totals.get("total_gross")
    _currency(facts, source, currency_candidates(document, amounts, gross.amount if gross else None, locale))
    kind = text_kinds.kind_of(document, source.fact)
    facts.update(kind.facts)
    for name, total in _credit_signed(facts, totals).items():
        facts[name] = _total_fact(source, total)
    facts.update(text_parties.party_facts(document, source.fact))
    lines = text_tables.line_rows(document, amounts, source.fact)
    numbered = (
        all(facts[name].value for name in ("invoice_number", "total_gross") if name in facts)
        and {
            "invoice_number",
            "total_gross",
        }
        <= facts.keys()
    )
    return TextReading(facts, lines, flags, kind.kind or ("third_party_invoice" if numbered else None))


def _part(locale: str | None, index: int) -> str | None:
    parts = re.split(r"[-_]", locale) if locale else []
    return parts[index] if len(parts) > index else None


def _amounts(document: Document, hint: str | None) -> dict[int, list[Amount]]:
    """The document's amounts, read in its own decimal style and with the decimals its currency has."""
    found = [amount for cell in document.amounts.values() for amount in cell]
    style = decimal_locale(found, hint)
    codes = {currency_code(amount.currency_sign, None) for amount in found if amount.currency_sign} - {
        "",
        None,
    }
    whole = bool(codes) and all(EXPONENTS.get(code or "", 2) == 0 for code in codes)
    return {
        key: [whole_units(amount) if whole else in_locale(amount, style) for amount in cell]
        for key, cell in document.amounts.items()
    }


def _printed_rates(document: Document) -> frozenset[Decimal]:
    return frozenset(
        Decimal(match[1].replace(",", "."))
        for cell in document.cells
        for match in _PERCENT.finditer(cell.text)
    )


def _number(facts: dict[str, Fact], source: _Source, candidates: list[Candidate]) -> list[Place]:
    """The invoice number: the best candidate, unless another value is as good. Returns all its places."""
    if not candidates or candidates[0].score < _SCORE_MIN:
        return []
    best = candidates[0]
    value = _identifier(best.place)
    agreeing = [each for each in candidates if _identifier(each.place) == value]
    support = best.score + 0.02 * min(len(agreeing), 3)
    rivals = [
        each for each in candidates if _identifier(each.place) != value and support - each.score < _MARGIN
    ]
    others = tuple(dict.fromkeys(_identifier(each.place) for each in rivals))
    if others:
        facts["invoice_number"] = source.fact(best.place, None, 0.3, (best.why,), (value, *others))
    else:
        facts["invoice_number"] = source.fact(best.place, value, best.score, (best.why,))
    return [each.place for each in agreeing]


def _identifier(place: Place) -> str:
    return re.sub(r"\s+", " ", place.raw).lstrip("# ").strip()


def _dates(
    facts: dict[str, Fact],
    source: _Source,
    document: Document,
    numbers: Sequence[Place],
    language: str | None,
    territory: str | None,
    bounds: tuple[date, date] | None,
) -> None:
    everything = [days for cell in document.dates.values() for days in cell]
    orders = text_dates.day_order(everything, language, territory)
    for field in (text_labels.ISSUED, text_labels.DUE_ON):
        candidates = date_candidates(document, field, numbers)
        fact = _date_fact(source, document, candidates, orders, bounds)
        if fact is not None:
            facts[field] = fact
    _order_by_due(facts)
    for name, place, day in text_dates.service_period(document.cells, document.dates, orders):
        facts[name] = source.fact(place_of(place), day.isoformat(), 0.8, ("label:period",))


def place_of(days: text_dates.Days) -> Place:
    """The place of a date."""
    return Place(days.cell, days.start, days.end)


def _date_fact(
    source: _Source,
    document: Document,
    candidates: list[Candidate],
    orders: dict[str, str],
    bounds: tuple[date, date] | None,
) -> Fact | None:
    if not candidates or candidates[0].score < _SCORE_MIN:
        return None
    best = candidates[0]
    days = days_at(document, best.place)
    if days is None:
        return None
    settled = text_dates.settled(days, orders, bounds)
    readings = list(settled.readings)
    for other in candidates[1:]:
        if best.score - other.score >= _MARGIN:
            break
        found = days_at(document, other.place)
        if found is None:
            continue
        again = text_dates.settled(found, orders, bounds).readings
        if not set(again) & set(readings):
            readings.extend(again)
        elif len(again) == 1:
            readings = list(again)
    checks = [best.why]
    if len(days.readings) > 1 and len(settled.readings) == 1:
        checks.append("day order of the document")
    if len(readings) > 1:
        texts = tuple(dict.fromkeys(day.isoformat() for day in readings))
        return source.fact(best.place, None, 0.3, checks, texts)
    return source.fact(best.place, readings[0].isoformat(), best.score, checks)


def _order_by_due(facts: dict[str, Fact]) -> None:
    """An open issue date that only in one reading is not after the plain due date."""
    issued, due = facts.get(text_labels.ISSUED), facts.get(text_labels.DUE_ON)
    if issued is None or due is None or issued.value is not None or due.value is None:
        return
    fitting = [text for text in issued.alternatives if text <= due.value]
    if len(fitting) == 1:
        facts[text_labels.ISSUED] = issued.model_copy(
            update={
                "value": fitting[0],
                "ambiguous": False,
                "alternatives": (),
                "confidence": 0.7,
                "checks": (*issued.checks, "not after the due date"),
            }
        )


def _currency(facts: dict[str, Fact], source: _Source, found: list[CurrencyFound]) -> None:
    if not found:
        return
    best = found[0]
    if len(found) > 1 and best.score - found[1].score < _CURRENCY_MARGIN:
        codes = tuple(each.code for each in found[:3])
        facts["currency"] = source.fact(best.place, None, 0.3, best.why, codes)
        return
    facts["currency"] = source.fact(best.place, best.code, 0.6 + 0.1 * min(best.score, 3.0), best.why)


def _credit_signed(facts: dict[str, Fact], totals: dict[str, Total]) -> dict[str, Total]:
    """A credit note's totals are positive amounts of credit (EN 16931, BT-3 = 381), also where printed with a minus."""
    kind = facts.get("document_type")
    values = [total.value for total in totals.values() if total.value]
    if kind is None or kind.value != "credit note" or not values or any(value > 0 for value in values):
        return totals
    return {
        name: total._replace(value=abs(total.value), checks=(*total.checks, "credit printed with a minus"))
        if total.value is not None
        else total
        for name, total in totals.items()
    }


def _total_fact(source: _Source, total: Total) -> Fact:
    place = Place(total.amount.cell, total.amount.start, total.amount.end)
    value = None if total.value is None else _decimal_text(total.value)
    confidence = 0.98 if any(check.startswith("net+tax") for check in total.checks) else min(total.score, 0.9)
    if value is None:
        confidence = 0.3
    return source.fact(
        place, value, confidence, total.checks, tuple(_decimal_text(each) for each in total.alternatives)
    )


def _decimal_text(value: Decimal) -> str:
    return format(value, "f")
