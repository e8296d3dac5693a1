"""Invoices and service reports (R-55, R-56): whole, final, consistent, between the right parties."""

import pytest

from schemas.facts import Method, Row
from services.validator.core.decision import findings_of
from services.validator.core.inputs import CheckedDocument
from services.validator.core.names import same_company
from tests.unit.validator.claims import claim, codes, document, fact, invoice, library, proofs, row

REPORT = {
    "partner_name": "Northwind Cloud Ltd",
    "partner_id": "P-1",
    "activity_type": "digital_advertising",
    "activity_start": "2019-07-01",
    "activity_end": "2019-08-31",
    "currency": "USD",
    "total_labour": "1000.00",
    "total_other": "0.00",
    "total": "1000.00",
    "signer_name": "B. Quist",
    "signature": "B. Quist",
    "signed_on": "2019-09-02",
}
WORK = row(
    person_or_role="Developer",
    work_date_from="2019-07-03",
    work_date_to="2019-07-12",
    hours="20.00",
    hourly_rate="50.00",
    amount="1000.00",
)


def report(lines: tuple[Row, ...] = (WORK,), **changed: str | None) -> CheckedDocument:
    return document("csr.pdf", "csr", REPORT | changed, read_kind="csr", lines=lines)


@pytest.mark.parametrize("field", ["invoice_number", "issue_date", "currency"])
def test_a_required_field_that_is_nowhere_is_named(field: str) -> None:
    assert codes(claim(invoice(**{field: None}), *proofs())) == ["INV_FIELD_MISSING"]


@pytest.mark.parametrize("field", ["vendor_name", "buyer_name"])
def test_a_name_is_missing_from_data_and_only_unread_on_a_page(field: str) -> None:
    page = codes(claim(invoice(**{field: None}), *proofs()), infos=True)
    assert "READ_LOW_CONFIDENCE" in page
    assert "INV_FIELD_MISSING" not in page
    number = fact("INV-1001", method=Method.XML)
    data = invoice(**{field: None, "invoice_number": number})
    assert codes(claim(data, *proofs())) == ["INV_FIELD_MISSING"]


def test_a_required_field_may_be_typed_where_it_could_not_be_read() -> None:
    assert codes(claim(invoice(invoice_number=None, typed={"invoice_number": "INV-1"}), *proofs())) == []


def test_a_picture_of_an_invoice_is_not_accused_of_missing_fields() -> None:
    picture = document("invoice.jpg", "third_party_invoice", flags=("no_ocr",))
    assert codes(claim(picture, *proofs())) == []


@pytest.mark.parametrize("gross,expected", [("1190.01", []), ("1190.02", ["INV_ARITHMETIC"])])
def test_net_and_tax_make_the_gross_total_within_a_cent(gross: str, expected: list[str]) -> None:
    assert codes(claim(invoice(total_gross=gross), *proofs())) == expected


def test_quantity_times_price_is_the_line() -> None:
    wrong = row(quantity="3", unit_price="300.00", net="1000.00")
    assert codes(claim(invoice(lines=(wrong,)), *proofs())) == ["INV_ARITHMETIC"]
    thirds = row(quantity="3", unit_price="333.333", net="1000.00")
    assert codes(claim(invoice(lines=(thirds,)), *proofs())) == []


def test_an_invoice_that_names_its_delivery_note_is_an_invoice() -> None:
    titled = {"read_kind": "delivery_note", "document_type": "delivery note"}
    assert codes(claim(invoice(**titled), *proofs())) == []
    bare = invoice(**titled, total_net=None, total_tax=None, total_gross=None)
    assert codes(claim(bare, *proofs())) == ["INV_NOT_FINAL"]


@pytest.mark.parametrize("kind", ["proforma", "quote", "order_confirmation", "draft"])
def test_what_is_no_invoice_blocks(kind: str) -> None:
    other = invoice(read_kind=kind, document_type=kind)
    assert codes(claim(other, *proofs())) == ["INV_NOT_FINAL"]


def test_a_title_read_with_doubt_does_not_make_it_another_paper() -> None:
    doubtful = invoice(read_kind="quote", document_type=fact("quote", confidence=0.5))
    assert codes(claim(doubtful, *proofs())) == []


def test_an_invoice_about_nothing_is_none() -> None:
    empty = invoice(total_net="0.00", total_tax="0.00", total_gross="0.00")
    assert "INV_NOT_FINAL" in codes(claim(empty, *proofs()))


def test_the_buyer_is_the_partner_or_an_affiliate() -> None:
    other = invoice(buyer_name="Southwind Hosting Ltd")
    assert codes(claim(other, *proofs())) == ["INV_BUYER_MISMATCH"]
    aliases = {"partner_aliases": ("Southwind Hosting",)}
    assert codes(claim(other, *proofs(), known=aliases)) == []


def test_an_invoice_of_the_partner_itself_is_no_invoice_of_somebody_else() -> None:
    assert codes(claim(invoice(vendor_name="NORTHWIND CLOUD LTD."), *proofs())) == ["INV_VENDOR_IS_PARTNER"]


def test_parties_are_not_judged_while_the_partner_has_no_name() -> None:
    assert (
        codes(claim(invoice(buyer_name="Somebody Else Ltd"), *proofs(), known={"partner_name": None})) == []
    )


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("Fjordmoln AB", "FJORDMOLN", True),
        ("Société Générale d’Études S.A.S.", "Societe Generale d'Etudes", True),
        ("Acme, Inc.", "ACME Incorporated", True),
        ("Northlight Cloud Ltd, Succursale de Paris", "Northlight Cloud Ltd", True),
        ("Straße & Söhne GmbH", "Strasse und Soehne GmbH", False),
        ("Acme East", "Acme West", False),
        ("AB", "Acme AB", False),
        ("", "Acme", False),
    ],
)
def test_names_of_companies_are_compared_without_their_trimmings(one: str, other: str, same: bool) -> None:
    assert same_company(one, other) is same
    assert same_company(other, one) is same


def test_a_typed_number_that_is_not_the_printed_one_is_asked_about() -> None:
    assert codes(claim(invoice(typed={"invoice_number": "INV-1002"}), *proofs())) == ["INV_NUMBER_MISMATCH"]
    assert codes(claim(invoice(typed={"invoice_number": "inv 1001"}), *proofs())) == []


def test_another_typed_value_never_overrides_what_was_read() -> None:
    assert codes(claim(invoice(typed={"total_net": "2000.00"}), *proofs())) == ["READ_DISAGREES"]
    assert codes(claim(invoice(typed={"total_net": "1000"}), *proofs())) == []


def test_pages_that_the_invoice_counts_are_all_there() -> None:
    assert codes(claim(invoice(page_count_printed="3"), *proofs())) == ["INV_PAGE_MISSING"]
    assert codes(claim(invoice(page_count_printed="1"), *proofs())) == []


def test_a_page_that_contradicts_its_own_xml_shows_both_values() -> None:
    hybrid = invoice(flags=("hybrid_mismatch:total_gross",), **{"page.total_gross": "1290.00"})
    (found,) = [
        one
        for one in findings_of(claim(hybrid, *proofs()), library().vocabulary)
        if one.severity.value == "action"
    ]
    assert (found.code, found.expected, found.actual) == ("INV_HYBRID_MISMATCH", "1190.00", "1290.00")


def test_a_broken_rule_of_the_e_invoice_is_told_and_does_not_block() -> None:
    assert codes(claim(invoice(rules_broken=("BR-CO-10",)), *proofs())) == ["INV_RULE:BR-CO-10"]


def test_warning_signs_are_for_reviewers_only() -> None:
    weekend = invoice(issue_date="2019-09-07")
    found = findings_of(claim(weekend, *proofs()), library().vocabulary)
    signs = {one.code: one.audience.value for one in found if one.code.startswith("INV_")}
    assert signs == {"INV_ROUND_AMOUNT": "reviewer", "INV_WEEKEND_DATE": "reviewer"}


def test_a_sound_service_report_stands_for_an_invoice() -> None:
    assert codes(claim(report(), *proofs())) == []


def test_an_unsigned_service_report_blocks() -> None:
    assert codes(claim(report(signature=None), *proofs())) == ["CSR_SIGNATURE_MISSING"]


def test_a_total_that_is_not_the_sum_points_to_the_total() -> None:
    inputs = claim(report(total="1090.00"), *proofs())
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "action"]
    assert (found.code, found.expected, found.actual) == ("CSR_TOTAL_MISMATCH", "1000.00", "1090.00")
    assert found.evidence[0].text == "1090.00"


def test_days_of_a_service_report_count_as_the_activitys_days() -> None:
    early = report(activity_start="2019-06-20")
    assert codes(claim(early, *proofs())) == ["DATE_ACTIVITY_OUTSIDE_USAGE"]


def test_a_service_report_of_another_partner_is_none_of_this_claim() -> None:
    other = report(partner_id="P-2", partner_name="Somebody Else Ltd")
    assert codes(claim(other, *proofs())) == ["CSR_PARTNER_MISMATCH"]


def test_a_service_report_says_what_was_done() -> None:
    assert codes(claim(report(description_of_work="Web work"), *proofs())) == ["CSR_DESCRIPTION_SHORT"]


def test_a_report_in_an_unknown_form_is_left_to_people() -> None:
    own_form = document("csr.pdf", "csr", {"total_gross": "1000.00"})
    assert codes(claim(own_form, *proofs())) == []


def test_a_service_report_sent_as_an_invoice_is_told() -> None:
    swapped = document("csr.pdf", "third_party_invoice", REPORT, read_kind="csr", lines=(WORK,))
    assert "DOC_KIND_MISMATCH" in codes(claim(swapped, *proofs()))
