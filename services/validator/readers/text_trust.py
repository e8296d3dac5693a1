"""Whether a text layer may be believed: tested before any value is taken from it.

Flags: `no_text` (nothing to read), `garbled_text` (glyphs without characters), `invisible_text` (words nobody sees),
`ambiguous_total` (an amount or a total's label was painted over), `scanned_text` (a picture of the page with an
unseen layer of recognized text).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.validator.readers.pdf_words import PageWords, Word
from services.validator.readers.text_layout import normalized
from services.validator.readers.text_roles import Role, amount_label

_GARBLED_SHARE = 0.1
_SCAN_SHARE = 0.5
# A watermark's word or a maker's name in white is common; figures, or sentences, are not.
_UNSEEN_CHARACTERS_MIN = 40
# Control characters, the replacement character, and private use: glyphs that stand for no character.
_LOST = re.compile("[\x00-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_AMOUNT = re.compile(r"\d[.,]\d{2}(?!\d)")
# Off the page or unprinted by a template is untidy; what is made to look absent is meant to be.
_MEANT = frozenset({"color", "covered", "no_ink", "tiny", "render_mode"})


def flags_of(pages: Sequence[PageWords]) -> tuple[str, ...]:
    """The flags of a document, in a fixed order."""
    words = [word for page in pages for word in page.words]
    shown = [word for word in words if not word.hidden]
    flags: list[str] = []
    if not shown:
        flags.append("no_text")
    if _is_garbled(shown):
        flags.append("garbled_text")
    if any(_is_scan(page) for page in pages):
        flags.append("scanned_text")
    hidden = [word for page in pages if not _is_scan(page) for word in page.words if _is_meant(word)]
    if (
        any(c.isdigit() for word in hidden for c in word.text)
        or sum(len(word.text) for word in hidden) >= _UNSEEN_CHARACTERS_MIN
    ):
        flags.append("invisible_text")
    if any(_covers_a_total(page) for page in pages):
        flags.append("ambiguous_total")
    return tuple(flags)


def _is_garbled(words: Sequence[Word]) -> bool:
    text = "".join(word.text for word in words)
    return bool(text) and len(_LOST.findall(text)) > _GARBLED_SHARE * len(text)


def _is_scan(page: PageWords) -> bool:
    """A picture over most of the page, and no words but unseen ones."""
    unseen = [word for word in page.words if "render_mode" in word.hidden or "covered" in word.hidden]
    return page.image_share > _SCAN_SHARE and bool(unseen) and len(unseen) > 0.9 * len(page.words)


def _is_meant(word: Word) -> bool:
    meaningful = any(c.isalnum() for c in word.text)
    return meaningful and bool(_MEANT.intersection(word.hidden)) and "off_page" not in word.hidden


def _covers_a_total(page: PageWords) -> bool:
    """Whether an amount was painted over while the page still shows its words elsewhere."""
    if _is_scan(page):
        return False
    covered = [word for word in page.words if "covered" in word.hidden]
    if not covered:
        return False
    if any(_AMOUNT.search(word.text) for word in covered):
        return True
    label = amount_label(normalized(" ".join(word.text for word in covered)))
    return label is not None and label.role is not Role.OTHER
