"""Closing lots and sweeping them: by the jobs when their time has come, and at once for money that comes in later."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from services.ledger.core.accounts import AccountKey, Bucket, Lot, Window
from services.ledger.core.closing import LotStanding, close, expire
from services.ledger.core.posting import instant_text
from services.ledger.handlers.terms import Packs, is_claimable, pack_named
from services.ledger.store import lots as store
from services.ledger.store.lots import LotRow
from services.ledger.store.posting import post
from services.rules.thresholds import counts_together


def windows_of(rows: Iterable[LotRow]) -> dict[AccountKey, Window]:
    """The claim windows that bound the accounts of available funds."""
    return {
        AccountKey(row.lot, Bucket.COOP_AVAILABLE): Window(row.opens_on, row.closes_on)
        for row in rows
        if row.opens_on is not None and row.closes_on is not None
    }


def lot_key(lot: Lot) -> str:
    """A lot as part of a business key."""
    return "/".join((lot.partner, lot.location, lot.program, lot.period, lot.currency))


def settle_group(tx: Connection, packs: Packs, of: Lot, *, at: datetime, now: datetime, cause: str) -> None:
    """Put the accrued co-op of a closed period where its threshold says, for all locations of the partner (R-17).

    At the close, and again for each late earning: funds that became claimable stay so, and a conversion that was
    not paid yet comes back when later earnings lift the period over its threshold.
    """
    rows = [
        row for row in store.group(tx, of.partner, of.program, of.period, of.currency) if row.ends_at <= at
    ]
    earned = store.coop_earned(tx, of.partner, of.program, of.period, of.currency)
    together: dict[tuple[str, ...], list[LotRow]] = {}
    for row in rows:
        if not row.plan_program:
            pack = pack_named(packs, row.pack)
            together.setdefault(counts_together(pack, row.lot.partner, row.lot.location), []).append(row)
    for members in together.values():
        _settle_members(tx, packs, members, earned, at=at, now=now, cause=cause)


def _settle_members(
    tx: Connection,
    packs: Packs,
    members: Sequence[LotRow],
    earned: dict[str, int],
    *,
    at: datetime,
    now: datetime,
    cause: str,
) -> None:
    pack = pack_named(packs, members[0].pack)
    total = sum(earned.get(row.lot.location, 0) for row in members)
    outcomes = {row.outcome for row in members}
    if store.CLAIMABLE in outcomes:
        claimable = True
    elif store.CONVERTED in outcomes and any(
        row.closes_on is not None and row.closes_on <= now for row in members
    ):
        # Nobody can claim any more: what comes in now follows what was paid as rebate.
        claimable = False
    else:
        claimable = is_claimable(pack, members[0].lot.program, total, members[0].lot.currency)
    moves = []
    for row in members:
        moves += close(
            _standing(tx, row.lot), claimable=claimable, at=at, key=f"close/{lot_key(row.lot)}/{cause}"
        )
        outcome = store.CLAIMABLE if claimable else store.CONVERTED
        if row.outcome != outcome:
            store.decide(tx, row.lot, outcome)
    post(tx, moves, now=now, windows=windows_of(members))
    for row in members:
        if claimable and row.closes_on is not None and row.closes_on <= now:
            sweep(tx, [row], now=now, cause=cause)


def _standing(tx: Connection, lot: Lot) -> LotStanding:
    payable = store.balance(tx, AccountKey(lot, Bucket.PAYABLE))
    return LotStanding(
        lot,
        accruing=store.balance(tx, AccountKey(lot, Bucket.COOP_ACCRUING)),
        available=store.balance(tx, AccountKey(lot, Bucket.COOP_AVAILABLE)),
        payable=payable,
        conversions=store.conversions(tx, lot) if payable > 0 else (),
    )


def owed(tx: Connection, lot: Lot) -> int:
    """What a correction after the close took from co-op that was not free any more."""
    return max(0, -store.balance(tx, AccountKey(lot, Bucket.COOP_ACCRUING)))


def take_back_owed(tx: Connection, lot: Lot, *, at: datetime, now: datetime, cause: str) -> None:
    """Take what a late correction left owed out of funds that became free again, before anybody claims them (R-38)."""
    if owed(tx, lot) == 0:
        return
    standing = LotStanding(
        lot,
        accruing=store.balance(tx, AccountKey(lot, Bucket.COOP_ACCRUING)),
        available=store.balance(tx, AccountKey(lot, Bucket.COOP_AVAILABLE)),
    )
    post(tx, close(standing, claimable=True, at=at, key=f"owed/{lot_key(lot)}/{cause}"), now=now)


def sweep(tx: Connection, rows: Sequence[LotRow], *, now: datetime, cause: str) -> None:
    """Take what was not claimed within the window of each lot (R-44); amounts held for claims stay."""
    moves = []
    for row in rows:
        assert row.closes_on is not None
        free = store.balance(tx, AccountKey(row.lot, Bucket.COOP_AVAILABLE))
        moves += expire(row.lot, free, at=row.closes_on, key=f"expire/{lot_key(row.lot)}/{cause}")
        if row.swept_at is None:
            store.mark_swept(tx, row.lot, now)
    post(tx, moves, now=now)


def close_ended(tx: Connection, packs: Packs, *, at: datetime, now: datetime) -> int:
    """Close every open lot whose earning period has ended; returns how many."""
    ended = store.ended(tx, at)
    groups = {(row.lot.partner, row.lot.program, row.lot.period, row.lot.currency): row.lot for row in ended}
    for _, lot in sorted(groups.items()):
        settle_group(tx, packs, lot, at=at, now=now, cause=instant_text(at))
    return len(ended)


def sweep_closed(tx: Connection, *, at: datetime, now: datetime) -> int:
    """Expire what is free in every lot whose claim window has closed; returns how many lots."""
    rows = store.unswept(tx, at)
    sweep(tx, rows, now=now, cause=instant_text(at))
    return len(rows)
