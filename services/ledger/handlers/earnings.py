"""Earnings: recorded once, split on month totals, booked in arrays (R-16, R-20, R-27)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from schemas.events import EARNING_RECORDED, EarningRecorded, Envelope
from schemas.money import Money
from services.kit import outbox
from services.kit.events import new_event
from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.closing import earned
from services.ledger.core.posting import Transfer, digest
from services.ledger.core.refusals import (
    ContentDiffers,
    CorrectionExceeds,
    CorrectionOfCorrection,
    CurrencyMismatch,
    EarningUnknown,
    Refused,
)
from services.ledger.handlers.jobs import catch_up, schedule_payouts
from services.ledger.handlers.lots import lot_key, settle_group
from services.ledger.handlers.terms import (
    Owner,
    Packs,
    is_plan_program,
    lot_of,
    pack_in_force,
    pack_named,
    program_id,
)
from services.ledger.store import lots as store
from services.ledger.store.lots import EarningRow, LotRow
from services.ledger.store.posting import SOURCE, post
from services.rules.pack_model import RulePack
from services.rules.periods import Month
from services.rules.splits import SplitAmounts, split_posting
from services.rules.windows import midnight


@dataclass(frozen=True)
class Earning:
    """An earning of a month as it is reported; negative for a correction. `pack` names the pack, for a what-if."""

    id: str
    partner: str
    location: str
    program: str
    month: Month
    amount: Money
    fund: str = ""
    pack: str | None = None
    corrects: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class EarningResult:
    """What became of one earning: `created`, `exists`, or `refused` with why."""

    id: str
    status: str
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class _Booking:
    earning: Earning
    pack: RulePack
    lot: LotRow
    inputs_sha256: str


def record_earnings(
    tx: Connection, packs: Packs, batch: Sequence[Earning], *, now: datetime
) -> list[EarningResult]:
    """Record each earning once and book its parts; one result for each, in order. A refused one changes nothing."""
    catch_up(tx, packs, now=now)
    known = store.earning_hashes(tx, [earning.id for earning in batch])
    results: list[EarningResult] = []
    bookings: list[_Booking] = []
    dated: dict[tuple[str, str, Month, str], LotRow] = {}
    for earning in batch:
        try:
            booking = _prepare(tx, packs, earning, bookings, dated)
            seen = known.get(earning.id)
            if seen is not None and seen != booking.inputs_sha256:
                raise ContentDiffers(f"earning {earning.id}")
        except Refused as refusal:
            results.append(EarningResult(earning.id, "refused", refusal.code, str(refusal)))
            continue
        results.append(EarningResult(earning.id, "created" if seen is None else "exists"))
        if seen is None:
            known[earning.id] = booking.inputs_sha256
            bookings.append(booking)
    booked = _book(tx, packs, bookings, now)
    return [
        replace(result, status="exists") if result.status == "created" and result.id not in booked else result
        for result in results
    ]


def record_earning(tx: Connection, packs: Packs, earning: Earning, *, now: datetime) -> EarningResult:
    """Record one earning."""
    return record_earnings(tx, packs, [earning], now=now)[0]


def _prepare(
    tx: Connection,
    packs: Packs,
    earning: Earning,
    bookings: Sequence[_Booking],
    dated: dict[tuple[str, str, Month, str], LotRow],
) -> _Booking:
    """`dated` keeps the dates of lots between the earnings of a batch: they depend on pack, program and month only."""
    if earning.pack is not None:
        pack = pack_named(packs, earning.pack)
    else:
        pack = pack_in_force(packs, earning.program, earning.month.last_day)
    program = program_id(pack, earning.program)
    if earning.corrects is not None:
        _check_correction(tx, earning, [booking.earning for booking in bookings])
    currency = earning.amount.currency
    known = (f"{pack.id} {earning.pack}", program, earning.month, currency)
    if known not in dated:
        owner = Owner(earning.partner, earning.location, program)
        dated[known] = lot_of(packs, pack, owner, earning.month, currency, named=earning.pack is not None)
    period = dated[known].lot.period
    lot = replace(dated[known], lot=Lot(earning.partner, earning.location, program, period, currency))
    inputs = {
        "lot": lot_key(lot.lot),
        "month": str(earning.month),
        "amount": earning.amount.amount_minor,
        "fund": earning.fund,
        "corrects": earning.corrects,
    }
    return _Booking(earning, pack, lot, digest(inputs))


def _check_correction(tx: Connection, earning: Earning, batch: Sequence[Earning]) -> None:
    assert earning.corrects is not None
    original = store.earning(tx, earning.corrects)
    amount, currency, itself = 0, "", None
    if original is not None:
        amount, currency, itself = original.amount, original.lot.currency, original.corrects
    for other in batch:
        if other.id == earning.corrects:
            amount, currency, itself = other.amount.amount_minor, other.amount.currency, other.corrects
    if not currency:
        raise EarningUnknown(f"no earning {earning.corrects} was recorded; a correction names one that was")
    if itself:
        raise CorrectionOfCorrection(earning.corrects, itself)
    if currency != earning.amount.currency:
        raise CurrencyMismatch(f"{earning.corrects} is in {currency}; correct it in {currency}")
    if store.earning(tx, earning.id) is not None:
        return
    total = store.earning_corrections(tx, earning.corrects) + earning.amount.amount_minor
    total += sum(other.amount.amount_minor for other in batch if other.corrects == earning.corrects)
    if abs(total) > abs(amount):
        raise CorrectionExceeds(earning.corrects, amount, total)


def _book(tx: Connection, packs: Packs, bookings: Sequence[_Booking], now: datetime) -> set[str]:
    """Book what is still new once the lots are locked; return the ids."""
    if not bookings:
        return set()
    standing = {row.lot: row for row in store.keep(tx, [booking.lot for booking in bookings])}
    met = store.earning_hashes(tx, [booking.earning.id for booking in bookings])
    bookings = [booking for booking in bookings if booking.earning.id not in met]
    for pack_id in sorted({row.pack for row in standing.values()}):
        schedule_payouts(tx, pack_named(packs, pack_id), now=now)
    totals = store.month_totals(tx, [(booking.lot.lot, str(booking.earning.month)) for booking in bookings])
    number = store.last_earning_number(tx)
    rows: list[EarningRow] = []
    moves: list[Transfer] = []
    for booking in bookings:
        key = (booking.lot.lot, str(booking.earning.month))
        before = totals.get(key, 0)
        totals[key] = before + booking.earning.amount.amount_minor
        row = _row(booking, before, number + len(rows) + 1, now)
        rows.append(row)
        moves += _transfers(row, midnight(booking.earning.month.first_day, booking.pack.zone))
    store.insert_earnings(tx, rows)
    post(tx, moves, now=now)
    outbox.append_many(tx, [_event(row, now) for row in rows], now=now)
    late = {_group(row.lot): row.lot for row in rows if _is_late(standing[row.lot], now)}
    for lot in late.values():
        last = max(row.number for row in rows if _group(row.lot) == _group(lot))
        settle_group(tx, packs, lot, at=now, now=now, cause=f"late-{last}")
    return {row.id for row in rows}


def _is_late(row: LotRow, now: datetime) -> bool:
    return not row.plan_program and row.ends_at <= now


def _group(lot: Lot) -> tuple[str, ...]:
    return (lot.partner, lot.program, lot.period, lot.currency)


def _row(booking: _Booking, before: int, number: int, now: datetime) -> EarningRow:
    earning, program = booking.earning, booking.lot.lot.program
    amount = earning.amount.amount_minor
    payable, parts = amount, SplitAmounts(0, 0)
    if not is_plan_program(booking.pack, program):
        split = booking.pack.split_for(program)
        # Where nothing can be claimed there is no co-op: the whole earning is rebate.
        payable, parts = 0, SplitAmounts(amount, 0)
        if split is not None and booking.pack.program(program).claimable:
            parts = split_posting(before, amount, split)
    return EarningRow(
        id=earning.id,
        lot=booking.lot.lot,
        month=str(earning.month),
        fund=earning.fund,
        amount=amount,
        rebate=parts.rebate_minor,
        coop=parts.coop_minor,
        payable=payable,
        pack=booking.pack.id,
        corrects=earning.corrects,
        reason=earning.reason,
        inputs_sha256=booking.inputs_sha256,
        recorded_at=now,
        number=number,
    )


def _transfers(row: EarningRow, effective_on: datetime) -> list[Transfer]:
    references = {"earning": row.id, "month": row.month}
    if row.corrects is not None:
        references |= {"corrects_earning": row.corrects, "reason": row.reason}
    key = f"earning/{row.id}"
    rebate, coop = AccountKey(row.lot, Bucket.REBATE), AccountKey(row.lot, Bucket.COOP_ACCRUING)
    payable = AccountKey(row.lot, Bucket.PAYABLE, row.fund if row.payable else "")
    return [
        *earned(f"{key}/rebate", "earning_rebate", rebate, row.rebate, effective_on, references),
        *earned(f"{key}/coop", "earning_coop", coop, row.coop, effective_on, references),
        *earned(f"{key}/plan", "earning_plan", payable, row.payable, effective_on, references),
    ]


def _event(row: EarningRow, now: datetime) -> Envelope[Any]:
    currency = row.lot.currency
    told = EarningRecorded(
        earning_id=row.id,
        partner_id=row.lot.partner,
        location=row.lot.location,
        program=row.lot.program,
        month=row.month,
        earned=Money(amount_minor=row.amount, currency=currency),
        rebate=Money(amount_minor=row.rebate + row.payable, currency=currency),
        coop=Money(amount_minor=row.coop, currency=currency),
    )
    return new_event(
        EARNING_RECORDED,
        told,
        source=SOURCE,
        subject=row.id,
        partner_id=row.lot.partner,
        key=row.id,
        at=now,
    )


def recorded(tx: Connection, earning_id: str) -> EarningRow:
    """Return an earning as it was booked. Raises EarningUnknown."""
    row = store.earning(tx, earning_id)
    if row is None:
        raise EarningUnknown(f"no earning {earning_id} was recorded; a correction names one that was")
    return row
