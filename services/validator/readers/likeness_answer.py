"""What a comparison of two pictures answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["same", "same_edited", "different"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two pictures have in common.

    `regions` are the changed places in the first picture and `regions_other` the same places in the second, in pixels
    (1 px = 1 pt) as displayed. `overlap` is the share of the smaller picture that the other one shows too,
    `agreement` the share of telling tiles that are equal there.
    """

    verdict: Verdict
    overlap: float = 0.0
    agreement: float = 0.0
    regions: tuple[Box, ...] = ()
    regions_other: tuple[Box, ...] = ()


DIFFERENT = Likeness("different")


def as_json(likeness: Likeness) -> dict[str, Any]:
    """The likeness as JSON values."""
    return asdict(likeness)


def from_json(values: dict[str, Any]) -> Likeness:
    """The likeness that `as_json` wrote. Raises KeyError, TypeError and ValueError for anything else."""
    if values["verdict"] not in {"same", "same_edited", "different"}:
        raise ValueError("an unknown verdict")
    regions, others = (
        tuple((float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in values[name])
        for name in ("regions", "regions_other")
    )
    return Likeness(values["verdict"], float(values["overlap"]), float(values["agreement"]), regions, others)
