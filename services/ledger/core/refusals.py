"""Why the ledger says no: small errors with a stable code and the values that explain them."""

from datetime import datetime


class Refused(ValueError):
    """The ledger did not do what it was asked; nothing was changed."""

    code = "REFUSED"


class FundsInsufficient(Refused):
    """More is asked for than is there (R-38, R-44)."""

    code = "FUNDS_INSUFFICIENT"

    def __init__(self, account: str, asked: int, available: int) -> None:
        self.account, self.asked, self.available = account, asked, available
        super().__init__(f"{account} has {available} minor units available, {asked} are asked for")


class WindowNotOpen(Refused):
    """The claim window of the funds has not opened yet (R-13, R-14)."""

    code = "WINDOW_NOT_OPEN"

    def __init__(self, effective_on: datetime, opens_on: datetime) -> None:
        self.effective_on, self.opens_on = effective_on, opens_on
        super().__init__(
            f"claims are taken from {opens_on.isoformat()}; this one is of {effective_on.isoformat()}"
        )


class DeadlinePassed(Refused):
    """The claim window of the funds has closed (R-13, R-44)."""

    code = "DEADLINE_PASSED"

    def __init__(self, effective_on: datetime, closes_on: datetime) -> None:
        self.effective_on, self.closes_on = effective_on, closes_on
        super().__init__(
            f"claims were taken until {closes_on.isoformat()}; this one is of {effective_on.isoformat()}"
        )


class ContentDiffers(Refused):
    """The same business key was posted before with other content."""

    code = "CONTENT_DIFFERS"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was recorded before with other content; a correction is a new entry that names it"
        )


class CorrectionExceeds(Refused):
    """All corrections together are more than what they correct."""

    code = "CORRECTION_EXCEEDS"

    def __init__(self, corrected: str, amount: int, corrections: int) -> None:
        super().__init__(
            f"{corrected} is of {amount} minor units; its corrections would come to {corrections}"
        )


class CorrectionOfCorrection(Refused):
    """What is corrected is a correction itself: a chain of them could take back more than was ever earned."""

    code = "CORRECTION_OF_CORRECTION"

    def __init__(self, corrected: str, original: str) -> None:
        super().__init__(f"{corrected} is a correction itself; correct {original} instead")


class CurrencyMismatch(Refused):
    """The amount is in another currency than the funds it is about (R-40)."""

    code = "CURRENCY_MISMATCH"


class CapHit(Refused):
    """A cap of the activity leaves nothing to pay (R-53, R-54)."""

    code = "CAP_HIT"


class ClaimUnknown(Refused):
    """No claim with this id is known to the ledger."""

    code = "CLAIM_UNKNOWN"

    def __init__(self, claim: str) -> None:
        super().__init__(f"no funds were ever asked for claim {claim}")


class ClaimDuplicate(Refused):
    """A claim of this id asked for something else already."""

    code = "CLAIM_DUPLICATE"


class ClaimDecided(Refused):
    """The claim was approved already: what was decided is not undone, a clawback takes back what was paid."""

    code = "CLAIM_DECIDED"


class ClaimNotReserved(Refused):
    """The claim holds no funds: an approval needs a reservation."""

    code = "CLAIM_NOT_RESERVED"


class ClaimNotPaid(Refused):
    """Nothing was paid for the claim that could be taken back."""

    code = "CLAIM_NOT_PAID"


class ApprovalExceeds(Refused):
    """More is approved than is reserved for the claim."""

    code = "APPROVAL_EXCEEDS_RESERVED"


class PlanUnknown(Refused):
    """No approved plan has this id."""

    code = "PLAN_UNKNOWN"


class PlanDuplicate(Refused):
    """Another plan of the same partner, fund, program and period is approved already (R-23)."""

    code = "PLAN_DUPLICATE"


class PackUnknown(Refused):
    """No rule pack has this id, or none is in force."""

    code = "PACK_UNKNOWN"


class ProgramUnknown(Refused):
    """The rule pack has no program of this id or name."""

    code = "PROGRAM_UNKNOWN"


class EarningUnknown(Refused):
    """No earning has the id that a correction names."""

    code = "EARNING_UNKNOWN"


class AmountNotPositive(Refused):
    """An amount that must be positive is zero or negative."""

    code = "AMOUNT_NOT_POSITIVE"


class PayoutUnknown(Refused):
    """No payout has this id, or fits what was said of it."""

    code = "PAYOUT_UNKNOWN"


class PayoutAmbiguous(Refused):
    """Several payouts fit what was said."""

    code = "PAYOUT_AMBIGUOUS"


class PaymentEnded(Refused):
    """The payment failed or was reversed already: its money is paid anew by a later run."""

    code = "PAYMENT_ENDED"
