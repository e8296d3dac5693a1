"""The limits of an activity on a claim's payable lines (R-48 to R-54), and the remarks that show them."""

from dataclasses import dataclass

from schemas.decisions import Cut
from schemas.money import Money, minor_units
from services.rules.caps import CapBases, CapLine, CapOutcome, EarlierSpend, apply_caps, usage_of
from services.rules.wording import Term
from services.validator.core.evidence import ineligible_kind
from services.validator.core.inputs import CheckInputs, EarlierClaim
from services.validator.core.remarks import Remark

UNNAMED_KIND = ""
"""The kind of a claim that names no lines: a limit for certain kinds cannot be held against it."""


@dataclass(frozen=True)
class Capped:
    """What the limits cut, and a remark for each that did."""

    cuts: tuple[Cut, ...] = ()
    remarks: tuple[Remark, ...] = ()


def capped(inputs: CheckInputs, left: Money) -> Capped:
    """Hold what is left of a claim against the limits of its activity, after what earlier claims took (R-53)."""
    manifest, pack = inputs.manifest, inputs.pack
    activity = pack.activities.get(manifest.activity)
    if activity is None or not activity.caps or not pack.lists(manifest.program) or left.amount_minor <= 0:
        return Capped()
    outcome = apply_caps(
        activity,
        _lines(inputs, left),
        currency=manifest.currency,
        families=pack.families_of(manifest.program),
        bases=_bases(inputs),
        used=usage_of(pack, manifest.activity, [_spend(claim) for claim in _counted(inputs)]),
    )
    return _shown(outcome, manifest.currency)


def _lines(inputs: CheckInputs, left: Money) -> list[CapLine]:
    """The payable lines, cut from the end to what is left of the claim; without lines the claim is one."""
    manifest = inputs.manifest
    remaining, lines = left.amount_minor, []
    for line in manifest.lines:
        if ineligible_kind(inputs.pack, manifest.activity, line.kind):
            continue
        amount = min(minor_units(line.amount, manifest.currency), remaining)
        remaining -= amount
        lines.append(CapLine(line.kind, amount, line.person, line.conference))
    if not lines:
        return [CapLine(UNNAMED_KIND, left.amount_minor)]
    return lines


def _bases(inputs: CheckInputs) -> CapBases:
    funds = inputs.funds
    if funds is None or funds.earned.currency != inputs.manifest.currency:
        return CapBases()
    return CapBases(funds.earned.amount_minor, funds.accrued.amount_minor)


def _counted(inputs: CheckInputs) -> list[EarlierClaim]:
    currency = inputs.manifest.currency
    return [claim for claim in inputs.earlier_claims or () if claim.counted.currency == currency]


def _spend(claim: EarlierClaim) -> EarlierSpend:
    currency = claim.counted.currency
    lines = [
        CapLine(line.kind, minor_units(line.amount, currency), line.person, line.conference)
        for line in claim.lines
    ]
    return EarlierSpend(claim.activity, claim.counted.amount_minor, lines)


def _shown(outcome: CapOutcome, currency: str) -> Capped:
    """One cut and one remark for each limit; each is told what was asked of it and what it leaves."""
    cuts, remarks = [], []
    asked = outcome.asked_minor
    for cap, amount in outcome.hits:
        before, after = (Money(amount_minor=minor, currency=currency) for minor in (asked, asked - amount))
        asked -= amount
        cuts.append(Cut(rule=cap.rule, cap=cap.id, amount=before - after))
        params = {"cap": Term(cap.id, cap.label.texts), "payable": after, "asked": before}
        remarks.append(Remark("CAP_HIT", params, None, (), after.amount, before.amount))
    return Capped(tuple(cuts), tuple(remarks))
