"""Electronic invoices: which bytes are one, what they say, and which rules of EN 16931 they break."""

from dataclasses import dataclass, field

from schemas.facts import Fact, Method, Row
from services.validator.core import en16931
from services.validator.core.en16931_model import Amount, Invoice, Line, Party, Period, day
from services.validator.readers import einvoice_cii, einvoice_ubl
from services.validator.readers.einvoice_elements import Element, child, local_name, namespace, text
from services.validator.readers.xml_hardened import DEFAULT_LIMITS, XmlLimits, XmlRefused, parse, parse_root

ENGINE = "einvoice 1"

_CII_D16B = "CII D16B"
_CII_V1 = "CII v1"
_UBL_INVOICE = "UBL Invoice"
_UBL_CREDIT_NOTE = "UBL CreditNote"
_UBL_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:"

_CREDIT_NOTE_CODES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"}
)
_PROFORMA_CODES = frozenset({"325"})
_NOT_FINAL_KINDS = {"220": "order_confirmation", "231": "order_confirmation", "310": "quote"}
# UBL demands the element where a sales order is named; NA says in Peppol that there is no purchase order.
_NO_ORDER = "NA"
_TEST_FLAG = "test_document"


class NotAnEinvoice(Exception):
    """The XML is sound, but its root is none of the invoice syntaxes that are read."""

    code = "not_an_einvoice"

    def __init__(self, root: str) -> None:
        super().__init__(f"<{root}> is not an invoice in UBL 2.1 or CII: send the invoice itself.")
        self.root = root


@dataclass(frozen=True, slots=True)
class XmlReading:
    """All that one e-invoice says. `facts` and `lines` carry the terms of EN 16931 (BT-n) in their `checks`.

    A date that is no day of the calendar has the value None and its text in `raw`: it is not guessed (R-42).
    `kind` is third_party_invoice, credit_note, proforma, order_confirmation or quote (by BT-3).
    """

    facts: dict[str, Fact]
    lines: tuple[Row, ...]
    kind: str
    document_type: str | None
    currency: str | None
    flags: tuple[str, ...]
    rules_checked: tuple[str, ...]
    rules_broken: tuple[str, ...]
    syntax: str
    invoice: Invoice = field(repr=False)


def _syntax(root: Element) -> str | None:
    name, space = local_name(root), namespace(root)
    if name == "CrossIndustryInvoice":
        return _CII_D16B
    if name == "CrossIndustryDocument":
        return _CII_V1
    if name in {"Invoice", "CreditNote"} and space.startswith(_UBL_NAMESPACE):
        return _UBL_INVOICE if name == "Invoice" else _UBL_CREDIT_NOTE
    return None


def is_einvoice(xml: bytes, limits: XmlLimits = DEFAULT_LIMITS) -> bool:
    """Tell by the root element alone. Never raises: what has no readable root is not an e-invoice.

    XML that is refused answers False; `xml_hardened.parse` says why.
    """
    try:
        return _syntax(parse_root(xml, limits)) is not None
    except XmlRefused:
        return False


def read_einvoice(xml: bytes, limits: XmlLimits = DEFAULT_LIMITS) -> XmlReading:
    """Read an e-invoice or a fragment of one (its root is enough). Raises XmlRefused, NotAnEinvoice."""
    root = parse(xml, limits)
    syntax = _syntax(root)
    if syntax is None:
        raise NotAnEinvoice(local_name(root))
    invoice = einvoice_ubl.read(root) if syntax.startswith("UBL") else einvoice_cii.read(root)
    verdict = en16931.evaluate(invoice)
    return XmlReading(
        facts=_facts(invoice),
        lines=tuple(_row(line) for line in invoice.lines),
        kind=_kind(invoice),
        document_type=invoice.type_code,
        currency=invoice.currency,
        flags=_flags(root, invoice),
        rules_checked=verdict.checked,
        rules_broken=verdict.broken,
        syntax=syntax,
        invoice=invoice,
    )


def _kind(invoice: Invoice) -> str:
    code = invoice.type_code or ""
    if code in _PROFORMA_CODES:
        return "proforma"
    if code in _NOT_FINAL_KINDS:
        return _NOT_FINAL_KINDS[code]
    if invoice.is_credit_note or code in _CREDIT_NOTE_CODES:
        return "credit_note"
    return "third_party_invoice"


def _flags(root: Element, invoice: Invoice) -> tuple[str, ...]:
    flags = []
    context = child(root, "ExchangedDocumentContext|SpecifiedExchangedDocumentContext")
    if text(context, "TestIndicator", "Indicator") == "true":
        flags.append(_TEST_FLAG)
    dates = [invoice.issue_date, invoice.due_date, invoice.delivery_date]
    dates += [written for period in invoice.periods for written in (period.start, period.end)]
    if any(written and day(written) is None for written in dates):
        flags.append("date_unreadable")
    return tuple(flags)


def _fact(term: str, raw: str, value: str | None) -> Fact:
    return Fact(value=value, raw=raw, method=Method.XML, engine=ENGINE, confidence=1.0, checks=(term,))


class _Facts(dict[str, Fact]):
    """Facts by field id; what the invoice does not say, or says with nothing, is left out."""

    def words(self, field_id: str, term: str, written: str | None) -> None:
        if written:
            self[field_id] = _fact(term, written, written)

    def day(self, field_id: str, term: str, written: str | None) -> None:
        if written:
            found = day(written)
            self[field_id] = _fact(term, written, found.isoformat() if found else None)

    def amount(self, field_id: str, term: str, written: Amount | None) -> None:
        """The text as written when it is a number; anything else is kept as raw only."""
        if written is not None and written.text:
            value = written.text if written.number is not None else None
            self[field_id] = _fact(term, written.text, value)


def _tax_id(party: Party) -> str | None:
    """The VAT number (BT-31, BT-48) before any other tax number (BT-32)."""
    return next(iter([*party.vat_ids, *(found.text for found in party.tax_ids)]), None)


def _party_facts(facts: _Facts, role: str, party: Party | None, terms: tuple[str, str, str]) -> None:
    if party is None:
        return
    name_term, tax_term, address_term = terms
    facts.words(f"{role}_name", name_term, party.name or party.trading_name)
    facts.words(f"{role}_tax_id", tax_term, _tax_id(party))
    facts.words(f"{role}_address", address_term, ", ".join(party.address.lines) if party.address else None)


def _period_facts(facts: _Facts, periods: tuple[Period, ...], terms: tuple[str, str]) -> None:
    for period in periods[:1]:
        facts.day("service_period_start", terms[0], period.start)
        facts.day("service_period_end", terms[1], period.end)


def _total_vat(invoice: Invoice) -> Amount | None:
    """BT-110: the total in the currency of the invoice, else the first one."""
    amounts = [total.amount for total in invoice.tax_totals if total.amount is not None]
    own = [amount for amount in amounts if amount.currency == invoice.currency]
    return next(iter([*own, *amounts]), None)


def _facts(invoice: Invoice) -> dict[str, Fact]:
    facts = _Facts()
    facts.words("invoice_number", "BT-1", invoice.number)
    facts.day("issue_date", "BT-2", invoice.issue_date)
    facts.words("document_type", "BT-3", invoice.type_code)
    facts.words("currency", "BT-5", invoice.currency)
    facts.day("due_date", "BT-9", invoice.due_date)
    facts.words("payment_terms", "BT-20", "\n".join(filter(None, map(str.strip, invoice.payment_terms))))
    facts.words("buyer_reference", "BT-10", invoice.buyer_reference)
    if invoice.order_reference != _NO_ORDER:
        facts.words("purchase_reference", "BT-13", invoice.order_reference)
    facts.words("notes", "BT-22", "\n".join(filter(None, invoice.notes)))
    facts.words("preceding_invoice", "BT-25", "\n".join(filter(None, invoice.preceding)))
    _party_facts(facts, "vendor", invoice.seller, ("BT-27", "BT-31", "BG-5"))
    _party_facts(facts, "buyer", invoice.buyer, ("BT-44", "BT-48", "BG-8"))
    facts.day("delivery_date", "BT-72", invoice.delivery_date)
    _period_facts(facts, invoice.periods, ("BT-73", "BT-74"))
    facts.amount("total_tax", "BT-110", _total_vat(invoice))
    if totals := invoice.totals:
        facts.amount("total_lines", "BT-106", totals.line_net)
        facts.amount("total_net", "BT-109", totals.without_vat)
        facts.amount("total_gross", "BT-112", totals.with_vat)
        facts.amount("total_paid", "BT-113", totals.paid)
        facts.amount("total_due", "BT-115", totals.due)
    return dict(facts)


def _row(line: Line) -> Row:
    row = _Facts()
    row.words("line_id", "BT-126", line.id)
    row.words("description", "BT-153" if line.name else "BT-154", line.name or line.description)
    row.amount("quantity", "BT-129", line.quantity)
    if line.price:
        row.amount("unit_price", "BT-146", line.price.net)
    row.amount("net", "BT-131", line.net)
    for category in line.categories[:1]:
        row.amount("tax_rate", "BT-152", category.percent)
        row.words("tax_category", "BT-151", category.code)
    _period_facts(row, line.periods, ("BT-134", "BT-135"))
    return dict(row)
