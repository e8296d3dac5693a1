"""What the documents of a claim are worth: the stated totals, counted once, without tax that is not payable (R-37)."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.bundle import ManifestLine
from schemas.facts import Fact, Row
from schemas.money import Money
from services.rules.invoice_keys import invoice_key
from services.rules.pack import RulePack
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.names import folded
from services.validator.core.values import (
    CREDIT_NOTE,
    currency_of,
    effective_kind,
    is_csr,
    is_invoice,
    money_of,
    row_amount,
    text_of,
    value_of,
)
from services.validator.core.word_lists import ALCOHOL, ALCOHOL_FREE, ALCOHOL_FREE_AFTER

ALCOHOL_KIND = "alcohol"


@dataclass(frozen=True)
class Worth:
    """What one document shows: `net` is what is payable of it, `gross` what it asks its reader to pay."""

    document: CheckedDocument
    net: Money
    gross: Money
    place: Fact | None

    @property
    def tax(self) -> Money:
        """The part that is tax and not payable."""
        return self.gross - self.net


@dataclass(frozen=True)
class Shown:
    """All financial documents together; `complete` is False when one of them has a total nobody could read."""

    worths: tuple[Worth, ...]
    complete: bool
    currency: str

    @property
    def net(self) -> Money:
        """The payable totals added up."""
        return sum((worth.net for worth in self.worths), Money(amount_minor=0, currency=self.currency))

    @property
    def gross(self) -> Money:
        """The totals with tax added up."""
        return sum((worth.gross for worth in self.worths), Money(amount_minor=0, currency=self.currency))


def invoice_identity(document: CheckedDocument) -> str | None:
    """Vendor and number: two files with the same ones are one invoice, such as a page and its XML."""
    number = text_of(document, "invoice_number")
    tax_id, vendor = text_of(document, "vendor_tax_id"), text_of(document, "vendor_name")
    return invoice_key(number, vendor_tax_id=tax_id, vendor_name=vendor) if number else None


def shown(inputs: CheckInputs) -> Shown:
    """Add up invoices (credit notes count negative) and service reports, each identity once."""
    currency = inputs.manifest.currency
    worths: list[Worth] = []
    complete = True
    seen: set[object] = set()
    for document in inputs.documents:
        if not (is_invoice(document) or is_csr(document)):
            continue
        identity: object = invoice_identity(document) or document.received.sha256
        if identity in seen:
            continue
        seen.add(identity)
        found = worth(document, lines_of(document, inputs.manifest.lines), inputs.pack, currency)
        if found is None:
            complete = False
        else:
            worths.append(found)
    return Shown(tuple(worths), complete and bool(worths), currency)


def lines_of(document: CheckedDocument, lines: Sequence[ManifestLine]) -> tuple[ManifestLine, ...]:
    """The claim's lines that name the document."""
    return tuple(line for line in lines if line.document == document.file)


def worth(
    document: CheckedDocument, lines: Sequence[ManifestLine], pack: RulePack, currency: str
) -> Worth | None:
    """What one document shows; None when its total was not read, or is in another currency."""
    if (currency_of(document) or currency) != currency:
        return None
    if is_csr(document):
        total = money_of(document, "total", currency)
        return Worth(document, total, total, value_of(document, "total")) if total else None
    gross = money_of(document, "total_gross", currency)
    tax = money_of(document, "total_tax", currency)
    net = money_of(document, "total_net", currency)
    if net is None and gross is not None:
        net = gross - tax if tax is not None else gross
    if net is None:
        return None
    if gross is None:
        gross = net + tax if tax is not None else net
    # Fares and room rates are payable with their taxes, and a pack may pay all tax.
    with_tax = pack.tax == "include" or any(line.kind in pack.tax_payable_on for line in lines)
    payable = gross if with_tax else net
    field = "total_gross" if with_tax else "total_net"
    place = value_of(document, field) or value_of(document, "total_gross")
    if effective_kind(document) == CREDIT_NOTE:
        return Worth(document, _negative(payable), _negative(gross), place)
    return Worth(document, payable, gross, place)


def _negative(amount: Money) -> Money:
    return Money(amount_minor=-abs(amount.amount_minor), currency=amount.currency)


def is_alcohol(description: str) -> bool:
    """Whether an invoice line names alcohol, and does not say beside it that it is free of it."""
    parts = folded(description).replace("-", " ").replace("/", " ").split()
    words = [part.strip(".,;:()!*'\"") for part in parts]
    for place, word in enumerate(words):
        before, after = words[place - 1] if place else "", words[place + 1] if place + 1 < len(words) else ""
        is_free = before in ALCOHOL_FREE or after in ALCOHOL_FREE_AFTER
        if word in ALCOHOL and not is_free and not (word == "vin" and _is_code(after)):
            return True
    return False


def _is_code(word: str) -> bool:
    """A vehicle's identification number follows the letters VIN; a wine's name has no digits in it."""
    return any(sign.isdigit() for sign in word) and len(word) > 4


def alcohol_rows(document: CheckedDocument, currency: str) -> tuple[tuple[Row, Money | None], ...]:
    """The lines of an invoice that name alcohol, with their amounts."""
    found = []
    for row in document.facts.lines:
        description = row.get("description")
        if description is not None and description.value and is_alcohol(description.value):
            found.append((row, row_amount(row, currency_of(document) or currency)))
    return tuple(found)


def ineligible_kind(pack: RulePack, activity_id: str, kind: str) -> bool:
    """Whether a line of that kind is never paid, or not paid for that activity (R-39)."""
    activity = pack.activities.get(activity_id)
    if kind in pack.never_payable:
        return True
    return activity is not None and kind not in activity.eligible
