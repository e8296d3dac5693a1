"""A table to be exported, as CSV, TSV or PDF. No file holds the time it was made: the same rows give the same bytes."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARGIN, _ROW, _SIZE = 28.0, 11.0, 6.5


@dataclass(frozen=True)
class Table:
    """Texts in columns. `widths` are shares of a page's width; `right` are the columns of numbers."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    widths: tuple[int, ...]
    right: frozenset[int] = frozenset()


def as_csv(table: Table, delimiter: str = ",") -> bytes:
    """The table as CSV (RFC 4180, UTF-8), or TSV with a tab.

    A text that a spreadsheet would run as a formula has an apostrophe before it; plain numbers stay numbers.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_harmless(cell) for cell in row] for row in table.rows)
    return file.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def as_pdf(table: Table) -> bytes:
    """The table as pages of A4 across, each with its columns and its number."""
    file = io.BytesIO()
    width, height = landscape(A4)
    canvas = Canvas(file, pagesize=(width, height), invariant=1, pageCompression=1)
    canvas.setTitle(table.title)
    per_page = int((height - 2 * _MARGIN) // _ROW) - 4
    pages = max(1, -(-len(table.rows) // per_page))
    whole = sum(table.widths)
    edges = [_MARGIN]
    for share in table.widths:
        edges.append(edges[-1] + (width - 2 * _MARGIN) * share / whole)
    for page in range(pages):
        y = height - _MARGIN
        canvas.setFont("Helvetica-Bold", 10)
        canvas.drawString(_MARGIN, y, _printable(table.title))
        canvas.setFont("Helvetica", _SIZE)
        canvas.drawRightString(width - _MARGIN, y, f"{page + 1} / {pages}")
        y -= 2 * _ROW
        canvas.setFont("Helvetica-Bold", _SIZE)
        _row(canvas, table, table.columns, edges, y)
        canvas.line(_MARGIN, y - 3, width - _MARGIN, y - 3)
        canvas.setFont("Helvetica", _SIZE)
        for row in table.rows[page * per_page : (page + 1) * per_page]:
            y -= _ROW
            _row(canvas, table, row, edges, y)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _row(canvas: Canvas, table: Table, cells: Sequence[str], edges: Sequence[float], y: float) -> None:
    for number, cell in enumerate(cells):
        room = edges[number + 1] - edges[number] - 4
        text = _fitting(canvas, _printable(cell), room)
        if number in table.right:
            canvas.drawRightString(edges[number + 1] - 4, y, text)
        else:
            canvas.drawString(edges[number], y, text)


def _fitting(canvas: Canvas, text: str, room: float) -> str:
    def wide(candidate: str) -> bool:
        return bool(canvas.stringWidth(candidate) > room)

    if not wide(text):
        return text
    while text and wide(f"{text}…"):
        text = text[:-1]
    return f"{text}…"


def _printable(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")


def content_disposition(name: str) -> str:
    """The header that names a downloaded file (RFC 6266), for every alphabet."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
