"""An invoice is held to what it promises: EN 16931, Peppol on top of it, or plain arithmetic."""

from services.validator.core.en16931 import CORE_RULES, RULES, applicable, evaluate
from services.validator.core.en16931_model import (
    Amount,
    Invoice,
    Line,
    Party,
    TaxCategory,
    TaxSubtotal,
    TaxTotal,
    Totals,
)

WHOLE = Invoice(
    number="1",
    issue_date="2020-01-01",
    seller=Party(name="S"),
    totals=Totals(
        line_net=Amount("10.00"), without_vat=Amount("10.00"), with_vat=Amount("12.00"), due=Amount("12.00"), paid=Amount("0")
    ),
    lines=(Line(net=Amount("10.00")),),
    tax_totals=(TaxTotal(Amount("2.00"), (TaxSubtotal(Amount("10.00"), Amount("2.00"), (TaxCategory("S", Amount("20"), "VAT"),)),)),),
)  # fmt: skip


def _with(**changes: object) -> Invoice:
    from dataclasses import replace

    return replace(WHOLE, **changes)  # type: ignore[arg-type]


def test_an_invoice_of_en16931_is_held_to_its_core_rules_only() -> None:
    assert applicable(_with(specification="urn:cen.eu:en16931:2017")) == CORE_RULES


def test_an_invoice_that_names_peppol_is_held_to_peppol_too() -> None:
    specification = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"

    assert applicable(_with(specification=specification)) == RULES


def test_a_profile_outside_en16931_is_held_to_arithmetic_only() -> None:
    for specification in (
        "urn:factur-x.eu:1p0:minimum",
        "urn:ferd:CrossIndustryDocument:invoice:1p0:extended",
        "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
    ):
        rules = set(applicable(_with(specification=specification)))
        assert rules == {
            "BR-CO-10",
            "BR-CO-13",
            "BR-CO-14",
            "BR-CO-15",
            "BR-CO-16",
            "BR-CO-17",
            "BR-29",
            "BR-30",
        }


def test_arithmetic_is_not_held_against_numbers_that_are_not_stated() -> None:
    totals = Totals(without_vat=Amount("10.00"), with_vat=Amount("12.00"))
    invoice = _with(specification="urn:factur-x.eu:1p0:minimum", totals=totals, lines=(), tax_totals=())

    assert set(applicable(invoice)) == {"BR-CO-17", "BR-29", "BR-30"}
    assert evaluate(invoice).broken == ()


def test_an_invoice_that_names_nothing_is_held_to_the_core_rules_and_breaks_the_first() -> None:
    assert applicable(WHOLE) == CORE_RULES
    assert "BR-01" in evaluate(WHOLE).broken


def test_a_fragment_is_held_to_every_rule() -> None:
    assert applicable(Invoice()) == RULES
    assert applicable(_with(totals=None)) == RULES
    assert applicable(_with(totals=None, number=None, specification="urn:cen.eu:en16931:2017")) == RULES


def test_one_missing_part_is_a_defect_of_an_invoice_that_says_what_it_follows() -> None:
    assert applicable(_with(number=None, specification="urn:cen.eu:en16931:2017")) == CORE_RULES


def test_a_rule_without_its_element_is_neither_checked_nor_broken() -> None:
    verdict = evaluate(Invoice())

    assert not {"BR-CO-10", "BR-CO-16", "BR-29", "BR-30", "BR-S-08", "BR-CO-17"} & {
        *verdict.checked,
        *verdict.broken,
    }


def test_a_line_that_only_groups_others_is_not_summed() -> None:
    lines = (Line(net=Amount("10.00")), Line(net=Amount("10.00"), counts=False))

    assert "BR-CO-10" not in evaluate(_with(specification="urn:cen.eu:en16931:2017", lines=lines)).broken
