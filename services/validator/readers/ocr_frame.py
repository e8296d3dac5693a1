"""From a picture as recognized (turned upright, leveled, scaled) back to the page as displayed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.facts import Box, Fact, Row

_LONG_SIDE_POINTS = 842.0


@dataclass(frozen=True, slots=True)
class UprightFrame:
    """One page (number from 1) of `width` x `height` points as displayed, drawn at `scale` pixels for a point and
    turned clockwise by `turns` quarters; its lines rise by `slope` radians (downward positive).

    Words are given in points of a level upright page whose long side is that of A4, whatever the picture's size, so
    that sizes and distances mean the same to the rules that read them.
    """

    number: int
    width: float
    height: float
    scale: float
    turns: int = 0
    slope: float = 0.0

    @property
    def unit(self) -> float:
        """Level points for one pixel."""
        return _LONG_SIDE_POINTS / (max(self.width, self.height) * self.scale)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the level page in its points."""
        sides = (self.width, self.height) if self.turns % 2 == 0 else (self.height, self.width)
        return sides[0] * self.scale * self.unit, sides[1] * self.scale * self.unit

    def leveled(self, corners: Iterable[tuple[float, float]]) -> Box:
        """Where a quadrilateral of pixels of the upright picture lies on the level page."""
        return _around(self._turned((x * self.unit, y * self.unit), -self.slope) for x, y in corners)

    def displayed(self, box: Box) -> Box:
        """Where a box of the level page lies on the page as displayed."""
        x0, y0, x1, y1 = box
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        x0, y0, x1, y1 = _around(self._unturned(self._turned(corner, self.slope)) for corner in corners)
        return max(x0, 0.0), max(y0, 0.0), min(x1, self.width), min(y1, self.height)

    def _turned(self, point: tuple[float, float], angle: float) -> tuple[float, float]:
        if angle == 0.0:
            return point
        width, height = self.size
        x, y = point[0] - width / 2, point[1] - height / 2
        cosine, sine = math.cos(angle), math.sin(angle)
        return x * cosine - y * sine + width / 2, x * sine + y * cosine + height / 2

    def _unturned(self, point: tuple[float, float]) -> tuple[float, float]:
        x, y = (side / (self.unit * self.scale) for side in point)
        if self.turns == 1:
            return y, self.height - x
        if self.turns == 2:
            return self.width - x, self.height - y
        if self.turns == 3:
            return self.width - y, x
        return x, y


def _around(points: Iterable[tuple[float, float]]) -> Box:
    found = list(points)
    return (
        min(x for x, _ in found),
        min(y for _, y in found),
        max(x for x, _ in found),
        max(y for _, y in found),
    )


def displayed_facts(facts: Mapping[str, Fact], frames: Mapping[int, UprightFrame]) -> dict[str, Fact]:
    """The facts with their places on the pages as displayed; pages without a frame are as they are."""
    return {name: displayed_fact(fact, frames) for name, fact in facts.items()}


def displayed_rows(rows: Iterable[Row], frames: Mapping[int, UprightFrame]) -> tuple[Row, ...]:
    """Like `displayed_facts`, for lines."""
    return tuple({name: displayed_fact(fact, frames) for name, fact in row.items()} for row in rows)


def displayed_fact(fact: Fact, frames: Mapping[int, UprightFrame]) -> Fact:
    """One fact with its place on the page as displayed."""
    frame = frames.get(fact.page) if fact.page is not None else None
    if frame is None or fact.box is None:
        return fact
    return fact.model_copy(update={"box": tuple(round(side, 2) for side in frame.displayed(fact.box))})
