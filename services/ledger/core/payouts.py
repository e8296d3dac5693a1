"""What a payout run pays: negatives are set off first, a plan pays up to its limit (R-27, R-28)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.ledger.core.accounts import AccountKey


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
    """How one due of a plan program is paid: `limit` names the limit it counts against."""

    due: Due
    limit: str
    paid: int
    over: int


def within_limits(
    carried: Sequence[Due],
    fresh: Sequence[Due],
    *,
    limit_of: Mapping[str, str],
    month: str,
    left: Mapping[str, int],
) -> list[PlanPayment]:
    """Return what each due is paid, at most what is left of its limit (R-27).

    What was carried over joins `month` and goes first; fresh earnings count in their own month. `limit_of` gives
    the limit of a month (the month, or `all`), `left` what is left of each limit. A month without a limit has no
    approved plan and is not paid (R-26): it does not appear in the answer.
    """
    remaining = dict(left)
    payments = []
    joined = [(due, month) for due in carried] + [(due, due.month) for due in fresh]
    for due, counted_in in joined:
        limit = limit_of.get(counted_in)
        if limit is None:
            continue
        paid = min(due.amount, remaining[limit])
        remaining[limit] -= paid
        payments.append(PlanPayment(due, limit, paid, due.amount - paid))
    return payments


def limit_in_force(limits: Sequence[tuple[str, int]], month: str) -> int:
    """Return the limit that counts in `month`, from (first month, limit) in the order recorded (R-29)."""
    return [limit for first, limit in limits if first <= month][-1]
