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
from services.ledger.store import payments as payment_store
from services.ledger.store import plans as plan_store
from services.ledger.store import runs
from services.ledger.store.claims import ClaimRow
from services.ledger.store.payments import Withheld
from services.ledger.store.posting import post
from services.ledger.store.runs import DueEarning, PayoutRow, Schedule
from services.rules.payments import forfeits_on
from services.rules.windows import midnight


@dataclass
class Found:
    """What a run finds for one payee."""

    accounts: list[Account] = field(default_factory=list)
    earnings: list[DueEarning] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)


def pay(tx: Connection, packs: Packs, schedule: Schedule, *, now: datetime) -> None:
    """Pay what is due at a run, to every payee whose latest lot is of the run's pack.

    What is due to a partner whose profile is incomplete is withheld: it stays where it is and joins the first run
    after the profile was completed, until the day on which the pack forfeits it (R-69).
    """
    run = decided(tx, packs, schedule)
    runs.insert_payouts(tx, run.payouts)
    _carry_out(tx, run, now)


def decided(tx: Connection, packs: Packs, schedule: Schedule) -> Run:
    """What a run pays, with nothing carried out but the rows of what is withheld."""
    run = Run(schedule, pack_named(packs, schedule.pack))
    incomplete = payment_store.incomplete(tx)
    withheld = []
    for payee, found in sorted(_due(tx, schedule).items()):
        part = Run(schedule, run.pack)
        _pay_all(tx, part, payee, found)
        if payee.partner not in incomplete:
            run.join(part)
        elif part.payouts:
            withheld.append(_withheld(run, payee))
    payment_store.withhold(tx, withheld)
    return run


def forfeit(tx: Connection, packs: Packs, *, at: datetime, now: datetime) -> int:
    """Take what was withheld for too long; returns how many runs' payments (R-69)."""
    rows = payment_store.forfeiting(tx, at)
    for row in rows:
        assert row.forfeits_at is not None
        schedule = Schedule(row.pack, row.month, row.pay_day, row.forfeits_at)
        run = Run(schedule, pack_named(packs, row.pack), forfeits=True)
        payee = Payee(row.partner, row.location, row.program, row.currency)
        found = _due(tx, schedule, held=row).get(payee)
        if found is not None:
            _pay_all(tx, run, payee, found)
            run.counted.clear()
            _carry_out(tx, run, now)
        payment_store.close(tx, row, now)
    return len(rows)


def _withheld(run: Run, payee: Payee) -> Withheld:
    day = forfeits_on(run.pack, run.schedule.pay_day)
    return Withheld(
        partner=payee.partner,
        location=payee.location,
        program=payee.program,
        currency=payee.currency,
        run_at=run.at,
        pack=run.pack.id,
        month=run.schedule.month,
        pay_day=run.schedule.pay_day,
        forfeits_at=midnight(day, run.pack.zone) if day is not None else None,
    )


def _carry_out(tx: Connection, run: Run, now: datetime) -> None:
    runs.link_earnings(tx, run.links)
    for payout_id in sorted({payout for _, payout in run.claims}):
        claim_store.paid_by(tx, [claim for claim, payout in run.claims if payout == payout_id], payout_id)
    plan_store.count_paid(tx, run.counted)
    post(tx, run.moves, now=now)


def _due(tx: Connection, schedule: Schedule, held: Withheld | None = None) -> dict[Payee, Found]:
    """What is due to whom; with `held`, only what that run has withheld."""
    found: dict[Payee, Found] = {}
    before = held.run_at if held is not None else None
    for account in runs.balances_due(tx):
        if held is None or _ended_before(account.key.lot.period, held):
            found.setdefault(payee_of(account.key.lot), Found()).accounts.append(account)
    for earning in runs.earnings_due(tx, schedule.month, before=before):
        found.setdefault(payee_of(earning.lot), Found()).earnings.append(earning)
    for claim in claim_store.unpaid(tx, settled_before=before):
        found.setdefault(payee_of(claim.lot), Found()).claims.append(claim)
    if held is not None:
        return found
    packs: dict[Payee, str] = {}
    for row in lot_store.of_partners(tx, [payee.partner for payee in found]):
        packs[payee_of(row.lot)] = row.pack
    return {payee: what for payee, what in found.items() if packs.get(payee) == schedule.pack}


def _ended_before(period: str, held: Withheld) -> bool:
    _, is_period, end = period.partition("/")
    return end < held.pay_day.isoformat() if is_period else period <= held.month


def _pay_all(tx: Connection, run: Run, payee: Payee, found: Found) -> None:
    _pay_rebates(run, payee, found)
    _pay_claims(run, payee, found.claims)
    pay_plans(tx, run, payee, found.accounts)


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
    if not left or run.waits(sum(due.amount for due in left), payee.currency):
        return
    payouts: dict[Bucket, PayoutRow] = {}
    of = {
        Bucket.REBATE: sorted({earning.month for earning in found.earnings}),
        Bucket.PAYABLE: [due.account.lot.period for due in left if due.account.bucket is Bucket.PAYABLE],
    }
    for bucket, part in ((Bucket.REBATE, ""), (Bucket.PAYABLE, "converted")):
        amount = sum(due.amount for due in left if due.account.bucket is bucket)
        if amount:
            payouts[bucket] = run.payout(payee, REBATE, amount, of[bucket], part)
    first = next(iter(payouts.values()))
    for offset in offsets:
        run.set_off(payouts.get(offset.source.bucket, first), offset)
    for due in left:
        run.pay(payouts[due.account.bucket], due.account, due.amount)
    run.links += [(earning.id, first.id) for earning in found.earnings]


def _pay_claims(run: Run, payee: Payee, claims: Sequence[ClaimRow]) -> None:
    total = sum(claim.approved for claim in claims)
    if total == 0 or run.waits(total, payee.currency):
        return
    payout = run.payout(payee, COOP_CLAIM, total, [claim.claim for claim in claims if claim.approved])
    for claim in claims:
        if claim.approved:
            run.pay(payout, AccountKey(claim.lot, Bucket.COOP_CLAIMED), claim.approved, claim=claim.claim)
            run.claims.append((claim.claim, payout.id))
