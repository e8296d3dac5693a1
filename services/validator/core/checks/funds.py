"""Funds and limits (R-38, R-48 to R-54): a forecast from the last known funds; the ledger decides."""

from schemas.money import Money
from services.rules.reimbursement import reimbursable
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


def check_share(inputs: CheckInputs) -> tuple[Remark, ...]:
    """REIMBURSEMENT_SHARE where the pack leaves a part of the shown cost to the partner (R-79)."""
    assessed = assess(inputs)
    if inputs.pack.reimbursement == 1 or not assessed.evidence.complete:
        return ()
    shown = assessed.evidence.net
    payable = Money(
        amount_minor=reimbursable(inputs.pack, max(shown.amount_minor, 0)), currency=shown.currency
    )
    params = {"percent": inputs.pack.reimbursement_percent, "payable": payable, "shown": shown}
    return (Remark("REIMBURSEMENT_SHARE", params, None, (), payable.amount, shown.amount),)


def check_caps(inputs: CheckInputs) -> tuple[Remark, ...]:
    """CAP_HIT for each limit that makes the payable amount less; shown, and no reason to refuse (R-54)."""
    return assess(inputs).caps.remarks
