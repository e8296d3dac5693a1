"""What becomes of a lot's co-op when its earning period has ended (R-17), and again when a late earning comes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.posting import Transfer


@dataclass(frozen=True)
class Conversion:
    """An earlier conversion of the lot, and how much of it was not yet turned back."""

    transfer_id: str
    open: int


@dataclass(frozen=True)
class LotStanding:
    """A lot at its close: signed balance still accruing, free available balance, conversions not yet paid."""

    lot: Lot
    accruing: int
    available: int = 0
    payable: int = 0
    conversions: Sequence[Conversion] = ()


def close(standing: LotStanding, *, claimable: bool, at: datetime, key: str) -> list[Transfer]:
    """Return the transfers that put the accrued co-op where the threshold says.

    Claimable: into `coop_available`, and conversions that were not paid yet come back. Otherwise into `payable`,
    to be paid as rebate. A negative remainder takes back what is free; the rest of it goes on accruing.
    """
    lot = standing.lot
    accruing = AccountKey(lot, Bucket.COOP_ACCRUING)
    available = AccountKey(lot, Bucket.COOP_AVAILABLE)
    payable = AccountKey(lot, Bucket.PAYABLE)
    references = {"period": lot.period}
    if not claimable:
        return _signed(
            f"{key}/converted", "coop_converted", accruing, payable, standing.accruing, at, references
        )
    moves = []
    unpaid = standing.payable
    for number, conversion in enumerate(standing.conversions):
        back = min(unpaid, conversion.open)
        if back > 0:
            moves.append(
                Transfer(
                    f"{key}/back/{number}",
                    "coop_released",
                    payable,
                    available,
                    back,
                    at,
                    references,
                    conversion.transfer_id,
                )
            )
            unpaid -= back
    if standing.accruing > 0:
        moves += _signed(
            f"{key}/released", "coop_released", accruing, available, standing.accruing, at, references
        )
    else:
        taken = min(-standing.accruing, standing.available)
        moves += _signed(f"{key}/taken", "coop_taken_back", available, accruing, taken, at, references)
    return moves


def _signed(
    key: str,
    kind: str,
    source: AccountKey,
    target: AccountKey,
    amount: int,
    at: datetime,
    references: dict[str, str],
) -> list[Transfer]:
    if amount == 0:
        return []
    if amount < 0:
        source, target, amount = target, source, -amount
    return [Transfer(key, kind, source, target, amount, at, references)]


def earned(
    key: str, kind: str, bucket: AccountKey, amount: int, at: datetime, references: dict[str, str]
) -> list[Transfer]:
    """Return the transfer of one part of an earning; a negative part goes back to the program owner (R-20)."""
    return _signed(key, kind, AccountKey(bucket.lot, Bucket.SOURCE), bucket, amount, at, references)


@dataclass(frozen=True)
class ExpiryTaken:
    """An earlier expiry of a lot, and how much of it was not yet posted back."""

    transfer_id: str
    open: int


def restore(
    lot: Lot, missing: int, expiries: Sequence[ExpiryTaken], *, at: datetime, key: str, claim: str
) -> list[Transfer]:
    """Return the transfers that post back up to `missing` of what expiry runs took, naming each (R-44)."""
    moves = []
    for number, expiry in enumerate(expiries):
        back = min(missing, expiry.open)
        if back > 0:
            moves.append(
                Transfer(
                    f"{key}/restored/{number}",
                    "funds_restored",
                    AccountKey(lot, Bucket.EXPIRED),
                    AccountKey(lot, Bucket.COOP_AVAILABLE),
                    back,
                    at,
                    {"claim": claim},
                    expiry.transfer_id,
                )
            )
            missing -= back
    return moves


def expire(lot: Lot, free: int, *, at: datetime, key: str) -> list[Transfer]:
    """Return the transfer that takes what nobody claimed in time (R-44, C24); what is held stays."""
    if free <= 0:
        return []
    available, expired = AccountKey(lot, Bucket.COOP_AVAILABLE), AccountKey(lot, Bucket.EXPIRED)
    return [Transfer(key, "funds_expired", available, expired, free, at, {"period": lot.period})]
