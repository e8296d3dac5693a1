"""One payout run: rebates of the months before, conversions, approved claims, plan earnings (R-17, R-27, R-28)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from services.ledger.core.accounts import Account, AccountKey, Bucket, Lot
from services.ledger.core.payouts import Due, set_off
from services.ledger.handlers.payout_run import COOP_CLAIM, REBATE, Payee, Run, payee_of
from services.ledger.handlers.plan_payouts import pay_plans
from services.ledger.handlers.terms import Packs, pack_named
from services.ledger.store import claims as claim_store
from services.ledger.store import lots as lot_store
from services.ledger.store import runs
from services.ledger.store.claims import ClaimRow
from services.ledger.store.posting import post
from services.ledger.store.runs import DueEarning, Schedule


@dataclass
class Found:
    """What a run finds for one payee."""

    accounts: list[Account] = field(default_factory=list)
    earnings: list[DueEarning] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)


def pay(tx: Connection, packs: Packs, schedule: Schedule, *, now: datetime) -> None:
    """Pay what is due at a run, to every payee whose latest lot is of the run's pack."""
    run = Run(schedule, pack_named(packs, schedule.pack))
    for payee, found in sorted(_due(tx, schedule).items()):
        _pay_rebates(run, payee, found)
        _pay_claims(tx, run, payee, found.claims)
        pay_plans(tx, run, payee, found.accounts)
    runs.insert_payouts(tx, run.payouts)
    runs.link_earnings(tx, run.links)
    post(tx, run.moves, now=now)


def _due(tx: Connection, schedule: Schedule) -> dict[Payee, Found]:
    found: dict[Payee, Found] = {}
    for account in runs.balances_due(tx):
        found.setdefault(payee_of(account.key.lot), Found()).accounts.append(account)
    for earning in runs.earnings_due(tx, schedule.month):
        found.setdefault(payee_of(earning.lot), Found()).earnings.append(earning)
    for claim in claim_store.unpaid(tx):
        found.setdefault(payee_of(claim.lot), Found()).claims.append(claim)
    packs: dict[Payee, str] = {}
    for row in lot_store.of_partners(tx, [payee.partner for payee in found]):
        packs[payee_of(row.lot)] = row.pack
    return {payee: what for payee, what in found.items() if packs.get(payee) == schedule.pack}


def _pay_rebates(run: Run, payee: Payee, found: Found) -> None:
    """Rebates of months and conversions of closes are two payouts, set off against each other's negatives."""
    rebates: dict[Lot, int] = {}
    for earning in found.earnings:
        rebates[earning.lot] = rebates.get(earning.lot, 0) + earning.rebate
    dues = [Due(AccountKey(lot, Bucket.REBATE), amount) for lot, amount in sorted(rebates.items()) if amount]
    dues += [
        Due(account.key, account.posted)
        for account in found.accounts
        if account.key.bucket is Bucket.PAYABLE and "/" in account.key.lot.period
    ]
    offsets, left = set_off(dues)
    if not left or sum(due.amount for due in left) < run.minimum(payee.currency):
        return
    run.set_off(offsets)
    payouts = []
    months = sorted({earning.month for earning in found.earnings})
    monthly = [due for due in left if due.account.bucket is Bucket.REBATE]
    if monthly:
        payouts.append((run.payout(payee, REBATE, sum(due.amount for due in monthly), months), monthly))
    converted = [due for due in left if due.account.bucket is Bucket.PAYABLE]
    if converted:
        periods = [due.account.lot.period for due in converted]
        payouts.append(
            (run.payout(payee, REBATE, sum(due.amount for due in converted), periods, "converted"), converted)
        )
    for payout, dues_paid in payouts:
        for due in dues_paid:
            run.pay(payout, due.account, due.amount)
    run.links += [(earning.id, payouts[0][0].id) for earning in found.earnings]


def _pay_claims(tx: Connection, run: Run, payee: Payee, claims: Sequence[ClaimRow]) -> None:
    total = sum(claim.approved for claim in claims)
    if total == 0 or total < run.minimum(payee.currency):
        return
    payout = run.payout(payee, COOP_CLAIM, total, [claim.claim for claim in claims])
    for claim in claims:
        run.pay(payout, AccountKey(claim.lot, Bucket.COOP_CLAIMED), claim.approved, claim=claim.claim)
    claim_store.paid_by(tx, [claim.claim for claim in claims], payout.id)
