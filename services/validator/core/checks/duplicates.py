"""The same expense twice: same file, same invoice, or same vendor, day and amount (R-63); one activity cut up (R-64)."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.base import Period
from schemas.money import Money
from services.rules.invoice_keys import number_key, tax_id_key, vendor_name_key
from services.validator.core.inputs import CheckedDocument, CheckInputs, DocumentKeys
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


def is_same(one: DocumentKeys, other: DocumentKeys) -> bool:
    """Whether two documents are one expense (R-63): same bytes, same vendor and number, or same vendor, day and amount."""
    if one.sha256 is not None and one.sha256 == other.sha256:
        return True
    if not _same_vendor(one, other):
        return False
    if one.number_key is not None and one.number_key == other.number_key:
        return True
    same_day = one.issued_on is not None and one.issued_on == other.issued_on
    return same_day and one.net is not None and one.net == other.net


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
            if not is_same(own, known.keys):
                continue
            code = "DUP_FILE_SAME_PARTNER" if is_csr(document) else "DUP_INVOICE_SAME_PARTNER"
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


@dataclass(frozen=True)
class Part:
    """A claim that may be a part of a larger activity."""

    vendors: frozenset[str]
    days: Period
    amount: Money


def split_suspected(part: Part, others: Sequence[Part], cap: Money) -> tuple[Part, ...]:
    """The claims that with `part` look like one activity cut up (R-64): same vendor, days that overlap, sum over a cap."""
    alike = [
        other
        for other in others
        if not part.vendors.isdisjoint(other.vendors)
        and other.days.start <= part.days.end
        and part.days.start <= other.days.end
        and other.amount.currency == part.amount.currency == cap.currency
    ]
    together = sum((other.amount for other in alike), part.amount)
    return tuple(alike) if alike and cap < together else ()


def check_split(inputs: CheckInputs) -> tuple[Remark, ...]:
    """SPLIT_SUSPECTED, for reviewers only, against each limit in money that the activity has (R-64)."""
    manifest = inputs.manifest
    activity, days = inputs.pack.activities.get(manifest.activity), inputs.activity_period
    if activity is None or days is None:
        return ()
    vendors = frozenset(key for document in inputs.documents if (key := _vendor_key(document)) is not None)
    claimed = Money(amount_minor=manifest.claimed_minor, currency=manifest.currency)
    earlier = {
        claim.claim_number: Part(
            frozenset(claim.vendor_keys),
            Period(start=claim.activity_start, end=claim.activity_end),
            claim.counted,
        )
        for claim in inputs.earlier_claims or ()
        if claim.activity == manifest.activity
    }
    for cap in activity.caps:
        if cap.amount is None or cap.currency is None:
            continue
        limit = Money.of(cap.amount, cap.currency)
        found = split_suspected(Part(vendors, days, claimed), list(earlier.values()), limit)
        if found:
            numbers = ", ".join(str(number) for number, part in sorted(earlier.items()) if part in found)
            params = {"n": len(found) + 1, "claims": numbers}
            return (Remark("SPLIT_SUSPECTED", params, None, (), f"<= {limit.amount}", numbers),)
    return ()


def _vendor_key(document: CheckedDocument) -> str | None:
    vendor = text_of(document, "vendor_name") if is_invoice(document) else None
    return vendor_name_key(vendor) if vendor else None
