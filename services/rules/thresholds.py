"""The threshold below which held co-op is paid as rebate (R-17, R-18, C4)."""

from enum import StrEnum

from schemas.money import CurrenciesMixed, Money
from services.rules.pack import RulePack
from services.rules.pack_terms import Comparison


class ThresholdOutcome(StrEnum):
    """What becomes of the co-op of a closed earning period."""

    CLAIMABLE = "CLAIMABLE"
    PAID_AS_REBATE = "PAID_AS_REBATE"


def threshold_outcome(accrued: Money, threshold: Money | None, comparison: Comparison) -> ThresholdOutcome:
    """Compare accrued co-op with the threshold; equality is the comparison's (C4). Raises CurrenciesMixed.

    Without a threshold everything is claimable.
    """
    if threshold is None:
        return ThresholdOutcome.CLAIMABLE
    if accrued.currency != threshold.currency:
        raise CurrenciesMixed(
            f"co-op in {accrued.currency} cannot be held against a threshold in {threshold.currency}"
        )
    over = threshold < accrued or (comparison is Comparison.MUST_REACH and threshold == accrued)
    return ThresholdOutcome.CLAIMABLE if over else ThresholdOutcome.PAID_AS_REBATE


def period_outcome(pack: RulePack, program: str, accrued: Money) -> ThresholdOutcome:
    """What becomes of the co-op a program accrued in a closed earning period. Raises ProgramUnknown, CurrenciesMixed."""
    comparison = pack.threshold.comparison if pack.threshold is not None else Comparison.MUST_REACH
    return threshold_outcome(accrued, pack.threshold_for(program), comparison)


def counts_together(pack: RulePack, partner_id: str, location: str) -> tuple[str, ...]:
    """The key under which co-op is added up before it is compared: the organization, or each location (R-17)."""
    if pack.threshold is not None and pack.threshold.scope == "location":
        return (partner_id, location)
    return (partner_id,)
