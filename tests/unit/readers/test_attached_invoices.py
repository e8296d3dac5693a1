"""A PDF's attachment is an invoice by its root element; other attachments are only reported."""

from schemas.facts import DocumentFacts, Method, ReadStatus
from services.validator.readers.csr.form import draw_csr
from services.validator.readers.reading import CSR_KIND, read_document
from tests.corpora.readers.pdf_writing import pdf, stream, text_content
from tests.unit.csr.reports import report

UBL = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
    "<cbc:ID>T-100</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate>"
    "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    '<cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>'
    "</cac:LegalMonetaryTotal></{kind}>"
)
PAGE = (
    "INVOICE",
    "Invoice number: T-100",
    "Invoice date: 2026-01-15",
    "Net amount EUR 800.00",
    "VAT 25 % EUR 200.00",
    "Total amount EUR 1000.00",
)


def invoice(gross: str, kind: str = "Invoice") -> bytes:
    return UBL.format(kind=kind, gross=gross).encode()


def carrying(**attached: bytes) -> bytes:
    """A PDF whose page shows PAGE, with attachments by name."""
    more, listed = {4: stream(text_content(PAGE))}, b""
    for at, (name, content) in enumerate(attached.items()):
        spec, file = 10 + 2 * at, 11 + 2 * at
        listed += b"(%s) %d 0 R " % (name.encode(), spec)
        more[spec] = b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F %d 0 R>>>>" % (name.encode(), name.encode(), file)
        more[file] = stream(content, b"/Type/EmbeddedFile", deflate=True)
    return pdf(catalog=b"/Names<</EmbeddedFiles<</Names[%s]>>>>" % listed, more=more)


def read(content: bytes) -> DocumentFacts:
    facts = read_document(content, file_name="a.pdf")
    assert facts.status is ReadStatus.READ
    return facts


def test_an_invoice_is_known_by_its_root_whatever_its_name() -> None:
    facts = read(carrying(notes=invoice("1000.00")))
    assert facts.kind == "third_party_invoice"
    assert (facts.facts["total_gross"].value, facts.facts["total_gross"].method) == ("1000.00", Method.XML)
    assert facts.facts["page.total_gross"].method is Method.PDF_TEXT
    assert "page_agrees" in facts.facts["total_gross"].checks
    assert not {"embedded_files", "hybrid_mismatch:total_gross"} & set(facts.flags)
    assert "BR-02" in facts.rules_checked


def test_a_page_that_shows_another_total_contradicts_its_xml() -> None:
    facts = read(carrying(notes=invoice("8000.00")))
    assert "hybrid_mismatch:total_gross" in facts.flags
    assert facts.facts["total_gross"].value == "8000.00"
    shown = facts.facts["page.total_gross"]
    assert (shown.value, shown.page) == ("1000.00", 1)
    assert shown.box is not None
    assert 50 < shown.box[0] < shown.box[2] < 250


def test_a_file_named_like_an_invoice_is_none() -> None:
    facts = read(carrying(**{"factur-x.xml": b"<rss/>"}))
    assert facts.facts["total_gross"].method is Method.PDF_TEXT
    assert "embedded_files" in facts.flags


def test_an_attachment_with_a_document_type_is_not_taken_in() -> None:
    facts = read(carrying(**{"factur-x.xml": b'<!DOCTYPE a [<!ENTITY x "y">]>' + invoice("1.00")}))
    assert facts.facts["total_gross"].method is Method.PDF_TEXT
    assert "embedded_files" in facts.flags


def test_two_invoices_in_one_file_are_said_to_be_two() -> None:
    facts = read(carrying(a=invoice("1000.00"), b=invoice("9.00")))
    assert {"several_invoices", "embedded_files"} <= set(facts.flags)
    assert facts.facts["total_gross"].value == "1000.00"


def test_an_attached_program_beside_the_invoice_is_reported() -> None:
    assert "embedded_files" in read(carrying(a=invoice("1000.00"), b=b"MZ")).flags


def test_our_service_report_is_read_back_as_one() -> None:
    form = report()
    facts = read(draw_csr(form))
    assert facts.kind == CSR_KIND
    assert facts.facts["total"].value == form.total
    assert len(facts.lines) == len(form.rows)
    assert "embedded_files" not in facts.flags
