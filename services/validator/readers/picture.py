"""A picture as proof: its size, the day a camera wrote into it, and whether there is anything to see.

Size is judged from the header before pixels are decoded; only then the picture is opened, with exactly the formats
that are read.
"""

import io
import re
import warnings
from dataclasses import dataclass
from datetime import date

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from schemas.facts import Fact, Method, PageSize
from services.kit.limits import Limits
from services.validator.readers.likeness_print import print_of
from services.validator.readers.picture_frame import declared_size, has_trailing_bytes
from services.validator.readers.refusals import Refused
from services.validator.readers.sniffing import JPEG, PNG, TIFF, WEBP

ENGINE = "picture 1"
NO_CONTENT = "no_content"
TOO_SMALL = "too_small"
TRAILING_DATA = "trailing_data"

_FORMATS = {PNG: ("PNG",), JPEG: ("JPEG", "MPO"), TIFF: ("TIFF",), WEBP: ("WEBP",)}
_SIDE_READABLE_MIN = 48
_LOOK_SIDE = 512
# A screenshot of one short line on white deviates by more than 2 of 255; scanner noise on a blank page by less.
_DEVIATION_BLANK = 2.0
_RANGE_BLANK = 24
_TAKEN = re.compile(r"^(\d{4})[:-](\d{2})[:-](\d{2})")
_TAG_ORIGINAL, _TAG_CHANGED, _EXIF_BLOCK = 0x9003, 0x0132, 0x8769


@dataclass(frozen=True, slots=True)
class PictureReading:
    """Facts (`taken_on`, `picture_print`), size of each frame as displayed in pixels, flags."""

    facts: dict[str, Fact]
    page_sizes: tuple[PageSize, ...]
    flags: tuple[str, ...]


def read_picture(content: bytes, media_type: str, limits: Limits) -> PictureReading:
    """Look at a picture. Raises Refused (too_many_pixels, resource_limit, corrupt)."""
    declared = declared_size(content, media_type)
    if declared is not None:
        check_pixels(*declared, limits)
    flags: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS[media_type]) as picture:
                sizes, is_blank, look = _look(picture, media_type, limits)
                facts = _facts(picture)
                if look is not None:
                    # A print proposes pictures to compare; it says nothing by itself.
                    facts["picture_print"] = _metadata(look, "")
        except (MemoryError, Refused):
            raise
        except Image.DecompressionBombError:
            raise Refused("too_many_pixels", "more pixels than any screenshot") from None
        except UnidentifiedImageError:
            raise Refused("corrupt", "its header cannot be read") from None
        except Exception as error:
            if "Decompressed data too large" in str(error):
                raise Refused("resource_limit", "its texts or color profile unpack to too much") from None
            # Decoders answer damage with OSError, SyntaxError, ValueError, struct.error, EOFError and others.
            raise Refused("corrupt", f"it cannot be decoded: {type(error).__name__}") from None
    if is_blank:
        flags.append(NO_CONTENT)
    if min(min(size.width, size.height) for size in sizes) < _SIDE_READABLE_MIN:
        flags.append(TOO_SMALL)
    if has_trailing_bytes(content, media_type):
        flags.append(TRAILING_DATA)
    return PictureReading(facts, sizes, tuple(flags))


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse what would decode to more pixels than are read, and what has none."""
    if width * height > limits.read_picture_pixels_max:
        raise Refused("too_many_pixels", f"{width} x {height} pixels")
    if width == 0 or height == 0:
        raise Refused("corrupt", "no pixels")


def _look(
    picture: Image.Image, media_type: str, limits: Limits
) -> tuple[tuple[PageSize, ...], bool, str | None]:
    """The size of every frame as displayed, whether none shows anything, and the print of the first."""
    frames = getattr(picture, "n_frames", 1)
    if frames > limits.read_picture_frames_max:
        raise Refused("resource_limit", f"{frames} pictures in one file")
    if media_type != TIFF:
        # Of what moves, and of a photo with its depth map, the first picture is what everybody is shown.
        frames = 1
    sizes: list[PageSize] = []
    is_blank, first_print = True, None
    pixels = 0
    for index in range(frames):
        if frames > 1:
            picture.seek(index)
        width, height = picture.size
        check_pixels(width, height, limits)
        pixels += width * height
        if pixels > limits.read_picture_pixels_max * 2:
            raise Refused("too_many_pixels", f"{pixels} pixels in {frames} pictures")
        turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
        sizes.append(PageSize(width=height if turned else width, height=width if turned else height))
        if media_type == JPEG:
            # Decodes at a fraction of the size where that is enough to see; the whole file is still consumed.
            picture.draft("L", (_LOOK_SIDE, _LOOK_SIDE))
        picture.load()
        gray = on_white(picture).convert("L")
        is_blank = is_blank and _is_blank(gray)
        first_print = print_of(ImageOps.exif_transpose(gray)) if index == 0 else first_print
    return tuple(sizes), is_blank, first_print


def on_white(picture: Image.Image) -> Image.Image:
    """The picture in RGB or gray; what is transparent shows white, and 16 bits of gray are stretched to 8."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        ground.alpha_composite(seen)
        return ground.convert("RGB")
    if picture.mode.startswith("I") or picture.mode == "F":
        return ImageOps.autocontrast(picture.convert("F").convert("L"))
    return picture if picture.mode in {"RGB", "L"} else picture.convert("RGB")


def _is_blank(gray: Image.Image) -> bool:
    low, high = gray.getextrema()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or high - low < _RANGE_BLANK:
        return True
    factor = max(1, min(gray.size) // _LOOK_SIDE)
    return ImageStat.Stat(gray.reduce(factor)).stddev[0] < _DEVIATION_BLANK


def _facts(picture: Image.Image) -> dict[str, Fact]:
    exif = picture.getexif()
    for tag, written in ((_TAG_ORIGINAL, exif.get_ifd(_EXIF_BLOCK)), (_TAG_CHANGED, exif)):
        raw = str(written.get(tag) or "").strip("\0 ")
        found = _TAKEN.match(raw)
        if not found:
            continue
        try:
            taken: str | None = date(*map(int, found.groups())).isoformat()
        except ValueError:
            taken = None
        # A camera's clock is only as right as its owner set it; the second tag changes with every edit.
        confidence = 0.8 if tag == _TAG_ORIGINAL else 0.5
        return {"taken_on": _metadata(taken, raw[:40], confidence)}
    return {}


def _metadata(value: str | None, raw: str, confidence: float = 1.0) -> Fact:
    return Fact(value=value, raw=raw, page=1, method=Method.METADATA, engine=ENGINE, confidence=confidence)
