"""Laying one picture over another: scale and offset at which their structures agree best.

The search goes from coarse to fine. Coarse, every offset is tried at once by correlation over the overlap (normalized
by what each picture shows there, so a frame around one of them does no harm); finer, only the neighborhood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy
from PIL import Image

Picture = Any
"""A numpy array (height, width) of gray values."""
Box = tuple[float, float, float, float]

_COARSE_SIDE = 160
_SIDE_MAX = 2048
_SCALE_MAX = 2.2
_SCALE_STEP = 1.025
_OVERLAP_MIN = 0.5
_SIDE_MIN = 8
_CANDIDATES = 2
_BELOW_BOTH = 1.5
_USABLE = 0.45
_DETAIL_PIXELS = 6


@dataclass(frozen=True, slots=True)
class Overlay:
    """The second picture times `scale`, moved by (`left`, `top`), lies on the first; all in pixels of the first times
    `unit`. `box` is the part they share, `share` its part of the smaller picture, `score` how well it agrees."""

    unit: float
    scale: float
    left: int
    top: int
    box: tuple[int, int, int, int]
    share: float
    score: float

    def in_first(self, place: Box) -> Box:
        """A box of the shared part in pixels of the first picture."""
        return self._moved(place, 0, 0, self.unit)

    def in_second(self, place: Box) -> Box:
        """The same place in pixels of the second picture."""
        return self._moved(place, -self.left, -self.top, self.unit * self.scale)

    def _moved(self, place: Box, left: int, top: int, unit: float) -> Box:
        x, y = self.box[0] + left, self.box[1] + top
        x0, y0, x1, y1 = place
        return (
            (x0 + x) / unit,
            (y0 + y) / unit,
            (x1 + x) / unit,
            (y1 + y) / unit,
        )


def overlays(one: Picture, other: Picture) -> Iterator[Overlay]:
    """The likely overlays of two gray pictures: without a change of size first, then by how well they agree.

    The later ones are searched for only when they are asked for.
    """
    longest = max(*one.shape, *other.shape)
    unit = min(_COARSE_SIDE / longest, 1.0)
    for found in chain(_unchanged(one, other, min(2 * unit, 1.0)), _resizings(one, other, unit)):
        while found.unit < min(1.0, _SIDE_MAX / longest):
            found = _finer(one, other, found, min(found.unit * 2, 1.0, _SIDE_MAX / longest))
        yield found


def common(one: Picture, other: Picture, overlay: Overlay) -> tuple[Picture, Picture, float]:
    """The shared part of both pictures, and its pixels for one pixel of the overlay.

    Of pictures that were resized it is taken smaller than either shows it, so that only what both can show counts.
    """
    x0, y0, x1, y1 = overlay.box
    in_first, in_second = ((0.0, 0.0, x1 - x0, y1 - y0),) * 2
    in_first, in_second = overlay.in_first(in_first), overlay.in_second(in_second)
    shrink = 1.0
    if overlay.scale != 1.0:
        shrink = min(1.0, 1 / overlay.scale) / _BELOW_BOTH
    elif overlay.unit < 1.0:
        shrink = 1 / _BELOW_BOTH
    size = (max(1, round((x1 - x0) * shrink)), max(1, round((y1 - y0) * shrink)))
    return _part(one, in_first, size), _part(other, in_second, size), shrink


def _part(pixels: Picture, box: Box, size: tuple[int, int]) -> Picture:
    height, width = pixels.shape
    inside = (max(box[0], 0.0), max(box[1], 0.0), min(box[2], width), min(box[3], height))
    return numpy.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, box=inside))


def _unchanged(one: Picture, other: Picture, unit: float) -> Iterator[Overlay]:
    found = _everywhere(_detail(_resized(one, unit)), _detail(_resized(other, unit)), unit, 1.0)
    if found is not None:
        yield found


def _resizings(one: Picture, other: Picture, unit: float) -> Iterator[Overlay]:
    first = _detail(_resized(one, unit))
    found = []
    for scale in _scales(one, other):
        overlay = _everywhere(first, _detail(_resized(other, unit * scale)), unit, scale)
        if overlay is not None and overlay.score >= _USABLE:
            found.append(overlay)
    yield from sorted(found, key=lambda overlay: -overlay.score)[:_CANDIDATES]


def _scales(one: Picture, other: Picture) -> Iterator[float]:
    """The likely ones first (resized by width or by height), then all between."""
    likely = [one.shape[1] / other.shape[1], one.shape[0] / other.shape[0]]
    yield from dict.fromkeys(s for s in likely if s != 1.0 and 1 / _SCALE_MAX <= s <= _SCALE_MAX)
    scale = _SCALE_STEP
    while scale <= _SCALE_MAX:
        yield scale
        yield 1 / scale
        scale *= _SCALE_STEP


def _everywhere(first: Picture, second: Picture, unit: float, scale: float) -> Overlay | None:
    """The best offset of all, by correlation over the overlap."""
    if min(*first.shape, *second.shape) < _SIDE_MIN:
        return None
    height, width = first.shape[0] + second.shape[0], first.shape[1] + second.shape[1]
    size = (_fast_length(height), _fast_length(width))

    def spectrum(values: Picture) -> Picture:
        return numpy.fft.rfft2(values, size)

    def correlated(a: Picture, b: Picture) -> Picture:
        return numpy.fft.irfft2(a * numpy.conj(b), size)

    of_first, of_second = spectrum(first), spectrum(second)
    ones_first, ones_second = spectrum(numpy.ones_like(first)), spectrum(numpy.ones_like(second))
    together = correlated(of_first, of_second)
    energy_first = correlated(spectrum(first * first), ones_second)
    energy_second = correlated(ones_first, spectrum(second * second))
    area = correlated(ones_first, ones_second)
    enough = area >= _OVERLAP_MIN * min(first.size, second.size)
    # What each shows under the overlap must be a fair part of all it shows.
    enough &= energy_first > 0.25 * float((first * first).sum())
    enough |= area >= 0.98 * min(first.size, second.size)
    enough &= (energy_first > 1e-3) & (energy_second > 1e-3)
    if not enough.any():
        return None
    score = numpy.where(
        enough, together / numpy.sqrt(numpy.where(enough, energy_first * energy_second, 1.0)), -1.0
    )
    row, column = numpy.unravel_index(int(score.argmax()), score.shape)
    top = int(row) if row < first.shape[0] else int(row) - size[0]
    left = int(column) if column < first.shape[1] else int(column) - size[1]
    return _overlay(first, second, unit, scale, left, top, float(score[row, column]))


def _finer(one: Picture, other: Picture, found: Overlay, unit: float) -> Overlay:
    """The overlay at a finer unit: offsets around, and scales that move an edge by about a pixel."""
    first = _detail(_resized(one, unit))
    step = unit / found.unit
    best: Overlay | None = None
    longest = max(other.shape) * unit * found.scale
    scales = (
        [found.scale] if found.scale == 1.0 else [found.scale * (1 + k / longest) for k in (0, -2, -1, 1, 2)]
    )
    for scale in scales:
        second = _detail(_resized(other, unit * scale))
        for top in range(round(found.top * step) - 2, round(found.top * step) + 3):
            for left in range(round(found.left * step) - 2, round(found.left * step) + 3):
                tried = _scored(first, second, unit, scale, left, top)
                if tried is not None and (best is None or tried.score > best.score + 1e-6):
                    best = tried
    return best or found


def _scored(
    first: Picture, second: Picture, unit: float, scale: float, left: int, top: int
) -> Overlay | None:
    overlay = _overlay(first, second, unit, scale, left, top, 0.0)
    if overlay is None:
        return None
    x0, y0, x1, y1 = overlay.box
    # Every pixel of a small overlap, some of a large one: an offset shows in any of them.
    stride = max(1, round(((x1 - x0) * (y1 - y0) / 150_000) ** 0.5))
    a = first[y0:y1:stride, x0:x1:stride].ravel()
    b = second[y0 - top : y1 - top : stride, x0 - left : x1 - left : stride].ravel()
    norm = float(numpy.sqrt(a.dot(a) * b.dot(b)))
    score = float(a.dot(b)) / norm if norm > 0 else 0.0
    return Overlay(unit, scale, left, top, overlay.box, overlay.share, score)


def _overlay(
    first: Picture, second: Picture, unit: float, scale: float, left: int, top: int, score: float
) -> Overlay | None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(first.shape[1], left + second.shape[1]), min(first.shape[0], top + second.shape[0])
    if x1 <= x0 or y1 <= y0:
        return None
    share = (x1 - x0) * (y1 - y0) / min(first.size, second.size)
    return Overlay(unit, scale, left, top, (x0, y0, x1, y1), share, score)


def _detail(pixels: Picture) -> Picture:
    """What stands out of its surroundings: values less the mean around, so that grounds and gradients vanish."""
    values = pixels.astype(numpy.float32)
    reach = _DETAIL_PIXELS
    sums = numpy.pad(values, reach, mode="edge").cumsum(axis=0, dtype=numpy.float64).cumsum(axis=1)
    sums = numpy.pad(sums, ((1, 0), (1, 0)))
    side = 2 * reach + 1
    around = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return (values - around / (side * side)).astype(numpy.float32)


def _resized(pixels: Picture, scale: float) -> Picture:
    if abs(scale - 1.0) < 1e-9:
        return pixels
    height, width = pixels.shape
    return _to_size(pixels, round(width * scale), round(height * scale))


def _to_size(pixels: Picture, width: int, height: int) -> Picture:
    size = (max(1, width), max(1, height))
    return numpy.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))


def _fast_length(least: int) -> int:
    """The next length that is a power of two or three quarters of one."""
    length = 16
    while length < least:
        if length * 3 // 2 >= least:
            return length * 3 // 2
        length *= 2
    return length
