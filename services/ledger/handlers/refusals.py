"""The refusals that callers of the handlers meet."""

from services.ledger.core.refusals import EarningUnknown, FundsInsufficient, PlanUnknown, Refused

__all__ = ["EarningUnknown", "FundsInsufficient", "NotYet", "PlanUnknown", "Refused"]


class NotYet(Refused):
    """What must have happened before is not known here yet: messages may come in any order."""

    code = "NOT_YET"
