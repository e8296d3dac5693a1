"""National rules, code lists and the rules that the corpus does not reach: what holds, and what breaks them."""

import pytest

from services.validator.core.en16931 import RULES
from services.validator.core.en16931_model import (
    Address,
    AllowanceCharge,
    Amount,
    Card,
    Contact,
    Identifier,
    Invoice,
    Line,
    Party,
    PaymentMeans,
    Period,
    Price,
    SupportingDocument,
    TaxCategory,
    TaxSubtotal,
    TaxTotal,
    Totals,
)


def _party(country: str, *tax_ids: tuple[str, str], **more: object) -> Party:
    address = Address(street="A 1", city="B", post_code="1", country=country)
    ids = tuple(Identifier(number, scheme) for scheme, number in tax_ids)
    return Party(name="N", trading_name="N", address=address, tax_ids=ids, **more)  # type: ignore[arg-type]


def _in(country: str, **more: object) -> Invoice:
    parties = {"seller": _party(country), "buyer": _party(country)}
    return Invoice(**{**parties, **more})  # type: ignore[arg-type]


def _paid_by(code: str, *accounts: str, **more: object) -> tuple[PaymentMeans, ...]:
    return (PaymentMeans(code=code, accounts=accounts, **more),)  # type: ignore[arg-type]


def _breakdown(code: str, rate: str | None, taxable: str, tax: str, reason: str | None = None) -> Invoice:
    category = TaxCategory(code, Amount(rate) if rate else None, "VAT", exemption_reason=reason)
    subtotal = TaxSubtotal(Amount(taxable), Amount(tax), (category,))
    line = Line(net=Amount("100"), categories=(TaxCategory(code, Amount(rate) if rate else None, "VAT"),))
    return Invoice(lines=(line,), tax_totals=(TaxTotal(Amount(tax), (subtotal,)),))


SE_VAT = ("VAT", "SE556677889901")
CASES: list[tuple[str, Invoice, Invoice]] = [
    # rule, an invoice where it holds, one that breaks it
    ("BR-E-08", _breakdown("E", "0", "100", "0", "x"), _breakdown("E", "0", "100.01", "0", "x")),
    ("BR-S-08", _breakdown("S", "20", "100.99", "20"), _breakdown("S", "20", "101", "20")),
    ("BR-AF-09", _breakdown("L", "7", "100", "7.99"), _breakdown("L", "7", "100", "8")),
    ("BR-G-09", _breakdown("G", "0", "100", "0.00", "x"), _breakdown("G", "0", "100", "0.01", "x")),
    ("BR-AE-10", _breakdown("AE", "0", "100", "0", "x"), _breakdown("AE", "0", "100", "0")),
    ("BR-Z-10", _breakdown("Z", "0", "100", "0"), _breakdown("Z", "0", "100", "0", "x")),
    ("BR-O-05", _breakdown("O", None, "100", "0", "x"), _breakdown("O", "0", "100", "0", "x")),
    ("BR-S-05", _breakdown("S", "20", "100", "20"), _breakdown("S", "0", "100", "0")),
    ("BR-IC-11", _breakdown("S", "20", "100", "20"), _breakdown("K", "0", "100", "0", "x")),
    ("BR-CO-17", _breakdown("S", "0.3", "1000", "0.4"), _breakdown("S", "0.3", "1000", "3")),
    ("BR-CL-04", Invoice(currency="KWD"), Invoice(currency="AAA")),
    ("BR-CL-06", Invoice(periods=(Period(tax_point_code="35"),)), Invoice(periods=(Period(tax_point_code="31"),))),
    ("BR-CL-07", Invoice(documents=(SupportingDocument("1", "AXR", "130"),)), Invoice(documents=(SupportingDocument("1", "AXS", "130"),))),
    ("BR-CL-24", Invoice(media_types=("text/csv",)), Invoice(media_types=("text/html",))),
    ("BR-CO-09", Invoice(seller=_party("GR", ("VAT", "EL1"))), Invoice(seller=_party("GR", ("VAT", "991")))),
    ("PEPPOL-EN16931-F001", Invoice(due_date="2020-02-29"), Invoice(due_date="2021-02-29")),
    ("PEPPOL-EN16931-F001", Invoice(issue_date="2020-01-01"), Invoice(issue_date="2020-01-01Z")),
    ("PEPPOL-EN16931-R040",
     Invoice(allowances_charges=(AllowanceCharge("true", Amount("10.02"), Amount("100"), Amount("10")),)),
     Invoice(allowances_charges=(AllowanceCharge("true", Amount("10.03"), Amount("100"), Amount("10")),))),
    ("PEPPOL-EN16931-R046",
     Invoice(lines=(Line(price=Price(Amount("90"), None, Amount("100"), (AllowanceCharge("false", Amount("10")),))),)),
     Invoice(lines=(Line(price=Price(Amount("91"), None, Amount("100"), (AllowanceCharge("false", Amount("10")),))),))),
    ("PEPPOL-EN16931-R055",
     Invoice(currency="EUR", tax_currency="SEK", tax_totals=(TaxTotal(Amount("1", "EUR")), TaxTotal(Amount("11", "SEK")))),
     Invoice(currency="EUR", tax_currency="SEK", tax_totals=(TaxTotal(Amount("1", "EUR")), TaxTotal(Amount("-11", "SEK"))))),
    ("PEPPOL-EN16931-R110",
     Invoice(periods=(Period(start="2020-01-02"),), lines=(Line(periods=(Period(start="2020-01-02"),)),)),
     Invoice(periods=(Period(start="2020-01-02"),), lines=(Line(periods=(Period(start="2020-01-01"),)),))),
    ("DK-R-016",
     _in("DK", is_credit_note=True, totals=Totals(due=Amount("0"))),
     _in("DK", is_credit_note=True, totals=Totals(due=Amount("-1")))),
    ("DK-R-005", _in("DK", payment_means=_paid_by("58")), _in("DK", payment_means=_paid_by("2"))),
    ("DK-R-008", _in("DK", payment_means=_paid_by("50", "1234567", payment_id="01#")), _in("DK", payment_means=_paid_by("50", "1234567"))),
    ("IT-R-003", _in("IT"), Invoice(seller=Party(address=Address(country="IT")))),
    ("NL-R-002", _in("NL"), Invoice(seller=Party(address=Address(country="NL", city="X")))),
    ("NL-R-007",
     _in("NL", totals=Totals(due=Amount("5")), payment_means=_paid_by("30")),
     _in("NL", totals=Totals(due=Amount("5")))),
    ("NO-R-001",
     Invoice(seller=_party("NO", ("VAT", "NO974760673MVA"))),
     Invoice(seller=_party("NO", ("VAT", "NO974760674MVA")))),
    ("SE-R-001", Invoice(seller=_party("SE", SE_VAT)), Invoice(seller=_party("SE", ("VAT", "SE5566778899")))),
    ("SE-R-006",
     Invoice(seller=_party("SE", SE_VAT), lines=(Line(categories=(TaxCategory("S", Amount("12.00"), "VAT"),)),)),
     Invoice(seller=_party("SE", SE_VAT), lines=(Line(categories=(TaxCategory("S", Amount("13"), "VAT"),)),))),
    ("SE-R-009",
     _in("SE", payment_means=_paid_by("30", "12345678", branch="SE:BANKGIRO")),
     _in("SE", payment_means=_paid_by("30", "123456", branch="SE:BANKGIRO"))),
    ("DE-R-006",
     _in("DE", seller=_party("DE", contact=Contact("N", "030 1", "a@b.de"))),
     _in("DE", seller=_party("DE", contact=Contact("N", None, "a@b.de")))),
    ("DE-R-018",
     _in("DE", payment_terms=("#SKONTO#TAGE=7#PROZENT=2.00#\n",)),
     _in("DE", payment_terms=("#SKONTO#TAGE=7#PROZENT=2#\n",))),
    ("DE-R-024-1", _in("DE", payment_means=_paid_by("48", card=Card("1234"))), _in("DE", payment_means=_paid_by("48"))),
    ("GR-R-001-3",
     Invoice(number="1|31/12/2020|0|1.1|0|1", issue_date="2020-12-31", seller=_party("GR")),
     Invoice(number="1|30/12/2020|0|1.1|0|1", issue_date="2020-12-31", seller=_party("GR"))),
]  # fmt: skip


@pytest.mark.parametrize("rule, sound, altered", CASES)
def test_a_rule_holds_before_the_alteration_and_is_broken_after_it(
    rule: str, sound: Invoice, altered: Invoice
) -> None:
    assert RULES[rule](sound) is not False
    assert RULES[rule](altered) is False


@pytest.mark.parametrize(
    "rule", sorted(rule for rule in RULES if rule[:3] in {"DK-", "IT-", "NL-", "NO-", "SE-", "DE-", "GR-"})
)
def test_a_national_rule_says_nothing_about_a_seller_of_another_country(rule: str) -> None:
    assert RULES[rule](_in("FR", payment_means=_paid_by("50"), number="1")) is None
