"""Whatever the amounts: totals that were summed up pass, and one altered total breaks its own rules only."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.validator.core.en16931 import RULES, evaluate
from services.validator.core.en16931_model import (
    AllowanceCharge,
    Amount,
    Invoice,
    Line,
    Period,
    TaxCategory,
    TaxSubtotal,
    TaxTotal,
    Totals,
    round_cents,
)

EUR = "EUR"
TOTALS = {"BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16", "BR-CO-17"}
SUMS = TOTALS | {"BR-S-08", "BR-S-09"}

amounts = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
positive = st.integers(0, 1_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
rates = st.integers(1, 30).map(Decimal)
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


def _amount(value: Decimal) -> Amount:
    return Amount(format(value, "f"), EUR)


def _category(rate: Decimal) -> TaxCategory:
    return TaxCategory("S", Amount(str(rate)), "VAT")


def _item(value: Decimal, rate: Decimal, is_charge: bool) -> AllowanceCharge:
    return AllowanceCharge(
        indicator=str(is_charge).lower(), amount=_amount(value), reason="x", categories=(_category(rate),)
    )


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """An invoice whose totals are the sums of its parts."""
    lines = draw(st.lists(st.tuples(amounts, rates), min_size=1, max_size=6))
    items = draw(st.lists(st.tuples(positive, rates, st.booleans()), max_size=4))
    paid = draw(st.none() | amounts)
    rounding = draw(st.none() | st.sampled_from([Decimal("0.01"), Decimal("-0.40")]))

    signed = [*lines, *((value if is_charge else -value, rate) for value, rate, is_charge in items)]
    breakdown = []
    for rate in sorted({rate for _, rate in signed}):
        taxable = sum((value for value, its_rate in signed if its_rate == rate), Decimal(0))
        tax = round_cents(abs(taxable) * rate / 100) * (1 if taxable >= 0 else -1)
        breakdown.append(TaxSubtotal(_amount(taxable), _amount(tax), (_category(rate),)))
    vat = sum((subtotal.tax.number or Decimal(0) for subtotal in breakdown if subtotal.tax), Decimal(0))
    line_sum = sum((value for value, _ in lines), Decimal(0))
    charge_sum = sum((value for value, _, is_charge in items if is_charge), Decimal(0))
    allowance_sum = sum((value for value, _, is_charge in items if not is_charge), Decimal(0))
    without_vat = line_sum + charge_sum - allowance_sum
    with_vat = without_vat + vat
    return Invoice(
        currency=EUR,
        allowances_charges=tuple(_item(*item) for item in items),
        lines=tuple(Line(net=_amount(value), categories=(_category(rate),)) for value, rate in lines),
        tax_totals=(TaxTotal(_amount(vat), tuple(breakdown)),),
        totals=Totals(
            line_net=_amount(line_sum),
            allowances=_amount(allowance_sum) if any(not item[2] for item in items) else None,
            charges=_amount(charge_sum) if any(item[2] for item in items) else None,
            without_vat=_amount(without_vat),
            with_vat=_amount(with_vat),
            paid=None if paid is None else _amount(paid),
            rounding=None if rounding is None else _amount(rounding),
            due=_amount(with_vat - (paid or 0) + (rounding or 0)),
        ),
    )


def _broken_sums(invoice: Invoice) -> set[str]:
    return set(evaluate(invoice).broken) & SUMS


def _altered(amount: Amount | None, by: Decimal) -> Amount:
    assert amount is not None
    return _amount((amount.number or Decimal(0)) + by)


@given(invoices())
def test_totals_that_are_sums_break_no_rule_of_sums(invoice: Invoice) -> None:
    assert _broken_sums(invoice) == set()
    assert set(evaluate(invoice).checked) >= TOTALS - {"BR-CO-11", "BR-CO-12"}


@given(
    invoices(), st.integers(1, 10_000).map(lambda cents: Decimal(cents).scaleb(-2)), st.sampled_from([1, -1])
)
def test_one_altered_total_breaks_exactly_the_rules_it_stands_in(
    invoice: Invoice, by: Decimal, sign: int
) -> None:
    assert invoice.totals is not None
    rules = {
        "line_net": {"BR-CO-10", "BR-CO-13"},
        "without_vat": {"BR-CO-13", "BR-CO-15"},
        "with_vat": {"BR-CO-15", "BR-CO-16"},
        "due": {"BR-CO-16"},
    }
    for name, expected in rules.items():
        totals = replace(invoice.totals, **{name: _altered(getattr(invoice.totals, name), by * sign)})
        assert _broken_sums(replace(invoice, totals=totals)) == expected


@given(invoices(), st.integers(1, 10_000).map(lambda cents: Decimal(cents).scaleb(-2)))
def test_an_altered_total_vat_breaks_its_sum_and_the_total_with_vat(invoice: Invoice, by: Decimal) -> None:
    stated = invoice.tax_totals[0]
    altered = replace(stated, amount=_altered(stated.amount, by))

    assert _broken_sums(replace(invoice, tax_totals=(altered,))) == {"BR-CO-14", "BR-CO-15"}


@given(taxable=positive, rate=rates, off=st.integers(-300, 300).map(lambda cents: Decimal(cents).scaleb(-2)))
def test_the_tax_of_a_category_may_be_less_than_one_unit_off(
    taxable: Decimal, rate: Decimal, off: Decimal
) -> None:
    exact = round_cents(taxable * rate / 100)
    stated = exact + off
    subtotal = TaxSubtotal(_amount(taxable), _amount(stated), (_category(rate),))
    broken = evaluate(Invoice(tax_totals=(TaxTotal(_amount(stated), (subtotal,)),))).broken

    assert ("BR-CO-17" in broken) == (abs(abs(stated) - exact) >= 1)


@given(start=days, span=st.integers(-400, 400))
def test_a_period_is_in_order_when_its_end_is_not_before_its_start(start: date, span: int) -> None:
    period = Period(start.isoformat(), (start + timedelta(days=span)).isoformat())
    invoice = Invoice(periods=(period,), lines=(Line(periods=(period,)),))
    broken = set(evaluate(invoice).broken)

    assert ("BR-29" in broken) == ("BR-30" in broken) == (span < 0)


@given(invoices())
def test_every_rule_answers_any_invoice_and_is_broken_only_when_checked(invoice: Invoice) -> None:
    verdict = evaluate(invoice)

    assert set(verdict.broken) <= set(verdict.checked) <= set(RULES)
    assert list(verdict.broken) == sorted(verdict.broken)


@given(st.text(alphabet="0123456789+-.eE, ٣²_", max_size=12))
def test_an_amount_is_a_number_only_when_it_is_a_plain_decimal(text: str) -> None:
    found = Amount(text).number
    plain = text.strip()
    digits = plain[1:] if plain[:1] in ("+", "-") else plain
    whole, _, fraction = digits.partition(".")
    is_plain = bool(whole + fraction) and set(whole + fraction) <= set("0123456789")

    assert (found is not None) == is_plain
