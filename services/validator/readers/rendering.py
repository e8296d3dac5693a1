"""Pictures of pages for people: a page as displayed, with the places of values outlined.

A reviewer and a report never get a stranger's file itself, only pixels made here.
"""

import io
from collections.abc import Sequence

import pypdfium2
from PIL import Image, ImageDraw, ImageOps

from schemas.facts import Box
from services.kit.limits import Limits
from services.validator.readers.pdf_structure import open_document
from services.validator.readers.pdf_survey import survey
from services.validator.readers.picture import check_pixels
from services.validator.readers.picture_frame import declared_size
from services.validator.readers.refusals import Refused
from services.validator.readers.sniffing import PDF, PICTURES, media_type_of

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OUTLINE = (204, 0, 0)
_OUTLINE_SHARE = 500
_BOXES_MAX = 200


def render_page(content: bytes, page: int, scale: float, limits: Limits | None = None) -> bytes:
    """A PNG of page `page` (from 1), `scale` pixels for a point, smaller where the pixels' limit says so.

    Raises Refused: unsupported_type for what has no pages, corrupt for a page that is not there.
    """
    return render_with_boxes(content, page, scale, (), limits)


def render_with_boxes(
    content: bytes, page: int, scale: float, boxes: Sequence[Box], limits: Limits | None = None
) -> bytes:
    """Like `render_page`, with each box (points of the page as displayed) outlined."""
    bounds = limits or Limits()
    media_type = media_type_of(content)
    if media_type == PDF:
        picture, used = _pdf_page(content, page, scale, bounds)
    elif media_type in PICTURES:
        picture, used = _frame(content, media_type, page, scale, bounds)
    else:
        raise Refused("unsupported_type", "it has no pages to show")
    with picture:
        if boxes:
            _outline(picture, boxes[:_BOXES_MAX], used)
        written = io.BytesIO()
        picture.save(written, format="PNG", compress_level=3)
    return written.getvalue()


def draw_pdf_page(
    content: bytes, page: int, limits: Limits, *, side_pixels: int
) -> tuple[Image.Image, float]:
    """A page in RGB whose longer side has `side_pixels`, and its pixels for a point. Raises Refused."""
    return _pdf_page(content, page, None, limits, side_pixels)


def _pdf_page(
    content: bytes, page: int, scale: float | None, limits: Limits, side_pixels: int = 0
) -> tuple[Image.Image, float]:
    survey(content, limits)
    document = open_document(content)
    try:
        if not 1 <= page <= len(document):
            raise Refused("corrupt", f"there is no page {page}")
        # Values that were typed into form fields are drawn too.
        document.init_forms()
        sheet = document[page - 1]
        width, height = sheet.get_size()
        wanted = side_pixels / max(width, height, 1.0) if scale is None else scale
        used = _scale_within(width, height, wanted, limits)
        bitmap = sheet.render(scale=used, may_draw_forms=True)
        picture = bitmap.to_pil().convert("RGB")
        bitmap.close()
        sheet.close()
    except pypdfium2.PdfiumError:
        raise Refused("corrupt", f"page {page} cannot be drawn") from None
    finally:
        document.close()
    return picture, used


def _frame(
    content: bytes, media_type: str, page: int, scale: float, limits: Limits
) -> tuple[Image.Image, float]:
    declared = declared_size(content, media_type)
    if declared is not None:
        check_pixels(*declared, limits)
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if page > 1:
                opened.seek(page - 1)
            check_pixels(*opened.size, limits)
            shown = ImageOps.exif_transpose(opened)
            used = _scale_within(*shown.size, scale, limits)
            size = (max(1, round(shown.width * used)), max(1, round(shown.height * used)))
            return shown.convert("RGB").resize(size), used
    except (MemoryError, Refused):
        raise
    except Exception as error:
        raise Refused("corrupt", f"it cannot be decoded: {type(error).__name__}") from None


def _scale_within(width: float, height: float, scale: float, limits: Limits) -> float:
    pixels = width * height * scale * scale
    if pixels <= 0:
        raise Refused("corrupt", "a page without a size")
    return scale if pixels <= limits.render_pixels_max else scale * (limits.render_pixels_max / pixels) ** 0.5


def _outline(picture: Image.Image, boxes: Sequence[Box], scale: float) -> None:
    drawing = ImageDraw.Draw(picture)
    width = max(2, max(picture.size) // _OUTLINE_SHARE)
    for x0, y0, x1, y1 in boxes:
        left, right = sorted((x0 * scale, x1 * scale))
        top, bottom = sorted((y0 * scale, y1 * scale))
        drawing.rectangle(
            (left - width, top - width, right + width, bottom + width), outline=_OUTLINE, width=width
        )
