"""From the claimed to the payable amount: what is taken off, by which rule, in one fixed order (R-37 to R-39, R-48 to R-54, R-79).

Lines that are not payable go first, then what the documents do not show, then the partner's own share, then the
limits of the activity; funds come last. The ledger alone decides about limits and funds: this is a forecast.
"""

from dataclasses import dataclass

from schemas.decisions import Cut
from schemas.money import Money, minor_units
from services.rules.reimbursement import reimbursable
from services.validator.core.capping import Capped, capped
from services.validator.core.evidence import Shown, alcohol_rows, ineligible_kind, shown
from services.validator.core.inputs import CheckInputs
from services.validator.core.values import is_invoice


@dataclass(frozen=True)
class Assessment:
    """The payable amount and what was taken off. `before_funds` is what would be paid if funds were endless.

    `hidden_alcohol` is the part of the claim that rests on invoice lines naming alcohol which the claim's own lines
    do not set apart.
    """

    requested: Money
    before_funds: Money
    payable: Money
    cuts: tuple[Cut, ...]
    caps: Capped
    evidence: Shown
    hidden_alcohol: Money | None = None


def assess(inputs: CheckInputs) -> Assessment:
    """Work out the payable amount of a claim."""
    currency = inputs.manifest.currency
    requested = Money(amount_minor=inputs.manifest.claimed_minor, currency=currency)
    cuts: list[Cut] = []
    left = requested
    for kind, amount in _ineligible(inputs):
        left = _take(cuts, left, amount, "R-39", f"LINE_INELIGIBLE:{kind}")
    evidence = shown(inputs)
    hidden = _hidden_alcohol(inputs, evidence, left)
    if hidden is not None:
        left = _take(cuts, left, hidden, "R-39", "LINE_INELIGIBLE:alcohol")
    if evidence.complete and evidence.net < left:
        in_tax = left <= evidence.gross
        rule, name = ("R-56", "INV_TAX_CLAIMED") if in_tax else ("R-37", "AMT_CLAIM_EXCEEDS_EVIDENCE")
        left = _take(cuts, left, left - evidence.net, rule, name)
    left = _own_share(inputs, evidence, left, cuts)
    limits = capped(inputs, left)
    for cut in limits.cuts:
        left = _take(cuts, left, cut.amount, cut.rule, cut.cap)
    before_funds = left
    if (
        inputs.funds is not None
        and inputs.funds.available.currency == currency
        and inputs.funds.available < left
    ):
        left = _take(cuts, left, left - inputs.funds.available, "R-38", "FUNDS_INSUFFICIENT")
    return Assessment(requested, before_funds, left, tuple(cuts), limits, evidence, hidden)


def _take(cuts: list[Cut], left: Money, amount: Money, rule: str, cap: str) -> Money:
    """Take an amount off, never below zero; what takes nothing is no cut."""
    taken = Money(
        amount_minor=min(max(amount.amount_minor, 0), max(left.amount_minor, 0)), currency=left.currency
    )
    if taken.amount_minor:
        cuts.append(Cut(rule=rule, cap=cap, amount=taken))
    return left - taken


def _ineligible(inputs: CheckInputs) -> list[tuple[str, Money]]:
    """The claim's lines of kinds that are not payable, added up by kind (R-39)."""
    manifest = inputs.manifest
    found: dict[str, Money] = {}
    for line in manifest.lines:
        if ineligible_kind(inputs.pack, manifest.activity, line.kind):
            amount = Money(
                amount_minor=minor_units(line.amount, manifest.currency), currency=manifest.currency
            )
            found[line.kind] = found[line.kind] + amount if line.kind in found else amount
    return sorted(found.items())


def _hidden_alcohol(inputs: CheckInputs, evidence: Shown, left: Money) -> Money | None:
    """How much of what is left rests on invoice lines that name alcohol."""
    currency = inputs.manifest.currency
    amounts = [
        amount
        for document in inputs.documents
        if is_invoice(document)
        for _, amount in alcohol_rows(document, currency)
        if amount is not None and amount.currency == currency
    ]
    if not amounts or not evidence.complete:
        return None
    alcohol = sum(amounts, Money(amount_minor=0, currency=currency))
    asked = left if left <= evidence.net else evidence.net
    over = asked - (evidence.net - alcohol)
    return over if over.amount_minor > 0 else None


def _own_share(inputs: CheckInputs, evidence: Shown, left: Money, cuts: list[Cut]) -> Money:
    """What the pack leaves to the partner of the shown cost (R-79): all of it is paid where the share is 100 percent."""
    if inputs.pack.reimbursement == 1 or not evidence.complete:
        return left
    most = reimbursable(inputs.pack, max(evidence.net.amount_minor, 0))
    payable = Money(amount_minor=most, currency=left.currency)
    if left <= payable:
        return left
    return _take(cuts, left, left - payable, "R-79", "REIMBURSEMENT_SHARE")
