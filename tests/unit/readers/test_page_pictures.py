"""Pages are drawn as displayed, with boxes where facts say they are."""

import io

import pytest
from PIL import Image

from services.kit.limits import Limits
from services.validator.readers.refusals import Refused
from services.validator.readers.rendering import render_page, render_with_boxes
from tests.corpora.readers.build import FOLDER
from tests.corpora.readers.pdf_writing import pdf


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def test_a_page_has_the_asked_scale() -> None:
    assert opened(render_page(pdf(), 1, 2.0)).size == (1190, 1684)


def test_a_turned_page_is_drawn_as_displayed() -> None:
    assert opened(render_page(pdf(page=b"/Rotate 90"), 1, 1.0)).size == (842, 595)


def test_a_drawing_never_exceeds_its_pixels() -> None:
    size = opened(render_page(pdf(), 1, 50.0, Limits(render_pixels_max=100_000))).size
    assert size[0] * size[1] <= 101_000


def test_a_box_is_outlined_around_its_place_and_nowhere_else() -> None:
    plain = opened(render_page(pdf(b""), 1, 1.0))
    boxed = opened(render_with_boxes(pdf(b""), 1, 1.0, ((100, 200, 150, 220),)))
    red = {
        (x, y)
        for x in range(boxed.width)
        for y in range(boxed.height)
        if boxed.getpixel((x, y)) == (204, 0, 0)
    }
    assert plain.getcolors() == [(595 * 842, (255, 255, 255))]
    assert (min(x for x, _ in red), max(x for x, _ in red)) == (98, 152)
    assert (min(y for _, y in red), max(y for _, y in red)) == (198, 222)
    assert (125, 210) not in red


def test_a_picture_is_its_own_page() -> None:
    content = (FOLDER / "accept/photo.jpg").read_bytes()
    assert opened(render_page(content, 1, 0.5)).size == (160, 100)


def test_a_page_that_is_not_there_is_refused() -> None:
    for content, page in ((pdf(), 2), (pdf(), 0), ((FOLDER / "accept/photo.jpg").read_bytes(), 2)):
        with pytest.raises(Refused, match="corrupt"):
            render_page(content, page, 1.0)
    with pytest.raises(Refused, match="unsupported_type"):
        render_page(b"<a/>", 1, 1.0)
