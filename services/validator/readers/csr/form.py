"""Draws the Certification Service Report as a PDF that is read back exactly.

Same form, same bytes. The page is real text in reading order with a title and a language; the facts ride along as
the attachment `csr.json` (schema coop.csr/1).
"""

import io
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from schemas.csr import CSR_ATTACHMENT, CsrForm
from schemas.money import exponent
from services.validator.readers.csr import layout
from services.validator.readers.csr.words import (
    AMOUNTS,
    CERTIFICATION,
    HEADER,
    OTHER_COLUMNS,
    ROW_COLUMNS,
    TITLES,
    TOTALS,
    WORDS,
    Words,
    printed_number,
    printed_signature,
)

BODY_POINTS = 9.0
TABLE_POINTS = 7.5
LEADING = 1.45
SIGNATURE_LINE_HEIGHT = 36.0


class CharacterNotPrintable(ValueError):
    """A value holds a character that the form's font cannot draw."""

    code = "CHARACTER_NOT_PRINTABLE"

    def __init__(self, character: str) -> None:
        super().__init__(f"The form's font has no sign for {character!r}: name a font file that has it.")
        self.character = character


def with_totals(csr: CsrForm) -> CsrForm:
    """Return the form with amounts and totals worked out: hours × rate, rounded half up to the minor unit."""
    step = Decimal(1).scaleb(-exponent(csr.currency))

    def product(hours: str, rate: str) -> Decimal:
        return (Decimal(hours) * Decimal(rate)).quantize(step, ROUND_HALF_UP)

    rows = tuple(
        row.model_copy(update={"amount": str(product(row.hours, row.hourly_rate))}) for row in csr.rows
    )
    labour = sum((Decimal(row.amount) for row in rows), Decimal(0)).quantize(step)
    other = sum((Decimal(cost.amount) for cost in csr.other_costs), Decimal(0)).quantize(step)
    totals = {"total_labour": str(labour), "total_other": str(other), "total": str(labour + other)}
    return csr.model_copy(update={"rows": rows, **totals})


def draw_csr(csr: CsrForm, font_file: Path | None = None) -> bytes:
    """Return the form as PDF bytes, the same for the same form.

    The bundled font covers Western European languages; `font_file` names another TrueType font.
    Raises CharacterNotPrintable.
    """
    regular, bold = _fonts(font_file)
    _refuse_unprintable(csr, regular)
    counted = _Sheet(csr, regular, bold, page_count=1)
    counted.draw()
    sheet = _Sheet(csr, regular, bold, page_count=counted.page)
    sheet.draw()
    return sheet.finish()


@cache
def _fonts(font_file: Path | None) -> tuple[str, str]:
    if font_file is not None:
        name = f"csr-{font_file.stem}"
        pdfmetrics.registerFont(TTFont(name, str(font_file)))
        return name, name
    bundled = files("reportlab") / "fonts"
    for name, file_name in (("csr-regular", "Vera.ttf"), ("csr-bold", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, io.BytesIO((bundled / file_name).read_bytes())))
    return "csr-regular", "csr-bold"


def _refuse_unprintable(csr: CsrForm, font: str) -> None:
    known = pdfmetrics.getFont(font).face.charToGlyph
    for character in sorted(set("".join(_texts(csr.model_dump())))):
        if ord(character) not in known and not character.isspace():
            raise CharacterNotPrintable(character)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


class _Sheet:
    """A pen on the form: goes down the page, and on to the next one."""

    def __init__(self, csr: CsrForm, regular: str, bold: str, page_count: int) -> None:
        self.csr = csr
        self.words: Words = WORDS[csr.language]
        self.regular, self.bold = regular, bold
        self.page_count = page_count
        self.page = 1
        self.y = layout.TOP
        self.buffer = io.BytesIO()
        self.canvas = Canvas(
            self.buffer,
            pagesize=(layout.PAGE_WIDTH, layout.PAGE_HEIGHT),
            invariant=1,
            pageCompression=1,
            lang=csr.language,
        )
        self.canvas.setTitle(f"{TITLES[csr.language]} – {csr.partner_name}")
        self.canvas.setAuthor(csr.partner_name)
        self.canvas.setSubject(CERTIFICATION[csr.language])
        self.canvas.setCreator("coop.csr/1")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")

    def draw(self) -> None:
        self._text(layout.MARGIN_LEFT, TITLES[self.csr.language], self.bold, 16)
        self.y += 30
        self._section("header")
        for field in HEADER:
            self._field(field, str(getattr(self.csr, field)))
        self._section("rows")
        self._table(
            layout.ROW_TABLE, self.words.row_columns, [self._row_cells(n) for n in range(len(self.csr.rows))]
        )
        self._section("other_costs")
        costs = [self._cost_cells(n) for n in range(len(self.csr.other_costs))]
        if costs:
            self._table(layout.OTHER_TABLE, self.words.other_columns, costs)
        else:
            self._text(layout.MARGIN_LEFT, self.words.nothing, self.regular, BODY_POINTS)
            self.y += BODY_POINTS * LEADING
        self._section("totals")
        for field in TOTALS:
            self._field(field, printed_number(getattr(self.csr, field), self.words))
        self._section("statement", room=150)
        self._field("certification_text", CERTIFICATION[self.csr.language])
        self._field("signer_name", self.csr.signer_name)
        self._field("signer_title", self.csr.signer_title)
        self._signature()
        self._field("signed_on", self.csr.signed_on.isoformat() if self.csr.signed_on else "")
        self._end_page()

    def finish(self) -> bytes:
        """Attach the facts and return the file."""
        document = self.canvas._doc
        content = self.csr.model_dump_json(by_alias=True, indent=1).encode()
        stream = pdfdoc.PDFStream(
            pdfdoc.PDFDictionary(
                {
                    "Type": "/EmbeddedFile",
                    "Subtype": "/application#2Fjson",
                    "Params": pdfdoc.PDFDictionary({"Size": len(content)}),
                }
            ),
            content,
            filters=[],
        )
        stream_reference = document.Reference(stream, "csr-json-stream")
        specification = pdfdoc.PDFDictionary(
            {
                "Type": "/Filespec",
                "F": pdfdoc.PDFString(CSR_ATTACHMENT),
                "UF": pdfdoc.PDFString(CSR_ATTACHMENT),
                "Desc": pdfdoc.PDFString("The facts of this report"),
                "AFRelationship": "/Data",
                "EF": pdfdoc.PDFDictionary({"F": stream_reference, "UF": stream_reference}),
            }
        )
        reference = document.Reference(specification, "csr-json-file")
        named = pdfdoc.PDFArray([pdfdoc.PDFString(CSR_ATTACHMENT), reference])
        tree = pdfdoc.PDFDictionary({"EmbeddedFiles": pdfdoc.PDFDictionary({"Names": named})})
        self.canvas.setCatalogEntry("Names", tree)
        self.canvas.setCatalogEntry("AF", pdfdoc.PDFArray([reference]))
        self.canvas.save()
        return self.buffer.getvalue()

    def _row_cells(self, index: int) -> list[str]:
        row = self.csr.rows[index]
        return [str(index + 1), *(self._printed(column, str(getattr(row, column))) for column in ROW_COLUMNS)]

    def _cost_cells(self, index: int) -> list[str]:
        cost = self.csr.other_costs[index]
        texts = {column: str(getattr(cost, column)) for column in OTHER_COLUMNS}
        texts["cost_kind"] = self.words.cost_kinds[cost.cost_kind]
        return [str(index + 1), *(self._printed(column, texts[column]) for column in OTHER_COLUMNS)]

    def _printed(self, column: str, text: str) -> str:
        return printed_number(text, self.words) if column in AMOUNTS else text

    def _signature(self) -> None:
        """Print the typed signature, or a line to sign on by hand."""
        if self.csr.signature is not None:
            self._field("signature", printed_signature(self.csr.signature, self.words))
            return
        self._keep_together(SIGNATURE_LINE_HEIGHT)
        self._text(layout.MARGIN_LEFT, self.words.fields["signature"], self.bold, BODY_POINTS)
        self.y += SIGNATURE_LINE_HEIGHT
        self._rule(self.y - 6, left=layout.VALUE_LEFT)

    def _section(self, section: str, room: float = 60) -> None:
        self.y += 8
        self._keep_together(room)
        self._text(layout.MARGIN_LEFT, self.words.sections[section], self.bold, 11)
        self.y += 18
        self.canvas.setLineWidth(0.6)
        self._rule(self.y - 2)
        self.y += 6

    def _field(self, field: str, value: str) -> None:
        lines = self._wrap(value, self.regular, BODY_POINTS, layout.MARGIN_RIGHT - layout.VALUE_LEFT)
        self._keep_together(BODY_POINTS * LEADING * len(lines))
        self._text(layout.MARGIN_LEFT, self.words.fields[field], self.bold, BODY_POINTS)
        for line in lines:
            self._text(layout.VALUE_LEFT, line, self.regular, BODY_POINTS)
            self.y += BODY_POINTS * LEADING
        self.y += 3

    def _table(
        self, columns: tuple[layout.Column, ...], labels: tuple[str, ...], rows: list[list[str]]
    ) -> None:
        def heading() -> None:
            self._cells(columns, [[label] for label in ("#", *labels)], self.bold)

        heading()
        for cells in rows:
            wrapped = [
                self._wrap(cell, self.regular, TABLE_POINTS, column.right - column.left - layout.CELL_PADDING)
                for column, cell in zip(columns, cells, strict=True)
            ]
            self._keep_together(max(map(len, wrapped)) * TABLE_POINTS * LEADING, after_break=heading)
            self._cells(columns, wrapped, self.regular)

    def _cells(self, columns: tuple[layout.Column, ...], cells: list[list[str]], font: str) -> None:
        top = self.y
        for column, lines in zip(columns, cells, strict=True):
            for number, line in enumerate(lines):
                self.y = top + number * TABLE_POINTS * LEADING
                x = column.left
                if column.right_aligned:
                    x = column.right - pdfmetrics.stringWidth(line, font, TABLE_POINTS)
                self._text(x, line, font, TABLE_POINTS)
        self.y = top + max(map(len, cells)) * TABLE_POINTS * LEADING + 3
        self.canvas.setLineWidth(0.25)
        self._rule(self.y - 2)

    def _rule(self, y: float, left: float = layout.MARGIN_LEFT) -> None:
        self.canvas.line(left, layout.PAGE_HEIGHT - y, layout.MARGIN_RIGHT, layout.PAGE_HEIGHT - y)

    def _text(self, x: float, text: str, font: str, points: float) -> None:
        self.canvas.setFont(font, points)
        self.canvas.drawString(x, layout.PAGE_HEIGHT - self.y - points, text)

    def _keep_together(self, height: float, after_break: Callable[[], None] | None = None) -> None:
        if self.y + height <= layout.BOTTOM:
            return
        self._end_page()
        self.page += 1
        self.y = layout.TOP
        if after_break is not None:
            after_break()

    def _end_page(self) -> None:
        self.y = layout.FOOTER_TOP
        footer = f"{TITLES[self.csr.language]} – {self.words.page.format(n=self.page, count=self.page_count)}"
        self._text(layout.MARGIN_LEFT, footer, self.regular, 7)
        self.canvas.showPage()

    def _wrap(self, text: str, font: str, points: float, width: float) -> list[str]:
        lines, line = [], ""
        for word in text.split():
            for piece in self._pieces(word, font, points, width):
                longer = f"{line} {piece}" if line else piece
                if line and pdfmetrics.stringWidth(longer, font, points) > width:
                    lines.append(line)
                    line = piece
                else:
                    line = longer
        return [*lines, line]

    @staticmethod
    def _pieces(word: str, font: str, points: float, width: float) -> list[str]:
        """Cut a word that is wider than the column; each piece fits."""
        pieces, piece = [], ""
        for character in word:
            if piece and pdfmetrics.stringWidth(piece + character, font, points) > width:
                pieces.append(piece)
                piece = ""
            piece += character
        return [*pieces, piece]
