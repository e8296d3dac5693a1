"""The reimbursed share of shown cost (R-79)."""

from decimal import ROUND_DOWN, Decimal

from services.rules.pack import RulePack


def reimbursable(pack: RulePack, shown_minor: int) -> int:
    """What the program pays of shown eligible cost; rounded toward zero so that the share is never exceeded."""
    return int((Decimal(shown_minor) * pack.reimbursement).to_integral_value(rounding=ROUND_DOWN))
