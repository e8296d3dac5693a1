"""The way from the page as displayed to the level page of recognition and back loses nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.validator.readers.ocr_frame import UprightFrame

sides = st.floats(50, 3000)
shares = st.floats(0.05, 0.95)


@given(width=sides, height=sides, scale=st.floats(0.2, 4), turns=st.integers(0, 3), x=shares, y=shares)
def test_a_place_comes_back_to_where_it_was(
    width: float, height: float, scale: float, turns: int, x: float, y: float
) -> None:
    frame = UprightFrame(1, width, height, scale, turns)
    # The place in pixels of the picture as displayed, then turned clockwise with it.
    across, down = x * width * scale, y * height * scale
    extent = (width * scale, height * scale)
    for _ in range(turns):
        across, down = extent[1] - down, across
        extent = (extent[1], extent[0])
    box = frame.displayed(frame.leveled([(across, down)] * 4))
    assert box == pytest.approx((x * width, y * height, x * width, y * height), abs=1e-3)


@given(width=sides, height=sides, turns=st.integers(0, 3))
def test_a_level_page_is_as_long_as_a_sheet(width: float, height: float, turns: int) -> None:
    across, down = UprightFrame(1, width, height, 2.0, turns).size
    assert max(across, down) == pytest.approx(842)
    turned = (width, height) if turns % 2 == 0 else (height, width)
    assert across / down == pytest.approx(turned[0] / turned[1])


@given(angle=st.floats(-0.2, 0.2), x=shares, y=shares)
def test_a_line_at_an_angle_becomes_level_and_its_box_holds_it_when_displayed(
    angle: float, x: float, y: float
) -> None:
    frame = UprightFrame(1, 800, 600, 1.0, slope=angle)
    start = (x * 400 + 100, y * 300 + 100)
    end = (start[0] + 200 * math.cos(angle), start[1] + 200 * math.sin(angle))
    level = frame.leveled([start, end])
    assert level[1] == pytest.approx(level[3], abs=1e-6)
    shown = frame.displayed(level)
    assert shown[0] == pytest.approx(start[0], abs=1e-6)
    assert shown[2] == pytest.approx(end[0], abs=1e-6)
