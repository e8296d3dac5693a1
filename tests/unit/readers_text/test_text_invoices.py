"""Whole invoices: every value that is printed plainly is read, and none that is not."""

from datetime import date

import pytest

from schemas.facts import Method
from services.kit.limits import Limits
from services.validator.readers.invoice_text import TextReading, read_invoice
from services.validator.readers.plain_text import read_text
from tests.unit.readers_text.invoices_in_languages import LANGUAGES, Written
from tests.unit.readers_text.invoices_in_more_languages import MORE_LANGUAGES
from tests.unit.readers_text.invoices_of_many_makers import MAKERS
from tests.unit.readers_text.invoices_of_trades import TRADES
from tests.unit.readers_text.invoices_with_decoys import DECOYS

EVERY_LANGUAGE = LANGUAGES | MORE_LANGUAGES


def read(text: str, **hints) -> TextReading:
    return read_invoice(read_text(text.encode(), Limits()), **hints)


def values(reading: TextReading, fields) -> dict[str, str | None]:
    return {field: reading.facts[field].value if field in reading.facts else None for field in fields}


@pytest.mark.parametrize("written", EVERY_LANGUAGE.values(), ids=EVERY_LANGUAGE)
def test_an_invoice_is_read_in_its_language(written: Written) -> None:
    assert values(read(written.text), written.facts) == written.facts


@pytest.mark.parametrize("written", DECOYS.values(), ids=DECOYS)
def test_a_decoy_is_not_taken_for_the_value(written: Written) -> None:
    assert values(read(written.text), written.facts) == written.facts


@pytest.mark.parametrize("written", (MAKERS | TRADES).values(), ids=MAKERS | TRADES)
def test_a_maker_s_layout_is_read(written: Written) -> None:
    assert values(read(written.text), written.facts) == written.facts


def test_an_amount_with_two_readings_is_ambiguous_and_names_both() -> None:
    gross = read("Invoice No: T-9\nTotal     9.999.99 EUR\n").facts["total_gross"]
    assert (gross.value, gross.ambiguous) == (None, True)
    assert set(gross.alternatives) == {"9999.99", "999999"}


def test_arithmetic_settles_an_amount_that_alone_has_two_readings() -> None:
    reading = read(
        "Invoice No: T-9\nNet total    1.000 EUR\nVAT            200 EUR\nTotal        1.200 EUR\n"
    )
    gross = reading.facts["total_gross"]
    assert gross.value == "1200"
    assert "net+tax=gross" in gross.checks


def test_a_slashed_date_is_ambiguous_until_another_date_shows_the_order() -> None:
    alone = read("Invoice No: 8\nInvoice date: 04/05/2019\n").facts["issue_date"]
    assert (alone.value, set(alone.alternatives)) == (None, {"2019-05-04", "2019-04-05"})
    american = read("Invoice No: 8\nInvoice date: 04/05/2019\nDue date: 04/25/2019\n").facts["issue_date"]
    assert american.value == "2019-04-05"
    british = read("Invoice No: 8\nInvoice date: 04/05/2019\nDue date: 25/05/2019\n").facts["issue_date"]
    assert british.value == "2019-05-04"


def test_bounds_leave_one_reading_of_an_ambiguous_date_and_never_move_a_plain_one() -> None:
    bounds = (date(2019, 4, 1), date(2019, 4, 30))
    text = "Invoice No: 8\nInvoice date: 04/05/2019\n"
    assert read(text, date_bounds=bounds).facts["issue_date"].value == "2019-04-05"
    plain = "Invoice No: 8\nInvoice date: 2018-01-02\n"
    assert read(plain, date_bounds=bounds).facts["issue_date"].value == "2018-01-02"


def test_a_locale_hint_counts_only_where_the_document_does_not_tell() -> None:
    text = "Invoice No: 8\nInvoice date: 04/05/2019\n"
    assert read(text, locale_hint="en_US").facts["issue_date"].value == "2019-04-05"
    assert read(text, locale_hint="en_GB").facts["issue_date"].value == "2019-05-04"
    told = text + "Due date: 25/05/2019\n"
    assert read(told, locale_hint="en_US").facts["issue_date"].value == "2019-05-04"


def test_every_fact_names_its_place_its_method_and_what_supported_it() -> None:
    reading = read(EVERY_LANGUAGE["german_two_pages_carried_forward"].text)
    for name, fact in reading.facts.items():
        assert fact.page in (1, 2), name
        assert fact.box is not None, name
        assert fact.box[0] < fact.box[2], name
        assert fact.box[1] < fact.box[3], name
        assert fact.raw, name
        assert fact.checks, name
        assert fact.method is Method.PDF_TEXT, name
    assert reading.facts["total_gross"].page == 2
    assert reading.facts["page_count_printed"].value == "2"


def test_totals_that_do_not_add_up_are_given_as_printed() -> None:
    facts = read(DECOYS["wrong_sum"].text).facts
    assert (facts["total_net"].value, facts["total_tax"].value, facts["total_gross"].value) == (
        "100.00",
        "25.00",
        "130.00",
    )
    assert not any(check.startswith("net+tax") for check in facts["total_gross"].checks)


def test_parties_and_tax_numbers_are_told_apart() -> None:
    facts = read(
        "Muster Werbung GmbH\n"
        "Rechnungsempfänger\nKunde Handel AG\nHauptstr. 1\n"
        "Rechnung Nr. 4711 vom 03.09.2019\n"
        "USt-IdNr: DE123456789      Ihre USt-IdNr: DE987654321\n"
        "Gesamtbetrag 50,00 EUR\n"
    ).facts
    assert facts["vendor_name"].value == "Muster Werbung GmbH"
    assert facts["buyer_name"].value == "Kunde Handel AG"
    assert facts["vendor_tax_id"].value == "DE123456789"
    assert facts["buyer_tax_id"].value == "DE987654321"


@pytest.mark.parametrize(
    "title, kind, name",
    [
        ("INVOICE", "third_party_invoice", "invoice"),
        ("Proforma invoice", "proforma", "proforma"),
        ("Quotation", "quote", "quote"),
        ("Auftragsbestätigung", "order_confirmation", "order confirmation"),
        ("Kreditfaktura", "credit_note", "credit note"),
        ("FACTURE D'AVOIR", "credit_note", "credit note"),
        ("Statement of account", "statement", "statement"),
        ("Lieferschein", "delivery_note", "delivery note"),
        ("Receipt", "receipt", "receipt"),
    ],
)
def test_a_title_tells_the_kind(title: str, kind: str, name: str) -> None:
    reading = read(f"{title}\n\nNo. 17\nTotal 10.00 EUR\n")
    assert (reading.kind, reading.facts["document_type"].value) == (kind, name)


def test_lines_are_read_by_the_columns_of_their_header() -> None:
    reading = read(EVERY_LANGUAGE["german_two_pages_carried_forward"].text)
    rows = [{name: fact.value for name, fact in row.items()} for row in reading.lines]
    assert rows == [
        {"quantity": "1", "unit_price": "9000.00", "net": "9000.00", "description": "Standbau"},
        {"quantity": "4", "unit_price": "250.00", "net": "1000.00", "description": "Beleuchtung"},
        {"quantity": "50", "unit_price": "20.00", "net": "1000.00", "description": "Teppich"},
    ]


def test_a_document_without_words_gives_nothing_but_the_flag() -> None:
    assert read("") == TextReading({}, (), ("no_text",), None)
