"""Claims and funds: reserve, settle, release. The ledger alone decides about funds and caps (R-38, R-44, R-53)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.base import Period
from schemas.money import Money, decimal_text
from services.ledger.core import refusals
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.closing import restore
from services.ledger.core.posting import Transfer, check_window
from services.ledger.handlers.caps import within_caps
from services.ledger.handlers.jobs import catch_up
from services.ledger.handlers.lots import owed, sweep, take_back_owed
from services.ledger.handlers.terms import Packs, lot_window, pack_in_force, pack_named, program_id
from services.ledger.store import claims as store
from services.ledger.store import lots as lot_store
from services.ledger.store.claims import APPROVED, REFUSED, RELEASED, RESERVED, WITHDRAWN, ClaimRow
from services.ledger.store.lots import LotRow
from services.ledger.store.posting import post
from services.rules.pack_model import RulePack


@dataclass(frozen=True)
class Reservation:
    """Funds asked for one revision of a claim. `effective_on` is the receipt of its first revision."""

    claim: str
    revision: int
    partner: str
    location: str
    program: str
    usage_period: Period
    activity: str
    amount: Money
    effective_on: datetime
    pack: str | None = None


@dataclass(frozen=True)
class Reserved:
    """What is held for a claim after the act, and what a cap took off (R-54)."""

    amount_minor: int
    cuts: tuple[tuple[str, int], ...] = ()


class FundsMissing(refusals.FundsInsufficient):
    """Claims above the available funds are refused, not cut (R-38)."""

    def __init__(self, asked: int, available: int, currency: str) -> None:
        super().__init__("", asked, available)
        wanted, there = decimal_text(asked, currency), decimal_text(available, currency)
        self.args = (f"{wanted} {currency} is asked for, {there} {currency} is available",)


def reserve(tx: Connection, packs: Packs, asked: Reservation, *, now: datetime) -> Reserved:
    """Hold funds for a claim; a later revision replaces the hold of an earlier one in the same step.

    A repeat does nothing. What was withdrawn, or decided in the meantime, is not held again. Raises Refused.
    """
    catch_up(tx, packs, now=now)
    before = store.claim(tx, asked.claim)
    pack = _pack(packs, asked)
    program = program_id(pack, asked.program)
    unknown_lot = Lot(asked.partner, asked.location, program, "", asked.amount.currency)
    if before is not None and _settled_already(before, asked):
        if before.status == RELEASED and before.requested == 0:
            store.save(tx, replace(_claim_row(asked, unknown_lot, before), status=RELEASED), new=False)
        return Reserved(before.reserved)
    rows = lot_store.for_usage(tx, asked.partner, program, str(asked.usage_period))
    try:
        return _hold(tx, packs, asked, before, _lot(rows, pack, asked), now=now)
    except refusals.Refused:
        if before is None or before.status != RESERVED:
            _remember_refusal(tx, asked, before, unknown_lot)
        raise


def _remember_refusal(tx: Connection, asked: Reservation, before: ClaimRow | None, lot: Lot) -> None:
    row = _claim_row(asked, lot, before)
    store.save(tx, replace(row, status=REFUSED, reserved=0, hold_id=None), new=before is None)


def _settled_already(before: ClaimRow, asked: Reservation) -> bool:
    """Whether the message is a repeat or comes too late to matter. Raises ClaimDuplicate for another content."""
    if before.status == WITHDRAWN or before.revision > asked.revision:
        return True
    if before.status == RELEASED and before.revision == asked.revision:
        return True
    if before.revision == asked.revision and before.status != REFUSED:
        known = (
            before.lot.partner,
            before.lot.location,
            before.usage_period,
            before.activity,
            before.requested,
        )
        given = (
            asked.partner,
            asked.location,
            str(asked.usage_period),
            asked.activity,
            asked.amount.amount_minor,
        )
        if known != given or before.lot.currency != asked.amount.currency:
            raise refusals.ClaimDuplicate(
                f"claim {asked.claim} is {before.status} already, for something else"
            )
        return True
    if before.status == APPROVED:
        raise refusals.ClaimDecided(f"claim {asked.claim} was approved already")
    return False


def _pack(packs: Packs, asked: Reservation) -> RulePack:
    if asked.pack is not None:
        return pack_named(packs, asked.pack)
    return pack_in_force(packs, asked.program, asked.usage_period.start)


def _lot(rows: Sequence[LotRow], pack: RulePack, asked: Reservation) -> LotRow:
    """The lot that a claim spends, once its window is open. Raises Refused."""
    if asked.amount.amount_minor <= 0:
        raise refusals.AmountNotPositive(
            f"claim {asked.claim} asks for {asked.amount}; ask for more than nothing"
        )
    own = [row for row in rows if row.lot.location == asked.location]
    fitting = [row for row in own if row.lot.currency == asked.amount.currency]
    dated = next(iter(fitting or own), None)
    if dated is not None and dated.opens_on is not None and dated.closes_on is not None:
        check_window(asked.effective_on, dated.opens_on, dated.closes_on)
    else:
        window = lot_window(pack, asked.usage_period)
        check_window(asked.effective_on, window.opens_at, window.closes_at)
    if fitting:
        return fitting[0]
    if own:
        raise refusals.CurrencyMismatch(
            f"the funds are in {own[0].lot.currency}; a claim in {asked.amount.currency} cannot use them"
        )
    raise FundsMissing(asked.amount.amount_minor, 0, asked.amount.currency)


def _hold(
    tx: Connection,
    packs: Packs,
    asked: Reservation,
    before: ClaimRow | None,
    row: LotRow,
    *,
    now: datetime,
) -> Reserved:
    lot, currency = row.lot, row.lot.currency
    own = before.reserved if before is not None and before.status == RESERVED and before.lot == lot else 0
    capped = within_caps(tx, packs, asked.claim, asked.activity, asked.amount.amount_minor, row)
    amount = capped.payable_minor
    if amount <= 0:
        raise refusals.CapHit(
            f"{capped.hits[0][0].id} leaves nothing for {asked.activity} in {row.usage_period}"
        )
    free = lot_store.balance(tx, AccountKey(lot, Bucket.COOP_AVAILABLE)) + own
    taken = lot_store.expiries(tx, lot) if row.swept_at is not None else []
    within_reach = max(0, free + sum(expiry.open for expiry in taken) - owed(tx, lot))
    if amount > within_reach:
        raise FundsMissing(amount, within_reach, currency)
    number = before.holds + 1 if before is not None else 1
    key = f"claim/{asked.claim}/hold/{number}"
    moves = _release_moves(before, f"{key}/replaces", asked.effective_on) if own else []
    moves += restore(lot, amount - free, taken, at=asked.effective_on, key=key, claim=asked.claim)
    references = {"claim": asked.claim, "revision": str(asked.revision), "activity": asked.activity}
    if amount < asked.amount.amount_minor:
        references |= {
            "requested": asked.amount.amount,
            "cut": decimal_text(asked.amount.amount_minor - amount, currency),
            "cap": " ".join(cap.id for cap, _ in capped.hits),
        }
    held = Transfer(
        key,
        "funds_reserved",
        AccountKey(lot, Bucket.COOP_AVAILABLE),
        AccountKey(lot, Bucket.COOP_RESERVED),
        amount,
        asked.effective_on,
        references,
        hold=True,
        spends=True,
    )
    post(tx, [*moves, held], now=now)
    if own and before is not None and before.hold_id is not None:
        store.resolve(tx, before.hold_id, settled=0, released=own, now=now)
    store.hold(
        tx, hold_id=held.id, claim_id=asked.claim, revision=asked.revision, transfer_id=held.id, amount=amount
    )
    after = replace(
        _claim_row(asked, lot, before), status=RESERVED, reserved=amount, hold_id=held.id, holds=number
    )
    store.save(tx, after, new=before is None)
    if row.swept_at is not None:
        sweep(tx, [row], now=now, cause=key)
    return Reserved(amount, tuple((cap.id, cut) for cap, cut in capped.hits))


def _claim_row(asked: Reservation, lot: Lot, before: ClaimRow | None) -> ClaimRow:
    return ClaimRow(
        claim=asked.claim,
        lot=lot,
        usage_period=str(asked.usage_period),
        activity=asked.activity,
        effective_on=asked.effective_on,
        revision=asked.revision,
        status=REFUSED,
        requested=asked.amount.amount_minor,
        holds=before.holds if before is not None else 0,
    )


def _release_moves(
    held: ClaimRow | None, key: str, at: datetime, amount: int | None = None
) -> list[Transfer]:
    assert held is not None
    whole = held.reserved if amount is None else amount
    if whole == 0:
        return []
    reserved, available = (
        AccountKey(held.lot, Bucket.COOP_RESERVED),
        AccountKey(held.lot, Bucket.COOP_AVAILABLE),
    )
    references = {"claim": held.claim}
    return [Transfer(key, "hold_released", reserved, available, whole, at, references, unhold=True)]


def approve(
    tx: Connection, packs: Packs, claim: str, amount: Money | None, *, at: datetime, now: datetime
) -> Money:
    """Settle a claim's hold, whole or in part; the rest is released. Returns what was approved.

    A repeat does nothing. A claim whose hold was given back after a rejection is held anew first. Raises Refused.
    """
    catch_up(tx, packs, now=now)
    row = store.claim(tx, claim)
    if row is None:
        raise refusals.ClaimUnknown(claim)
    currency = row.lot.currency
    if amount is not None and amount.currency != currency:
        raise refusals.CurrencyMismatch(f"claim {claim} is in {currency}; approve an amount in {currency}")
    if amount is not None and amount.amount_minor <= 0:
        raise refusals.AmountNotPositive(f"an approval of claim {claim} is of more than nothing")
    if row.status == APPROVED:
        if amount is not None and amount.amount_minor != row.approved:
            raise refusals.ClaimDecided(f"claim {claim} was approved with another amount already")
        return Money(amount_minor=row.approved, currency=currency)
    if row.status != RESERVED:
        raise refusals.ClaimNotReserved(
            f"claim {claim} is {row.status}: no funds are held that could be approved"
        )
    approved = row.reserved if amount is None else amount.amount_minor
    if approved > row.reserved:
        raise refusals.ApprovalExceeds(
            f"{decimal_text(approved, currency)} is approved, {decimal_text(row.reserved, currency)} is reserved"
        )
    _settle(tx, row, approved, at=at, now=now)
    return Money(amount_minor=approved, currency=currency)


def _settle(tx: Connection, row: ClaimRow, approved: int, *, at: datetime, now: datetime) -> None:
    key = f"claim/{row.claim}/settled/{row.holds}"
    reserved, claimed = AccountKey(row.lot, Bucket.COOP_RESERVED), AccountKey(row.lot, Bucket.COOP_CLAIMED)
    references = {"claim": row.claim}
    _lock_lots(tx, row)
    moves = [Transfer(key, "claim_settled", reserved, claimed, approved, at, references, unhold=True)]
    moves += _release_moves(row, f"{key}/rest", at, row.reserved - approved)
    post(tx, moves, now=now)
    assert row.hold_id is not None
    store.resolve(tx, row.hold_id, settled=approved, released=row.reserved - approved, now=now)
    store.save(tx, replace(row, status=APPROVED, approved=approved, reserved=0, hold_id=None), new=False)
    _sweep_rest(tx, row, key, at, now)


def _lock_lots(tx: Connection, row: ClaimRow) -> None:
    """Lock lots before accounts, as every reservation does: two acts on one lot meet in one order."""
    lot_store.for_usage(tx, row.lot.partner, row.lot.program, row.usage_period)


def _sweep_rest(tx: Connection, row: ClaimRow, cause: str, at: datetime, now: datetime) -> None:
    take_back_owed(tx, row.lot, at=at, now=now, cause=cause)
    rows = lot_store.for_usage(tx, row.lot.partner, row.lot.program, row.usage_period)
    swept = [found for found in rows if found.lot == row.lot and found.swept_at is not None]
    sweep(tx, swept, now=now, cause=cause)


def release(
    tx: Connection,
    packs: Packs,
    claim: str,
    *,
    at: datetime,
    now: datetime,
    withdrawn: bool = False,
    revision: int | None = None,
) -> None:
    """Give a claim's hold back; without a hold nothing happens. What is not claimable any more expires.

    Raises ClaimUnknown, ClaimDecided for an approved claim.
    """
    catch_up(tx, packs, now=now)
    row = store.claim(tx, claim)
    if row is None:
        raise refusals.ClaimUnknown(claim)
    if row.status == APPROVED:
        raise refusals.ClaimDecided(f"claim {claim} was approved: its funds are spent")
    status = WITHDRAWN if withdrawn or row.status == WITHDRAWN else RELEASED
    row = replace(row, revision=max(row.revision, revision or 0))
    if row.status != RESERVED:
        store.save(tx, replace(row, status=status), new=False)
        return
    key = f"claim/{claim}/released/{row.holds}"
    _lock_lots(tx, row)
    post(tx, _release_moves(row, key, at), now=now)
    assert row.hold_id is not None
    store.resolve(tx, row.hold_id, settled=0, released=row.reserved, now=now)
    store.save(tx, replace(row, status=status, reserved=0, hold_id=None), new=False)
    _sweep_rest(tx, row, key, at, now)


def remember_closed(
    tx: Connection,
    claim: str,
    revision: int,
    *,
    partner: str,
    location: str,
    program: str,
    withdrawn: bool,
    now: datetime,
) -> None:
    """Keep in mind that a claim was closed before its funds were asked for, so that they are not held later."""
    store.save(
        tx,
        ClaimRow(
            claim=claim,
            lot=Lot(partner, location, program, "", ""),
            usage_period="",
            activity="",
            effective_on=now,
            revision=revision,
            status=WITHDRAWN if withdrawn else RELEASED,
            requested=0,
        ),
        new=True,
    )


def asked_again(row: ClaimRow, revision: int) -> Reservation:
    """What a claim asked for last, as a reservation."""
    return Reservation(
        claim=row.claim,
        revision=revision,
        partner=row.lot.partner,
        location=row.lot.location,
        program=row.lot.program,
        usage_period=Period.parse(row.usage_period),
        activity=row.activity,
        amount=Money(amount_minor=row.requested, currency=row.lot.currency),
        effective_on=row.effective_on,
    )


def hold_again(tx: Connection, packs: Packs, claim: str, revision: int, *, now: datetime) -> Reserved:
    """Hold anew what was given back when a claim was rejected, for a dispute that was won. Raises Refused."""
    catch_up(tx, packs, now=now)
    row = store.claim(tx, claim)
    if row is None:
        raise refusals.ClaimUnknown(claim)
    asked = asked_again(row, revision)
    rows = lot_store.for_usage(tx, row.lot.partner, row.lot.program, row.usage_period)
    found = _lot(rows, _pack(packs, asked), asked)
    return _hold(tx, packs, asked, row, found, now=now)


def currency_of(tx: Connection, claim: str) -> str:
    """The currency of a claim. Raises ClaimUnknown."""
    row = store.claim(tx, claim)
    if row is None:
        raise refusals.ClaimUnknown(claim)
    return row.lot.currency
