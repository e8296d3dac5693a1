"""Accounts: one for each (partner, location, program, period, currency, bucket); an earning period is the lot."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

FLOOR_NONE = 4 * 10**18
"""The floor of an account that may go below zero without a bound of its own (fits 64 bits)."""


class Bucket(StrEnum):
    """Where a cent sits. `source` is the program owner's side and never shown as a balance."""

    SOURCE = "source"
    REBATE = "rebate"
    COOP_ACCRUING = "coop_accruing"
    COOP_AVAILABLE = "coop_available"
    COOP_RESERVED = "coop_reserved"
    COOP_CLAIMED = "coop_claimed"
    PAYABLE = "payable"
    PAID = "paid"
    CARRIED_OVER = "carried_over"
    EXPIRED = "expired"


# A correction of an earning may take more out than is still there: the negative is carried to a later run.
_MAY_GO_BELOW_ZERO = frozenset({Bucket.SOURCE, Bucket.REBATE, Bucket.COOP_ACCRUING, Bucket.PAYABLE})


@dataclass(frozen=True, order=True)
class Lot:
    """Whose money of which earning period: `period` is `start/end`, or YYYY-MM for a plan program."""

    partner: str
    location: str
    program: str
    period: str
    currency: str


@dataclass(frozen=True, order=True)
class AccountKey:
    """One bucket of a lot. `fund` tells the funds of a plan program apart and is empty elsewhere."""

    lot: Lot
    bucket: Bucket
    fund: str = ""

    @cached_property
    def id(self) -> str:
        """`partner/location/program/period/currency/bucket`, with `.fund` behind the bucket where there is one.

        The period of a co-op program holds a slash of its own: read the id from both ends.
        """
        lot = self.lot
        bucket = f"{self.bucket}.{self.fund}" if self.fund else str(self.bucket)
        return "/".join((lot.partner, lot.location, lot.program, lot.period, lot.currency, bucket))

    @classmethod
    def parse(cls, account_id: str) -> "AccountKey":
        """Read an account id back. Raises ValueError."""
        parts = account_id.split("/")
        if len(parts) not in (6, 7):
            raise ValueError(f"{account_id!r} is no account id")
        partner, location, program, *period = parts[:-2]
        bucket, _, fund = parts[-1].partition(".")
        return cls(Lot(partner, location, program, "/".join(period), parts[-2]), Bucket(bucket), fund)


@dataclass(frozen=True)
class Window:
    """When money may be spent: half-open, `opens_on <= instant < closes_on` (R-11)."""

    opens_on: datetime
    closes_on: datetime


@dataclass(frozen=True)
class Account:
    """An account as it stands. `posted - held >= -floor` always; `sequence` is that of its last entry."""

    key: AccountKey
    posted: int = 0
    held: int = 0
    floor: int = 0
    sequence: int = 0
    window: Window | None = None

    @property
    def available(self) -> int:
        """What can be taken out without crossing the floor of zero."""
        return self.posted - self.held

    def moved(self, amount: int, held: int) -> "Account":
        """Return the account after an entry: the balance changed by `amount`, what is held by `held`."""
        return replace(self, posted=self.posted + amount, held=self.held + held, sequence=self.sequence + 1)


def opened(key: AccountKey, window: Window | None = None) -> Account:
    """Return an empty account with the floor that its bucket has."""
    return Account(key, floor=FLOOR_NONE if key.bucket in _MAY_GO_BELOW_ZERO else 0, window=window)
