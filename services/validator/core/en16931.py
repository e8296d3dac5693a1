"""All rules that an e-invoice is held against, and which of them apply to it."""

from dataclasses import dataclass

from services.validator.core import (
    en16931_codes,
    en16931_national,
    en16931_national_de_gr,
    en16931_peppol,
    en16931_periods,
    en16931_presence,
    en16931_totals,
    en16931_vat,
)
from services.validator.core.en16931_model import Invoice
from services.validator.core.en16931_rule import Check

CORE_RULES: dict[str, Check] = {
    **en16931_presence.RULES,
    **en16931_totals.RULES,
    **en16931_periods.RULES,
    **en16931_vat.RULES,
    **en16931_codes.RULES,
}
RULES: dict[str, Check] = {
    **CORE_RULES,
    **en16931_peppol.RULES,
    **en16931_national.RULES,
    **en16931_national_de_gr.RULES,
}
"""Every supported rule by its official id."""

_EN16931 = "urn:cen.eu:en16931:2017"
_EXTENSION = "#conformant#"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ids of the rules that had something to judge, and of those that are broken, in order of id."""

    checked: tuple[str, ...]
    broken: tuple[str, ...]


def applicable(invoice: Invoice) -> dict[str, Check]:
    """Return the rules that the invoice promises to follow.

    A fragment is held to every rule. An invoice of EN 16931, or one that does not say what it follows, is held to
    the core rules; one that names Peppol, also to those of Peppol. Anything else, such as ZUGFeRD 1, a profile below EN 16931 or an extension of it, is
    only held to arithmetic and to the order of dates, and only where the numbers are stated.
    """
    if invoice.is_fragment:
        return RULES
    specification = invoice.specification
    if specification is None:
        return CORE_RULES
    if en16931_peppol.SPECIFICATION in specification:
        return RULES
    if specification.startswith(_EN16931) and _EXTENSION not in specification:
        return CORE_RULES
    return {rule: RULES[rule] for rule, stated in en16931_totals.ARITHMETIC.items() if stated(invoice)}


def evaluate(invoice: Invoice) -> Verdict:
    """Judge the invoice by the rules that apply to it."""
    answers = {rule: check(invoice) for rule, check in applicable(invoice).items()}
    return Verdict(
        checked=tuple(sorted(rule for rule, answer in answers.items() if answer is not None)),
        broken=tuple(sorted(rule for rule, answer in answers.items() if answer is False)),
    )
