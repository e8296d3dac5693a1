"""Two picture files compared: decoded within the limits, in gray, as displayed."""

from __future__ import annotations

import io
import warnings

import numpy
from PIL import Image, ImageOps

from services.kit.limits import Limits
from services.validator.readers.likeness import Likeness, compare
from services.validator.readers.picture import check_pixels, on_white
from services.validator.readers.picture_frame import declared_size
from services.validator.readers.refusals import Refused
from services.validator.readers.sniffing import PICTURES, media_type_of


def compare_pictures(one: bytes, other: bytes, limits: Limits | None = None) -> Likeness:
    """Whether two picture files show the same picture. Raises Refused for what is no picture that can be read."""
    bounds = limits or Limits()
    return compare(gray_pixels(one, bounds), gray_pixels(other, bounds))


def gray_pixels(content: bytes, limits: Limits) -> numpy.ndarray:
    """The first picture of a file in gray (height, width; uint8), as displayed. Raises Refused."""
    media_type = media_type_of(content)
    if media_type not in PICTURES:
        raise Refused("unsupported_type", "only pictures are compared")
    declared = declared_size(content, media_type)
    if declared is not None:
        check_pixels(*declared, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content)) as opened:
                check_pixels(*opened.size, limits)
                return numpy.asarray(on_white(ImageOps.exif_transpose(opened)).convert("L"))
        except (MemoryError, Refused):
            raise
        except Exception as error:
            raise Refused("corrupt", f"it cannot be decoded: {type(error).__name__}") from None
