"""EN 16931 rules about sums: document totals, VAT totals, decimals. Rounding and tolerances are those of the
official rules, which round to cents with ties upwards and leave one unit of currency for VAT per category."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from services.validator.core.en16931_model import (
    ONE,
    ZERO,
    AllowanceCharge,
    Amount,
    Invoice,
    TaxSubtotal,
    TaxTotal,
    Totals,
    number,
    round_cents,
    round_whole,
    total,
)
from services.validator.core.en16931_rule import Check, every

DECIMALS_MAX = 2


def _of_totals(holds: Callable[[Invoice, Totals], bool]) -> Check:
    """A rule in the context of BG-22: without document totals it does not apply."""

    def check(invoice: Invoice) -> bool | None:
        return None if invoice.totals is None else holds(invoice, invoice.totals)

    return check


def _sum_of_lines(invoice: Invoice, totals: Totals) -> bool:
    return number(totals.line_net) == round_cents(total([line.net for line in invoice.lines if line.counts]))


def _sum_matches(stated: Amount | None, items: tuple[AllowanceCharge, ...]) -> bool:
    if stated is None:
        return not items
    return number(stated) == round_cents(total([item.amount for item in items]))


def _without_vat(invoice: Invoice, totals: Totals) -> bool:
    lines, without_vat = number(totals.line_net), number(totals.without_vat)
    if lines is None or without_vat is None:
        return False
    if totals.charges is None and totals.allowances is None:
        return without_vat == lines
    return without_vat == round_cents(lines + total([totals.charges]) - total([totals.allowances]))


def _due(invoice: Invoice, totals: Totals) -> bool:
    due, with_vat = number(totals.due), number(totals.with_vat)
    if due is None or with_vat is None:
        return False
    # As in the official rule, only a side that was computed is rounded.
    asked = due if totals.rounding is None else round_cents(due - total([totals.rounding]))
    owed = with_vat if totals.paid is None else round_cents(with_vat - total([totals.paid]))
    return asked == owed


def _tax_total_is_sum(tax_total: TaxTotal) -> bool:
    if not tax_total.subtotals:
        return True
    return number(tax_total.amount) == round_cents(total([subtotal.tax for subtotal in tax_total.subtotals]))


def _tax_totals_are_sums(invoice: Invoice) -> bool | None:
    # CII has the breakdown apart from the total; without a total there is nothing to compare it with.
    stated = [t for t in invoice.tax_totals if invoice.syntax == "UBL" or t.amount is not None]
    return every(stated, _tax_total_is_sum)


def _with_vat(invoice: Invoice) -> bool | None:
    """BR-CO-15 in the currency of the invoice (BT-5); a total VAT in another currency (BT-111) is left out."""
    if invoice.currency is None:
        return None
    totals = invoice.totals or Totals()
    amounts = [tax_total.amount for tax_total in invoice.tax_totals if tax_total.amount]
    own = [amount for amount in amounts if amount.currency == invoice.currency]
    if invoice.syntax == "CII" and not own:
        own = [amount for amount in amounts if amount.currency is None] or [Amount("0")]
    without_vat = number(totals.without_vat)
    if len(own) != 1 or without_vat is None:
        return False
    vat = number(own[0])
    return vat is not None and number(totals.with_vat) == round_cents(without_vat + vat)


def near(stated: Decimal, computed: Decimal) -> bool:
    """Less than one unit of currency apart."""
    return stated - ONE < computed < stated + ONE


def tax_of(taxable: Decimal, rate: Decimal) -> Decimal:
    """The VAT on the size of an amount, in cents."""
    return round_cents(abs(taxable) * rate / 100)


def _tax_follows_rate(subtotal: TaxSubtotal) -> bool:
    """BR-CO-17. A rate below a half counts as zero, as it does in the official rule."""
    tax, taxable, rate = number(subtotal.tax), number(subtotal.taxable), subtotal.rate
    if tax is None:
        return False
    if rate is None or round_whole(rate) == ZERO:
        return round_whole(tax) == ZERO
    return taxable is not None and near(abs(tax), tax_of(taxable, rate))


def _decimals(*pick: Callable[[Invoice], Iterable[Amount | None]]) -> Check:
    def check(invoice: Invoice) -> bool | None:
        amounts = [amount for choose in pick for amount in choose(invoice) if amount is not None]
        return every(amounts, lambda amount: amount.fraction_digits <= DECIMALS_MAX)

    return check


def _total(pick: Callable[[Totals], Amount | None]) -> Check:
    return _decimals(lambda invoice: [pick(invoice.totals)] if invoice.totals else [])


def _line_items(invoice: Invoice, charges: bool) -> list[AllowanceCharge]:
    items = [item for line in invoice.lines for item in line.allowances_charges]
    return [item for item in items if (item.is_charge if charges else item.is_allowance)]


def _vat_in(currency: Callable[[Invoice], str | None]) -> Callable[[Invoice], list[Amount | None]]:
    def pick(invoice: Invoice) -> list[Amount | None]:
        wanted = currency(invoice)
        amounts = [tax_total.amount for tax_total in invoice.tax_totals]
        return [a for a in amounts if a is not None and wanted is not None and a.currency == wanted]

    return pick


def _every_amount(invoice: Invoice) -> list[Amount | None]:
    """All amounts but prices, which may be finer than a cent."""
    items = [
        *invoice.allowances_charges,
        *(item for line in invoice.lines for item in line.allowances_charges),
    ]
    totals = invoice.totals or Totals()
    return [
        *(amount for item in items for amount in (item.amount, item.base)),
        *(line.net for line in invoice.lines),
        *(tax_total.amount for tax_total in invoice.tax_totals),
        *(amount for subtotal in invoice.subtotals for amount in (subtotal.taxable, subtotal.tax)),
        *(totals.line_net, totals.allowances, totals.charges, totals.without_vat),
        *(totals.with_vat, totals.paid, totals.rounding, totals.due),
    ]


RULES: dict[str, Check] = {
    "BR-CO-10": _of_totals(_sum_of_lines),
    "BR-CO-11": _of_totals(lambda invoice, totals: _sum_matches(totals.allowances, invoice.allowances)),
    "BR-CO-12": _of_totals(lambda invoice, totals: _sum_matches(totals.charges, invoice.charges)),
    "BR-CO-13": _of_totals(_without_vat),
    "BR-CO-14": _tax_totals_are_sums,
    "BR-CO-15": _with_vat,
    "BR-CO-16": _of_totals(_due),
    "BR-CO-17": lambda invoice: every(invoice.subtotals, _tax_follows_rate),
    "BR-DEC-01": _decimals(lambda invoice: [item.amount for item in invoice.allowances]),
    "BR-DEC-02": _decimals(lambda invoice: [item.base for item in invoice.allowances]),
    "BR-DEC-05": _decimals(lambda invoice: [item.amount for item in invoice.charges]),
    "BR-DEC-06": _decimals(lambda invoice: [item.base for item in invoice.charges]),
    "BR-DEC-09": _total(lambda totals: totals.line_net),
    "BR-DEC-10": _total(lambda totals: totals.allowances),
    "BR-DEC-11": _total(lambda totals: totals.charges),
    "BR-DEC-12": _total(lambda totals: totals.without_vat),
    "BR-DEC-13": _decimals(_vat_in(lambda invoice: invoice.currency)),
    "BR-DEC-14": _total(lambda totals: totals.with_vat),
    "BR-DEC-15": _decimals(_vat_in(lambda invoice: invoice.tax_currency)),
    "BR-DEC-16": _total(lambda totals: totals.paid),
    "BR-DEC-17": _total(lambda totals: totals.rounding),
    "BR-DEC-18": _total(lambda totals: totals.due),
    "BR-DEC-19": _decimals(lambda invoice: [subtotal.taxable for subtotal in invoice.subtotals]),
    "BR-DEC-20": _decimals(lambda invoice: [subtotal.tax for subtotal in invoice.subtotals]),
    "BR-DEC-23": _decimals(lambda invoice: [line.net for line in invoice.lines]),
    "BR-DEC-24": _decimals(lambda invoice: [item.amount for item in _line_items(invoice, charges=False)]),
    "BR-DEC-25": _decimals(lambda invoice: [item.base for item in _line_items(invoice, charges=False)]),
    "BR-DEC-27": _decimals(lambda invoice: [item.amount for item in _line_items(invoice, charges=True)]),
    "BR-DEC-28": _decimals(lambda invoice: [item.base for item in _line_items(invoice, charges=True)]),
    "UBL-DT-01": lambda invoice: _decimals(_every_amount)(invoice) if invoice.syntax == "UBL" else None,
}


def _has_totals(*pick: Callable[[Totals], Amount | None]) -> Callable[[Invoice], bool]:
    return lambda invoice: invoice.totals is not None and all(choose(invoice.totals) for choose in pick)


def _has_rates(invoice: Invoice) -> bool:
    return all(s.taxable and s.tax and s.rate is not None for s in invoice.subtotals)


ARITHMETIC: dict[str, Callable[[Invoice], bool]] = {
    "BR-CO-10": lambda i: bool(i.lines) and _has_totals(lambda t: t.line_net)(i),
    "BR-CO-13": _has_totals(lambda t: t.line_net, lambda t: t.without_vat),
    "BR-CO-14": lambda i: any(t.amount and t.subtotals for t in i.tax_totals),
    "BR-CO-15": lambda i: (
        _has_totals(lambda t: t.without_vat, lambda t: t.with_vat)(i) and bool(i.tax_totals)
    ),
    "BR-CO-16": _has_totals(lambda t: t.with_vat, lambda t: t.paid, lambda t: t.due),
    "BR-CO-17": _has_rates,
    "BR-29": lambda i: True,
    "BR-30": lambda i: True,
}
"""Rules of plain arithmetic, true of any invoice, with what must be stated before they can be held against one
that does not claim to follow EN 16931. Allowances and charges are left out: only EN 16931 settles their sign, and
so is what is due where the paid amount is not part of the profile."""
