"""Invoice checks: is it a final invoice of somebody else, to the partner, whole and consistent (R-56)."""

from decimal import Decimal

from schemas.facts import Fact, Method
from schemas.findings import Texts
from schemas.money import Money, exponent
from services.rules.invoice_keys import number_key
from services.validator.core.checks.presence import kind_term
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.names import folded, same_company
from services.validator.core.remarks import FieldName, PaperName, Remark
from services.validator.core.values import (
    CONFIDENCE_DOUBTFUL_BELOW,
    CREDIT_NOTE,
    CSR,
    as_day,
    as_money,
    as_number,
    currency_of,
    effective_kind,
    has_words,
    is_csr,
    is_invoice,
    money_of,
    place,
    row_amount,
    sure,
    value_of,
)

REQUIRED_FIELDS = ("invoice_number", "issue_date", "vendor_name", "buyer_name", "currency", "total_net")
PARTY_NAMES = frozenset({"vendor_name", "buyer_name"})
NOT_READ = Texts(en="not read", sv="inte läst", fr="non lu")
ROUND_AMOUNT_MINOR = 100_000
SATURDAY = 5
NOT_FINAL_KINDS = frozenset(
    {"proforma", "quote", "order_confirmation", "draft", "delivery_note", "reminder", "statement"}
)
COMPANION_KINDS = frozenset({"delivery_note", "reminder", "statement"})
PAPER_KINDS = NOT_FINAL_KINDS | {"third_party_invoice", "credit_note"}


def check_fields(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_FIELD_MISSING for each required field that a readable invoice does not show and nobody typed.

    A company's name on a page often stands without a label: where it was not recognized, it is asked to be confirmed.
    """
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document) or not has_words(document) or not_final_kind(document):
            continue
        for field in REQUIRED_FIELDS:
            read = document.facts.facts.get(field)
            if value_of(document, field) is not None or (read is not None and read.raw):
                continue
            if field == "total_net" and "total_gross" in document.facts.facts:
                continue
            if field in PARTY_NAMES and not _is_data(document):
                params = {"field": FieldName(field), "value": NOT_READ, "file": document.file}
                remarks.append(
                    Remark("READ_LOW_CONFIDENCE", params, evidence=(place(document),), expected=field)
                )
                continue
            params = {"field": FieldName(field), "file": document.file}
            remarks.append(Remark("INV_FIELD_MISSING", params, evidence=(place(document),), expected=field))
    return tuple(remarks)


def _is_data(document: CheckedDocument) -> bool:
    """Whether the invoice is data: then what it does not say is missing indeed."""
    return any(fact.method is Method.XML for fact in document.facts.facts.values())


def check_confidence(inputs: CheckInputs) -> tuple[Remark, ...]:
    """READ_LOW_CONFIDENCE for a needed value that was read with doubt: somebody should confirm it."""
    remarks = []
    fields = (
        *REQUIRED_FIELDS,
        "total_tax",
        "total_gross",
        "service_period_start",
        "service_period_end",
        "total",
    )
    for document in inputs.documents:
        for field in fields if is_invoice(document) or is_csr(document) else ():
            fact = document.facts.facts.get(field)
            if fact is None or fact.value is None or fact.ambiguous:
                continue
            if fact.confidence < CONFIDENCE_DOUBTFUL_BELOW:
                params = {"field": FieldName(field), "value": fact.value, "file": document.file}
                remarks.append(
                    Remark(
                        "READ_LOW_CONFIDENCE", params, evidence=(place(document, fact),), actual=fact.value
                    )
                )
    return tuple(remarks)


def check_arithmetic(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_ARITHMETIC where quantity × price is not the line, or net + tax is not gross; one minor unit a line is let go."""
    remarks: list[Remark] = []
    for document in inputs.documents:
        if is_invoice(document):
            currency = currency_of(document) or inputs.manifest.currency
            remarks += _line_arithmetic(document, currency)
            remarks += _total_arithmetic(document, currency)
    return tuple(remarks)


def _line_arithmetic(document: CheckedDocument, currency: str) -> list[Remark]:
    remarks = []
    for row in document.facts.lines:
        net = row.get("net")
        # An e-invoice's own rules know base quantities and allowances; a discount column explains a difference.
        if net is None or net.method is Method.XML or "discount" in row:
            continue
        cells = (row.get("quantity"), row.get("unit_price"), net)
        quantity, price, stated = as_number(cells[0]), as_number(cells[1]), row_amount(row, currency)
        if quantity is None or price is None or stated is None or not all(sure(cell) for cell in cells):
            continue
        expected = _rounded(quantity * price, currency)
        if expected is not None and abs(expected.amount_minor - stated.amount_minor) > 1:
            params = {
                "what": FieldName("line_net"),
                "expected": expected,
                "actual": stated,
                "file": document.file,
            }
            where = tuple(place(document, cell) for cell in cells if cell is not None)
            remarks.append(Remark("INV_ARITHMETIC", params, None, where, expected.amount, stated.amount))
    return remarks


def _rounded(amount: Decimal, currency: str) -> Money | None:
    minor = (amount.scaleb(exponent(currency))).to_integral_value(rounding="ROUND_HALF_UP")
    return Money(amount_minor=int(minor), currency=currency) if abs(minor) < 10**15 else None


def _total_arithmetic(document: CheckedDocument, currency: str) -> list[Remark]:
    facts = [value_of(document, field) for field in ("total_net", "total_tax", "total_gross")]
    net, tax, gross = (as_money(fact, currency) for fact in facts)
    if net is None or tax is None or gross is None or not all(sure(fact) for fact in facts):
        return []
    expected = net + tax
    if abs(expected.amount_minor - gross.amount_minor) <= max(1, len(document.facts.lines)):
        return []
    params = {"what": FieldName("total_gross"), "expected": expected, "actual": gross, "file": document.file}
    where = tuple(place(document, fact) for fact in reversed(facts) if fact is not None)
    return [Remark("INV_ARITHMETIC", params, None, where, expected.amount, gross.amount)]


def check_parties(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_BUYER_MISMATCH unless the buyer is the partner; INV_VENDOR_IS_PARTNER when the issuer is."""
    names = tuple(name for name in (inputs.partner_name, *inputs.partner_aliases) if name)
    if not names:
        return ()
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        buyer, vendor = value_of(document, "buyer_name"), value_of(document, "vendor_name")
        strict = inputs.pack.buyer_on_invoice_must_be
        accepted = names[:1] if strict == "claimant" else names
        if (
            buyer is not None
            and buyer.value
            and sure(buyer)
            and strict != "anyone"
            and not _is_any(buyer.value, accepted)
        ):
            params = {"buyer": buyer.value, "partner": names[0], "file": document.file}
            where = (place(document, buyer),)
            remarks.append(
                Remark("INV_BUYER_MISMATCH", params, None, where, " | ".join(accepted), buyer.value)
            )
        if vendor is not None and vendor.value and sure(vendor) and _is_any(vendor.value, names):
            params = {"vendor": vendor.value, "file": document.file}
            where = (place(document, vendor),)
            remarks.append(Remark("INV_VENDOR_IS_PARTNER", params, None, where, None, vendor.value))
    return tuple(remarks)


def _is_any(written: str, names: tuple[str, ...]) -> bool:
    return any(same_company(written, name) for name in names)


def not_final_kind(document: CheckedDocument) -> str | None:
    """What a document offered as an invoice is instead, as its title or its type code says; None for an invoice.

    An invoice may name its delivery note or the reminder it follows; a paper with a total to pay is the invoice.
    """
    kind, title = document.facts.kind, document.facts.facts.get("document_type")
    if kind not in NOT_FINAL_KINDS or (title is not None and not sure(title)):
        return None
    if kind in COMPANION_KINDS and value_of(document, "total_gross") is not None:
        return None
    return kind


def check_declared_kind(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DOC_KIND_MISMATCH where an invoice was sent as a service report, or the other way round (R-35)."""
    remarks = []
    for document in inputs.documents:
        declared, found = document.received.kind, document.facts.kind
        title = document.facts.facts.get("document_type")
        if (is_invoice(document) and found == CSR) or (
            is_csr(document) and found in PAPER_KINDS and sure(title)
        ):
            params = {
                "declared": kind_term(inputs.pack, declared),
                "found": kind_term(inputs.pack, str(found)),
                "file": document.file,
            }
            remarks.append(
                Remark("DOC_KIND_MISMATCH", params, None, (place(document, title),), declared, found)
            )
    return tuple(remarks)


def check_final(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_NOT_FINAL for a proforma, quote, order confirmation, draft, test document or one without an amount."""
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        kind = not_final_kind(document)
        fact: Fact | None = value_of(document, "document_type")
        if kind is None:
            gross = value_of(document, "total_gross") or value_of(document, "total_net")
            amount = as_number(gross)
            if amount is None or amount != 0 or not sure(gross):
                continue
            kind, fact = "zero_amount", gross
        params = {"type": PaperName(kind), "file": document.file}
        remarks.append(Remark("INV_NOT_FINAL", params, None, (place(document, fact),), "invoice", kind))
    return tuple(remarks)


def check_number(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_NUMBER_MISMATCH where the number typed is not the number read."""
    remarks = []
    for document in inputs.documents:
        typed = document.received.typed.get("invoice_number")
        read = document.facts.facts.get("invoice_number")
        if not typed or read is None or read.value is None or not sure(read) or not is_invoice(document):
            continue
        if number_key(typed) != number_key(read.value):
            params = {"typed": typed, "read": read.value, "file": document.file}
            remarks.append(
                Remark("INV_NUMBER_MISMATCH", params, None, (place(document, read),), typed, read.value)
            )
    return tuple(remarks)


def check_typed(inputs: CheckInputs) -> tuple[Remark, ...]:
    """READ_DISAGREES where another typed value is not the one read: neither overrides the other."""
    remarks = []
    for document in inputs.documents:
        for field, typed in sorted(document.received.typed.items()):
            read = document.facts.facts.get(field)
            if (
                field == "invoice_number"
                or read is None
                or read.value is None
                or not sure(read)
                or read.ambiguous
            ):
                continue
            if _same_value(typed, read.value):
                continue
            params = {"field": FieldName(field), "a": read.value, "b": typed, "file": document.file}
            remarks.append(
                Remark("READ_DISAGREES", params, None, (place(document, read),), typed, read.value)
            )
    return tuple(remarks)


def _same_value(typed: str, read: str) -> bool:
    if folded(typed) == folded(read) or same_company(typed, read):
        return True
    one, other = (as_number(_typed_fact(text)) for text in (typed, read))
    return one is not None and one == other


def _typed_fact(text: str) -> Fact:
    return Fact(value=text.strip(), raw=text, method=Method.MANUAL, engine="", confidence=1.0)


def check_itemized(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_NOT_ITEMISED for an invoice of which only a total and no line could be found (flag of the reader)."""
    return tuple(
        Remark(
            "INV_NOT_ITEMISED",
            {"file": document.file},
            evidence=(place(document, value_of(document, "total_net")),),
        )
        for document in inputs.documents
        if is_invoice(document)
        and "not_itemised" in document.facts.flags
        and not_final_kind(document) is None
    )


def check_pages(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_PAGE_MISSING where a page says "1 of 3" and the file has fewer pages."""
    remarks = []
    for document in inputs.documents:
        stated = document.facts.facts.get("page_count_printed")
        count = as_number(stated)
        if stated is None or count is None or document.facts.pages == 0 or count <= document.facts.pages:
            continue
        params = {"stated": str(count), "found": str(document.facts.pages), "file": document.file}
        where = (place(document, stated),)
        remarks.append(Remark("INV_PAGE_MISSING", params, None, where, str(count), str(document.facts.pages)))
    return tuple(remarks)


def check_warning_signs(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_ROUND_AMOUNT and INV_WEEKEND_DATE, for reviewers only (R-66)."""
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        total, issued = value_of(document, "total_net"), value_of(document, "issue_date")
        amount, day = as_money(total, currency_of(document) or inputs.manifest.currency), as_day(issued)
        if amount is not None and amount.amount_minor and amount.amount_minor % ROUND_AMOUNT_MINOR == 0:
            remarks.append(
                Remark(
                    "INV_ROUND_AMOUNT",
                    {"amount": amount},
                    None,
                    (place(document, total),),
                    None,
                    amount.amount,
                )
            )
        if day is not None and day.weekday() >= SATURDAY:
            remarks.append(
                Remark(
                    "INV_WEEKEND_DATE", {"date": day}, None, (place(document, issued),), None, day.isoformat()
                )
            )
    return tuple(remarks)


def check_language(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_LANGUAGE where an invoice is in a language for which the pack asks a translation."""
    accepted = inputs.pack.translation_required_if_language_not
    remarks = []
    for document in inputs.documents:
        language = value_of(document, "language")
        if (
            not accepted
            or not is_invoice(document)
            or language is None
            or language.value is None
            or not sure(language)
        ):
            continue
        if language.value not in accepted:
            params = {"language": language.value, "file": document.file}
            listed = " | ".join(accepted)
            remarks.append(Remark("INV_LANGUAGE", params, None, (place(document),), listed, language.value))
    return tuple(remarks)


def check_hybrid(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_HYBRID_MISMATCH for each value on the page that contradicts the invoice's own XML (flag `hybrid_mismatch:field`)."""
    remarks = []
    for document in inputs.documents:
        for flag in document.facts.flags:
            name, _, field = flag.partition(":")
            said, shown = document.facts.facts.get(field), document.facts.facts.get(f"page.{field}")
            if name != "hybrid_mismatch" or said is None or shown is None:
                continue
            xml, page = said.value or said.raw, shown.value or shown.raw
            params = {"field": FieldName(field), "page": page, "xml": xml, "file": document.file}
            remarks.append(Remark("INV_HYBRID_MISMATCH", params, None, (place(document, shown),), xml, page))
    return tuple(remarks)


def check_einvoice_rules(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_RULE for each business rule of EN 16931 that an e-invoice breaks."""
    return tuple(
        Remark("INV_RULE", {"rule": rule, "file": document.file}, None, (place(document),), rule)
        for document in inputs.documents
        if is_invoice(document)
        for rule in sorted(set(document.facts.rules_broken))
    )


def check_kind_of_invoice(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_CREDIT_NOTE, INV_TEST_DOCUMENT and INV_SEVERAL: what else an invoice can turn out to be."""
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        params = {"file": document.file}
        where = (place(document, document.facts.facts.get("document_type")),)
        if effective_kind(document) == CREDIT_NOTE:
            amount = money_of(document, "total_net", inputs.manifest.currency)
            if amount is not None:
                remarks.append(Remark("INV_CREDIT_NOTE", {**params, "amount": amount}, None, where))
        if "test_document" in document.facts.flags:
            remarks.append(Remark("INV_TEST_DOCUMENT", params, None, where))
        if "several_invoices" in document.facts.flags:
            remarks.append(Remark("INV_SEVERAL", params, None, (place(document),)))
    return tuple(remarks)
