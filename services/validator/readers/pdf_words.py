"""Words of a PDF's text layer with their boxes and the evidence of whether a person can see them.

Boxes are in points of the page as displayed (crop box and /Rotate respected) from its top left. Nothing is judged
here beyond one word: what the words mean, and whether the layer as a whole can be trusted, is decided by readers that
take `PageWords` from any engine, so recognized text (OCR) and a text layer are read by the same rules.
"""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from schemas.facts import Method
from services.kit.limits import Limits
from services.validator.readers import text_paint

ENGINE = f"pdfium {pypdfium2.version.PDFIUM_INFO.version}"
_WORD = re.compile(r"\S+")
_UNDECODED = re.compile("[\x00\x01\ufffd\uffff\ue000-\uf8ff]")
_BOM_AND_JOINERS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# Links and pop-ups draw nothing over the page; every other annotation may.
_ANNOTATIONS_WITHOUT_PICTURE = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_HEIGHT_TINY_POINTS = 1.6
_UPRIGHT_COSINE = 0.98
_CHARACTERS_PER_WORD = 8


class PdfTextError(ValueError):
    """The text layer cannot be read. `code`: pdf_unopenable, pdf_password, pages_max, page_text_max."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Word(NamedTuple):
    """One run of characters without white space.

    `hidden` says why nobody sees it: render_mode, color, off_page, tiny, covered, clipped, layer. `undecodable` is
    true when a glyph has no character. `upright` is false for text that does not run from left to right as displayed.
    """

    text: str
    box: tuple[float, float, float, float]
    size: float
    hidden: tuple[str, ...] = ()
    undecodable: bool = False
    upright: bool = True
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PageWords:
    """All words of one page (number from 1) in the order of the source, and the page's size as displayed."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    method: Method = Method.PDF_TEXT
    engine: str = ENGINE
    image_share: float = 0.0
    objects: int = 0


def read_pages(content: bytes, limits: Limits | None = None) -> tuple[PageWords, ...]:
    """Return the words of every page of a PDF. An empty user password is tried. Raises PdfTextError."""
    bounds = limits or Limits()
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        code = (
            "pdf_password"
            if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
            else "pdf_unopenable"
        )
        raise PdfTextError(code, str(error)) from None
    try:
        if len(document) > bounds.read_pages_max:
            raise PdfTextError(
                "pages_max", f"{len(document)} pages, at most {bounds.read_pages_max} are read"
            )
        has_layers = text_paint.may_have_layers(content)
        return tuple(_read_page(document, index, bounds, has_layers) for index in range(len(document)))
    finally:
        document.close()


def _read_page(document: pypdfium2.PdfDocument, index: int, limits: Limits, has_layers: bool) -> PageWords:
    page = _load_with_annotations(document, index)
    if not page:
        raise PdfTextError("pdf_unopenable", f"page {index + 1} cannot be loaded")
    try:
        frame = PageFrame.of(page)
        text_page = pdfium.FPDFText_LoadPage(page)
        if not text_page:
            return PageWords(index + 1, frame.width, frame.height, ())
        try:
            runs = _runs(text_page, limits)
            paint = text_paint.Paint(page, frame, limits, has_layers)
            words = _words(text_page, runs, frame, paint)
            return PageWords(
                number=index + 1,
                width=frame.width,
                height=frame.height,
                words=tuple(words),
                image_share=paint.image_share,
                objects=paint.objects,
            )
        finally:
            pdfium.FPDFText_ClosePage(text_page)
    finally:
        pdfium.FPDF_ClosePage(page)


def _load_with_annotations(document: pypdfium2.PdfDocument, index: int) -> Any:
    """Load a page; form fields, stamps and notes that are drawn on it become part of it."""
    page = pdfium.FPDF_LoadPage(document.raw, index)
    if page and _draws_annotations(page) and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == 1:
        pdfium.FPDF_ClosePage(page)
        page = pdfium.FPDF_LoadPage(document.raw, index)
    return page


def _draws_annotations(page: Any) -> bool:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), 1000)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if subtype not in _ANNOTATIONS_WITHOUT_PICTURE:
            return True
    return False


@dataclass(frozen=True, slots=True)
class PageFrame:
    """Maps user space to the displayed page: crop box, quarter turns, user unit."""

    left: float
    bottom: float
    right: float
    top: float
    quarter_turns: int
    scale: float
    width: float
    height: float

    @classmethod
    def of(cls, page: Any) -> PageFrame:
        """The frame of a loaded page."""
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        turns = max(pdfium.FPDFPage_GetRotation(page), 0) % 4
        box = pdfium.FS_RECTF()
        if not pdfium.FPDF_GetPageBoundingBox(page, box) or box.right <= box.left:
            box.left, box.bottom, box.right, box.top = 0.0, 0.0, width, height
        unrotated_width = width if turns % 2 == 0 else height
        scale = unrotated_width / (box.right - box.left)
        return cls(box.left, box.bottom, box.right, box.top, turns, scale, width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of user space is displayed."""
        if self.quarter_turns == 0:
            shown = (x - self.left, self.top - y)
        elif self.quarter_turns == 1:
            shown = (y - self.bottom, x - self.left)
        elif self.quarter_turns == 2:
            shown = (self.right - x, y - self.bottom)
        else:
            shown = (self.top - y, self.right - x)
        return shown[0] * self.scale, shown[1] * self.scale

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """Where a rectangle of user space is displayed, sides in order."""
        ax, ay = self.point(x0, y0)
        bx, by = self.point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def direction(self, x: float, y: float) -> tuple[float, float]:
        """A direction of user space as displayed (y grows downward)."""
        ax, ay = self.point(self.left, self.bottom)
        bx, by = self.point(self.left + x, self.bottom + y)
        return bx - ax, by - ay


class _Run(NamedTuple):
    text: str
    start: int
    length: int


def _runs(text_page: Any, limits: Limits) -> list[_Run]:
    """Words as character ranges. pdfium's text skips nothing when its length is the number of characters."""
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return []
    characters_max = _CHARACTERS_PER_WORD * limits.read_words_per_page_max
    if count > characters_max:
        raise PdfTextError(
            "page_text_max", f"{count} characters on a page, at most {characters_max} are read"
        )
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, buffer) - 1
    text = bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
    if written != count or len(text) != count:
        text = "".join(chr(pdfium.FPDFText_GetUnicode(text_page, index) or 0xFFFD) for index in range(count))
    # pdfium writes a hyphen at the end of a line as one of these.
    text = text.replace("\x02", "-").replace("\ufffe", "-")
    return [_Run(match.group(), match.start(), match.end() - match.start()) for match in _WORD.finditer(text)]


class _Style(NamedTuple):
    size: float
    upright: bool


def _words(text_page: Any, runs: list[_Run], frame: PageFrame, paint: text_paint.Paint) -> list[Word]:
    sides = [ctypes.c_double() for _ in range(4)]
    references = [ctypes.byref(side) for side in sides]
    left, top, right, bottom = sides
    styles: dict[int, _Style] = {}
    words: list[Word] = []
    suspects: list[int] = []
    for run in runs:
        pieces = pdfium.FPDFText_CountRects(text_page, run.start, run.length)
        if pieces <= 0:
            continue
        pdfium.FPDFText_GetRect(text_page, 0, *references)
        x0, y0, x1, y1 = left.value, bottom.value, right.value, top.value
        for piece in range(1, pieces):
            pdfium.FPDFText_GetRect(text_page, piece, *references)
            x0, y0 = min(x0, left.value), min(y0, bottom.value)
            x1, y1 = max(x1, right.value), max(y1, top.value)
        box = frame.box(x0, y0, x1, y1)
        source = pdfium.FPDFText_GetTextObject(text_page, run.start)
        key = ctypes.cast(source, ctypes.c_void_p).value or 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(text_page, run.start, frame)
        hidden, suspect = paint.evidence(source, key, box)
        if box[3] - box[1] < _HEIGHT_TINY_POINTS and style.size < _HEIGHT_TINY_POINTS:
            hidden = (*hidden, "tiny")
        text = run.text.translate(_BOM_AND_JOINERS)
        if not text:
            continue
        if suspect and not hidden:
            suspects.append(len(words))
        undecodable = bool(_UNDECODED.search(text))
        words.append(Word(text, box, style.size, hidden, undecodable, style.upright))
    for index, seen in zip(suspects, paint.shows_ink([words[i].box for i in suspects]), strict=True):
        if not seen:
            words[index] = words[index]._replace(hidden=("no_ink",))
    return words


def _style(text_page: Any, index: int, frame: PageFrame) -> _Style:
    size = pdfium.FPDFText_GetFontSize(text_page, index)
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFText_GetMatrix(text_page, index, matrix):
        return _Style(size, True)
    across = frame.direction(matrix.a, matrix.b)
    up = frame.direction(matrix.c, matrix.d)
    length = math.hypot(*across)
    upright = length > 0 and across[0] / length > _UPRIGHT_COSINE
    return _Style(round(size * (math.hypot(*up) or 1.0), 2), upright)


def visible(page: PageWords) -> PageWords:
    """The page with only the words that a person can see."""
    return replace(page, words=tuple(word for word in page.words if not word.hidden))
