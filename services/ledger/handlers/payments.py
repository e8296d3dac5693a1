"""Payments after their release: reports of payment systems post back, profiles hold and free (R-67, R-69)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from services.ledger.core.accounts import AccountKey
from services.ledger.core.posting import Transfer
from services.ledger.core.refusals import PaymentEnded, PayoutUnknown
from services.ledger.handlers.jobs import catch_up
from services.ledger.handlers.terms import Packs
from services.ledger.store import claims as claim_store
from services.ledger.store import payments as store
from services.ledger.store import plans as plan_store
from services.ledger.store import runs
from services.ledger.store.payments import Paid, Report
from services.ledger.store.posting import post
from services.ledger.store.runs import PayoutRow


class PaymentState(StrEnum):
    """What a payment system says of a payout (R-67)."""

    SENT = "sent"
    FAILED = "failed"
    REVERSED = "reversed"


@dataclass(frozen=True)
class PaymentReport:
    """What a payment system says of a payout; `reference` is its own."""

    payout: str
    state: PaymentState
    reference: str = ""
    reason: str = ""


def report_payment(tx: Connection, packs: Packs, report: PaymentReport, *, now: datetime) -> bool:
    """Record a report; False for a repeat.

    After `failed` or `reversed` every cent of the payout is where it was before its run, is due again, and joins the
    next run. Raises PayoutUnknown, PaymentEnded.
    """
    catch_up(tx, packs, now=now)
    payout = runs.payout(tx, report.payout)
    if payout is None:
        raise PayoutUnknown(f"no payout {report.payout} was made")
    before = store.reports(tx, payout.id)
    standing = before[-1].state if before else None
    if standing == report.state:
        return False
    if standing in runs.RETURNED:
        raise PaymentEnded(
            f"payout {payout.id} was reported {standing}: its money is paid anew by a later run"
        )
    row = Report(payout.id, len(before) + 1, str(report.state), report.reference, report.reason, now)
    store.add_report(tx, row)
    if report.state is not PaymentState.SENT:
        _post_back(tx, payout, report, now)
    return True


def _post_back(tx: Connection, payout: PayoutRow, report: PaymentReport, now: datetime) -> None:
    moves: list[Transfer] = []
    uncounted: list[tuple[str, str, int]] = []
    for paid in store.transfers_of(tx, payout.partner, payout.run_at, payout.id):
        if paid.kind == "payout_set_off":
            moves.append(_back(paid, "set_off_undone", paid.amount, report, now))
            continue
        clawed_back = store.corrections_of(tx, paid.id)
        left = paid.amount - sum(one.amount for one in clawed_back)
        if left:
            moves.append(_back(paid, f"payment_{report.state}", left, report, now))
        # What was taken back meanwhile was never kept: the debt goes as well.
        for one in clawed_back:
            debt = Paid(one.id, one.kind, one.source, paid.target, one.amount, one.references)
            moves.append(_back(debt, "clawback_undone", one.amount, report, now))
        if "plan" in paid.references:
            uncounted.append((paid.references["plan"], paid.references["counted_in"], -paid.amount))
    plan_store.count_paid(tx, uncounted)
    claim_store.due_again(tx, payout.id)
    post(tx, moves, now=now)


def _back(paid: Paid, kind: str, amount: int, report: PaymentReport, now: datetime) -> Transfer:
    kept = {name: value for name, value in paid.references.items() if name in ("claim", "plan", "counted_in")}
    references = {"payout": report.payout, **kept}
    if report.reason:
        references["reason"] = report.reason
    source, target = AccountKey.parse(paid.target), AccountKey.parse(paid.source)
    return Transfer(
        f"returned/{report.payout}/{paid.id}", kind, source, target, amount, now, references, paid.id
    )


def set_profile(tx: Connection, packs: Packs, partner: str, *, complete: bool, now: datetime) -> bool:
    """Record whether bank and tax details of a partner are there; False when that was known.

    While they are missing nothing is paid to the partner; what was withheld joins the next run after (R-69).
    """
    catch_up(tx, packs, now=now)
    if store.is_complete(tx, partner) == complete:
        return False
    store.add_profile(tx, partner, complete=complete, now=now)
    if complete:
        store.release_withheld(tx, partner, now)
    return True
