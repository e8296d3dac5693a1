"""Which number and which days an invoice gives itself: candidates weighed by label, place and form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.validator.readers import text_labels
from services.validator.readers.text_candidates import (
    Document,
    Finder,
    Found,
    Place,
    date_finder,
    identifier_finder,
    values_of,
)
from services.validator.readers.text_dates import Days
from services.validator.readers.text_layout import Cell, normalized

_DATE_LINKS = re.compile(
    r"^(?:vom|von|from|du|of|dated|de|del|della|van|av|af|fra|per|z dnia|dnia|den|le|date|datum|am|d|of the|ze dne|den)?$"
)
_PLACE_AND_DATE = re.compile(r"(?:,|\bden\b|\ble\b|\ba\b)\s*(?:den|am|le|the|il|el|li|lì|dnia)?\s*$", re.I)
_LINE_TITLES = re.compile(
    r"(?<![^\W_])(?:description|beschreibung|bezeichnung|designation|omschrijving|beskrivning|descripcion|descrizione|hours|qty|quantity|menge|antal|aantal|amount|rate)(?![^\W_])"
)
_SHARED_WITH_NUMBER = frozenset({"", "date", "datum", "dato", "data", "fecha"})
_NEXT_LINES = 3.0
_HEADING_FIELDS = (text_labels.NUMBER, text_labels.DUE_ON, "other_number")
_BOTTOM_SHARE = 0.9
_HEAD_SHARE = 0.45


class Candidate(NamedTuple):
    """A possible value: where it stands, how well it is supported (0 to 1) and by what."""

    place: Place
    score: float
    why: str


def number_candidates(document: Document) -> list[Candidate]:
    """Places that may be the invoice's number, best first."""
    find = identifier_finder(document)
    candidates = [
        Candidate(
            found.place,
            label.strength * found.trust * _sentence_trust(label, found),
            f"label:{_label_text(label)}",
        )
        for label in document.all_labels(text_labels.NUMBER)
        for found in values_of(document, label, find)
    ]
    candidates += _titled_numbers(document)
    return sorted((_weighed_by_length(each) for each in candidates), key=lambda each: -each.score)


def _label_text(label: text_labels.Label) -> str:
    return label.cell.norm[label.start : label.end]


def _sentence_trust(label: text_labels.Label, found: Found) -> float:
    """A label in running text names another matter's number, or repeats this one's."""
    words_before = len(label.cell.norm[: label.start].split())
    if words_before < 3:
        return 1.0
    if found.relation != "inside":
        return 0.2
    between = label.cell.text[label.cell.text_end(label.end) : found.place.start]
    return 0.9 if set(between) & set(":#") else 0.5


def _weighed_by_length(candidate: Candidate) -> Candidate:
    digits = sum(c.isalnum() for c in candidate.place.raw)
    return candidate._replace(score=candidate.score * (1.0 if digits >= 4 else 0.93 if digits >= 2 else 0.8))


def _titled_numbers(document: Document) -> list[Candidate]:
    """Numbers behind a title: "Invoice INV-100", "Rechnung | Nr. 471102", "INVOICE" over "# 17"."""
    find = identifier_finder(document)
    found: list[Candidate] = []
    for cell in document.cells:
        title = text_labels.title_end(cell)
        if title is None or sum(word.isalpha() for word in cell.norm.split()) > 8:
            continue
        if not any(label.field == text_labels.NUMBER for label in document.labels[id(cell)]):
            found += _behind_title(document, cell, title, find)
        for other in _beside(document, cell):
            naked = text_labels.naked_number_end(other)
            if naked is None:
                continue
            is_whole = other.norm[naked:].strip() in _SHARED_WITH_NUMBER
            following = document.row_of(other)[other.column + 1 : other.column + 2] if is_whole else []
            at = [(other, other.text_end(naked)), *((cell_right, 0) for cell_right in following)]
            places = (find(holder, start, len(holder.text)) for holder, start in at)
            found += [Candidate(place, 0.85, "title") for place in places if place is not None][:1]
        if len(cell.norm.split()) == 1 and _heads_a_column(document, cell):
            found += [Candidate(place, 0.7, "column title") for place in _just_below(document, cell, find)]
    return found


def _behind_title(document: Document, cell: Cell, title: int, find: Finder) -> list[Candidate]:
    end = _first_foreign_label(document, cell, title)
    sign = text_labels.number_sign_end(cell, title)
    if sign is not None and (place := find(cell, cell.text_end(sign), end)):
        return [Candidate(place, 0.9, "title and number sign")]
    place = find(cell, cell.text_end(title), end)
    if place is not None and not cell.text[cell.text_end(title) : place.start].strip(" :#"):
        return [Candidate(place, 0.8, "title")]
    return []


def _heads_a_column(document: Document, cell: Cell) -> bool:
    """Whether the row is one of labels only, with the values below: no date or number in it."""
    row = document.row_of(cell)
    labeled = sum(bool(document.labels[id(other)]) for other in row)
    return labeled >= 2 and not any(c.isdigit() for other in row for c in other.norm)


def _just_below(document: Document, cell: Cell, find: Finder) -> list[Place]:
    for row in document.rows_below(cell):
        if row[0].box[1] - cell.box[3] > 2.5 * cell.size:
            break
        under = [other for other in row if other.box[0] < cell.box[2] and cell.box[0] < other.box[2]]
        return [place for other in under if (place := find(other, 0, len(other.text)))]
    return []


def _first_foreign_label(document: Document, cell: Cell, after: int) -> int:
    starts = [
        label.start for label in document.labels[id(cell)] if label.start >= after and label.strength == 1.0
    ]
    return cell.text_offset(min(starts)) if starts else len(cell.text)


def _beside(document: Document, cell: Cell) -> list[Cell]:
    """The next cell on the row, and the one just below."""
    near = document.row_of(cell)[cell.column + 1 : cell.column + 2]
    for row in document.rows_below(cell):
        if row[0].box[1] - cell.box[3] > 2.5 * cell.size:
            break
        near += [other for other in row if other.box[0] < cell.box[2] and cell.box[0] < other.box[2]]
    return near


def date_candidates(document: Document, field: str, numbers: Sequence[Place]) -> list[Candidate]:
    """Places that may be the issue date or the due date, best first."""
    find = date_finder(document)
    found = [
        Candidate(
            each.place,
            label.strength
            * each.trust
            * _print_trust(document, each.place)
            * _list_trust(document, label, each),
            f"label:{_label_text(label)}",
        )
        for label in document.all_labels(field)
        for each in values_of(document, label, find)
        if label.strength == 1.0 or _stands_alone(label)
    ]
    if field == text_labels.ISSUED:
        for each in numbers:
            found += _linked_to_number(document, each)
        labeled = {(id(c.place.cell), c.place.start) for c in found}
        taken = labeled | _places_of(document, (text_labels.DUE_ON, "other_date"))
        found += _unlabeled(document, taken)
    return sorted(found, key=lambda each: -each.score)


def _list_trust(document: Document, label: text_labels.Label, found: Found) -> float:
    """A title over a column of dates names those of lines or payments, not the document's."""
    if found.relation != "below":
        return 1.0
    place = found.place
    for row in document.rows_below(place.cell):
        if row[0].box[1] - place.cell.box[3] > _NEXT_LINES * place.cell.size:
            break
        for cell in row:
            again = document.dates[id(cell)]
            if again and abs(cell.box_of(again[0].start, again[0].end)[0] - place.box[0]) < place.cell.size:
                return 0.5 if label.strength == 1.0 else 0.0
    row = document.row_of(label.cell)
    heads_invoice = any(each.field in _HEADING_FIELDS for cell in row for each in document.labels[id(cell)])
    heads_lines = any(_LINE_TITLES.search(cell.norm) for cell in row) and not heads_invoice
    return 0.0 if heads_lines and label.strength < 1.0 else 1.0


def _places_of(document: Document, fields: Iterable[str]) -> set[tuple[int, int]]:
    find = date_finder(document)
    return {
        (id(found.place.cell), found.place.start)
        for field in fields
        for label in document.all_labels(field)
        for found in values_of(document, label, find)[:1]
    }


def _stands_alone(label: text_labels.Label) -> bool:
    """A bare "Date" counts only when it is the whole label: nothing of a word before it in its cell."""
    before = label.cell.norm[: label.start].strip()
    return not before or any(c.isdigit() for c in before.split()[-1])


def _print_trust(document: Document, place: Place) -> float:
    """Dates in the page's foot or with a time of day tell when something was printed."""
    days = [d for d in document.dates[id(place.cell)] if d.start == place.start]
    trust = 0.5 if days and days[0].with_time else 1.0
    if place.box[1] > _BOTTOM_SHARE * document.heights[place.cell.page]:
        trust *= 0.4
    return trust


def _linked_to_number(document: Document, number: Place) -> list[Candidate]:
    """A date behind the number on its row: "Rechnung Nr. 471102 vom 05.06.2018", "Facture n° 5 du 2 juillet"."""
    row = document.row_of(number.cell)
    words = ""
    for cell in row[number.cell.column :]:
        start = number.end if cell is number.cell else 0
        for days in document.dates[id(cell)]:
            if days.start >= start:
                words = f"{words} {normalized(cell.text[start : days.start])}".strip()
                if _DATE_LINKS.match(words):
                    return [
                        Candidate(Place(cell, days.start, days.end), 0.9 if words else 0.6, "beside number")
                    ]
                return []
        words = f"{words} {normalized(cell.text[start:])}".strip()
        if len(words) > 14:
            return []
    return []


def _unlabeled(document: Document, taken: set[tuple[int, int]]) -> list[Candidate]:
    """Dates without a label in the head of the first page: behind a place name, or alone in their cell."""
    found: list[Candidate] = []
    if not document.pages:
        return found
    page = document.pages[0]
    for cell in page.cells:
        in_head = cell.box[1] <= _HEAD_SHARE * page.height
        for days in document.dates[id(cell)]:
            place = Place(cell, days.start, days.end)
            if (id(cell), days.start) in taken or days.with_time or len(document.dates[id(cell)]) > 1:
                continue
            before, behind = cell.text[: days.start], cell.text[days.end :].strip(" .,")
            if behind:
                continue
            left = document.row_of(cell)[cell.column - 1].text if cell.column and not before else before
            if (
                not before.strip()
                and in_head
                and not document.labels[id(cell)]
                and not _label_left(document, cell)
            ):
                titled = any(
                    text_labels.title_end(other) is not None for other in document.row_of(cell)[: cell.column]
                )
                found.append(
                    Candidate(
                        place, 0.55 if titled else 0.4, "beside the title" if titled else "alone in the head"
                    )
                )
            elif _PLACE_AND_DATE.search(left) and len(left.split()) <= 4:
                found.append(Candidate(place, 0.5, "place and date"))
    return found


def _label_left(document: Document, cell: Cell) -> bool:
    """Whether the cell to the left reads as a label of its own."""
    if cell.column == 0:
        return False
    left = document.row_of(cell)[cell.column - 1]
    return left.text.rstrip().endswith(":") or bool(document.labels[id(left)])


def days_at(document: Document, place: Place) -> Days | None:
    """The date that stands at a place."""
    return next((days for days in document.dates[id(place.cell)] if days.start == place.start), None)
