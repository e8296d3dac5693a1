"""The claim window (R-13, R-14) and the day by which evidence must be approved (R-15): the receipt of the first revision decides it for all later ones."""

from services.rules.windows import (
    ClaimWindow,
    WindowStatus,
    WindowUnknown,
    claim_window,
    evidence_closes_on,
    is_near,
)
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark
from services.validator.core.values import day_of


def window_of(inputs: CheckInputs) -> ClaimWindow | None:
    """The window of the claim; None while it rests on a day that nobody stated."""
    paid = [day for document in inputs.documents if (day := day_of(document, "payment_date")) is not None]
    try:
        return claim_window(
            inputs.pack,
            inputs.usage_period,
            activity_end=inputs.manifest.activity_end,
            paid_on=max(paid, default=None),
        )
    except WindowUnknown:
        return None


def check_deadline(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DEADLINE_PASSED, WINDOW_NOT_OPEN or DEADLINE_NEAR, by the instant of the first receipt."""
    window = window_of(inputs)
    if window is None:
        return (Remark("WINDOW_UNKNOWN"),)
    received = inputs.first_received_at
    status = window.status(received)
    deadline = window.deadline_texts
    if status is WindowStatus.CLOSED:
        return (
            Remark(
                "DEADLINE_PASSED",
                {"deadline": deadline},
                expected=f"< {window.closes_at.astimezone(window.zone).isoformat()}",
                actual=received.astimezone(window.zone).isoformat(),
            ),
        )
    if status is WindowStatus.TOO_EARLY:
        return (
            Remark(
                "WINDOW_NOT_OPEN",
                {"date": window.first_day},
                expected=f">= {window.opens_at.astimezone(window.zone).isoformat()}",
                actual=received.astimezone(window.zone).isoformat(),
            ),
        )
    if is_near(inputs.pack, window, received) and inputs.received_at == received:
        days = window.days_left(received)
        return (Remark("DEADLINE_NEAR", {"days": days, "deadline": deadline}, actual=str(days)),)
    return ()


def check_evidence_close(inputs: CheckInputs) -> tuple[Remark, ...]:
    """EVIDENCE_CLOSE_NEAR or EVIDENCE_CLOSE_PASSED where the pack names a day for the approval of evidence (R-15)."""
    closes = evidence_closes_on(inputs.pack, inputs.usage_period)
    if closes is None:
        return ()
    left = (closes - inputs.received_on).days
    if left < 0:
        return (
            Remark(
                "EVIDENCE_CLOSE_PASSED", {"date": closes}, None, (), f"<= {closes}", str(inputs.received_on)
            ),
        )
    if left <= inputs.pack.claim_window.near_days:
        return (
            Remark(
                "EVIDENCE_CLOSE_NEAR", {"date": closes}, None, (), f"<= {closes}", str(inputs.received_on)
            ),
        )
    return ()
