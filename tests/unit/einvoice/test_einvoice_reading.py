"""What an e-invoice says becomes facts with the terms of EN 16931, never rounded and never guessed."""

import pytest

from schemas.facts import Method
from services.validator.core.en16931_model import Amount, round_cents, round_whole
from services.validator.readers.einvoice import NotAnEinvoice, XmlReading, read_einvoice

CBC = 'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
CAC = 'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
CII = (
    'xmlns="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"'
)


def _ubl(body: str, root: str = "Invoice") -> XmlReading:
    xml = f'<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {CBC} {CAC}>{body}</{root}>'
    return read_einvoice(xml.encode())


def _cii_settlement(body: str) -> XmlReading:
    settlement = f"<ram:ApplicableHeaderTradeSettlement>{body}</ram:ApplicableHeaderTradeSettlement>"
    transaction = f"<SupplyChainTradeTransaction>{settlement}</SupplyChainTradeTransaction>"
    return read_einvoice(f"<CrossIndustryInvoice {CII}>{transaction}</CrossIndustryInvoice>".encode())


def test_a_fact_carries_its_term_and_how_it_was_read() -> None:
    fact = _ubl("<cbc:ID> F-1 </cbc:ID>").facts["invoice_number"]

    assert (fact.value, fact.raw, fact.checks) == ("F-1", "F-1", ("BT-1",))
    assert (fact.method, fact.confidence, fact.page, fact.box) == (Method.XML, 1.0, None, None)


@pytest.mark.parametrize("written", ["100", "100.5", "100.500", "-0.01", "12345678901234567890.123456"])
def test_an_amount_keeps_its_digits_as_written(written: str) -> None:
    body = (
        f"<cac:LegalMonetaryTotal><cbc:PayableAmount>{written}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )

    assert _ubl(body).facts["total_due"].value == written


@pytest.mark.parametrize("written", ["1,250.00", "1e3", "NaN", "1 000", "ten"])
def test_what_is_no_decimal_has_no_value_but_keeps_its_text(written: str) -> None:
    body = (
        f"<cac:LegalMonetaryTotal><cbc:PayableAmount>{written}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )
    fact = _ubl(body).facts["total_due"]

    assert (fact.value, fact.raw) == (None, written)


def test_a_day_outside_the_calendar_is_not_guessed_and_is_flagged() -> None:
    body = "<cbc:DueDate>2019-02-29</cbc:DueDate>"
    reading = _ubl(body)

    assert (reading.facts["due_date"].value, reading.facts["due_date"].raw) == (None, "2019-02-29")
    assert reading.flags == ("date_unreadable",)


@pytest.mark.parametrize("written", ["2019-07-01", "2019-07-01Z", "2019-07-01+02:00"])
def test_a_zone_behind_a_day_does_not_move_it(written: str) -> None:
    assert _ubl(f"<cbc:IssueDate>{written}</cbc:IssueDate>").facts["issue_date"].value == "2019-07-01"


@pytest.mark.parametrize(
    "written, value",
    [
        ('<udt:DateTimeString format="102">20190701</udt:DateTimeString>', "2019-07-01"),
        ("<udt:DateTime>2019-07-01T23:59:00</udt:DateTime>", "2019-07-01"),
        ('<udt:DateTimeString format="616">201927</udt:DateTimeString>', None),
    ],
)
def test_days_of_cii_become_iso_days_and_weeks_stay_unread(written: str, value: str | None) -> None:
    terms = f"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>{written}</ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"

    assert _cii_settlement(terms).facts["due_date"].value == value


@pytest.mark.parametrize(
    "root, element, code, kind",
    [
        ("Invoice", "InvoiceTypeCode", "380", "third_party_invoice"),
        ("Invoice", "InvoiceTypeCode", "384", "third_party_invoice"),
        ("Invoice", "InvoiceTypeCode", "389", "third_party_invoice"),
        ("Invoice", "InvoiceTypeCode", "751", "third_party_invoice"),
        ("Invoice", "InvoiceTypeCode", "325", "proforma"),
        ("Invoice", "InvoiceTypeCode", "310", "quote"),
        ("Invoice", "InvoiceTypeCode", "220", "order_confirmation"),
        ("Invoice", "InvoiceTypeCode", "381", "credit_note"),
        ("CreditNote", "CreditNoteTypeCode", "381", "credit_note"),
        ("CreditNote", "CreditNoteTypeCode", "396", "credit_note"),
    ],
)
def test_the_type_code_tells_the_kind(root: str, element: str, code: str, kind: str) -> None:
    reading = _ubl(f"<cbc:{element}>{code}</cbc:{element}>", root)

    assert (reading.kind, reading.document_type) == (kind, code)


def test_the_total_vat_is_the_one_in_the_currency_of_the_invoice() -> None:
    body = (
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">900</cbc:TaxAmount></cac:TaxTotal>'
        '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">80</cbc:TaxAmount></cac:TaxTotal>'
    )

    assert _ubl(body).facts["total_tax"].value == "80"


def test_what_the_invoice_leaves_out_is_no_fact() -> None:
    reading = _ubl("<cbc:Note/>")

    assert reading.facts == {}
    assert reading.lines == ()


def test_the_vat_number_comes_before_other_tax_numbers() -> None:
    scheme = "<cac:PartyTaxScheme><cbc:CompanyID>{}</cbc:CompanyID><cac:TaxScheme><cbc:ID>{}</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    party = scheme.format("55", "TAX") + scheme.format("SE1", "VAT")
    body = f"<cac:AccountingSupplierParty><cac:Party>{party}</cac:Party></cac:AccountingSupplierParty>"

    assert _ubl(body).facts["vendor_tax_id"].value == "SE1"


def test_xml_of_another_trade_is_named_in_the_refusal() -> None:
    with pytest.raises(NotAnEinvoice) as refused:
        read_einvoice(
            b'<DespatchAdvice xmlns="urn:oasis:names:specification:ubl:schema:xsd:DespatchAdvice-2"/>'
        )

    assert refused.value.root == "DespatchAdvice"


@pytest.mark.parametrize(
    "written, cents", [("2.345", "2.35"), ("-2.345", "-2.34"), ("0.005", "0.01"), ("-0.005", "0.00")]
)
def test_a_tie_rounds_towards_positive_infinity(written: str, cents: str) -> None:
    value = Amount(written).number
    assert value is not None
    assert (
        str(round_cents(value).quantize(round_cents(value).__class__("0.01"))).replace("-0.00", "0.00")
        == cents
    )


def test_a_half_rounds_up_to_a_whole() -> None:
    half = Amount("0.5").number
    below = Amount("0.49").number
    assert half is not None
    assert below is not None
    assert (round_whole(half), round_whole(below)) == (1, 0)
