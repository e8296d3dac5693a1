"""Words of a PDF: where they are displayed, and what shows that nobody sees them."""

import io

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib.utils import ImageReader

from services.kit.limits import Limits
from services.validator.readers.pdf_words import PdfTextError, read_pages
from tests.unit.readers_text.drawing import HEIGHT, WIDTH, pdf, rows, text


def words_of(content: bytes) -> dict[str, tuple[str, ...]]:
    return {word.text: word.hidden for page in read_pages(content) for word in page.words}


def changed(content: bytes, change) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer, writer.pages[0])
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def box_of(content: bytes, word: str) -> tuple[float, float, float, float]:
    return next(each.box for page in read_pages(content) for each in page.words if each.text == word)


def marked(canvas) -> None:
    text(canvas, 100, 200, "MARK", 20)


def test_a_box_is_measured_from_the_top_left_of_the_page() -> None:
    x0, y0, x1, y1 = box_of(pdf(marked), "MARK")
    assert (round(x0), round(y1)) == (101, 200)
    assert 160 > x1 > 140
    assert 190 > y0 > 180


@pytest.mark.parametrize(
    "turn, near",
    [
        (0, (101, 200)),
        (90, (HEIGHT - 200, 101)),
        (180, (WIDTH - 101, HEIGHT - 200)),
        (270, (200, WIDTH - 101)),
    ],
)
def test_a_turned_page_gives_boxes_as_displayed(turn, near) -> None:
    content = changed(pdf(marked), lambda _, page: page.rotate(turn))
    page = read_pages(content)[0]
    assert (page.width, page.height) == ((WIDTH, HEIGHT) if turn % 180 == 0 else (HEIGHT, WIDTH))
    x0, y0, x1, y1 = box_of(content, "MARK")
    assert min(abs(x0 - near[0]), abs(x1 - near[0])) < 1.5
    assert min(abs(y0 - near[1]), abs(y1 - near[1])) < 1.5


def test_a_crop_box_moves_the_origin_and_hides_what_lies_outside() -> None:
    def two(canvas) -> None:
        text(canvas, 100, 200, "MARK", 20)
        text(canvas, 10, 20, "OUTSIDE")

    content = changed(
        pdf(two),
        lambda _, page: page.__setitem__(NameObject("/CropBox"), RectangleObject((50, 100, 545, 800))),
    )
    page = read_pages(content)[0]
    assert (page.width, page.height) == (495, 700)
    assert round(box_of(content, "MARK")[0]) == 51
    assert round(box_of(content, "MARK")[3]) == 200 - 42
    assert "off_page" in words_of(content)["OUTSIDE"]


def test_text_that_paints_nothing_is_hidden() -> None:
    def draw(canvas) -> None:
        canvas.saveState()
        line = canvas.beginText(50, 700)
        line.setTextRenderMode(3)
        line.textLine("9,999.00")
        canvas.drawText(line)
        canvas.restoreState()
        text(canvas, 50, 300, "seen")

    assert words_of(pdf(draw)) == {"9,999.00": ("render_mode",), "seen": ()}


def test_text_in_the_color_of_its_ground_is_hidden_and_white_on_dark_is_not() -> None:
    def draw(canvas) -> None:
        canvas.setFillColorRGB(0.1, 0.1, 0.4)
        canvas.rect(40, 600, 300, 40, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 615, "Heading")
        canvas.drawString(50, 500, "Secret")
        canvas.setFillColorRGB(0.1, 0.1, 0.4)
        canvas.drawString(200, 615, "Drowned")

    assert words_of(pdf(draw)) == {"Heading": (), "Secret": ("color",), "Drowned": ("color",)}


def test_white_text_on_a_dark_shape_with_round_corners_is_seen() -> None:
    def draw(canvas) -> None:
        canvas.setFillColorRGB(0, 0, 0)
        canvas.roundRect(40, 600, 300, 40, 12, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(60, 615, "Heading")

    assert words_of(pdf(draw)) == {"Heading": ()}


def test_text_under_a_later_opaque_shape_is_covered_and_text_on_an_earlier_one_is_not() -> None:
    def draw(canvas) -> None:
        canvas.drawString(50, 700, "1,000.00")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(40, 690, 200, 30, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(50, 700, "8,000.00")

    assert words_of(pdf(draw)) == {"1,000.00": ("covered",), "8,000.00": ()}


def test_a_frame_or_a_see_through_shape_covers_nothing() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "framed")
        canvas.rect(40, 700, 300, 100, stroke=1, fill=0)
        text(canvas, 50, 300, "marked")
        canvas.setFillColorRGB(1, 1, 0)
        canvas.setFillAlpha(0.4)
        canvas.rect(40, 530, 200, 30, stroke=0, fill=1)

    assert words_of(pdf(draw)) == {"framed": (), "marked": ()}


def test_text_under_a_later_picture_is_covered() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), (200, 200, 200)).save(picture, "PNG")

    def draw(canvas) -> None:
        text(canvas, 50, 142, "under")
        text(canvas, 50, 400, "beside")
        canvas.drawImage(ImageReader(io.BytesIO(picture.getvalue())), 40, 680, 100, 40)

    assert words_of(pdf(draw)) == {"under": ("covered",), "beside": ()}


def test_text_outside_its_clip_or_off_the_page_or_tiny_is_hidden() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "shown")
        text(canvas, 700, 100, "beyond")
        text(canvas, 50, 200, "speck", 0.8)
        clip = canvas.beginPath()
        clip.rect(300, 300, 10, 10)
        canvas.clipPath(clip, stroke=0, fill=0)
        text(canvas, 50, 400, "cut")

    found = words_of(pdf(draw))
    assert found["shown"] == ()
    assert "off_page" in found["beyond"]
    assert found["speck"] == ("tiny",)
    assert found["cut"] == ("clipped",)


def with_layer(content: bytes, *, shown: bool) -> bytes:
    """Wrap the first page's drawing in an optional-content group that is on or off."""

    def change(writer: PdfWriter, page) -> None:
        group = writer._add_object(
            DictionaryObject(
                {NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("Layer")}
            )
        )
        state = NameObject("/ON" if shown else "/OFF")
        config = DictionaryObject({state: ArrayObject([group]), NameObject("/Order"): ArrayObject([group])})
        writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
            {NameObject("/OCGs"): ArrayObject([group]), NameObject("/D"): config}
        )
        resources = page["/Resources"]
        resources[NameObject("/Properties")] = DictionaryObject({NameObject("/L0"): group})
        stream = StreamObject()
        stream.set_data(b"/OC /L0 BDC\n" + page.get_contents().get_data() + b"\nEMC")
        page[NameObject("/Contents")] = writer._add_object(stream)

    return changed(content, change)


def test_text_of_a_layer_that_is_switched_off_is_hidden() -> None:
    content = pdf(lambda canvas: text(canvas, 50, 100, "layered"))
    assert words_of(with_layer(content, shown=False)) == {"layered": ("no_ink",)}
    assert words_of(with_layer(content, shown=True)) == {"layered": ()}


def test_words_of_a_form_field_are_read_with_the_page() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "Total:")
        canvas.acroForm.textfield(name="total", value="125.00", x=150, y=735, width=80, height=20)

    found = words_of(pdf(draw))
    assert found["125.00"] == ()


def test_text_inside_a_placed_form_is_found_where_it_is_displayed_and_may_be_covered() -> None:
    def draw(canvas) -> None:
        canvas.beginForm("stamp")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(0, 0, "inside")
        canvas.endForm()
        canvas.saveState()
        canvas.translate(200, 400)
        canvas.doForm("stamp")
        canvas.restoreState()

    content = pdf(draw)
    assert round(box_of(content, "inside")[0]) in (200, 201)
    assert round(box_of(content, "inside")[3]) == 442

    def covered(canvas) -> None:
        draw(canvas)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(190, 390, 100, 30, stroke=0, fill=1)

    assert words_of(pdf(covered)) == {"inside": ("covered",)}


def test_text_that_runs_upward_is_told_apart() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "level")
        canvas.rotate(90)
        canvas.drawString(300, -40, "upward")

    page = read_pages(pdf(draw))[0]
    assert {word.text: word.upright for word in page.words} == {"level": True, "upward": False}


def test_damage_a_password_and_too_many_pages_are_named() -> None:
    with pytest.raises(PdfTextError) as broken:
        read_pages(b"%PDF-1.7 nothing")
    assert broken.value.code == "pdf_unopenable"

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(marked))))
    writer.encrypt("secret", algorithm="AES-256")
    held = io.BytesIO()
    writer.write(held)
    with pytest.raises(PdfTextError) as locked:
        read_pages(held.getvalue())
    assert locked.value.code == "pdf_password"

    with pytest.raises(PdfTextError) as many:
        read_pages(pdf(marked, marked, marked), Limits(read_pages_max=2))
    assert many.value.code == "pages_max"


def test_too_much_text_on_a_page_is_refused_not_cut() -> None:
    content = pdf(lambda canvas: rows(canvas, 50, *(((50.0, "word " * 10),) for _ in range(10))))
    with pytest.raises(PdfTextError) as full:
        read_pages(content, Limits(read_words_per_page_max=10))
    assert full.value.code == "page_text_max"


def test_an_empty_page_has_no_words_and_no_objects() -> None:
    (page,) = read_pages(pdf(lambda canvas: None))
    assert (page.words, page.objects, page.image_share) == ((), 0, 0.0)
