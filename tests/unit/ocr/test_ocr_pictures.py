"""Invoices on paper are read from pictures and scans, whichever way they lie, with places on the page as displayed."""

import io

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from schemas.facts import DocumentFacts, Method
from services.kit.limits import Limits
from services.validator.readers import ocr
from services.validator.readers.reading import read_document
from tests.unit.ocr.drawings import INVOICE, encoded, invoice

pytestmark = pytest.mark.skipif(not ocr.is_available(), reason="no engine for recognition is installed")
EXPECTED = {
    "invoice_number": "HM-2026-0417",
    "issue_date": "2026-04-15",
    "total_net": "1200.00",
    "total_tax": "240.00",
    "total_gross": "1440.00",
    "currency": "EUR",
}


@pytest.fixture(scope="module")
def engine() -> ocr.Engine:
    made = ocr.engine()
    assert made is not None
    return made


def values(facts: DocumentFacts) -> dict[str, str | None]:
    return {name: facts.facts[name].value for name in EXPECTED if name in facts.facts}


def scan(*pictures: Image.Image) -> bytes:
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(450, 350), invariant=1)
    for picture in pictures:
        canvas.drawImage(ImageReader(picture), 0, 0, 450, 350)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


@pytest.mark.parametrize("turns", range(4))
def test_an_invoice_is_read_whichever_way_it_lies(turns: int, engine: ocr.Engine) -> None:
    lying = invoice().rotate(-90 * turns, expand=True)
    facts = read_document(encoded(lying), file_name="a.png", engine=engine)
    assert values(facts) == EXPECTED
    assert facts.kind == "third_party_invoice"
    total = facts.facts["total_gross"]
    assert (total.method, total.engine) == (Method.OCR, engine.name)
    (left, top), _, size = INVOICE[-1]
    assert total.box is not None
    # The middle of the printed amount, turned like the picture.
    x, y = left + 50, top + size / 2
    for height in (700, 900, 700)[:turns]:
        x, y = height - y, x
    assert total.box[0] < x < total.box[2]
    assert total.box[1] < y < total.box[3]


def test_a_photo_at_an_angle_is_leveled(engine: ocr.Engine) -> None:
    askew = invoice().rotate(4, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert values(read_document(encoded(askew), file_name="a.png", engine=engine)) == EXPECTED


def test_a_scan_in_a_pdf_has_places_in_points_of_the_page(engine: ocr.Engine) -> None:
    facts = read_document(scan(invoice()), file_name="scan.pdf", engine=engine)
    assert values(facts) == EXPECTED
    assert "no_ocr" not in facts.flags
    box = facts.facts["total_gross"].box
    assert box is not None
    assert box[0] == pytest.approx(345, abs=6)
    assert box[1] == pytest.approx(275, abs=6)


def test_without_an_engine_a_scan_is_read_as_far_as_it_goes() -> None:
    facts = read_document(scan(invoice()), file_name="scan.pdf")
    assert "no_ocr" in facts.flags
    assert facts.facts == {}


def test_pages_beyond_the_limit_stay_unread_and_say_so(engine: ocr.Engine) -> None:
    limits = Limits(read_ocr_pages_max=1)
    facts = read_document(scan(invoice(), invoice()), file_name="scan.pdf", limits=limits, engine=engine)
    assert values(facts) == EXPECTED
    assert "no_ocr" in facts.flags


def test_a_blank_picture_has_no_words_to_recognize(engine: ocr.Engine) -> None:
    facts = read_document(encoded(Image.new("RGB", (600, 400), "white")), file_name="a.png", engine=engine)
    assert facts.flags == ("no_content",)
    assert facts.facts == {}


def test_a_small_picture_of_a_page_is_enlarged_to_be_read(engine: ocr.Engine) -> None:
    small = invoice().resize((630, 490), Image.Resampling.LANCZOS)
    assert values(read_document(encoded(small), file_name="a.png", engine=engine)) == EXPECTED
