"""A changed place is reported where it is, in both pictures."""

import pytest
from PIL import Image, ImageDraw, ImageFilter

from services.validator.readers.likeness_answer import as_json, from_json
from services.validator.readers.likeness_pictures import compare_pictures
from services.validator.readers.likeness_print import distance, is_proposed, print_of
from services.validator.readers.refusals import Refused
from tests.unit.ocr.drawings import encoded, font, screen


def edited(picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    changed = picture.copy()
    pen = ImageDraw.Draw(changed)
    pen.rectangle(box, "white")
    pen.text((box[0] + 2, box[1] + 1), "Total 9,999.00", "black", font(16))
    return changed


def covers(region: tuple[float, ...], box: tuple[int, ...], slack: float = 18) -> bool:
    return all(abs(side - wanted) <= slack + 16 for side, wanted in zip(region, box, strict=True)) and (
        region[0] <= box[2] and box[0] <= region[2] and region[1] <= box[3] and box[1] <= region[3]
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_total_is_reported_with_its_place(seed: int) -> None:
    picture, box = screen(seed), (300, 240, 430, 262)
    found = compare_pictures(encoded(picture), encoded(edited(picture, box)))
    assert found.verdict == "same_edited"
    assert len(found.regions) == 1
    assert covers(found.regions[0], box)
    assert found.regions == found.regions_other


def test_in_a_cropped_copy_the_place_is_named_in_both_pictures() -> None:
    picture, box = screen(7), (300, 240, 430, 262)
    cropped = edited(picture, box).crop((20, 40, 640, 480))
    found = compare_pictures(encoded(picture), encoded(cropped))
    assert found.verdict == "same_edited"
    assert covers(found.regions[0], box)
    assert covers(found.regions_other[0], (280, 200, 410, 222))


def test_a_change_at_the_last_pixels_of_a_picture_is_seen() -> None:
    picture = screen(3, 645, 485)
    changed = picture.copy()
    ImageDraw.Draw(changed).rectangle((560, 470, 640, 480), (200, 0, 0))
    found = compare_pictures(encoded(picture), encoded(changed))
    assert found.verdict == "same_edited"
    assert all(region[2] <= 645 and region[3] <= 485 for region in found.regions)


@pytest.mark.parametrize(
    "plain",
    [
        Image.new("RGB", (640, 480), "white"),
        Image.linear_gradient("L").resize((640, 480)),
        Image.new("RGB", (640, 480), "white").filter(ImageFilter.GaussianBlur(2)),
    ],
)
def test_plain_pictures_are_never_the_same(plain: Image.Image) -> None:
    assert compare_pictures(encoded(plain), encoded(plain)).verdict == "different"


def test_a_plain_or_tiny_picture_has_no_print() -> None:
    assert print_of(Image.new("L", (640, 480), 255)) is None
    assert print_of(screen(1).convert("L").resize((40, 40))) is None
    assert not is_proposed(None, print_of(screen(1).convert("L")))


def test_a_print_is_eighty_digits_and_no_distance_from_itself() -> None:
    made = print_of(screen(1).convert("L"))
    assert made is not None
    assert len(made) == 80
    assert distance(made, made) == 0


def test_a_likeness_survives_the_way_out_of_the_room() -> None:
    picture = screen(2)
    found = compare_pictures(encoded(picture), encoded(edited(picture, (300, 240, 430, 262))))
    assert from_json(as_json(found)) == found


def test_only_pictures_are_compared() -> None:
    with pytest.raises(Refused) as refused:
        compare_pictures(encoded(screen(1)), b"%PDF-1.7\n")
    assert refused.value.reason == "unsupported_type"
