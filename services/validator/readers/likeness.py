"""Whether two pictures are the same one, whole or with a part changed, by their pixels.

The print of a picture (`likeness_print`) only proposes; here one is laid over the other (any size, cropped, with a
frame around it), and tiles of the part they share are compared. Tiles without structure tell nothing: pictures that
have little else are never called the same.
"""

from __future__ import annotations

import numpy

from services.validator.readers.likeness_answer import DIFFERENT, Box, Likeness
from services.validator.readers.likeness_overlay import Overlay, Picture, common, overlays

_TILE = 16
_STRUCTURE_MIN = 7.0
_TILES_TELLING_MIN = 20
_SHARE_TELLING_MIN = 0.02
_OVERLAP_MIN = 0.55
_AGREEMENT_MIN = 0.6
_AGREEMENT_CLEAR = 0.9
# Strong compression changes up to 3 pixels of a tile so much; a changed character 30 and more.
_DIFFERENT_BY = 44
_PIXELS_DIFFERENT = 8
_EDGE = 3
_TILE_APART_MAX = 3


def compare(one: Picture, other: Picture) -> Likeness:
    """Compare two pictures in gray (height, width; uint8). Pure."""
    best = DIFFERENT
    for overlay in overlays(one, other):
        if overlay.share < _OVERLAP_MIN:
            continue
        found = _compared(one, other, overlay)
        if found.agreement > best.agreement:
            best = found
        # A size that is off by a pixel leaves traces that look like changes: another size may leave none.
        if best.verdict == "same" or (overlay.scale == 1.0 and best.agreement >= _AGREEMENT_CLEAR):
            break
    return best


def _compared(one: Picture, other: Picture, overlay: Overlay) -> Likeness:
    first, second, shrink = common(one, other, overlay)
    if min(first.shape) < _TILE:
        return DIFFERENT
    telling = _telling_tiles(first) | _telling_tiles(second)
    count = int(telling.sum())
    if count < max(_TILES_TELLING_MIN, _SHARE_TELLING_MIN * telling.size):
        return DIFFERENT
    apart = _differing_tiles(first, second)
    agreement = 1.0 - float((apart & telling).sum()) / count
    if agreement < _AGREEMENT_MIN:
        return Likeness("different", overlay.share, agreement)
    places = [_times(place, 1 / shrink) for place in _places(apart)]
    if not places:
        return Likeness("same", overlay.share, agreement)
    regions = tuple(_within(overlay.in_first(place), one) for place in places)
    others = tuple(_within(overlay.in_second(place), other) for place in places)
    return Likeness("same_edited", overlay.share, agreement, regions, others)


def _times(place: Box, factor: float) -> Box:
    x0, y0, x1, y1 = place
    return x0 * factor, y0 * factor, x1 * factor, y1 * factor


def _within(place: Box, picture: Picture) -> Box:
    height, width = picture.shape
    x0, y0, x1, y1 = place
    return round(max(x0, 0.0), 1), round(max(y0, 0.0), 1), round(min(x1, width), 1), round(min(y1, height), 1)


def _tiles(pixels: Picture) -> Picture:
    """The picture as (rows, columns, pixels of a tile); the last ones are filled up with the pixels at the edge."""
    short = [(0, -side % _TILE) for side in pixels.shape]
    whole = numpy.pad(pixels, short, mode="edge")
    rows, columns = (side // _TILE for side in whole.shape)
    return whole.reshape(rows, _TILE, columns, _TILE).swapaxes(1, 2).reshape(rows, columns, -1)


def _telling_tiles(pixels: Picture) -> Picture:
    return _tiles(pixels.astype(numpy.float32)).std(axis=2) > _STRUCTURE_MIN


def _differing_tiles(first: Picture, second: Picture) -> Picture:
    """Tiles in which pixels differ by more than resampling and compression change them.

    A pixel is compared with the range of the other picture's neighborhood, so that edges may move by one pixel.
    """
    low, high = _range_around(first)
    beyond = numpy.maximum(second - high, low - second)
    low, high = _range_around(second)
    back = numpy.maximum(first - high, low - first)
    different = numpy.maximum(beyond, back) > _DIFFERENT_BY
    # Where a picture ends, resampling has no neighbors to mix.
    inside = numpy.zeros_like(different)
    inside[_EDGE:-_EDGE, _EDGE:-_EDGE] = different[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return _tiles(inside).sum(axis=2) >= _PIXELS_DIFFERENT


def _range_around(pixels: Picture) -> tuple[Picture, Picture]:
    """The least and the greatest value in the 3 x 3 pixels around each, as signed numbers."""
    wide = numpy.pad(pixels.astype(numpy.int16), 1, mode="edge")
    across_low = numpy.minimum(numpy.minimum(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:])
    across_high = numpy.maximum(numpy.maximum(wide[:, :-2], wide[:, 1:-1]), wide[:, 2:])
    low = numpy.minimum(numpy.minimum(across_low[:-2], across_low[1:-1]), across_low[2:])
    high = numpy.maximum(numpy.maximum(across_high[:-2], across_high[1:-1]), across_high[2:])
    return low, high


def _places(apart: Picture) -> list[Box]:
    """Boxes around differing tiles that lie near each other, in pixels of the overlay, the largest first."""
    left = {(int(row), int(column)) for row, column in zip(*numpy.nonzero(apart), strict=True)}
    groups: list[list[tuple[int, int]]] = []
    while left:
        group = [left.pop()]
        for row, column in group:
            near = {
                tile
                for tile in left
                if abs(tile[0] - row) <= _TILE_APART_MAX and abs(tile[1] - column) <= _TILE_APART_MAX
            }
            left -= near
            group += near
        groups.append(group)
    groups.sort(key=lambda group: (-len(group), min(group)))
    return [
        (
            float(min(column for _, column in group) * _TILE),
            float(min(row for row, _ in group) * _TILE),
            float((max(column for _, column in group) + 1) * _TILE),
            float((max(row for row, _ in group) + 1) * _TILE),
        )
        for group in groups
    ]
