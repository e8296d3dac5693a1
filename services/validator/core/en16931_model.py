"""The invoice of EN 16931 as a value: one model for UBL 2.1 and CII, as much of it as its rules speak of.

Every part may be missing: rules also judge fragments. `None` means the element is absent, an empty text that it
is there without content. Texts are kept as written; numbers are read on demand and never rounded.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_NUMBER_CHARS_MAX = 60
ZERO = Decimal(0)
ONE = Decimal(1)
VAT = "VAT"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as written, with its currency (or, for a quantity, its unit) where one is given."""

    text: str
    currency: str | None = None

    @property
    def number(self) -> Decimal | None:
        """The exact number, or None when the text is not a plain decimal (xs:decimal)."""
        plain = self.text.strip()
        if len(plain) > _NUMBER_CHARS_MAX or not _NUMBER.fullmatch(plain):
            return None
        return Decimal(plain)

    @property
    def fraction_digits(self) -> int:
        """How many characters follow the decimal point; trailing zeros count."""
        return len(self.text.partition(".")[2])


def number(amount: Amount | None) -> Decimal | None:
    """The number of an amount that may be absent."""
    return None if amount is None else amount.number


def total(amounts: "list[Amount | None]") -> Decimal:
    """The sum of what is there; an absent amount adds nothing."""
    return sum((value for amount in amounts if (value := number(amount)) is not None), ZERO)


def round_cents(value: Decimal) -> Decimal:
    """Round to two decimals, a tie towards positive infinity, as XPath's `round` in the official rules does."""
    return (value * 100 + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR) / 100


def round_whole(value: Decimal) -> Decimal:
    """Round to a whole number, a tie towards positive infinity."""
    return (value + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR)


def written_as_day(text: str) -> bool:
    """Whether the text has the shape of an ISO day, be there such a day or not."""
    return _DAY.fullmatch(text.strip()) is not None


def day(text: str | None) -> date | None:
    """The calendar day of an ISO text (a zone is allowed and ignored), or None when there is no such day."""
    match = _DAY.fullmatch((text or "").strip())
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Period:
    """BG-14 or BG-26. Days are ISO texts; `tax_point_code` is BT-8, which UBL keeps in the same element."""

    start: str | None = None
    end: str | None = None
    tax_point_code: str | None = None


@dataclass(frozen=True, slots=True)
class TaxCategory:
    """A VAT category code with its rate. `scheme` is VAT in an invoice of EN 16931."""

    code: str | None = None
    percent: Amount | None = None
    scheme: str | None = None
    exemption_reason: str | None = None
    exemption_reason_code: str | None = None

    @property
    def is_vat(self) -> bool:
        return (self.scheme or "").strip().upper() == VAT

    def has_code(self, code: str) -> bool:
        return (self.code or "").strip() == code

    @property
    def rate(self) -> Decimal | None:
        return number(self.percent)


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """BG-20, BG-21 (document), BG-27, BG-28 (line) or the discount inside a price."""

    indicator: str | None = None
    amount: Amount | None = None
    base: Amount | None = None
    percent: Amount | None = None
    reason: str | None = None
    reason_code: str | None = None
    categories: tuple[TaxCategory, ...] = ()

    @property
    def is_charge(self) -> bool:
        return (self.indicator or "").strip().lower() in {"true", "1"}

    @property
    def is_allowance(self) -> bool:
        return (self.indicator or "").strip().lower() in {"false", "0"}


@dataclass(frozen=True, slots=True)
class Price:
    """BG-29. `net` is BT-146, `gross` BT-148 with the discounts that lead to the net price."""

    net: Amount | None = None
    base_quantity: Amount | None = None
    gross: Amount | None = None
    discounts: tuple[AllowanceCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier with its scheme (and, for a classification, the version of the scheme)."""

    text: str
    scheme: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25. `counts` is False for a line that only groups or explains others (extended profiles)."""

    id: str | None = None
    quantity: Amount | None = None
    net: Amount | None = None
    name: str | None = None
    description: str | None = None
    price: Price | None = None
    categories: tuple[TaxCategory, ...] = ()
    periods: tuple[Period, ...] = ()
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    attributes: tuple[tuple[str | None, str | None], ...] = ()
    standard_ids: tuple[Identifier, ...] = ()
    classifications: tuple[Identifier, ...] = ()
    objects: tuple["SupportingDocument", ...] = ()
    order_line: str | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """BG-23, one row of the VAT breakdown."""

    taxable: Amount | None = None
    tax: Amount | None = None
    categories: tuple[TaxCategory, ...] = ()

    @property
    def vat_categories(self) -> tuple[TaxCategory, ...]:
        return tuple(category for category in self.categories if category.is_vat)

    @property
    def rate(self) -> Decimal | None:
        return next((c.rate for c in self.vat_categories if c.percent is not None), None)


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The total VAT in one currency (BT-110 or BT-111) with its breakdown."""

    amount: Amount | None = None
    subtotals: tuple[TaxSubtotal, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22."""

    line_net: Amount | None = None
    allowances: Amount | None = None
    charges: Amount | None = None
    without_vat: Amount | None = None
    with_vat: Amount | None = None
    paid: Amount | None = None
    rounding: Amount | None = None
    due: Amount | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `lines` in the order in which they are printed."""

    lines: tuple[str, ...] = ()
    street: str | None = None
    city: str | None = None
    post_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """BG-6 or BG-9."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Seller, buyer, payee or tax representative. `tax_ids` are (scheme, number); the scheme VAT is BT-31/48/63."""

    name: str | None = None
    trading_name: str | None = None
    ids: tuple[Identifier, ...] = ()
    legal_id: Identifier | None = None
    tax_ids: tuple[Identifier, ...] = ()
    address: Address | None = None
    endpoint: Identifier | None = None
    contact: Contact | None = None

    @property
    def country(self) -> str | None:
        return self.address.country if self.address else None

    @property
    def vat_ids(self) -> tuple[str, ...]:
        return tuple(i.text for i in self.tax_ids if (i.scheme or "").strip().upper() == VAT)


@dataclass(frozen=True, slots=True)
class Card:
    """BG-18."""

    number: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """BG-16. `accounts` are BT-84, one per BG-17; `branch` is the institution of the first."""

    code: str | None = None
    payment_id: str | None = None
    branch: str | None = None
    mandate_id: str | None = None
    debited_account: str | None = None
    accounts: tuple[str | None, ...] = ()
    card: Card | None = None
    has_mandate: bool = False


@dataclass(frozen=True, slots=True)
class SupportingDocument:
    """BG-24 or the invoiced object (type 130) and other references of the document."""

    id: str | None = None
    scheme: str | None = None
    type_code: str | None = None
    description: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note, or a fragment of one. Terms of EN 16931 are named at the field."""

    syntax: str = "UBL"
    is_credit_note: bool = False
    specification: str | None = None  # BT-24
    business_process: str | None = None  # BT-23
    number: str | None = None  # BT-1
    issue_date: str | None = None  # BT-2
    type_code: str | None = None  # BT-3
    currency: str | None = None  # BT-5
    tax_currency: str | None = None  # BT-6
    tax_point_date: str | None = None  # BT-7
    due_date: str | None = None  # BT-9
    payment_terms: tuple[str, ...] = ()  # BT-20
    buyer_reference: str | None = None  # BT-10
    order_reference: str | None = None  # BT-13
    notes: tuple[str, ...] = ()  # BT-22
    preceding: tuple[str | None, ...] = ()  # BG-3, BT-25
    seller: Party | None = None  # BG-4
    buyer: Party | None = None  # BG-7
    payee: Party | None = None  # BG-10
    tax_representative: Party | None = None  # BG-11
    delivery_date: str | None = None  # BT-72
    delivery_addresses: tuple[Address, ...] = ()  # BG-15
    periods: tuple[Period, ...] = ()  # BG-14
    payment_means: tuple[PaymentMeans, ...] = ()  # BG-16
    allowances_charges: tuple[AllowanceCharge, ...] = ()  # BG-20, BG-21
    totals: Totals | None = None  # BG-22
    tax_totals: tuple[TaxTotal, ...] = ()  # BT-110, BT-111, BG-23
    documents: tuple[SupportingDocument, ...] = ()  # BG-24
    lines: tuple[Line, ...] = ()  # BG-25
    has_empty_element: bool = False
    media_types: tuple[str | None, ...] = ()  # of every embedded document
    endpoints: tuple[Identifier, ...] = ()  # every electronic address, wherever it stands
    party_ids: tuple[Identifier, ...] = ()  # every identifier of any party that has a scheme

    @property
    def is_fragment(self) -> bool:
        """A piece of an invoice rather than an invoice: what every invoice has is missing.

        One missing part is a defect of an invoice that says what it follows, else it is a fragment.
        """
        missing = [self.number, self.issue_date, self.seller, self.totals].count(None)
        return missing >= (1 if self.specification is None else 2)

    @property
    def subtotals(self) -> tuple[TaxSubtotal, ...]:
        return tuple(subtotal for tax_total in self.tax_totals for subtotal in tax_total.subtotals)

    @property
    def allowances(self) -> tuple[AllowanceCharge, ...]:
        return tuple(item for item in self.allowances_charges if item.is_allowance)

    @property
    def charges(self) -> tuple[AllowanceCharge, ...]:
        return tuple(item for item in self.allowances_charges if item.is_charge)
