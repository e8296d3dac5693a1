"""Counted results in a report: a number beside, below or above the label that names it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from services.validator.readers.text_candidates import Place
from services.validator.readers.text_layout import Cell, PageLayout, normalized

LABELS: dict[str, tuple[str, ...]] = {
    "impressions": (
        "impressions", "ad impressions", "total impressions", "impressionen", "einblendungen", "visningar",
        "annonsvisningar", "impresiones", "vertoningen",
    ),
    "clicks": ("clicks", "link clicks", "total clicks", "klicks", "klick", "clics", "kliks", "clic"),
    "visits": (
        "visits", "visits to the landing page", "landing page visits", "website visits", "besuche",
        "besuche der landingpage", "besok", "besok pa landningssidan", "visites", "visites de la page de destination",
    ),
    "page_views": ("page views", "pageviews", "seitenaufrufe", "sidvisningar", "pages vues"),
    "estimated_reach": (
        "reach", "estimated reach", "estimated reach in people", "reichweite", "rackvidd",
        "uppskattad rackvidd", "uppskattad rackvidd i personer", "portee", "portee estimee",
        "portee estimee en personnes",
    ),
    "leads": ("leads", "total leads", "leads generated", "leads genererade"),
    "conversions": ("conversions", "konversionen", "konverteringar", "konversioner"),
    "emails_sent": ("emails sent", "e mails sent", "sent", "gesendet", "skickade", "envoyes"),
    "emails_opened": ("opens", "unique opens", "opened", "emails opened", "oppningar"),
    "calls_made": ("calls made", "total calls", "ringda samtal", "appels passes", "getatigte anrufe"),
    "successful_contacts": (
        "successful contacts", "contacts reached", "lyckade kontakter", "contacts aboutis",
    ),
    "registered_guests": (
        "registered guests", "registrations", "registered", "anmalda gaster", "anmalda", "invites inscrits",
        "registrierte gaste", "anmeldungen",
    ),
    "estimated_visitors": (
        "estimated visitors", "visitors", "uppskattat antal besokare", "besokare", "visiteurs estimes",
        "visiteurs", "besucher",
    ),
    "attendees": ("attendees", "participants", "deltagare", "teilnehmer", "number of attendees", "antal deltagare"),
}  # fmt: skip
"""The name of a result and its labels without accents, case and punctuation."""

_NAMES = {label: name for name, labels in LABELS.items() for label in labels}
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:([., \u00a0\u202f'’])\d{3})(?:\2\d{3})*|\d{1,12})(?![\w%]|[.,]\d)"
)
_ROWS_AWAY_MAX = 2


def counted_results(pages: Sequence[PageLayout]) -> Iterator[tuple[str, Place, str]]:
    """Name, place and value of every result that has one number; one that has two has none."""
    found: dict[str, dict[str, Place]] = {}
    for page in pages:
        for cell in page.cells:
            for name, place, value in _beside_label(page, cell):
                found.setdefault(name, {}).setdefault(value, place)
    for name, values in found.items():
        if len(values) == 1:
            ((value, place),) = values.items()
            yield name, place, value


def _beside_label(page: PageLayout, cell: Cell) -> Iterator[tuple[str, Place, str]]:
    name = _NAMES.get(cell.norm)
    if name is None:
        yield from _in_one_cell(cell)
        return
    row = page.rows[cell.row]
    right = row[cell.column + 1] if cell.column + 1 < len(row) else None
    count = _whole_count(right) if right is not None else None
    if right is not None and count is not None:
        yield name, Place(right, 0, len(right.text)), count
        return
    # A card shows its number under its label, or over it.
    for step in (1, -1):
        for distance in range(1, _ROWS_AWAY_MAX + 1):
            index = cell.row + step * distance
            if not 0 <= index < len(page.rows):
                break
            aligned = [other for other in page.rows[index] if _in_column(cell, other)]
            counts = [(other, _whole_count(other)) for other in aligned]
            if len(counts) == 1 and counts[0][1] is not None:
                yield name, Place(counts[0][0], 0, len(counts[0][0].text)), counts[0][1]
                return
            if aligned:
                break


def _in_one_cell(cell: Cell) -> Iterator[tuple[str, Place, str]]:
    """`Impressions: 12,345` and `12,345 impressions`."""
    numbers = list(_COUNT.finditer(cell.text))
    if len(numbers) != 1:
        return
    match = numbers[0]
    start, end = match.span(1)
    before, after = cell.text[:start], cell.text[end:]
    words = before if before.strip() else after
    if before.strip() and after.strip(" .)"):
        return
    name = _NAMES.get(normalized(words))
    if name is not None:
        yield name, Place(cell, start, end), _count(match)


def _whole_count(cell: Cell) -> str | None:
    match = _COUNT.fullmatch(cell.text.strip())
    return _count(match) if match else None


def _count(match: re.Match[str]) -> str:
    """The number as digits: what is counted has no fraction, so a mark before three digits groups them."""
    return str(int(re.sub(r"\D", "", match[1])))


def _in_column(label: Cell, other: Cell) -> bool:
    left, right = max(label.box[0], other.box[0]), min(label.box[2], other.box[2])
    return right > left or abs(label.box[0] - other.box[0]) < label.size
