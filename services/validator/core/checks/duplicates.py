"""The same expense twice: same file, same invoice, or same vendor, day and amount (R-63); one activity cut up (R-64)."""

from datetime import date

from schemas.money import Money
from services.rules.invoice_keys import number_key, tax_id_key, vendor_name_key
from services.validator.core.inputs import CheckedDocument, CheckInputs, DocumentKeys, EarlierClaim
from services.validator.core.remarks import Remark
from services.validator.core.values import (
    day_of,
    is_csr,
    is_invoice,
    money_of,
    place,
    text_of,
    value_of,
)

SPLIT_CLAIMS_MIN = 2


def keys_of(document: CheckedDocument, claim_currency: str) -> DocumentKeys:
    """What a document is compared with others by; only an invoice has more than its bytes."""
    if not is_invoice(document):
        return DocumentKeys(sha256=document.received.sha256)
    tax_id, vendor, number = (
        text_of(document, field) for field in ("vendor_tax_id", "vendor_name", "invoice_number")
    )
    return DocumentKeys(
        sha256=document.received.sha256,
        vendor_tax_key=tax_id_key(tax_id) or None if tax_id else None,
        vendor_name_key=vendor_name_key(vendor) or None if vendor else None,
        number_key=number_key(number) or None if number else None,
        issued_on=day_of(document, "issue_date"),
        net=money_of(document, "total_net", claim_currency),
    )


def likeness(one: DocumentKeys, other: DocumentKeys) -> str | None:
    """The code that says why two documents are one expense (R-63), or None: bytes, vendor and number, vendor and day and amount."""
    numbered = one.number_key is not None
    if one.sha256 == other.sha256:
        return "DUP_INVOICE_SAME_PARTNER" if numbered else "DUP_FILE_SAME_PARTNER"
    if not _same_vendor(one, other):
        return None
    if numbered and one.number_key == other.number_key:
        return "DUP_INVOICE_SAME_PARTNER"
    same_day = one.issued_on is not None and one.issued_on == other.issued_on
    return "DUP_VENDOR_DATE_AMOUNT" if same_day and one.net is not None and one.net == other.net else None


def _same_vendor(one: DocumentKeys, other: DocumentKeys) -> bool:
    if one.vendor_tax_key is not None and other.vendor_tax_key is not None:
        return one.vendor_tax_key == other.vendor_tax_key
    return one.vendor_name_key is not None and one.vendor_name_key == other.vendor_name_key


def check_duplicates(inputs: CheckInputs) -> tuple[Remark, ...]:
    """An error for each financial document that another live claim of the partner already holds (R-63)."""
    remarks = []
    for document in inputs.documents:
        if not (is_invoice(document) or is_csr(document)):
            continue
        own = keys_of(document, inputs.manifest.currency)
        for known in inputs.known_documents:
            code = likeness(own, known.keys)
            if code is None:
                continue
            number = value_of(document, "invoice_number")
            written = number.value if number is not None and number.value else document.file
            params = {"number": written, "claim": str(known.claim_number), "file": document.file}
            remarks.append(Remark(code, params, None, (place(document, number),), None, known.file))
    return tuple(remarks)


def check_repeats(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DUP_FILE_IN_CLAIM where two files of the claim have the same bytes; each expense counts once anyway (R-63)."""
    seen: set[str] = set()
    remarks = []
    for document in inputs.documents:
        if document.received.sha256 in seen:
            remarks.append(Remark("DUP_FILE_IN_CLAIM", {"file": document.file}, None, (place(document),)))
        seen.add(document.received.sha256)
    return tuple(remarks)


def check_proof_reuse(inputs: CheckInputs) -> tuple[Remark, ...]:
    """POE_SAME_AS_OTHER where a proof of execution is byte for byte one of another claim of the partner (R-63)."""
    remarks = []
    for document in inputs.documents:
        if is_invoice(document) or is_csr(document):
            continue
        twins = {
            known.claim_number
            for known in inputs.known_documents
            if known.keys.sha256 == document.received.sha256
        }
        for number in sorted(twins):
            params = {"file": document.file, "claim": str(number)}
            remarks.append(Remark("POE_SAME_AS_OTHER", params, None, (place(document),)))
    return tuple(remarks)


def check_other_partners(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DUP_FILE_OTHER_PARTNER, for reviewers only and without a name: another partner sent the same file (R-63)."""
    return tuple(
        Remark("DUP_FILE_OTHER_PARTNER", {"file": document.file}, None, (place(document),))
        for document in inputs.documents
        if document.received.sha256 in inputs.elsewhere_sha256
    )


def check_split(inputs: CheckInputs) -> tuple[Remark, ...]:
    """SPLIT_SUSPECTED where claims of one vendor and one activity overlap in time and together pass a limit (R-64)."""
    activity = inputs.pack.activities.get(inputs.manifest.activity)
    if activity is None or not activity.caps or not inputs.earlier_claims:
        return ()
    vendors = frozenset(key for document in inputs.documents if (key := _vendor_key(document)) is not None)
    alike = [claim for claim in inputs.earlier_claims if _is_part(inputs, claim, vendors)]
    claimed = Money(amount_minor=inputs.manifest.claimed_minor, currency=inputs.manifest.currency)
    together = sum((claim.counted for claim in alike if claim.counted.currency == claimed.currency), claimed)
    if len(alike) + 1 < SPLIT_CLAIMS_MIN:
        return ()
    limits = [
        Money.of(cap.amount, cap.currency) for cap in activity.caps if cap.amount is not None and cap.currency
    ]
    passed = [limit for limit in limits if limit.currency == together.currency and limit < together]
    if not passed:
        return ()
    numbers = ", ".join(str(claim.claim_number) for claim in alike)
    params = {"n": len(alike) + 1, "claims": numbers, "together": together}
    return (
        Remark(
            "SPLIT_SUSPECTED",
            params,
            None,
            (),
            f"<= {min(limit.amount_minor for limit in passed)}",
            together.amount,
        ),
    )


def _vendor_key(document: CheckedDocument) -> str | None:
    vendor = text_of(document, "vendor_name") if is_invoice(document) else None
    return vendor_name_key(vendor) if vendor else None


def _is_part(inputs: CheckInputs, claim: EarlierClaim, vendors: frozenset[str]) -> bool:
    first, last = _ordered(inputs.manifest.activity_start, inputs.manifest.activity_end)
    overlaps = claim.activity_start <= last and first <= claim.activity_end
    return (
        claim.activity == inputs.manifest.activity and overlaps and not vendors.isdisjoint(claim.vendor_keys)
    )


def _ordered(one: date, other: date) -> tuple[date, date]:
    return (one, other) if one <= other else (other, one)
