"""EN 16931 rules about what must be there: header, parties, lines, allowances, payment."""

from collections.abc import Callable

from services.validator.core.en16931_model import (
    Address,
    AllowanceCharge,
    Invoice,
    Line,
    Party,
    PaymentMeans,
    TaxSubtotal,
    Totals,
)
from services.validator.core.en16931_rule import Check, every

_CREDIT_TRANSFER = {"30", "58"}
_CARD_DIGITS_MAX = 10
_TAX_SCHEMES_MAX = 2
_INVOICED_OBJECT = "130"


def _filled(pick: Callable[[Invoice], str | None]) -> Check:
    return lambda invoice: bool(pick(invoice))


def _in_totals(holds: Callable[[Totals], bool]) -> Check:
    return lambda invoice: None if invoice.totals is None else holds(invoice.totals)


def _lines(holds: Callable[[Line], bool]) -> Check:
    return lambda invoice: every((line for line in invoice.lines if line.counts), holds)


def _items(
    items: Callable[[Invoice], list[AllowanceCharge]], holds: Callable[[AllowanceCharge], bool]
) -> Check:
    return lambda invoice: every(items(invoice), holds)


def _allowances(invoice: Invoice) -> list[AllowanceCharge]:
    return list(invoice.allowances)


def _charges(invoice: Invoice) -> list[AllowanceCharge]:
    return list(invoice.charges)


def _line_allowances(invoice: Invoice) -> list[AllowanceCharge]:
    return [item for line in invoice.lines for item in line.allowances_charges if item.is_allowance]


def _line_charges(invoice: Invoice) -> list[AllowanceCharge]:
    return [item for line in invoice.lines for item in line.allowances_charges if item.is_charge]


def _has_amount(item: AllowanceCharge) -> bool:
    return item.amount is not None


def _has_category(item: AllowanceCharge) -> bool:
    return any(category.is_vat and category.code is not None for category in item.categories)


def _has_reason(item: AllowanceCharge) -> bool:
    return item.reason is not None or item.reason_code is not None


def _address_of(pick: Callable[[Invoice], Party | None]) -> Callable[[Invoice], Address | None]:
    def address(invoice: Invoice) -> Address | None:
        party = pick(invoice)
        return party.address if party else None

    return address


def _country(pick: Callable[[Invoice], Party | None]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        address = _address_of(pick)(invoice)
        return None if address is None else bool(address.country)

    return check


def _endpoint_scheme(pick: Callable[[Invoice], Party | None]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        party = pick(invoice)
        return None if party is None or party.endpoint is None else party.endpoint.scheme is not None

    return check


def _seller_is_identified(invoice: Invoice) -> bool | None:
    seller = invoice.seller
    return None if seller is None else bool(seller.vat_ids or seller.ids or seller.legal_id)


def _payee(invoice: Invoice) -> bool | None:
    """BR-17: a payee is named, and is somebody else than the seller."""
    payee, seller = invoice.payee, invoice.seller
    if payee is None:
        return None
    name = payee.trading_name if invoice.syntax == "UBL" else payee.name
    if name is None:
        return False
    if seller is None:
        return True
    seller_name = seller.trading_name if invoice.syntax == "UBL" else seller.name
    same_id = {i.text for i in payee.ids} & {i.text for i in seller.ids}
    return name != seller_name and not same_id


def _representative(holds: Callable[[Invoice, Party], bool]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        return None if invoice.tax_representative is None else holds(invoice, invoice.tax_representative)

    return check


def _subtotals(holds: Callable[[TaxSubtotal], bool]) -> Check:
    return lambda invoice: every(invoice.subtotals, holds)


def _has_rate(subtotal: TaxSubtotal) -> bool:
    categories = subtotal.vat_categories
    return any(category.percent is not None or category.has_code("O") for category in categories)


def _accounts_are_named(invoice: Invoice) -> bool | None:
    accounts = [account for means in _transfers(invoice) for account in means.accounts]
    return every(accounts, bool)


def _transfers(invoice: Invoice) -> list[PaymentMeans]:
    return [means for means in invoice.payment_means if (means.code or "").strip() in _CREDIT_TRANSFER]


def _card_number_is_short(means: PaymentMeans) -> bool:
    digits = (means.card.number if means.card else None) or ""
    return len(digits) <= _CARD_DIGITS_MAX


def _tax_currency_total(invoice: Invoice) -> bool | None:
    if invoice.tax_currency is None:
        return None
    return any(t.amount and t.amount.currency == invoice.tax_currency for t in invoice.tax_totals)


def _price_is_not_negative(line: Line) -> bool:
    net = line.price.net if line.price else None
    return net is not None and (value := net.number) is not None and value >= 0


def _gross_price_is_not_negative(line: Line) -> bool:
    gross = line.price.gross if line.price else None
    return gross is None or ((value := gross.number) is not None and value >= 0)


def _line_has_category(line: Line) -> bool:
    return any(category.is_vat and category.code is not None for category in line.categories)


RULES: dict[str, Check] = {
    "BR-01": _filled(lambda invoice: invoice.specification),
    "BR-02": _filled(lambda invoice: invoice.number),
    "BR-03": _filled(lambda invoice: invoice.issue_date),
    "BR-04": _filled(lambda invoice: invoice.type_code),
    "BR-05": _filled(lambda invoice: invoice.currency),
    "BR-06": _filled(lambda invoice: invoice.seller.name if invoice.seller else None),
    "BR-07": _filled(lambda invoice: invoice.buyer.name if invoice.buyer else None),
    "BR-08": lambda invoice: _address_of(lambda i: i.seller)(invoice) is not None,
    "BR-09": _country(lambda invoice: invoice.seller),
    "BR-10": lambda invoice: _address_of(lambda i: i.buyer)(invoice) is not None,
    "BR-11": _country(lambda invoice: invoice.buyer),
    "BR-12": _in_totals(lambda totals: totals.line_net is not None),
    "BR-13": _in_totals(lambda totals: totals.without_vat is not None),
    "BR-14": _in_totals(lambda totals: totals.with_vat is not None),
    "BR-15": _in_totals(lambda totals: totals.due is not None),
    "BR-16": lambda invoice: bool(invoice.lines),
    "BR-17": _payee,
    "BR-18": _representative(lambda invoice, p: bool(p.trading_name if invoice.syntax == "UBL" else p.name)),
    "BR-19": _representative(lambda invoice, party: party.address is not None),
    "BR-20": _country(lambda invoice: invoice.tax_representative),
    "BR-21": _lines(lambda line: bool(line.id)),
    "BR-22": _lines(lambda line: line.quantity is not None),
    "BR-23": _lines(lambda line: line.quantity is not None and line.quantity.currency is not None),
    "BR-24": _lines(lambda line: line.net is not None),
    "BR-25": _lines(lambda line: bool(line.name)),
    "BR-26": _lines(lambda line: line.price is not None and line.price.net is not None),
    "BR-27": _lines(_price_is_not_negative),
    "BR-28": _lines(_gross_price_is_not_negative),
    "BR-31": _items(_allowances, _has_amount),
    "BR-32": _items(_allowances, _has_category),
    "BR-33": _items(_allowances, _has_reason),
    "BR-36": _items(_charges, _has_amount),
    "BR-37": _items(_charges, _has_category),
    "BR-38": _items(_charges, _has_reason),
    "BR-41": _items(_line_allowances, _has_amount),
    "BR-42": _items(_line_allowances, _has_reason),
    "BR-43": _items(_line_charges, _has_amount),
    "BR-44": _items(_line_charges, _has_reason),
    "BR-45": _subtotals(lambda subtotal: subtotal.taxable is not None),
    "BR-46": _subtotals(lambda subtotal: subtotal.tax is not None),
    "BR-47": _subtotals(lambda subtotal: any(c.code is not None for c in subtotal.vat_categories)),
    "BR-48": _subtotals(_has_rate),
    "BR-49": lambda invoice: every(invoice.payment_means, lambda means: means.code is not None),
    "BR-50": _accounts_are_named,
    "BR-51": lambda invoice: every((m for m in invoice.payment_means if m.card), _card_number_is_short),
    "BR-52": lambda invoice: every(invoice.documents, lambda document: bool(document.id)),
    "BR-53": _tax_currency_total,
    "BR-54": lambda invoice: every(
        (pair for line in invoice.lines for pair in line.attributes), lambda pair: None not in pair
    ),
    "BR-55": lambda invoice: every(invoice.preceding, lambda number: number is not None),
    "BR-56": _representative(lambda invoice, party: bool(party.vat_ids)),
    "BR-57": lambda invoice: every(invoice.delivery_addresses, lambda address: address.country is not None),
    "BR-61": lambda invoice: every(
        _transfers(invoice), lambda means: any(account is not None for account in means.accounts)
    ),
    "BR-62": _endpoint_scheme(lambda invoice: invoice.seller),
    "BR-63": _endpoint_scheme(lambda invoice: invoice.buyer),
    "BR-64": lambda invoice: every(
        (found for line in invoice.lines for found in line.standard_ids),
        lambda found: found.scheme is not None,
    ),
    "BR-65": lambda invoice: every(
        (found for line in invoice.lines for found in line.classifications),
        lambda found: found.scheme is not None,
    ),
    "BR-66": lambda invoice: sum(means.card is not None for means in invoice.payment_means) <= 1,
    "BR-67": lambda invoice: sum(means.has_mandate for means in invoice.payment_means) <= 1,
    "BR-CO-04": _lines(_line_has_category),
    "BR-CO-18": lambda invoice: bool(invoice.subtotals),
    "BR-CO-21": _items(_allowances, _has_reason),
    "BR-CO-22": _items(_charges, _has_reason),
    "BR-CO-23": _items(_line_allowances, _has_reason),
    "BR-CO-24": _items(_line_charges, _has_reason),
    "BR-CO-26": _seller_is_identified,
    "UBL-SR-42": lambda invoice: (
        None
        if invoice.syntax != "UBL" or invoice.seller is None
        else len(invoice.seller.tax_ids) <= _TAX_SCHEMES_MAX
    ),
    "UBL-SR-43": lambda invoice: (
        None
        if invoice.syntax != "UBL"
        else every(
            (document for document in invoice.documents if document.scheme is not None),
            lambda document: document.type_code == _INVOICED_OBJECT,
        )
    ),
}
