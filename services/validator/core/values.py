"""Reading values out of documents for checks: with their place, never guessed, the typed value only where needed."""

from datetime import date
from decimal import Decimal, InvalidOperation

from schemas.base import Period
from schemas.facts import DocumentFacts, Evidence, Fact, Method, ReadStatus, Row
from schemas.money import AMOUNT_MINOR_MAX, AmountInvalid, Money, exponent
from services.validator.core.inputs import CheckedDocument

CONFIDENCE_DOUBTFUL_BELOW = 0.6
"""A value read with less than this is asked about, and accuses nobody."""

INVOICE_KINDS = frozenset({"third_party_invoice", "vendor_original_invoice"})
CREDIT_NOTE = "credit_note"
CSR = "csr"
TYPED_ENGINE = "typed by the partner"


def was_read(document: CheckedDocument) -> bool:
    """Whether the document's content was read at all."""
    return document.facts.status is ReadStatus.READ and document.received.problem is None


def has_words(document: CheckedDocument) -> bool:
    """Whether words of the document were read: a picture without OCR is a sound file that says nothing."""
    shown = (fact for fact in document.facts.facts.values() if fact.method is not Method.METADATA)
    return was_read(document) and bool(document.facts.lines or any(shown))


def value_of(document: CheckedDocument, field: str) -> Fact | None:
    """The fact a check may rest on: read without doubt, or else as the partner typed it (R-42).

    A typed value fills what could not be read, and picks among the candidates of a doubtful text; it never
    overrides what was read.
    """
    read = document.facts.facts.get(field)
    if read is not None and read.value is not None and not read.ambiguous:
        return read
    typed = document.received.typed.get(field)
    if typed is None or (read is not None and read.alternatives and typed not in read.alternatives):
        return None
    return Fact(
        value=typed,
        raw=read.raw if read else typed,
        page=read.page if read else None,
        box=read.box if read else None,
        method=Method.MANUAL,
        engine=TYPED_ENGINE,
        confidence=1.0,
    )


def sure(fact: Fact | None) -> bool:
    """Whether a value is certain enough to hold it against somebody."""
    return fact is not None and fact.value is not None and fact.confidence >= CONFIDENCE_DOUBTFUL_BELOW


def text_of(document: CheckedDocument, field: str) -> str | None:
    """The value of a field as text."""
    fact = value_of(document, field)
    return fact.value if fact else None


def as_day(fact: Fact | None) -> date | None:
    """The day a fact states; None for anything else."""
    if fact is None or fact.value is None:
        return None
    try:
        return date.fromisoformat(fact.value[:10])
    except ValueError:
        return None


def day_of(document: CheckedDocument, field: str) -> date | None:
    """The day in a field."""
    return as_day(value_of(document, field))


def as_number(fact: Fact | None) -> Decimal | None:
    """The exact number a fact states."""
    if fact is None or fact.value is None:
        return None
    try:
        number = Decimal(fact.value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_money(fact: Fact | None, currency: str) -> Money | None:
    """The amount a fact states in `currency`; None when it is no exact amount of it."""
    number = as_number(fact)
    return None if number is None else exact_money(number, currency)


def exact_money(number: Decimal, currency: str) -> Money | None:
    """The number as money; None when the currency has fewer decimals, or does not exist."""
    try:
        minor = number.scaleb(exponent(currency))
    except (AmountInvalid, InvalidOperation):
        return None
    if minor != minor.to_integral_value() or abs(minor) > AMOUNT_MINOR_MAX:
        return None
    return Money(amount_minor=int(minor), currency=currency)


def currency_of(document: CheckedDocument) -> str | None:
    """The currency that the document itself names."""
    return text_of(document, "currency")


def money_of(document: CheckedDocument, field: str, claim_currency: str) -> Money | None:
    """The amount in a field, in the document's currency or, where it names none, in the claim's."""
    return as_money(value_of(document, field), currency_of(document) or claim_currency)


def service_period_of(document: CheckedDocument) -> tuple[Period, tuple[Fact, ...]] | None:
    """When the work on an invoice was done, with the places: its service period (BT-73, BT-74) or delivery day."""
    first, last = value_of(document, "service_period_start"), value_of(document, "service_period_end")
    if first is None and last is None:
        first = last = value_of(document, "delivery_date")
    start, end = as_day(first or last), as_day(last or first)
    if start is None or end is None or end < start:
        return None
    places = tuple(dict.fromkeys(fact.model_dump_json() for fact in (first, last) if fact is not None))
    return Period(start=start, end=end), tuple(Fact.model_validate_json(place) for place in places)


def place(document: CheckedDocument, fact: Fact | None = None) -> Evidence:
    """Where a finding points: the place of a fact, or the document as a whole."""
    if fact is None:
        return Evidence(document_sha256=document.received.sha256, file=document.file)
    return Evidence(
        document_sha256=document.received.sha256,
        file=document.file,
        page=fact.page,
        box=fact.box,
        text=fact.raw,
        method=fact.method,
        confidence=fact.confidence,
    )


def effective_kind(document: CheckedDocument) -> str:
    """The kind that counts: the declared one; a credit note counts as such wherever it is declared an invoice."""
    if document.received.kind in INVOICE_KINDS and document.facts.kind == CREDIT_NOTE:
        return CREDIT_NOTE
    return document.received.kind


def is_invoice(document: CheckedDocument) -> bool:
    """Whether the document is offered as an invoice."""
    return document.received.kind in INVOICE_KINDS


def is_csr(document: CheckedDocument) -> bool:
    """Whether the document is offered as a service report."""
    return document.received.kind == CSR


def doubtful(facts: DocumentFacts) -> tuple[tuple[str, Fact], ...]:
    """Every header field whose text can be read in more than one way."""
    return tuple((name, fact) for name, fact in sorted(facts.facts.items()) if fact.ambiguous)


def row_amount(row: Row, currency: str) -> Money | None:
    """The net amount of an invoice line."""
    return as_money(row.get("net"), currency)
