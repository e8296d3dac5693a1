"""The plan part of a payout run: each month's earnings up to the plan's limit, the rest carried or forfeited."""

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from services.ledger.core.accounts import Account, AccountKey, Bucket
from services.ledger.core.payouts import Due, set_off, within_limits
from services.ledger.core.posting import Transfer, instant_text
from services.ledger.handlers.payout_run import PLAN, Payee, Run
from services.ledger.store import plans as store
from services.ledger.store.plans import PlanRow
from services.rules.pack_terms import LimitScope, OverLimit
from services.rules.periods import Month
from services.rules.plans import limit_in_month

WHOLE_PLAN = "all"


def pay_plans(tx: Connection, run: Run, payee: Payee, accounts: Sequence[Account]) -> None:
    """Pay the plan earnings of one payee, fund by fund; only an approved plan pays (R-26, R-27)."""
    standing = [
        account
        for account in accounts
        if _is_plan_account(account) and account.key.lot.period <= run.schedule.month
    ]
    plans = (
        store.of_owner(tx, payee.partner, payee.location, payee.program, payee.currency) if standing else []
    )
    for fund in sorted({account.key.fund for account in standing}):
        fitting = [plan for plan in plans if fund in ("", plan.fund)]
        _pay_fund(tx, run, payee, fitting, [account for account in standing if account.key.fund == fund])


def _is_plan_account(account: Account) -> bool:
    buckets = (Bucket.PAYABLE, Bucket.CARRIED_OVER)
    return account.key.bucket in buckets and "/" not in account.key.lot.period


def _pay_fund(
    tx: Connection, run: Run, payee: Payee, plans: Sequence[PlanRow], accounts: Sequence[Account]
) -> None:
    month = run.schedule.month
    dues = [
        Due(account.key, account.posted, account.key.lot.period)
        for account in sorted(accounts, key=lambda account: (account.key.lot.period, account.key.bucket))
    ]
    offsets, left = set_off(dues)
    fresh = [due for due in left if due.account.bucket is Bucket.PAYABLE]
    plan_of: dict[str, PlanRow] = {}
    for counted_in in _months(min([due.month for due in fresh] + [month]), month):
        covering = [plan for plan in plans if plan.first_month <= counted_in <= plan.last_month]
        if covering:
            plan_of[counted_in] = covering[0]
    limit_of, remaining = _limits(tx, run, plan_of)
    paid = within_limits(
        [due for due in left if due.account.bucket is Bucket.CARRIED_OVER],
        fresh,
        limit_of=limit_of,
        month=month,
        left=remaining,
        forfeits=run.pack.plan is not None and run.pack.plan.over_limit is OverLimit.FORFEIT,
    )
    total = sum(payment.paid for payment in paid.payments)
    if total and run.waits(total, payee.currency):
        return
    fund = accounts[0].key.fund
    if total:
        payout = run.payout(payee, PLAN, total, sorted({one.due.month for one in paid.payments}), fund)
        for offset in offsets:
            run.set_off(payout, offset)
        for payment in paid.payments:
            plan_id, counted = _limit_parts(payment.limit)
            run.pay(payout, payment.due.account, payment.paid, plan=plan_id, counted_in=counted)
            run.counted.append((plan_id, counted, payment.paid))
    for due, limit, amount in paid.over:
        _over(run, due, limit, amount)


def _months(first: str, last: str) -> list[str]:
    month, months = Month.parse(first), []
    while str(month) <= last:
        months.append(str(month))
        month = month.plus(1)
    return months


def _limits(tx: Connection, run: Run, plan_of: dict[str, PlanRow]) -> tuple[dict[str, str], dict[str, int]]:
    """The limit each month counts against, named `month@plan`, and what is left of each."""
    whole = run.pack.plan is not None and run.pack.plan.limit_scope is LimitScope.PLAN
    limit_of, left = {}, {}
    for month, plan in sorted(plan_of.items()):
        counted = WHOLE_PLAN if whole else month
        in_force = run.schedule.month if whole else month
        limit = f"{counted}@{plan.plan}"
        limit_of[month] = limit
        changes = [(Month.parse(first).plus(-1), changed) for first, changed in store.limits(tx, plan.plan)]
        cap = limit_in_month(changes, Month.parse(in_force))
        left[limit] = store.limit_left(tx, plan.plan, counted, cap)
    return limit_of, left


def _limit_parts(limit: str) -> tuple[str, str]:
    month, _, plan = limit.partition("@")
    return plan, month


def _over(run: Run, due: Due, limit: str, amount: int) -> None:
    """What is over the limit is carried to the next month or forfeited, as the pack says (C21)."""
    source = due.account
    forfeits = run.pack.plan is not None and run.pack.plan.over_limit is OverLimit.FORFEIT
    if source.bucket is Bucket.CARRIED_OVER and not forfeits:
        return
    bucket = Bucket.EXPIRED if forfeits else Bucket.CARRIED_OVER
    kind = "over_limit_forfeited" if forfeits else "over_limit_carried"
    target = AccountKey(source.lot, bucket, source.fund)
    plan_id, _ = _limit_parts(limit)
    key = f"over/{instant_text(run.at)}/{source.id}"
    run.moves.append(Transfer(key, kind, source, target, amount, run.at, {"plan": plan_id}))
