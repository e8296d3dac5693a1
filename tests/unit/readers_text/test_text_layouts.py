"""Invoices drawn as PDFs: values beside, behind and below their labels, in columns, boxes and over pages."""

from datetime import date

import pytest

from schemas.facts import Method
from services.validator.readers.invoice_text import TextReading, read_invoice
from services.validator.readers.pdf_words import PageWords, Word, read_pages
from tests.unit.readers_text.drawing import Draw, pdf, rows, text

FOUR = {"invoice_number": "RX-5012", "issue_date": "2019-09-03", "total_gross": "1190.00", "currency": "EUR"}


def four(reading: TextReading) -> dict[str, str | None]:
    return {name: reading.facts[name].value if name in reading.facts else None for name in FOUR}


def labels_and_values_in_columns(canvas) -> None:
    text(canvas, 50, 60, "Bright Light Ltd", 16)
    text(canvas, 400, 60, "INVOICE", 22)
    rows(
        canvas, 120,
        ((350, "Invoice number:"), (470, "RX-5012")),
        ((350, "Date:"), (470, "3 September 2019")),
        ((350, "Customer number:"), (470, "88417")),
    )  # fmt: skip
    for y, label, amount in (
        (500, "Subtotal", "1,000.00"),
        (516, "VAT 19%", "190.00"),
        (532, "Total", "EUR 1,190.00"),
    ):
        text(canvas, 380, y, label)
        text(canvas, 545, y, amount, right=True)


def values_below_labels(canvas) -> None:
    text(canvas, 50, 60, "RECHNUNG", 20)
    rows(
        canvas, 120,
        ((50, "Rechnungsnummer"), (200, "Rechnungsdatum"), (350, "Kundennummer")),
        ((50, "RX-5012"), (200, "03.09.2019"), (350, "77120")),
        step=13,
    )  # fmt: skip
    rows(
        canvas, 600,
        ((60, "Nettobetrag"), (200, "MwSt. 19%"), (340, "Gesamtbetrag EUR")),
        ((60, "1.000,00"), (200, "190,00"), (340, "1.190,00")),
        step=13,
    )  # fmt: skip


def all_in_sentences(canvas) -> None:
    text(canvas, 50, 60, "Facture n° RX-5012 du 3 septembre 2019", 14)
    rows(
        canvas,
        200,
        ((50, "Total HT : 1 000,00 €"),),
        ((50, "TVA 19% : 190,00 €"),),
        ((50, "Total TTC : 1 190,00 €"),),
    )


def values_on_two_pages(canvas) -> None:
    text(canvas, 50, 60, "Faktura", 18)
    rows(canvas, 100, ((50, "Fakturanr"), (150, "RX-5012")), ((50, "Fakturadatum"), (150, "2019-09-03")))


def second_page(canvas) -> None:
    rows(
        canvas, 100,
        ((50, "Summa exkl. moms"), (300, "1 000,00")),
        ((50, "Moms 19%"), (300, "190,00")),
        ((50, "Att betala"), (300, "1 190,00 EUR")),
    )  # fmt: skip


def title_and_number_in_a_box(canvas) -> None:
    canvas.setFillColorRGB(0.1, 0.1, 0.3)
    canvas.rect(350, 740, 220, 60, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    text(canvas, 360, 65, "INVOICE", 18)
    text(canvas, 360, 90, "# RX-5012")
    canvas.setFillColorRGB(0, 0, 0)
    text(canvas, 360, 130, "Issued: Sep 3, 2019")
    rows(
        canvas,
        400,
        ((380, "Net"), (480, "€1,000.00")),
        ((380, "Tax"), (480, "€190.00")),
        ((380, "Grand total"), (480, "€1,190.00")),
    )


LAYOUTS: dict[str, tuple[Draw, ...]] = {
    "columns": (labels_and_values_in_columns,),
    "below": (values_below_labels,),
    "sentences": (all_in_sentences,),
    "two pages": (values_on_two_pages, second_page),
    "box": (title_and_number_in_a_box,),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_is_read(layout: tuple[Draw, ...]) -> None:
    assert four(read_invoice(read_pages(pdf(*layout)))) == FOUR


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_recognized_words_are_read_by_the_same_rules_and_say_so(layout: tuple[Draw, ...]) -> None:
    seen = [
        PageWords(
            page.number,
            page.width * 3,
            page.height * 3,
            tuple(
                Word(word.text, tuple(side * 3 for side in word.box), word.size * 3, confidence=0.9)
                for word in page.words
            ),
            method=Method.OCR,
            engine="recognizer 1",
        )
        for page in read_pages(pdf(*layout))
    ]
    reading = read_invoice(seen)
    assert four(reading) == FOUR
    for fact in reading.facts.values():
        assert (fact.method, fact.engine) == (Method.OCR, "recognizer 1")
        assert fact.confidence <= 0.9


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_order_of_words_in_the_file_does_not_matter(layout: tuple[Draw, ...]) -> None:
    pages = read_pages(pdf(*layout))
    backward = [PageWords(p.number, p.width, p.height, tuple(reversed(p.words))) for p in pages]
    assert read_invoice(backward) == read_invoice(pages)


def test_a_value_is_found_at_its_place() -> None:
    fact = read_invoice(read_pages(pdf(labels_and_values_in_columns))).facts["total_gross"]
    assert fact.raw == "EUR 1,190.00"
    assert fact.page == 1
    x0, y0, x1, y1 = fact.box
    assert (round(x1), round(y1)) == (545, 534)  # the comma hangs below the line
    assert x0 > 480
    assert y0 > 520


def test_words_drawn_twice_for_a_bold_look_are_one() -> None:
    def draw(canvas) -> None:
        for shift in (0.0, 0.3):
            text(canvas, 50 + shift, 100, "Invoice number: RX-77")
            text(canvas, 50 + shift, 130, "Total: 12.00 USD")

    facts = read_invoice(read_pages(pdf(draw))).facts
    assert facts["invoice_number"].value == "RX-77"
    assert facts["total_gross"].value == "12.00"


def test_the_print_stamp_in_the_foot_is_not_the_issue_date() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "Invoice RX-77")
        text(canvas, 50, 820, "Date: 30.10.2019 Time: 04:59")

    assert "issue_date" not in read_invoice(read_pages(pdf(draw))).facts


def test_a_date_beside_the_place_is_the_issue_date_when_no_label_says_otherwise() -> None:
    def draw(canvas) -> None:
        text(canvas, 50, 100, "Rechnung RX-77")
        text(canvas, 400, 80, "München, den 03.09.2019")

    fact = read_invoice(read_pages(pdf(draw))).facts["issue_date"]
    assert date.fromisoformat(fact.value or "") == date(2019, 9, 3)
    assert fact.confidence < 0.7
