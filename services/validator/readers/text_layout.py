"""Words put into rows and cells, with one searchable text for each cell that still knows its places.

A cell is a run of words on one row without a column-sized gap. Its `norm` is the text without accents, case and
punctuation, for labels; `text` is as printed, for values. Offsets in either lead back to boxes on the page.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from services.validator.readers.pdf_words import PageWords, Word

Box = tuple[float, float, float, float]
_COLUMN_GAP_EMS = 0.85
_ROW_TOLERANCE = 0.5
_MARK_EMS = 0.42
_BULLETS = frozenset("•●·▪◦∙_=~|.")
_KEPT = frozenset("#%")


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    if character in "°º":
        return "o "
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", character.casefold()) if not unicodedata.combining(c)
    )
    kept = "".join(c for c in plain.casefold() if c.isalnum() or c in _KEPT)
    return {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"}.get(kept, kept)


def normalized(text: str) -> str:
    """The text for comparing: folded case, no accents, no punctuation, single spaces."""
    return _normalize(text)[0]


# "T.V.A." is one word, and so is "B.V.".
_DOTTED = re.compile(r"(?<![^\W_])[^\W\d_](?:\.[^\W\d_])+(?![^\W_])")


@lru_cache(maxsize=16384)
def _normalize_word(word: str) -> tuple[str, tuple[int, ...]]:
    """A word's normalized text and, for each of its characters, the offset in the word it comes from."""
    if word.isascii() and word.isalnum():
        return word.lower(), tuple(range(len(word)))
    kept: list[str] = []
    places: list[int] = []
    dots = {at for match in _DOTTED.finditer(word) for at in range(*match.span()) if word[at] == "."}
    for offset, character in enumerate(word):
        if offset in dots:
            continue
        folded = _folded(character)
        if folded == "o " and kept[-1:] != ["n"]:
            folded = ""
        if not folded and kept and kept[-1] != " ":
            folded = " "
        kept.extend(folded)
        places.extend([offset] * len(folded))
    while kept and kept[-1] == " ":
        kept.pop()
        places.pop()
    return "".join(kept), tuple(places)


def _normalize(text: str) -> tuple[str, list[int]]:
    """The normalized text and, for each of its characters, the offset in `text` it comes from."""
    parts: list[str] = []
    places: list[int] = []
    start = 0
    for word in text.split(" "):
        norm, offsets = _normalize_word(word)
        if norm:
            if parts:
                places.append(start - 1)
            parts.append(norm)
            places.extend([start + offset for offset in offsets])
        start += len(word) + 1
    return " ".join(parts), places


@dataclass(slots=True, eq=False)
class Cell:
    """Words of one row that belong together. `row` counts within the page, `column` within the row."""

    page: int
    words: tuple[Word, ...]
    text: str
    starts: tuple[int, ...]
    norm: str
    places: list[int]
    box: Box
    size: float
    row: int = 0
    column: int = 0

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.box[1] + self.box[3]) / 2

    def box_of(self, start: int, end: int) -> Box:
        """The box of the words that carry `text[start:end]`."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        return union(word.box for word in self.words[first : last + 1])

    def confidence_of(self, start: int, end: int) -> float:
        """The lowest confidence of the words that carry `text[start:end]`."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        return min(word.confidence for word in self.words[first : last + 1])

    def text_offset(self, norm_offset: int) -> int:
        """The offset in `text` of a character of `norm` (the end of the text when past it)."""
        return self.places[norm_offset] if norm_offset < len(self.places) else len(self.text)

    def text_end(self, norm_end: int) -> int:
        """The offset in `text` just behind the character that ends at `norm_end`."""
        return self.places[norm_end - 1] + 1 if norm_end > 0 else 0


@dataclass(slots=True, eq=False)
class PageLayout:
    """The rows of one page, from the top, each with its cells from the left."""

    number: int
    width: float
    height: float
    rows: list[list[Cell]] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        """All cells in reading order."""
        return [cell for row in self.rows for cell in row]


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around `boxes`, rounded to a tenth of a point."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return round(min(lefts), 1), round(min(tops), 1), round(max(rights), 1), round(max(bottoms), 1)


def lay_out(page: PageWords) -> PageLayout:
    """Group the visible, upright words of a page into rows and cells."""
    shown = [
        part
        for word in page.words
        if not word.hidden and word.upright
        for part in _without_leaders(word)
        if _says_something(part.text)
    ]
    layout = PageLayout(page.number, page.width, page.height)
    for index, words in enumerate(_rows(shown)):
        cells = [_cell(page.number, part) for part in _parts(words)]
        for column, cell in enumerate(cells):
            cell.row, cell.column = index, column
        layout.rows.append(cells)
    return layout


_LEADERS = re.compile(r"[._…·]{3,}|…")


def _without_leaders(word: Word) -> list[Word]:
    """The words between dots or lines that lead from a label to its value ("Date........2019-09-03")."""
    if not _LEADERS.search(word.text):
        return [word]
    x0, y0, x1, y1 = word.box
    step = (x1 - x0) / len(word.text)
    parts: list[Word] = []
    at = 0
    for text in _LEADERS.split(word.text):
        at = word.text.index(text, at)
        if text:
            parts.append(word._replace(text=text, box=(x0 + at * step, y0, x0 + (at + len(text)) * step, y1)))
        at += len(text)
    return parts


def _says_something(text: str) -> bool:
    return not set(text) <= _BULLETS


def _height(word: Word) -> float:
    return max(word.box[3] - word.box[1], 0.5 * word.size)


def _rows(words: list[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    middles: list[float] = []
    heights: list[float] = []
    full = [word for word in words if word.box[3] - word.box[1] >= _MARK_EMS * word.size]
    marks = [word for word in words if word.box[3] - word.box[1] < _MARK_EMS * word.size]
    for word in sorted(full, key=lambda each: each.box[1] + each.box[3]):
        middle, height = (word.box[1] + word.box[3]) / 2, _height(word)
        best: int | None = None
        for index in range(len(rows) - 1, max(len(rows) - 4, -1), -1):
            distance = abs(middle - middles[index])
            near = distance < _ROW_TOLERANCE * min(height, heights[index])
            if (
                near
                and (best is None or distance < abs(middle - middles[best]))
                and not _collides(word, rows[index])
            ):
                best = index
        if best is None:
            rows.append([word])
            middles.append(middle)
            heights.append(height)
        else:
            count = len(rows[best])
            rows[best].append(word)
            middles[best] = (middles[best] * count + middle) / (count + 1)
            heights[best] = max(heights[best], height)
    _place_marks(marks, rows, middles, heights)
    order = sorted(range(len(rows)), key=middles.__getitem__)
    return [sorted(rows[index], key=lambda each: each.box[0]) for index in order]


def _place_marks(
    marks: list[Word], rows: list[list[Word]], middles: list[float], heights: list[float]
) -> None:
    """Put commas, dashes and the like, whose small boxes lie off the middle, into the row that holds them."""
    for mark in marks:
        middle = (mark.box[1] + mark.box[3]) / 2
        holding = [
            i
            for i, (m, h) in enumerate(zip(middles, heights, strict=True))
            if abs(middle - m) < 0.5 * h + 0.25 * mark.size
        ]
        beside = [
            i
            for i in holding
            if any(
                abs(w.box[2] - mark.box[0]) < mark.size or abs(mark.box[2] - w.box[0]) < mark.size
                for w in rows[i]
            )
        ]
        best = min(beside or holding, key=lambda i: abs(middle - middles[i]), default=None)
        if best is None:
            rows.append([mark])
            middles.append(middle)
            heights.append(_height(mark))
        else:
            rows[best].append(mark)


def _collides(word: Word, row: list[Word]) -> bool:
    """Whether the word would lie on top of another of the row: then they are two tight lines, not one."""
    for other in row:
        shared = min(word.box[2], other.box[2]) - max(word.box[0], other.box[0])
        if shared > 0.5 * min(word.box[2] - word.box[0], other.box[2] - other.box[0]):
            return word.text != other.text
    return False


def _parts(words: list[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = []
    for word in words:
        if parts:
            before = parts[-1][-1]
            if word.text == before.text and abs(word.box[0] - before.box[0]) < 1.5:
                continue  # drawn twice for a bold look
            em = max(min(word.size, before.size), 4.0)
            if word.box[0] - before.box[2] <= _COLUMN_GAP_EMS * em:
                parts[-1].append(word)
                continue
        parts.append([word])
    return parts


def _cell(page: int, words: list[Word]) -> Cell:
    starts: list[int] = []
    length = 0
    for word in words:
        starts.append(length)
        length += len(word.text) + 1
    text = " ".join(word.text for word in words)
    norm, places = _normalize(text)
    size = sorted(word.size for word in words)[len(words) // 2]
    return Cell(page, tuple(words), text, tuple(starts), norm, places, union(w.box for w in words), size)
