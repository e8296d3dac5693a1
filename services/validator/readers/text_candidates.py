"""Values beside labels: right of them, in the same cell, or below, as far as no other label claims the place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from services.validator.readers.text_amounts import Amount, amounts_of
from services.validator.readers.text_dates import Days, compact_date, dates_of
from services.validator.readers.text_labels import Label, find_labels
from services.validator.readers.text_layout import Box, Cell, PageLayout

_BELOW_LINES = 2.6
_BELOW_CELLS_MAX = 2


class Place(NamedTuple):
    """A part of a cell that holds a value: offsets in its text."""

    cell: Cell
    start: int
    end: int

    @property
    def raw(self) -> str:
        """The text as printed."""
        return self.cell.text[self.start : self.end]

    @property
    def box(self) -> Box:
        """Its box on the page."""
        return self.cell.box_of(self.start, self.end)


class Found(NamedTuple):
    """A place with how it stands to its label: `inside`, `right` or `below`, and the trust in that."""

    place: Place
    relation: str
    trust: float


class Document:
    """All pages laid out, with the dates, numbers and labels of every cell found once."""

    def __init__(self, pages: list[PageLayout]) -> None:
        self.pages = pages
        self.cells = [cell for page in pages for cell in page.cells]
        self._rows = {page.number: page.rows for page in pages}
        self.heights = {page.number: page.height for page in pages}
        self.widths = {page.number: page.width for page in pages}
        self.dates: dict[int, list[Days]] = {id(cell): dates_of(cell) for cell in self.cells}
        self.amounts: dict[int, list[Amount]] = {
            id(cell): amounts_of(cell, [(days.start, days.end) for days in self.dates[id(cell)]])
            for cell in self.cells
        }
        self.labels: dict[int, list[Label]] = {id(cell): find_labels(cell) for cell in self.cells}

    def row_of(self, cell: Cell) -> list[Cell]:
        """The cells of the row, from the left."""
        return self._rows[cell.page][cell.row]

    def rows_below(self, cell: Cell) -> Iterator[list[Cell]]:
        """The rows under a cell's row, from the top."""
        rows = self._rows[cell.page]
        for index in range(cell.row + 1, len(rows)):
            yield rows[index]

    def rows_above(self, cell: Cell) -> Iterator[list[Cell]]:
        """The rows over a cell's row, from the nearest."""
        rows = self._rows[cell.page]
        for index in range(cell.row - 1, -1, -1):
            yield rows[index]

    def all_labels(self, field: str) -> list[Label]:
        """Every label of a field in reading order."""
        return [label for cell in self.cells for label in self.labels[id(cell)] if label.field == field]


Finder = Callable[[Cell, int, int], Place | None]


def values_of(document: Document, label: Label, find: Finder) -> list[Found]:
    """Places of values for a label, best first. `find(cell, start, end)` looks for a value in a part of a cell."""
    cell = label.cell
    start, end = _value_part(document, label)
    inside = find(cell, start, end)
    if inside is not None:
        between = cell.text[start : inside.start].strip(" :.#-")
        return [Found(inside, "inside", 1.0 if len(between) <= 3 else 0.8 if len(between) <= 16 else 0.5)]
    if end < len(cell.text):
        return []
    found = [place for place in (_right(document, cell, find), _below(document, label, find)) if place]
    return sorted(found, key=lambda each: -each.trust)


def _value_part(document: Document, label: Label) -> tuple[int, int]:
    """The part of the label's cell where its value may stand: up to the next label.

    Labels that share a place ("Invoice no. / date: 17 / 2019-09-03") share what follows the last of them.
    """
    cell = label.cell
    start = cell.text_end(label.end)
    for other in document.labels[id(cell)]:
        if other.start < label.end:
            continue
        begins = cell.text_offset(other.start)
        if cell.text[start:begins].strip(" .:#") not in ("/", "|", "&", "und", "and", "et", "och"):
            return start, begins
        start = cell.text_end(other.end)
    return start, len(cell.text)


def _right(document: Document, cell: Cell, find: Finder) -> Found | None:
    for other in document.row_of(cell)[cell.column + 1 :]:
        labels = document.labels[id(other)]
        end = cell_end_before(labels, other)
        place = find(other, 0, end)
        if place is not None:
            near = other.box[0] - cell.box[2] < 0.5 * document.widths[cell.page]
            return Found(place, "right", 0.95 if near else 0.8)
        if labels or len(other.norm) > 12:
            return None
    return None


def cell_end_before(labels: list[Label], cell: Cell) -> int:
    """Where the part of a cell before its first label ends."""
    return cell.text_offset(labels[0].start) if labels else len(cell.text)


def _below(document: Document, label: Label, find: Finder) -> Found | None:
    cell = label.cell
    box = cell.box_of(cell.text_offset(label.start), cell.text_end(label.end))
    line = max(box[3] - box[1], cell.size)
    seen = 0
    for row in document.rows_below(cell):
        if row[0].box[1] - box[3] > _BELOW_LINES * line and row[0].middle - box[3] > _BELOW_LINES * line:
            return None
        for other in row:
            if not _in_column(box, other.box):
                continue
            labels = document.labels[id(other)]
            place = find(other, 0, cell_end_before(labels, other))
            if place is not None:
                return Found(place, "below", 0.85 if seen == 0 else 0.7)
            seen += 1
            if seen >= _BELOW_CELLS_MAX or any(each.strength == 1.0 for each in labels):
                return None
    return None


def _in_column(label: Box, value: Box) -> bool:
    shared = min(label[2], value[2]) - max(label[0], value[0])
    return shared > 0.3 * min(label[2] - label[0], value[2] - value[0])


_IDENTIFIER = re.compile(r"[A-Za-zÀ-ÿ0-9#][\w./\\#–-]*")
_NOISE = ".,;:-–/\\"
_MEASURES = re.compile(r"^(?:\d+[.,]\d{1,2}|\d{1,3}(?:[.,]\d{3})+[.,]\d{2})$")


def identifier_finder(document: Document) -> Finder:
    """Looks for an identifier: it has a digit and is neither a date, nor an amount with cents, nor a percentage."""

    def find(cell: Cell, start: int, end: int) -> Place | None:
        dates = document.dates[id(cell)]
        money = [a for a in document.amounts[id(cell)] if a.percent or a.currency_sign]
        for match in _IDENTIFIER.finditer(cell.text, start, end):
            raw = match.group().rstrip(_NOISE)
            first, last = match.start(), match.start() + len(raw)
            bare = raw.lstrip("#")
            if not any(c.isdigit() for c in bare) or _MEASURES.match(bare):
                if len(cell.text[start : match.start()].split()) >= 2:
                    return None
                continue
            if any(d.start <= first < d.end for d in dates) or any(a.start <= first < a.end for a in money):
                return None
            if cell.text[last : last + 1] == "%":
                return None
            following = min((d.start for d in dates if d.start >= last), default=end)
            return _with_neighbors(cell, first, last, min(following, end))
        return None

    return find


def _with_neighbors(cell: Cell, first: int, last: int, end: int) -> Place:
    """Take in a short series prefix ("INV 0012") or a part behind a free-standing slash or dash ("2019 / 12")."""
    before = re.search(r"(?<![\w./-])([A-Z]{1,4}|#)\s$", cell.text[:first])
    if before and not re.search(r"(?i)\b(?:NO|NR|N|ID|DE|DU|OF)\s$", before.group()):
        first = before.start()
    behind = re.match(r"\s?[/–-]\s?(\d[\w./-]*)", cell.text[last:end])
    if behind and behind.group(1):
        last += len(behind.group().rstrip(_NOISE))
    return Place(cell, first, last)


def date_finder(document: Document) -> Finder:
    """Looks for a date. Eight digits (20190903) are one only here, where a label says so."""

    def find(cell: Cell, start: int, end: int) -> Place | None:
        for days in document.dates[id(cell)]:
            if start <= days.start < end:
                return Place(cell, days.start, days.end)
        compact = compact_date(cell, start, end)
        if compact is None:
            return None
        document.dates[id(cell)].append(compact)
        return Place(cell, compact.start, compact.end)

    return find


def text_finder(_: Document) -> Finder:
    """Takes whatever text stands there, if it has letters."""

    def find(cell: Cell, start: int, end: int) -> Place | None:
        text = cell.text[start:end]
        shift = len(text) - len(text.lstrip(" :.-–"))
        kept = text.strip(" :.-–")
        if sum(c.isalpha() for c in kept) < 2:
            return None
        return Place(cell, start + shift, start + shift + len(kept))

    return find
