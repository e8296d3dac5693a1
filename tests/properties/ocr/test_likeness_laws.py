"""A picture stays the same one through what people do to it; another one never becomes it."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from services.validator.readers.likeness_pictures import compare_pictures
from services.validator.readers.likeness_print import is_proposed, print_of
from tests.unit.ocr.drawings import encoded, screen

BOUNDED = settings(max_examples=5, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


def proposed(one: Image.Image, content: bytes) -> bool:
    with Image.open(io.BytesIO(content)) as other:
        return is_proposed(print_of(one.convert("L")), print_of(other.convert("L")))


@BOUNDED
@given(seed=seeds, quality=st.integers(50, 95))
def test_recompressed_it_is_the_same(seed: int, quality: int) -> None:
    picture = screen(seed)
    changed = encoded(picture, "JPEG", quality=quality)
    assert proposed(picture, changed)
    assert compare_pictures(encoded(picture), changed).verdict == "same"


@BOUNDED
@given(seed=seeds, percent=st.integers(55, 170))
def test_resized_it_is_the_same(seed: int, percent: int) -> None:
    picture = screen(seed)
    size = (round(picture.width * percent / 100), round(picture.height * percent / 100))
    changed = encoded(picture.resize(size, Image.Resampling.LANCZOS))
    assert proposed(picture, changed)
    assert compare_pictures(encoded(picture), changed).verdict == "same"


@BOUNDED
@given(seed=seeds, sides=st.tuples(*[st.integers(0, 40)] * 4))
def test_cropped_it_is_the_same(seed: int, sides: tuple[int, int, int, int]) -> None:
    picture = screen(seed)
    changed = encoded(ImageOps.crop(picture, sides))
    assert proposed(picture, changed)
    assert compare_pictures(encoded(picture), changed).verdict == "same"


@BOUNDED
@given(seed=seeds, top=st.integers(30, 90), side=st.integers(0, 40), gray=st.integers(150, 255))
def test_in_a_frame_it_is_the_same(seed: int, top: int, side: int, gray: int) -> None:
    picture = screen(seed)
    framed = Image.new("RGB", (picture.width + 2 * side, picture.height + top + side), (gray,) * 3)
    framed.paste(picture, (side, top))
    assert compare_pictures(encoded(picture), encoded(framed)).verdict == "same"


@BOUNDED
@given(pair=st.lists(seeds, min_size=2, max_size=2, unique=True))
def test_two_drawings_are_never_the_same(pair: list[int]) -> None:
    one, other = (encoded(screen(seed)) for seed in pair)
    assert compare_pictures(one, other).verdict == "different"


@BOUNDED
@given(seed=seeds)
def test_nothing_is_the_same_as_a_blank_page(seed: int) -> None:
    blank = encoded(Image.new("RGB", (640, 480), "white"))
    assert compare_pictures(encoded(screen(seed)), blank).verdict == "different"


@pytest.mark.parametrize("swap", [False, True])
def test_the_order_of_the_two_does_not_matter(swap: bool) -> None:
    picture = screen(11)
    pair = [encoded(picture), encoded(ImageOps.crop(picture, 12))]
    one, other = reversed(pair) if swap else pair
    assert compare_pictures(one, other).verdict == "same"
