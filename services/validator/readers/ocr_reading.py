"""Where recognition comes in: which pages need it, what their words give, and whether the eye confirms a doubtful total.

Values from recognized words keep to stricter rules than those from a text layer: an amount, a date or a number with a
character the engine was not sure of is no value (R-42), unless arithmetic confirms it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.facts import Box, Fact, Method
from services.kit.limits import Limits
from services.validator.readers.invoice_text import TextReading
from services.validator.readers.ocr import Engine
from services.validator.readers.ocr_frame import UprightFrame, displayed_facts, displayed_rows
from services.validator.readers.pdf_words import PageWords, visible
from services.validator.readers.refusals import Refused
from services.validator.readers.text_trust import flags_of

NO_OCR = "no_ocr"
AMBIGUOUS_TOTAL = "ambiguous_total"
SEEN_AGREES, SEEN_DIFFERS = "seen_agrees", "seen_differs"
_LAYER_FLAGS = frozenset({"garbled_text", "invisible_text", AMBIGUOUS_TOTAL})
_PICTURE_SHARE = 0.5
_WORDS_OF_A_STAMP_MAX = 15
_CERTAIN = 0.8
_DIGIT = re.compile(r"\d")
_NOT_DIGITS = re.compile(r"\D")
_STRICT = re.compile(
    r"^(total_.*|amount_.*|.*_(date|start|end|on)|invoice_number|net|gross|unit_price|amount)$"
)


@dataclass(frozen=True, slots=True)
class Recognized:
    """Pages with recognized words in place of what their text layer said; frames lead back to the displayed page."""

    pages: tuple[PageWords, ...]
    frames: Mapping[int, UprightFrame]
    unread: tuple[int, ...]
    """Pages that need recognition and did not get it."""


def pages_in_need(pages: Sequence[PageWords]) -> tuple[int, ...]:
    """Numbers of the pages that show more than their text layer tells: pictures, scans, glyphs without characters."""
    return tuple(page.number for page in pages if _needs_it(page))


def is_wanted(flags: Sequence[str]) -> bool:
    """Whether a document with these flags is worth looking at with an engine."""
    return NO_OCR in flags or not _LAYER_FLAGS.isdisjoint(flags)


def _needs_it(page: PageWords) -> bool:
    shown = visible(page).words
    if page.objects and not shown:
        return True
    if page.image_share > _PICTURE_SHARE and len(shown) <= _WORDS_OF_A_STAMP_MAX:
        return True
    return "garbled_text" in flags_of((page,))


def recognize(
    content: bytes,
    media_type: str,
    pages: tuple[PageWords, ...],
    engine: Engine | None,
    limits: Limits,
) -> Recognized:
    """Recognize the pages in need, at most `read_ocr_pages_max`; without an engine none."""
    needed = pages_in_need(pages)
    taken = needed[: limits.read_ocr_pages_max] if engine is not None else ()
    found: dict[int, PageWords] = {}
    frames: dict[int, UprightFrame] = {}
    for number in taken:
        page = _recognized_page(content, media_type, number, engine, limits)
        if page is not None:
            found[number], frames[number] = page
    return Recognized(
        pages=tuple(found.get(page.number, page) for page in pages),
        frames=frames,
        unread=tuple(number for number in needed if number not in found),
    )


def _recognized_page(
    content: bytes, media_type: str, number: int, engine: Engine | None, limits: Limits
) -> tuple[PageWords, UprightFrame] | None:
    if engine is None:
        return None
    # Loads numpy, which only recognition needs.
    from services.validator.readers.ocr_pages import recognize_page

    try:
        page = recognize_page(content, media_type, number, engine, limits)
    except Refused:
        return None
    return page.words, page.frame


def as_displayed(text: TextReading, recognized: Recognized) -> TextReading:
    """A reading of recognized pages: doubtful values withdrawn, methods by page, places on the pages as displayed."""
    if not recognized.frames:
        return text
    words = {page.number: page for page in recognized.pages}
    facts = {name: _of_page(name, fact, words) for name, fact in text.facts.items()}
    lines = tuple({name: _of_page(name, fact, words) for name, fact in row.items()} for row in text.lines)
    return replace(
        text,
        facts=displayed_facts(facts, recognized.frames),
        lines=displayed_rows(lines, recognized.frames),
    )


def with_only_date(facts: Mapping[str, Fact], shown: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts of a receipt: it prints its day without a label, and no other."""
    only = shown.get("shown_date")
    if only is None or "issue_date" in facts or "total_gross" not in facts:
        return dict(facts)
    return {**facts, "issue_date": only.model_copy(update={"checks": (*only.checks, "the only date")})}


def _in_groups(name: str, fact: Fact, pages: Mapping[int, PageWords]) -> Fact:
    """An invoice number that was printed in groups of three digits, whole: its spaces are as wide as any others."""
    page = pages.get(fact.page) if fact.page is not None else None
    if name != "invoice_number" or page is None or page.method is not Method.OCR or fact.box is None:
        return fact
    if fact.value is None or not re.fullmatch(r"\d{1,3}", fact.value):
        return fact
    box, raw = fact.box, fact.raw
    for word in sorted(page.words, key=lambda word: word.box[0]):
        behind = box[2] - 0.5 <= word.box[0] <= box[2] + word.size
        if behind and _level(word.box, box) and re.fullmatch(r"\d{3}", word.text):
            box = (box[0], min(box[1], word.box[1]), word.box[2], max(box[3], word.box[3]))
            raw = f"{raw} {word.text}"
    return fact.model_copy(update={"value": raw, "raw": raw, "box": box})


def _level(one: Box, other: Box) -> bool:
    return other[1] <= (one[1] + one[3]) / 2 <= other[3]


def _of_page(name: str, fact: Fact, pages: Mapping[int, PageWords]) -> Fact:
    return _strict(name, _in_groups(name, _by_page(fact, pages), pages), pages)


def _by_page(fact: Fact, pages: Mapping[int, PageWords]) -> Fact:
    page = pages.get(fact.page) if fact.page is not None else None
    if page is None or page.method is fact.method:
        return fact
    return fact.model_copy(update={"method": page.method, "engine": page.engine})


def _strict(name: str, fact: Fact, pages: Mapping[int, PageWords]) -> Fact:
    """The fact, or no value where a character of an amount, a date or a number was doubtful."""
    page = pages.get(fact.page) if fact.page is not None else None
    if (
        page is None
        or page.method is not Method.OCR
        or fact.value is None
        or fact.box is None
        or not _STRICT.match(name)
        or any(check.startswith("net+tax") for check in fact.checks)
    ):
        return fact
    if _certainty(page, fact.box) >= _CERTAIN:
        return fact
    return fact.model_copy(
        update={
            "value": None,
            "ambiguous": True,
            "alternatives": (),
            "checks": (*fact.checks, "uncertain characters"),
        }
    )


def _certainty(page: PageWords, box: Box) -> float:
    inside = [word.confidence for word in page.words if _overlap(word.box, box) and _DIGIT.search(word.text)]
    return min(inside, default=1.0)


def _overlap(word: Box, box: Box) -> bool:
    """Whether the word's middle lies in the box."""
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return box[0] - 0.5 <= x <= box[2] + 0.5 and box[1] - 0.5 <= y <= box[3] + 0.5


def confirm_total(
    content: bytes,
    media_type: str,
    facts: Mapping[str, Fact],
    flags: Sequence[str],
    engine: Engine | None,
    limits: Limits,
) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """Look at the total of a document whose text layer hides something.

    Where the eye sees other digits there, or none, the total is ambiguous and flagged; where it sees the same, the
    fact says so.
    """
    total = facts.get("total_gross")
    answer = dict(facts)
    if engine is None or total is None or total.value is None or _LAYER_FLAGS.isdisjoint(flags):
        return answer, ()
    if total.page is None or total.box is None or total.method is not Method.PDF_TEXT:
        return answer, ()
    looked = _recognized_page(content, media_type, total.page, engine, limits)
    if looked is None:
        return answer, ()
    words, frame = looked
    said = _NOT_DIGITS.sub("", total.raw)
    seen = [
        word
        for word in words.words
        if _DIGIT.search(word.text) and _touches(frame.displayed(word.box), total.box)
    ]
    shown = _NOT_DIGITS.sub("", "".join(word.text for word in sorted(seen, key=lambda word: word.box[0])))
    if said and said in shown:
        answer["total_gross"] = total.model_copy(update={"checks": (*total.checks, SEEN_AGREES)})
        return answer, ()
    raw = " ".join(word.text for word in seen)
    answer["total_gross"] = total.model_copy(
        update={
            "value": None,
            "ambiguous": True,
            "confidence": 0.3,
            "alternatives": tuple(dict.fromkeys(text for text in (total.value, raw) if text)),
            "checks": (*total.checks, SEEN_DIFFERS),
        }
    )
    return answer, (AMBIGUOUS_TOTAL,)


def _touches(word: Box, box: Box) -> bool:
    """Whether the two lie on one line and overlap."""
    middle = (word[1] + word[3]) / 2
    margin = (box[3] - box[1]) / 2
    return box[1] - margin <= middle <= box[3] + margin and word[0] < box[2] and box[0] < word[2]
