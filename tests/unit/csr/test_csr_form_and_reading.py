"""The report form: what is drawn is read back, and what the eye sees wins."""

import io
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader

from schemas.csr import CsrForm
from schemas.facts import Method
from services.validator.readers.csr.form import CharacterNotPrintable, draw_csr, with_totals
from services.validator.readers.csr.reading import read_csr
from services.validator.readers.csr.words import HEADER, TOTALS, WORDS
from services.validator.readers.pdf_words import PageWords, Word, read_pages
from tests.unit.csr.reports import attachments, report, row


@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_every_field_of_a_drawn_report_is_read_back_from_the_page_alone(language: str) -> None:
    csr = report(language=language)
    reading = read_csr(read_pages(draw_csr(csr)), {})
    assert reading is not None
    assert reading.language == language
    assert reading.flags == ()
    for field in (*HEADER, "signer_name", "signer_title", "signed_on"):
        assert reading.facts[field].value == str(getattr(csr, field)), field
    for field in TOTALS:
        assert reading.facts[field].value == getattr(csr, field), field
    assert reading.facts["signature"].value is not None
    assert "evt_8f2c" in reading.facts["signature"].value
    assert [{name: fact.value for name, fact in cells.items()} for cells in reading.rows] == [
        {name: str(value) for name, value in source.model_dump().items()} for source in csr.rows
    ]
    assert [{name: fact.value for name, fact in cells.items()} for cells in reading.other_costs] == [
        source.model_dump() for source in csr.other_costs
    ]


@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_labels_of_one_language_name_one_field_each(language: str) -> None:
    labels = list(WORDS[language].fields.values())
    assert len(set(labels)) == len(labels)


def test_the_same_form_gives_the_same_bytes() -> None:
    assert draw_csr(report()) == draw_csr(report())


def test_the_attachment_is_the_form_itself() -> None:
    csr = report(language="sv")
    assert CsrForm.model_validate_json(attachments(draw_csr(csr))["csr.json"]) == csr


def test_the_file_names_its_title_and_language_for_assistive_tools() -> None:
    document = PdfReader(io.BytesIO(draw_csr(report(language="fr"))))
    catalog = document.trailer["/Root"]
    assert catalog["/Lang"] == "fr"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert document.metadata is not None
    assert document.metadata.title == "Rapport de service (CSR) – Northlight Cloud Ltd"


def test_a_long_report_goes_over_pages_and_every_row_keeps_its_page() -> None:
    csr = report(rows=tuple(row(person_or_role=f"Role {number}") for number in range(1, 81)))
    pages = read_pages(draw_csr(csr))
    reading = read_csr(pages, attachments(draw_csr(csr)))
    assert reading is not None
    assert reading.flags == ()
    assert [cells["person_or_role"].value for cells in reading.rows] == [f"Role {n}" for n in range(1, 81)]
    places = [cells["person_or_role"].page for cells in reading.rows]
    assert places == sorted(places, key=lambda page: page or 0)
    assert {1, len(pages)} <= set(places)


def test_the_place_of_a_value_is_a_box_around_its_words() -> None:
    pages = read_pages(draw_csr(report()))
    reading = read_csr(pages, {})
    assert reading is not None
    fact = reading.facts["partner_name"]
    words = [word for word in pages[0].words if word.text in {"Northlight", "Cloud", "Ltd"}]
    assert fact.page == 1
    assert fact.box == (
        words[0].box[0],
        min(w.box[1] for w in words),
        words[2].box[2],
        max(w.box[3] for w in words),
    )
    assert fact.raw == "Northlight Cloud Ltd"
    assert fact.method is Method.PDF_TEXT


def test_an_attachment_that_differs_from_the_page_is_flagged_and_the_page_wins() -> None:
    printed = report()
    attached = printed.model_copy(
        update={
            "total": "2513.01",
            "signed_on": date(2019, 10, 15),
            "rows": (printed.rows[0], printed.rows[1].model_copy(update={"hours": "8.25"})),
        }
    )
    reading = read_csr(
        read_pages(draw_csr(printed)), {"csr.json": attached.model_dump_json(by_alias=True).encode()}
    )
    assert reading is not None
    assert reading.flags == (
        "embedded_mismatch:total",
        "embedded_mismatch:signed_on",
        "embedded_mismatch:rows.2.hours",
    )
    assert reading.facts["total"].value == "1513.00"
    assert reading.facts["signed_on"].value == "2019-10-14"
    assert reading.rows[1]["hours"].value == "7.25"


def test_a_row_that_only_one_of_page_and_attachment_has_is_flagged() -> None:
    attached = report(rows=(row(),))
    reading = read_csr(
        read_pages(draw_csr(report())), {"csr.json": attached.model_dump_json(by_alias=True).encode()}
    )
    assert reading is not None
    assert "embedded_mismatch:rows" in reading.flags
    assert len(reading.rows) == 2


def test_an_attachment_that_is_no_report_is_flagged_and_the_page_is_read() -> None:
    reading = read_csr(read_pages(draw_csr(report())), {"csr.json": b'{"schema": "coop.csr/1"'})
    assert reading is not None
    assert reading.flags == ("embedded_unreadable",)
    assert reading.facts["total"].value == "1513.00"


def test_an_unsigned_undated_report_has_neither_fact() -> None:
    reading = read_csr(read_pages(draw_csr(report(signature=None, signed_on=None))), {})
    assert reading is not None
    assert "signature" not in reading.facts
    assert "signed_on" not in reading.facts
    assert reading.facts["signer_name"].value == "Priya Raman"


def test_on_a_scan_a_signature_without_words_is_doubtful_and_not_missing() -> None:
    pages = tuple(
        PageWords(page.number, page.width, page.height, page.words, Method.OCR, "test")
        for page in read_pages(draw_csr(report(signature=None)))
    )
    reading = read_csr(pages, {})
    assert reading is not None
    fact = reading.facts["signature"]
    assert (fact.value, fact.ambiguous, fact.confidence) == (None, True, 0.0)


def test_a_page_at_another_scale_and_offset_is_read_alike() -> None:
    page = read_pages(draw_csr(report()))[0]

    def moved(word: Word) -> Word:
        x0, y0, x1, y1 = word.box
        return word._replace(
            box=(x0 * 2.5 + 14, y0 * 2.5 + 9, x1 * 2.5 + 14, y1 * 2.5 + 9), size=word.size * 2.5
        )

    scan = PageWords(1, page.width * 2.5, page.height * 2.5, tuple(map(moved, page.words)))
    straight, scanned = read_csr((page,), {}), read_csr((scan,), {})
    assert straight is not None
    assert scanned is not None
    assert {k: v.value for k, v in scanned.facts.items()} == {k: v.value for k, v in straight.facts.items()}
    assert [{k: v.value for k, v in r.items()} for r in scanned.rows] == [
        {k: v.value for k, v in r.items()} for r in straight.rows
    ]


def _with_text(pages: tuple[PageWords, ...], old: str, new: str) -> tuple[PageWords, ...]:
    page = pages[0]
    words = tuple(word._replace(text=new) if word.text == old else word for word in page.words)
    return (PageWords(page.number, page.width, page.height, words), *pages[1:])


@pytest.mark.parametrize("text", ["1.513,00", "1 513.00", "1513.00.", "l513.00", "1,51,3.00"])
def test_a_printed_number_that_is_not_of_its_language_has_no_value(text: str) -> None:
    reading = read_csr(_with_text(read_pages(draw_csr(report())), "1,513.00", text), {})
    assert reading is not None
    fact = reading.facts["total"]
    assert (fact.value, fact.raw, fact.ambiguous) == (None, text, True)


@pytest.mark.parametrize("text", ["14/10/2019", "2019-13-10", "2019-10-4"])
def test_a_printed_date_that_is_not_iso_has_no_value(text: str) -> None:
    reading = read_csr(_with_text(read_pages(draw_csr(report())), "2019-10-11", text), {})
    assert reading is not None
    assert reading.facts["activity_end"].value is None
    assert reading.facts["activity_end"].ambiguous


def test_a_changed_statement_is_flagged() -> None:
    reading = read_csr(_with_text(read_pages(draw_csr(report())), "actual,", "estimated,"), {})
    assert reading is not None
    assert reading.flags == ("statement_altered",)


def test_hidden_words_are_not_read() -> None:
    pages = read_pages(draw_csr(report()))
    hidden = tuple(w._replace(hidden=("covered",)) if w.text == "1,513.00" else w for w in pages[0].words)
    reading = read_csr((PageWords(1, pages[0].width, pages[0].height, hidden),), {})
    assert reading is not None
    assert "total" not in reading.facts


def _titled(title: str) -> tuple[PageWords, ...]:
    words, x = [], 50.0
    for text in title.split():
        words.append(Word(text, (x, 40.0, x + 30.0, 52.0), 12.0))
        x += 40
    return (PageWords(1, 595.28, 841.89, tuple(words)),)


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("Certification Service Report", "en"),
        ("CERTIFICATION STATEMENT AND REPORT", "en"),
        ("Certifieringstjänstrapport", "sv"),
        ("Rapport du service de certification", "fr"),
    ],
)
def test_other_forms_are_known_by_their_title_and_flagged_as_unknown_layout(
    title: str, language: str
) -> None:
    reading = read_csr(_titled(title), {})
    assert reading is not None
    assert (reading.language, reading.facts, reading.flags) == (language, {}, ("layout_unknown",))


@pytest.mark.parametrize("title", ["Invoice", "Certification Service Report for the month", ""])
def test_a_document_without_the_title_is_no_report(title: str) -> None:
    assert read_csr(_titled(title), {}) is None


def test_a_character_the_font_lacks_is_refused_by_name() -> None:
    with pytest.raises(CharacterNotPrintable) as refused:
        draw_csr(report(signer_name="山田 太郎"))
    assert refused.value.character == "太"


def test_totals_are_worked_out_in_minor_units_of_the_currency() -> None:
    csr = report(currency="JPY", rows=(row(hours="0.25", hourly_rate="9999"),), other_costs=())
    assert (csr.rows[0].amount, csr.total_labour, csr.total_other, csr.total) == ("2500", "2500", "0", "2500")
    assert Decimal(with_totals(csr).total) == Decimal(2500)
