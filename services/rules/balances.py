"""Balances, what remains of a usage period, and what expires (R-38, R-41, R-43, R-44, C24)."""

from dataclasses import dataclass
from datetime import datetime

from schemas.money import Money
from services.rules.windows import ClaimWindow, WindowStatus


@dataclass(frozen=True)
class Balance:
    """What is on the account, and what of it is free."""

    balance: Money
    available: Money


def balance_of(allocations: Money, payments: Money, approved_unpaid: Money, pending: Money) -> Balance:
    """Balance = allocations - payments; available = balance - approved unpaid - pending (R-43)."""
    balance = allocations - payments
    return Balance(balance, balance - approved_unpaid - pending)


def remaining(earned: Money, claimed: Money) -> Money:
    """What is left to claim of a usage period (R-41)."""
    return earned - claimed


@dataclass(frozen=True)
class Expiry:
    """What an expiry run takes, and what claims sent in time still hold."""

    expired: Money
    still_reserved: Money


def expiry_at(window: ClaimWindow, at: datetime, earned: Money, settled: Money, reserved: Money) -> Expiry:
    """What of a usage period's co-op expires at an instant (R-44).

    Nothing before the window has closed. `settled` was approved; `reserved` is held by claims received in time and
    does not expire while they are undecided.
    """
    free = earned - settled - reserved
    nothing = earned - earned
    closed = window.status(at) is WindowStatus.CLOSED
    return Expiry(free if closed and nothing < free else nothing, reserved)


def is_shown(window: ClaimWindow, at: datetime) -> bool:
    """Whether a usage period's co-op stands on the funds page: from the start of its claim window on (R-41)."""
    return window.status(at) is not WindowStatus.TOO_EARLY
