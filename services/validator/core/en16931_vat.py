"""EN 16931 rules by VAT category: which parties must be identified, at which rate, and what the breakdown sums up.

The nine categories share ten rules each (BR-<category>-01 to -10) that differ in a few answers, so they are one
table and one set of functions. The Canary Islands (L) are BR-AF, Ceuta and Melilla (M) are BR-AG.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from services.validator.core.en16931_model import (
    ZERO,
    AllowanceCharge,
    Invoice,
    Party,
    TaxCategory,
    TaxSubtotal,
    number,
    total,
)
from services.validator.core.en16931_rule import Check, every
from services.validator.core.en16931_totals import near, tax_of


class Identified(Enum):
    """Who must (or must not) be identified when a category is used."""

    SELLER_TAX = auto()
    SELLER_VAT = auto()
    SELLER_TAX_AND_BUYER = auto()
    SELLER_VAT_AND_BUYER_VAT = auto()
    NOBODY_VAT = auto()


class Rate(Enum):
    """What the rate of a category may be."""

    POSITIVE = auto()
    ZERO = auto()
    NOT_NEGATIVE = auto()
    ABSENT = auto()


@dataclass(frozen=True, slots=True)
class Category:
    """One VAT category: its name in the rules, its code, and the answers in which the rules differ."""

    name: str
    code: str
    identified: Identified
    rate: Rate
    taxed: bool
    reason_needed: bool


CATEGORIES = (
    Category("S", "S", Identified.SELLER_TAX, Rate.POSITIVE, taxed=True, reason_needed=False),
    Category("Z", "Z", Identified.SELLER_TAX, Rate.ZERO, taxed=False, reason_needed=False),
    Category("E", "E", Identified.SELLER_TAX, Rate.ZERO, taxed=False, reason_needed=True),
    Category("AE", "AE", Identified.SELLER_TAX_AND_BUYER, Rate.ZERO, taxed=False, reason_needed=True),
    Category("IC", "K", Identified.SELLER_VAT_AND_BUYER_VAT, Rate.ZERO, taxed=False, reason_needed=True),
    Category("G", "G", Identified.SELLER_VAT, Rate.ZERO, taxed=False, reason_needed=True),
    Category("O", "O", Identified.NOBODY_VAT, Rate.ABSENT, taxed=False, reason_needed=True),
    Category("AF", "L", Identified.SELLER_TAX, Rate.NOT_NEGATIVE, taxed=True, reason_needed=False),
    Category("AG", "M", Identified.SELLER_TAX, Rate.NOT_NEGATIVE, taxed=True, reason_needed=False),
)


def _of_lines(invoice: Invoice) -> list[TaxCategory]:
    return [category for line in invoice.lines for category in line.categories if category.is_vat]


def _of_items(items: Iterable[AllowanceCharge]) -> list[TaxCategory]:
    return [category for item in items for category in item.categories if category.is_vat]


def _of_allowances(invoice: Invoice) -> list[TaxCategory]:
    return _of_items(invoice.allowances)


def _of_charges(invoice: Invoice) -> list[TaxCategory]:
    return _of_items(invoice.charges)


def _of_breakdown(invoice: Invoice) -> list[TaxCategory]:
    return [category for subtotal in invoice.subtotals for category in subtotal.vat_categories]


def _count(categories: list[TaxCategory], code: str) -> int:
    return sum(category.has_code(code) for category in categories)


def _used(invoice: Invoice, code: str) -> int:
    every_item = _of_lines(invoice) + _of_items(invoice.allowances_charges)
    return _count(every_item, code)


def _in_breakdown(kind: Category) -> Check:
    """-01: at least one row for a category with rates of its own, else exactly one; none when it is not used."""

    def check(invoice: Invoice) -> bool | None:
        used, rows = _used(invoice, kind.code), _count(_of_breakdown(invoice), kind.code)
        if used == 0 and rows == 0:
            return None
        return (used > 0 and rows > 0) if kind.taxed else rows == 1

    return check


def _vat_ids(party: Party | None) -> bool:
    return party is not None and bool(party.vat_ids)


def _is_identified(invoice: Invoice, identified: Identified) -> bool:
    seller, buyer, representative = invoice.seller, invoice.buyer, invoice.tax_representative
    seller_vat = _vat_ids(seller) or _vat_ids(representative)
    seller_tax = seller_vat or (seller is not None and bool(seller.tax_ids))
    match identified:
        case Identified.SELLER_TAX:
            return seller_tax
        case Identified.SELLER_VAT:
            return seller_vat
        case Identified.SELLER_TAX_AND_BUYER:
            return seller_tax and (_vat_ids(buyer) or (buyer is not None and buyer.legal_id is not None))
        case Identified.SELLER_VAT_AND_BUYER_VAT:
            return seller_vat and _vat_ids(buyer)
        case Identified.NOBODY_VAT:
            return not seller_vat and not _vat_ids(buyer)


def _identified(kind: Category, pick: Callable[[Invoice], list[TaxCategory]]) -> Check:
    """-02, -03, -04: whoever uses the category identifies the parties."""

    def check(invoice: Invoice) -> bool | None:
        return _is_identified(invoice, kind.identified) if _count(pick(invoice), kind.code) else None

    return check


def _rate_is_right(rate: Rate, category: TaxCategory) -> bool:
    value = category.rate
    match rate:
        case Rate.ABSENT:
            return category.percent is None
        case Rate.ZERO:
            return value == ZERO
        case Rate.POSITIVE:
            return value is not None and value > ZERO
        case Rate.NOT_NEGATIVE:
            return value is not None and value >= ZERO


def _rated(kind: Category, pick: Callable[[Invoice], list[TaxCategory]]) -> Check:
    """-05, -06, -07: the rate at every place where the category is used."""
    return lambda invoice: every(
        (category for category in pick(invoice) if category.has_code(kind.code)),
        lambda category: _rate_is_right(kind.rate, category),
    )


def _rows(invoice: Invoice, code: str) -> list[tuple[TaxSubtotal, TaxCategory]]:
    return [(s, c) for s in invoice.subtotals for c in s.vat_categories if c.has_code(code)]


def _matches(categories: tuple[TaxCategory, ...], code: str, rate: Decimal | None) -> bool:
    return any(c.has_code(code) and (rate is None or c.rate == rate) for c in categories)


def _taxable(invoice: Invoice, code: str, rate: Decimal | None) -> Decimal:
    """Lines plus charges minus allowances of the category, and of the rate where one is asked for."""
    lines = [line.net for line in invoice.lines if line.counts and _matches(line.categories, code, rate)]
    charges = [item.amount for item in invoice.charges if _matches(item.categories, code, rate)]
    allowances = [item.amount for item in invoice.allowances if _matches(item.categories, code, rate)]
    return total(lines) + total(charges) - total(allowances)


def _taxable_is_sum(kind: Category) -> Check:
    """-08: exactly, or within one unit of currency for each rate of a taxed category."""

    def holds(invoice: Invoice, subtotal: TaxSubtotal, category: TaxCategory) -> bool:
        stated = number(subtotal.taxable)
        if not kind.taxed:
            return bool(invoice.lines) and stated == _taxable(invoice, kind.code, None)
        if category.percent is None:
            return True
        rate = category.rate
        return bool(invoice.lines or invoice.allowances_charges) and (
            rate is not None and stated is not None and near(stated, _taxable(invoice, kind.code, rate))
        )

    return lambda invoice: every(_rows(invoice, kind.code), lambda row: holds(invoice, *row))


def _tax_is_right(kind: Category) -> Check:
    """-09: the rate times the taxable amount, within one unit of currency; zero where nothing is taxed."""

    def holds(row: tuple[TaxSubtotal, TaxCategory]) -> bool:
        subtotal, category = row
        tax, taxable, rate = number(subtotal.tax), number(subtotal.taxable), category.rate
        if not kind.taxed:
            return tax == ZERO
        return None not in (tax, taxable, rate) and near(
            abs(tax or ZERO), tax_of(taxable or ZERO, rate or ZERO)
        )

    return lambda invoice: every(_rows(invoice, kind.code), holds)


def _reason_is_right(kind: Category) -> Check:
    """-10: why no VAT is charged, and only where none is."""

    def holds(row: tuple[TaxSubtotal, TaxCategory]) -> bool:
        category = row[1]
        given = category.exemption_reason is not None or category.exemption_reason_code is not None
        return given == kind.reason_needed

    return lambda invoice: every(_rows(invoice, kind.code), holds)


def _rules_of(kind: Category) -> dict[str, Check]:
    return {
        f"BR-{kind.name}-01": _in_breakdown(kind),
        f"BR-{kind.name}-02": _identified(kind, _of_lines),
        f"BR-{kind.name}-03": _identified(kind, _of_allowances),
        f"BR-{kind.name}-04": _identified(kind, _of_charges),
        f"BR-{kind.name}-05": _rated(kind, _of_lines),
        f"BR-{kind.name}-06": _rated(kind, _of_allowances),
        f"BR-{kind.name}-07": _rated(kind, _of_charges),
        f"BR-{kind.name}-08": _taxable_is_sum(kind),
        f"BR-{kind.name}-09": _tax_is_right(kind),
        f"BR-{kind.name}-10": _reason_is_right(kind),
    }


def _intra_community(holds: Callable[[Invoice], bool]) -> Check:
    return lambda invoice: holds(invoice) if _count(_of_breakdown(invoice), "K") else None


def _only_outside(pick: Callable[[Invoice], list[TaxCategory]]) -> Check:
    """BR-O-11 to -14: beside "not subject to VAT" no other category is used."""

    def check(invoice: Invoice) -> bool | None:
        if not _count(_of_breakdown(invoice), "O"):
            return None
        return all(category.has_code("O") for category in pick(invoice) if category.code is not None)

    return check


def _split_payment(holds: Callable[[Invoice], bool]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        used = _used(invoice, "B") + _count(_of_breakdown(invoice), "B")
        return holds(invoice) if used else None

    return check


def _is_italian(invoice: Invoice) -> bool:
    parties = [invoice.seller, invoice.buyer, invoice.tax_representative]
    addresses = [party.address for party in parties if party and party.address] + list(
        invoice.delivery_addresses
    )
    return all(address.country in (None, "IT") for address in addresses)


RULES: dict[str, Check] = {
    **{rule: check for kind in CATEGORIES for rule, check in _rules_of(kind).items()},
    "BR-IC-11": _intra_community(
        lambda invoice: bool(invoice.delivery_date) or any(p.start or p.end for p in invoice.periods)
    ),
    "BR-IC-12": _intra_community(
        lambda invoice: any(address.country for address in invoice.delivery_addresses)
    ),
    "BR-O-11": _only_outside(_of_breakdown),
    "BR-O-12": _only_outside(_of_lines),
    "BR-O-13": _only_outside(_of_allowances),
    "BR-O-14": _only_outside(_of_charges),
    "BR-B-01": _split_payment(_is_italian),
    "BR-B-02": _split_payment(
        lambda invoice: not _used(invoice, "S") and not _count(_of_breakdown(invoice), "S")
    ),
}
