"""What a proof of execution shows of itself: its words, the address of the page, its day, and counted results (R-36).

Facts: `page_text` (all words, folded to one line, bounded), `url`, `shown_date` (only where one day is visible and it
can mean nothing else), `visible_date.<n>` for each plain day, `metric_<name>` for a number beside its label. Nothing
is guessed: a date that can be read in two ways, or a result with two numbers, is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean

from schemas.facts import Fact, Method
from services.validator.readers import text_dates
from services.validator.readers.ocr_frame import UprightFrame, displayed_facts
from services.validator.readers.pdf_words import PageWords, visible
from services.validator.readers.poe_address import Address, addresses_in
from services.validator.readers.poe_metrics import counted_results
from services.validator.readers.text_candidates import Place
from services.validator.readers.text_layout import Cell, PageLayout, lay_out, normalized
from services.validator.readers.text_locale import language_of, territory_of

_TEXT_CHARACTERS_MAX = 4000
_RAW_CHARACTERS_MAX = 80
_WORDS_MIN = 3
_DATES_MAX = 10
_PAGES_MAX = 20
_CERTAIN = 0.8
# A day that says when something ends, began or was last changed is not the day on which the page was seen.
_OTHER_DAY = re.compile(
    r"\b(?:expires?|expiry|until|before|ends?|ending|deadline|due|founded|since|updated|born|valid|by"
    r"|bis|endet|gultig|seit|stand|fallig|jusqu|avant|depuis|valable|expire|fin|till|t o m|senast|giltig|sedan)\b"
)


class _Pages:
    """Pages laid out, shaped like a document for the rules about language and place."""

    def __init__(self, pages: Sequence[PageWords]) -> None:
        self.pages = [lay_out(page) for page in pages]
        self.cells = [cell for page in self.pages for cell in page.cells]


def proof_facts(pages: Sequence[PageWords], frames: Mapping[int, UprightFrame]) -> dict[str, Fact]:
    """The facts of a proof of execution, with places on the pages as displayed."""
    seen = [visible(page) for page in pages[:_PAGES_MAX]]
    words = [word for page in seen for word in page.words]
    if len(words) < _WORDS_MIN:
        return {}
    sources = {page.number: (page.method, page.engine) for page in seen}
    document = _Pages(seen)
    facts = {
        "page_text": _page_text(document, words[0].text, fmean(word.confidence for word in words), sources)
    }
    address = _address(document.pages)
    if address is not None:
        facts["url"] = _fact(address.place, address.text, address.trust, sources)
    facts.update(_dates(document, sources))
    for name, place, value in counted_results(document.pages):
        if _certainty(place) >= _CERTAIN:
            facts[f"metric_{name}"] = _fact(place, value, 0.9, sources)
    return displayed_facts(facts, frames)


def _page_text(
    document: _Pages, first: str, confidence: float, sources: Mapping[int, tuple[Method, str]]
) -> Fact:
    text = " ".join(normalized(cell.text) for cell in document.cells)
    text = " ".join(text.split())[:_TEXT_CHARACTERS_MAX]
    raw = " ".join(cell.text for cell in document.cells[:8])[:_RAW_CHARACTERS_MAX] or first
    method, engine = next(iter(sources.values()))
    return Fact(
        value=text or None,
        raw=raw,
        page=next(iter(sources)),
        method=method,
        engine=engine,
        confidence=round(min(confidence, 1.0), 3),
    )


def _address(pages: Sequence[PageLayout]) -> Address | None:
    """The address of the page: in the frame of a browser at the top, else the first one that is written out."""
    found = [address for page in pages for address in addresses_in(page)]
    return max(found, key=lambda address: address.trust, default=None)


def _dates(document: _Pages, sources: Mapping[int, tuple[Method, str]]) -> dict[str, Fact]:
    found = [days for cell in document.cells for days in text_dates.dates_of(cell)]
    language, territory = language_of(document), territory_of(document)  # type: ignore[arg-type]
    orders = text_dates.day_order(found, language, territory)
    plain: dict[str, tuple[Place, bool]] = {}
    for days in found:
        readings = text_dates.settled(days, orders, None).readings
        place = Place(days.cell, days.start, days.end)
        if len(readings) != 1 or _certainty(place) < _CERTAIN:
            continue
        other = bool(_OTHER_DAY.search(_words_before(days.cell, days.start)))
        plain.setdefault(readings[0].isoformat(), (place, other))
    facts = {
        f"visible_date.{at}": _fact(place, day, 0.8, sources)
        for at, (day, (place, _)) in enumerate(list(plain.items())[:_DATES_MAX], 1)
    }
    if len(found) == 1 and len(plain) == 1:
        day, (place, other) = next(iter(plain.items()))
        if not other:
            facts["shown_date"] = _fact(place, day, 0.8, sources)
    return facts


def _words_before(cell: Cell, end: int) -> str:
    return normalized(cell.text[:end])


def _certainty(place: Place) -> float:
    return place.cell.confidence_of(place.start, place.end)


def _fact(place: Place, value: str, trust: float, sources: Mapping[int, tuple[Method, str]]) -> Fact:
    method, engine = sources[place.cell.page]
    return Fact(
        value=value,
        raw=place.raw[:_RAW_CHARACTERS_MAX],
        page=place.cell.page,
        box=place.box,
        method=method,
        engine=engine,
        confidence=round(trust * _certainty(place), 3),
    )
