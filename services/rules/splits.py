"""The split of earnings into rebate and co-op (R-16)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.rules.pack_terms import Split


@dataclass(frozen=True)
class SplitAmounts:
    """Rebate and co-op in minor units; together they are the earning."""

    rebate_minor: int
    coop_minor: int

    def __add__(self, other: "SplitAmounts") -> "SplitAmounts":
        return SplitAmounts(self.rebate_minor + other.rebate_minor, self.coop_minor + other.coop_minor)

    def __sub__(self, other: "SplitAmounts") -> "SplitAmounts":
        return SplitAmounts(self.rebate_minor - other.rebate_minor, self.coop_minor - other.coop_minor)


def split_earning(earning_minor: int, split: Split) -> SplitAmounts:
    """Split an amount: the rebate is rounded, ties away from zero, and co-op is the rest (R-16)."""
    rebate = int((earning_minor * Decimal(split.rebate)).to_integral_value(rounding=ROUND_HALF_UP))
    return SplitAmounts(rebate, earning_minor - rebate)


def split_posting(month_total_before_minor: int, earning_minor: int, split: Split) -> SplitAmounts:
    """What one further earning of a month adds to each part: split(total after) - split(total before).

    So many small lines and one big line of a month end in the same cents.
    """
    after = split_earning(month_total_before_minor + earning_minor, split)
    return after - split_earning(month_total_before_minor, split)
