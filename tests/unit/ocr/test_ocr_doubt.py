"""Recognized words keep to stricter rules: a character in doubt is no value, a total that the eye contradicts neither."""

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from services.validator.readers.reading import read_document
from tests.unit.ocr.drawings import encoded, invoice
from tests.unit.ocr.scripted import Scripted

PAPER = (
    ("INVOICE", (600, 40, 780, 80), 0.99),
    ("Invoice", (60, 180, 140, 204), 0.99),
    ("number", (146, 180, 240, 204), 0.99),
    ("HM-77", (330, 180, 420, 204), 0.99),
    ("Total", (480, 550, 540, 574), 0.99),
    ("EUR", (546, 550, 600, 574), 0.99),
)


def words(amount: str, confidence: float) -> Scripted:
    return Scripted(*PAPER, (amount, (690, 550, 790, 574), confidence))


@pytest.mark.parametrize(
    ("confidence", "value", "ambiguous"),
    [(0.99, "1440.00", False), (0.8, "1440.00", False), (0.79, None, True)],
)
def test_an_amount_with_a_doubtful_character_is_no_value(
    confidence: float, value: str | None, ambiguous: bool
) -> None:
    facts = read_document(encoded(invoice()), file_name="a.png", engine=words("1,440.00", confidence))
    total = facts.facts["total_gross"]
    assert (total.value, total.ambiguous, total.raw) == (value, ambiguous, "1,440.00")


def test_a_number_printed_in_groups_of_three_is_one_number() -> None:
    spaced = Scripted(
        *PAPER[:3],
        ("12", (330, 180, 352, 204), 0.99),
        ("345", (358, 180, 392, 204), 0.99),
        ("678", (398, 180, 432, 204), 0.99),
        ("2026", (700, 180, 760, 204), 0.99),
        *PAPER[4:],
        ("10.00", (690, 550, 790, 574), 0.99),
    )
    facts = read_document(encoded(invoice()), file_name="a.png", engine=spaced)
    assert facts.facts["invoice_number"].value == "12 345 678"


def hiding(total: str) -> bytes:
    """A PDF whose text layer hides another amount in white, with its total at 400, 600 (from the bottom)."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(595, 842), invariant=1)
    canvas.drawString(60, 780, "INVOICE")
    canvas.drawString(60, 740, "Invoice number HM-77")
    canvas.drawString(300, 600, "Total EUR")
    canvas.drawString(400, 600, total)
    canvas.setFillGray(1)
    canvas.drawString(60, 500, "Total EUR 99.00 to be paid at once, says nobody")
    canvas.save()
    return written.getvalue()


def at_the_total(text: str) -> Scripted:
    scale = 2000 / 842
    box = (398 * scale, (842 - 610) * scale, 450 * scale, (842 - 597) * scale)
    return Scripted((text, box, 0.99))


def test_the_eye_confirms_a_total_beside_hidden_text() -> None:
    facts = read_document(hiding("1,440.00"), file_name="a.pdf", engine=at_the_total("1,440.00"))
    assert {"invisible_text"} <= set(facts.flags)
    assert "ambiguous_total" not in facts.flags
    assert facts.facts["total_gross"].value == "1440.00"
    assert "seen_agrees" in facts.facts["total_gross"].checks


@pytest.mark.parametrize("seen", ["4,110.00", "nothing"])
def test_a_total_that_the_eye_does_not_see_is_ambiguous(seen: str) -> None:
    facts = read_document(hiding("1,440.00"), file_name="a.pdf", engine=at_the_total(seen))
    assert "ambiguous_total" in facts.flags
    total = facts.facts["total_gross"]
    assert total.value is None
    assert total.ambiguous
    assert "1440.00" in total.alternatives
