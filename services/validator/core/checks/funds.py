"""Funds and limits (R-38, R-48 to R-54): a forecast from the last known funds; the ledger decides."""

from schemas.money import Money
from services.validator.core.assessment import assess
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark


def funds_insufficient(asked: Money, remaining: Money) -> Remark | None:
    """FUNDS_INSUFFICIENT when more is asked for than the co-op funds of the usage period still hold (R-38)."""
    if asked <= remaining:
        return None
    params = {"remaining": remaining, "asked": asked}
    return Remark("FUNDS_INSUFFICIENT", params, None, (), f"<= {remaining.amount}", asked.amount)


def check_funds(inputs: CheckInputs) -> tuple[Remark, ...]:
    """What would be paid is there; unknown funds, or funds of another currency, are not judged."""
    if inputs.funds is None or inputs.funds.available.currency != inputs.manifest.currency:
        return ()
    found = funds_insufficient(assess(inputs).before_funds, inputs.funds.available)
    return (found,) if found else ()


def check_caps(inputs: CheckInputs) -> tuple[Remark, ...]:
    """CAP_HIT for each limit that makes the payable amount less; shown, and no reason to refuse (R-54)."""
    return assess(inputs).caps.remarks
