"""What a payout run pays: negatives are set off first, a plan pays up to its limit (R-27, R-28)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ledger.core.accounts import AccountKey
from services.rules.periods import Month
from services.rules.plans import monthly_payout


@dataclass(frozen=True)
class Due:
    """A signed amount on an account that is due at a run; `month` is the month it was earned in, for a plan."""

    account: AccountKey
    amount: int
    month: str = ""


@dataclass(frozen=True)
class Offset:
    """A positive due that fills up a negative one."""

    source: AccountKey
    target: AccountKey
    amount: int


def set_off(dues: Sequence[Due]) -> tuple[list[Offset], list[Due]]:
    """Return the offsets and what is left to pay, in the order given.

    When all dues together are not above zero nothing is paid and nothing is set off: the negative is carried.
    """
    if sum(due.amount for due in dues) <= 0:
        return [], []
    owed = {due.account: -due.amount for due in dues if due.amount < 0}
    offsets, left = [], []
    for due in dues:
        amount = due.amount
        for account, missing in owed.items():
            taken = min(amount, missing)
            if taken > 0:
                offsets.append(Offset(due.account, account, taken))
                owed[account] -= taken
                amount -= taken
        if amount > 0:
            left.append(Due(due.account, amount, due.month))
    return offsets, left


@dataclass(frozen=True)
class PlanPayment:
    """What is paid of a due of a plan program against one limit."""

    due: Due
    limit: str
    paid: int


@dataclass(frozen=True)
class PlanRun:
    """What a run pays of a plan, and what lies over the limits: (due, limit it came over, amount)."""

    payments: tuple[PlanPayment, ...]
    over: tuple[tuple[Due, str, int], ...]


def within_limits(
    carried: Sequence[Due],
    fresh: Sequence[Due],
    *,
    limit_of: Mapping[str, str],
    month: str,
    left: Mapping[str, int],
    forfeits: bool = False,
) -> PlanRun:
    """Pay month by month what is left of each limit (R-27); what is over joins the next month or is forfeited (R-28).

    So months that are paid late, after a hold or a failed payment, come to what they would have come to in time. What
    an earlier run carried over joins `month`. `limit_of` gives the limit of a month (the month, or `all`), `left`
    what is left of each limit. The earnings of a month without a limit have no approved plan and are not paid (R-26).
    """
    remaining = dict(left)
    payments: list[PlanPayment] = []
    over: list[tuple[Due, str, int]] = []
    waiting: list[tuple[Due, int]] = []
    last = Month.parse(month)
    at = min([Month.parse(due.month) for due in fresh] + [last])
    while at <= last:
        limit = limit_of.get(str(at))
        if at == last:
            waiting = [(due, due.amount) for due in carried] + waiting
        if limit is not None:
            waiting += [(due, due.amount) for due in fresh if due.month == str(at)]
            waiting, paid = _pay_within(waiting, limit, remaining)
            payments += paid
            if forfeits:
                over += [(due, limit, amount) for due, amount in waiting]
                waiting = []
        at = at.plus(1)
    if not forfeits and limit_of:
        named = limit_of[max(limit_of)]
        over += [(due, named, amount) for due, amount in waiting]
    return PlanRun(tuple(payments), tuple(over))


def _pay_within(
    waiting: Sequence[tuple[Due, int]], limit: str, remaining: dict[str, int]
) -> tuple[list[tuple[Due, int]], list[PlanPayment]]:
    left = monthly_payout(sum(amount for _, amount in waiting), remaining[limit]).paid_minor
    remaining[limit] -= left
    payments, over = [], []
    for due, amount in waiting:
        paid = min(amount, left)
        left -= paid
        if paid:
            payments.append(PlanPayment(due, limit, paid))
        if amount > paid:
            over.append((due, amount - paid))
    return over, payments
