"""Pages as pictures into words: drawn, turned upright, leveled, and recognized.

Which way is up is found first, since text on its side reads as noise. A page that stays empty is no error: it has no
words.
"""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from statistics import median

import numpy
from PIL import Image, ImageOps

from schemas.facts import Method
from services.kit.limits import Limits
from services.validator.readers.ocr import Engine, SeenLine
from services.validator.readers.ocr_frame import UprightFrame
from services.validator.readers.pdf_words import PageWords, Word
from services.validator.readers.picture import check_pixels, on_white
from services.validator.readers.refusals import Refused
from services.validator.readers.rendering import draw_pdf_page
from services.validator.readers.sniffing import PDF, PICTURES

_SIDE_READ = 2000
_SIDE_READ_MIN = 1000
_ENLARGED_MAX = 2.0
_SLOPE_MAX = math.radians(15)
_SLOPE_SEEN = math.radians(0.3)
_LINE_HEIGHT_TO_SIZE = 0.8


@dataclass(frozen=True, slots=True)
class RecognizedPage:
    """The words of one page on its level frame, and the way back to the page as displayed."""

    words: PageWords
    frame: UprightFrame


def recognize_page(
    content: bytes, media_type: str, number: int, engine: Engine, limits: Limits
) -> RecognizedPage:
    """Recognize page `number` (from 1) of a PDF, or a frame of a picture. Raises Refused."""
    picture, scale = _drawn(content, media_type, number, limits)
    pixels = numpy.asarray(picture)
    height, width = pixels.shape[0] / scale, pixels.shape[1] / scale
    turns = 0
    seen = engine.see(pixels, lines_max=limits.read_ocr_lines_max)
    if seen.turns_needed:
        turns = seen.turns_needed
        # numpy turns counterclockwise.
        upright = numpy.ascontiguousarray(numpy.rot90(pixels, -turns))
        seen = engine.see(upright, lines_max=limits.read_ocr_lines_max)
    frame = UprightFrame(number, width, height, scale, turns, _slope(seen.lines))
    words = tuple(
        _word(word.text, frame.leveled(word.corners), word.confidence)
        for line in seen.lines
        for word in line.words
    )
    level_width, level_height = frame.size
    return RecognizedPage(
        PageWords(
            number=number,
            width=level_width,
            height=level_height,
            words=words,
            method=Method.OCR,
            engine=engine.name,
            image_share=1.0,
            objects=1,
        ),
        frame,
    )


def _word(text: str, box: tuple[float, float, float, float], confidence: float) -> Word:
    size = round((box[3] - box[1]) * _LINE_HEIGHT_TO_SIZE, 2)
    return Word(text, box, size, confidence=round(min(max(confidence, 0.0), 1.0), 4))


def _slope(lines: tuple[SeenLine, ...]) -> float:
    """The angle at which the lines run, weighed by their lengths; 0 where that is level, or no angle of paper."""
    angles: list[float] = []
    for line in lines:
        (x0, y0), (x1, y1) = line.words[0].corners[0], line.words[-1].corners[1]
        length = math.hypot(x1 - x0, y1 - y0)
        height = math.dist(line.words[0].corners[0], line.words[0].corners[3])
        if length > 4 * height:
            angles += [math.atan2(y1 - y0, x1 - x0)] * max(1, round(length / height / 4))
    if not angles:
        return 0.0
    middle = median(angles)
    return middle if _SLOPE_SEEN < abs(middle) < _SLOPE_MAX else 0.0


def _drawn(content: bytes, media_type: str, number: int, limits: Limits) -> tuple[Image.Image, float]:
    """A page in RGB on white, large enough to be read, and its pixels for a point of the page as displayed."""
    if media_type == PDF:
        return draw_pdf_page(content, number, limits, side_pixels=_SIDE_READ)
    if media_type not in PICTURES:
        raise Refused("unsupported_type", "it has no pages to see")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content)) as opened:
                if number > 1:
                    opened.seek(number - 1)
                check_pixels(*opened.size, limits)
                shown = ImageOps.exif_transpose(opened)
                picture = on_white(shown).convert("RGB")
        except (MemoryError, Refused):
            raise
        except Exception as error:
            raise Refused("corrupt", f"it cannot be decoded: {type(error).__name__}") from None
    longest = max(picture.size)
    scale = 1.0
    if longest > _SIDE_READ:
        scale = _SIDE_READ / longest
    elif longest < _SIDE_READ_MIN:
        scale = min(_SIDE_READ_MIN / longest, _ENLARGED_MAX)
    if scale != 1.0:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return picture, scale
