"""Rules that Peppol BIS Billing 3.0 adds to EN 16931: arithmetic of lines and allowances, currencies, references."""

import re
from decimal import Decimal

from services.validator.core import en16931_codes, en16931_identifiers, en16931_periods
from services.validator.core.en16931_model import (
    ONE,
    ZERO,
    AllowanceCharge,
    Amount,
    Invoice,
    Line,
    Totals,
    day,
    number,
    round_cents,
    total,
)
from services.validator.core.en16931_rule import Check, every

SPECIFICATION = "urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_WHOLE_SPECIFICATION = f"urn:cen.eu:en16931:2017#compliant#{SPECIFICATION}"
_BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:"
_CREDIT_NOTE_TYPES = frozenset({"381", "396", "81", "83", "532"})
_INVOICE_TYPES = frozenset(
    {
        "71",
        "80",
        "82",
        "84",
        "102",
        "218",
        "219",
        "326",
        "331",
        "380",
        "382",
        "383",
        "384",
        "386",
        "388",
        "393",
    }
    | {"395", "553", "575", "623", "780", "817", "870", "875", "876", "877"}
)
_SLACK = Decimal("0.02")
_DIRECT_DEBIT = {"49", "59"}
_INVOICED_OBJECT = "130"
_PROJECT = "50"
_CORRECTED = "384"
_PROFILE = re.compile(r"urn:fdc:peppol\.eu:2017:poacc:billing:[0-9]{2}:1\.0")


def _all_items(invoice: Invoice) -> list[AllowanceCharge]:
    return [
        *invoice.allowances_charges,
        *(item for line in invoice.lines for item in line.allowances_charges),
    ]


def _close(stated: Decimal, computed: Decimal) -> bool:
    return abs(stated - computed) <= _SLACK


def _percentage(item: AllowanceCharge) -> bool:
    if item.base is None or item.percent is None:
        return True
    base, percent = number(item.base), number(item.percent)
    stated = ZERO if item.amount is None else number(item.amount)
    if base is None or percent is None or stated is None:
        return False
    return _close(stated, base * percent / 100)


def _line_net(line: Line) -> bool:
    """R120: quantity times price plus charges minus allowances, within two cents. What is absent counts neutral."""
    price = line.price
    net = ZERO if line.net is None else number(line.net)
    quantity = ONE if line.quantity is None else number(line.quantity)
    unit_price = ZERO if price is None or price.net is None else number(price.net)
    base = ONE if price is None or price.base_quantity is None else number(price.base_quantity)
    if net is None or quantity is None or unit_price is None or base is None:
        return False
    items = line.allowances_charges
    charges = round_cents(total([item.amount for item in items if item.is_charge]))
    allowances = round_cents(total([item.amount for item in items if item.is_allowance]))
    return _close(net, quantity * unit_price / (base or ONE) + charges - allowances)


def _base_quantity_is_positive(line: Line) -> bool:
    base = line.price.base_quantity if line.price else None
    return base is None or ((value := base.number) is not None and value > 0)


def _price_after_discount(line: Line) -> bool:
    price = line.price
    if price is None or price.gross is None or not price.discounts:
        return True
    net, gross = number(price.net), number(price.gross)
    return None not in (net, gross) and net == (gross or ZERO) - total(
        [item.amount for item in price.discounts]
    )


def _discounts(invoice: Invoice) -> list[AllowanceCharge]:
    return [item for line in invoice.lines if line.price for item in line.price.discounts]


def _base_unit(line: Line) -> bool:
    base = line.price.base_quantity if line.price else None
    if base is None or base.currency is None or line.quantity is None:
        return True
    return base.currency == line.quantity.currency


def _amounts_in_invoice_currency(invoice: Invoice) -> list[Amount]:
    totals = invoice.totals or Totals()
    found: list[Amount | None] = [
        *(
            amount
            for item in [*_all_items(invoice), *_discounts(invoice)]
            for amount in (item.amount, item.base)
        ),
        *(line.net for line in invoice.lines),
        *(line.price.net for line in invoice.lines if line.price),
        *(tax_total.amount for tax_total in invoice.tax_totals if tax_total.subtotals),
        *(subtotal.taxable for subtotal in invoice.subtotals),
        *(subtotal.tax for subtotal in invoice.subtotals),
        *(totals.line_net, totals.allowances, totals.charges, totals.without_vat),
        *(totals.with_vat, totals.paid, totals.rounding, totals.due),
    ]
    return [amount for amount in found if amount is not None]


def _one_currency(invoice: Invoice) -> bool | None:
    amounts = _amounts_in_invoice_currency(invoice)
    if invoice.syntax == "CII":  # CII leaves the currency of an amount out
        amounts = [amount for amount in amounts if amount.currency is not None]
    return every(amounts, lambda amount: amount.currency == invoice.currency)


def _known_currencies(invoice: Invoice) -> bool | None:
    amounts = [*_amounts_in_invoice_currency(invoice), *(t.amount for t in invoice.tax_totals if t.amount)]
    return every(
        (amount.currency for amount in amounts if amount.currency is not None),
        lambda currency: currency in en16931_codes.CURRENCIES,
    )


def _one_total_with_breakdown(invoice: Invoice) -> bool:
    if invoice.syntax == "CII":
        own = [t for t in invoice.tax_totals if t.amount and t.amount.currency == invoice.currency]
        return len(own) == 1
    return sum(bool(tax_total.subtotals) for tax_total in invoice.tax_totals) == 1


def _one_total_in_tax_currency(invoice: Invoice) -> bool:
    wanted = 0 if invoice.tax_currency is None else 1
    if invoice.syntax == "CII":
        own = invoice.tax_currency
        return (
            own is None or sum(bool(t.amount and t.amount.currency == own) for t in invoice.tax_totals) == 1
        )
    return sum(not tax_total.subtotals for tax_total in invoice.tax_totals) == wanted


def _same_sign(invoice: Invoice) -> bool | None:
    if invoice.tax_currency is None:
        return None
    values = {
        currency: [
            value
            for t in invoice.tax_totals
            if t.amount and t.amount.currency == currency and (value := t.amount.number) is not None
        ]
        for currency in (invoice.tax_currency, invoice.currency)
    }
    accounting, own = values[invoice.tax_currency], values[invoice.currency]
    return (any(v <= 0 for v in accounting) and any(v <= 0 for v in own)) or (
        any(v >= 0 for v in accounting) and any(v >= 0 for v in own)
    )


def _dates(invoice: Invoice) -> list[str]:
    periods = [*invoice.periods, *(period for line in invoice.lines for period in line.periods)]
    found = [invoice.issue_date, invoice.due_date, invoice.tax_point_date, invoice.delivery_date]
    found += [written for period in periods for written in (period.start, period.end)]
    return [written for written in found if written is not None]


def _is_plain_day(written: str) -> bool:
    """F001: a day of the calendar, without a zone."""
    return len(written) == len("YYYY-MM-DD") and day(written) is not None


def _objects(invoice: Invoice) -> int:
    return sum(document.type_code == _INVOICED_OBJECT for document in invoice.documents)


def _projects(invoice: Invoice) -> bool | None:
    if not invoice.is_credit_note:
        return None
    return sum(document.type_code == _PROJECT for document in invoice.documents) <= 1


def _type_of_profile(invoice: Invoice) -> bool | None:
    """P0100 and P0101: plain billing (profile 01) knows these types only."""
    if invoice.type_code is None or not (invoice.business_process or "").startswith(_BILLING):
        return None
    return invoice.type_code in (_CREDIT_NOTE_TYPES if invoice.is_credit_note else _INVOICE_TYPES)


def _one_note(invoice: Invoice) -> bool:
    """R002: German parties may write more notes."""
    parties = (invoice.seller, invoice.buyer)
    return len(invoice.notes) <= 1 or all(party is not None and party.country == "DE" for party in parties)


def _profile(invoice: Invoice) -> bool:
    return _PROFILE.fullmatch(invoice.business_process or "") is not None


def _corrects_at_home(invoice: Invoice) -> bool | None:
    """P0112: a corrected invoice (384) is for use between parties of Germany only."""
    if invoice.type_code != _CORRECTED:
        return None
    return all(party is not None and party.country == "DE" for party in (invoice.seller, invoice.buyer))


def _currencies_differ(invoice: Invoice) -> bool | None:
    return None if invoice.tax_currency is None else invoice.tax_currency != invoice.currency


RULES: dict[str, Check] = {
    "PEPPOL-EN16931-R001": lambda invoice: invoice.business_process is not None,
    "PEPPOL-EN16931-R002": _one_note,
    "PEPPOL-EN16931-R003": lambda invoice: (
        invoice.buyer_reference is not None or invoice.order_reference is not None
    ),
    "PEPPOL-EN16931-R004": lambda invoice: (invoice.specification or "").startswith(_WHOLE_SPECIFICATION),
    "PEPPOL-EN16931-R005": _currencies_differ,
    "PEPPOL-EN16931-R006": lambda invoice: _objects(invoice) <= 1,
    "PEPPOL-EN16931-R007": _profile,
    "PEPPOL-EN16931-R008": lambda invoice: not invoice.has_empty_element,
    "PEPPOL-EN16931-R010": lambda invoice: (
        None if invoice.buyer is None else invoice.buyer.endpoint is not None
    ),
    "PEPPOL-EN16931-R020": lambda invoice: (
        None if invoice.seller is None else invoice.seller.endpoint is not None
    ),
    "PEPPOL-EN16931-R040": lambda invoice: every(_all_items(invoice), _percentage),
    "PEPPOL-EN16931-R041": lambda invoice: every(
        _all_items(invoice), lambda item: item.percent is None or item.base is not None
    ),
    "PEPPOL-EN16931-R042": lambda invoice: every(
        _all_items(invoice), lambda item: item.base is None or item.percent is not None
    ),
    "PEPPOL-EN16931-R043": lambda invoice: every(
        _all_items(invoice), lambda item: (item.indicator or "").strip() in {"true", "false"}
    ),
    "PEPPOL-EN16931-R044": lambda invoice: every(
        _discounts(invoice), lambda item: (item.indicator or "").strip() == "false"
    ),
    "PEPPOL-EN16931-R046": lambda invoice: every(invoice.lines, _price_after_discount),
    "PEPPOL-EN16931-R051": _one_currency,
    "PEPPOL-EN16931-CL007": _known_currencies,
    "PEPPOL-EN16931-R053": _one_total_with_breakdown,
    "PEPPOL-EN16931-R054": _one_total_in_tax_currency,
    "PEPPOL-EN16931-R055": _same_sign,
    "PEPPOL-EN16931-F001": lambda invoice: every(_dates(invoice), _is_plain_day),
    "PEPPOL-EN16931-P0100": lambda invoice: None if invoice.is_credit_note else _type_of_profile(invoice),
    "PEPPOL-EN16931-P0101": lambda invoice: _type_of_profile(invoice) if invoice.is_credit_note else None,
    "PEPPOL-EN16931-P0112": _corrects_at_home,
    "PEPPOL-EN16931-R061": lambda invoice: every(
        (means for means in invoice.payment_means if (means.code or "").strip() in _DIRECT_DEBIT),
        lambda means: means.has_mandate,
    ),
    "PEPPOL-EN16931-R080": _projects,
    "PEPPOL-EN16931-R100": lambda invoice: every(invoice.lines, lambda line: len(line.objects) <= 1),
    "PEPPOL-EN16931-R101": lambda invoice: every(
        invoice.lines,
        lambda line: not line.objects or any(found.type_code == _INVOICED_OBJECT for found in line.objects),
    ),
    **en16931_periods.PEPPOL_RULES,
    **en16931_codes.PEPPOL_RULES,
    **en16931_identifiers.RULES,
    "PEPPOL-EN16931-R120": lambda invoice: every(invoice.lines, _line_net),
    "PEPPOL-EN16931-R121": lambda invoice: every(invoice.lines, _base_quantity_is_positive),
    "PEPPOL-EN16931-R130": lambda invoice: every(invoice.lines, _base_unit),
}
