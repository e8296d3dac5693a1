"""Claims to judge: a sound one, of which a test changes what it is about."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from schemas.base import Period
from schemas.bundle import Manifest, ManifestDocument, ManifestLine
from schemas.claims import ReceivedDocument
from schemas.facts import DocumentFacts, Fact, Method, PageSize, ReadStatus, Row
from schemas.money import Money
from services.kit.packs import PackLibrary
from services.validator.core.decision import findings_of
from services.validator.core.inputs import CheckedDocument, CheckInputs, FundsSnapshot

USAGE = Period(start=date(2019, 7, 1), end=date(2019, 12, 31))
RECEIVED = datetime(2019, 10, 15, 12, tzinfo=UTC)
PARTNER = "Northwind Cloud Ltd"
INVOICE_FACTS = {
    "invoice_number": "INV-1001",
    "issue_date": "2019-09-05",
    "vendor_name": "Harbor Media GmbH",
    "vendor_tax_id": "DE123456789",
    "buyer_name": "Northwind Cloud Limited",
    "currency": "USD",
    "service_period_start": "2019-07-01",
    "service_period_end": "2019-08-31",
    "total_net": "1000.00",
    "total_tax": "190.00",
    "total_gross": "1190.00",
}


@cache
def library() -> PackLibrary:
    """The shipped packs and the vocabulary."""
    return PackLibrary.load()


def fact(value: str | None, **other: Any) -> Fact:
    """A value read from the first page with certainty."""
    given: dict[str, Any] = {
        "raw": value or "",
        "page": 1,
        "box": (10.0, 20.0, 90.0, 30.0),
        "method": Method.PDF_TEXT,
        "engine": "test",
        "confidence": 0.95,
    }
    return Fact(value=value, **(given | other))


def facts(values: Mapping[str, str | Fact | None]) -> dict[str, Fact]:
    """Facts by field; None leaves a field out."""
    return {
        name: one if isinstance(one, Fact) else fact(one) for name, one in values.items() if one is not None
    }


def document(
    file: str,
    kind: str,
    values: Mapping[str, str | Fact | None] | None = None,
    *,
    sha256: str | None = None,
    read_kind: str | None = None,
    **other: Any,
) -> CheckedDocument:
    """A document of one page with facts; `other` goes to the facts, or to the receipt where it belongs there."""
    digest = sha256 or hashlib.sha256(file.encode()).hexdigest()
    receipt = {name: other.pop(name) for name in ("note", "typed", "problem") if name in other}
    read: dict[str, Any] = {
        "sha256": digest,
        "media_type": "application/pdf",
        "status": ReadStatus.READ,
        "kind": read_kind,
        "pages": 1,
        "page_sizes": (PageSize(width=595, height=842),),
        "facts": facts(values or {}),
    }
    return CheckedDocument(
        received=ReceivedDocument(
            file=file, sha256=digest, bytes=100, media_type="application/pdf", kind=kind, **receipt
        ),
        facts=DocumentFacts(**(read | other)),
    )


def invoice(
    file: str = "invoice.pdf", /, *, kind: str = "third_party_invoice", **values: Any
) -> CheckedDocument:
    """A sound invoice with some values changed (None: not there); `flags`, `lines`, `typed`, … go to the document."""
    own = (
        "flags",
        "lines",
        "typed",
        "note",
        "problem",
        "pages",
        "rules_broken",
        "sha256",
        "status",
        "reason",
    )
    other = {name: values.pop(name) for name in own if name in values}
    read_kind = values.pop("read_kind", "third_party_invoice")
    return document(file, kind, INVOICE_FACTS | values, read_kind=read_kind, **other)


def row(**cells: str) -> Row:
    """A line of an invoice or of a service report."""
    return facts(cells)


def proofs() -> tuple[CheckedDocument, ...]:
    """What digital advertising asks for beside the invoice."""
    return (
        document("ad.png", "ad_screenshot", flags=("no_ocr",)),
        document("landing.png", "landing_page", flags=("no_ocr",)),
        document("results.pdf", "results_report"),
    )


def manifest(documents: tuple[CheckedDocument, ...], **changed: Any) -> Manifest:
    """A claim for 1000.00 USD of digital advertising in July and August 2019."""
    given: dict[str, Any] = {
        "claim_name": "Autumn campaign",
        "partner_id": "P-1",
        "location": "GB-LON",
        "program": "csp-indirect-reseller",
        "usage_period": USAGE,
        "category": "demand_generation",
        "activity": "digital_advertising",
        "activity_start": date(2019, 7, 1),
        "activity_end": date(2019, 8, 31),
        "currency": "USD",
        "claimed_amount": "1000.00",
        "metrics": {"results_summary": "900 clicks"},
        "documents": tuple(
            ManifestDocument(file=one.file, kind=one.received.kind, note=one.received.note)
            for one in documents
        ),
    }
    lines = changed.pop("lines", None)
    if lines is not None:
        changed["lines"] = tuple(ManifestLine(**line) for line in lines)
    return Manifest(**(given | changed))


def claim(
    *documents: CheckedDocument,
    pack: str = "csp-2019-11",
    remaining: str | None = None,
    received: datetime = RECEIVED,
    known: Mapping[str, Any] | None = None,
    **changed: Any,
) -> CheckInputs:
    """Inputs of a sound claim with the given documents (by default an invoice and all proofs)."""
    held = documents or (invoice(), *proofs())
    funds = None
    if remaining is not None:
        left = Money.of(remaining, "USD")
        nothing = left - left
        funds = FundsSnapshot(
            earned=left, claimed=nothing, reserved=nothing, available=left, accrued=left, as_of=1
        )
    given: dict[str, Any] = {"partner_name": PARTNER, "first_received_at": received, "funds": funds}
    return CheckInputs(
        manifest=manifest(held, **changed),
        documents=held,
        received_at=received,
        pack=library().get(pack),
        **(given | dict(known or {})),
    )


def codes(inputs: CheckInputs, *, infos: bool = False) -> list[str]:
    """The printed codes of all findings; notes are left out unless asked for."""
    found = findings_of(inputs, library().vocabulary)
    return [one.printed_code for one in found if infos or one.severity.value != "info"]
