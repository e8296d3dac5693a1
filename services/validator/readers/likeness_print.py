"""A picture's print: short enough to keep, close for pictures that look alike, and only ever a proposal.

It holds one gradient hash of 64 bits of the whole picture and of four cuts of it, so that a picture and its crop, or
itself in a browser's frame, have a hash in common. Which pictures really are the same, pixels decide (`likeness`).
"""

from __future__ import annotations

from PIL import Image, ImageStat

DISTANCE_PROPOSED_MAX = 18
"""Of 64 bits. Unrelated screenshots differ in about 25; one of them framed, cropped or resized in at most 13."""

_BITS = 64
_DIGITS = _BITS // 4
_ACROSS, _DOWN = 9, 8
# Shares of width and height: left, top, right, bottom.
_CUTS = (
    (0.0, 0.0, 1.0, 1.0),
    (0.03, 0.03, 0.97, 0.97),
    (0.0, 0.1, 1.0, 1.0),
    (0.06, 0.1, 0.94, 0.94),
    (0.04, 0.12, 0.96, 0.96),
)
_SIDE_MIN = 48
_DEVIATION_MIN = 4.0
_SIDE_WORKED = 256


def print_of(gray: Image.Image) -> str | None:
    """The print of a picture in gray, as hexadecimal digits; None for one too small or too plain to be told apart."""
    if min(gray.size) < _SIDE_MIN:
        return None
    longest = max(gray.size)
    if longest > _SIDE_WORKED:
        gray = gray.reduce(max(1, longest // _SIDE_WORKED))
    if ImageStat.Stat(gray).stddev[0] < _DEVIATION_MIN:
        return None
    return "".join(_hash(gray, cut) for cut in _CUTS)


def distance(one: str, other: str) -> int:
    """The least number of bits in which a cut of one picture differs from a cut of the other."""
    return min((first ^ second).bit_count() for first in _parts(one) for second in _parts(other))


def is_proposed(one: str | None, other: str | None) -> bool:
    """Whether two pictures look alike enough to be compared."""
    return bool(one and other) and distance(one or "", other or "") <= DISTANCE_PROPOSED_MAX


def _parts(text: str) -> list[int]:
    return [int(text[at : at + _DIGITS], 16) for at in range(0, len(text), _DIGITS)]


def _hash(gray: Image.Image, cut: tuple[float, float, float, float]) -> str:
    """Whether each of 8 x 8 places is brighter than the one to its left."""
    width, height = gray.size
    box = (cut[0] * width, cut[1] * height, cut[2] * width, cut[3] * height)
    values = gray.resize((_ACROSS, _DOWN), Image.Resampling.BOX, box=box).tobytes()
    bits = 0
    for row in range(_DOWN):
        for column in range(1, _ACROSS):
            at = row * _ACROSS + column
            bits = bits << 1 | (values[at] > values[at - 1])
    return f"{bits:0{_DIGITS}x}"
