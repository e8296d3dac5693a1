"""Which rule pack decides about what, and the dates of a lot that follow from it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from schemas.base import Period
from schemas.money import Money, minor_units
from services.ledger.core.accounts import Lot
from services.ledger.core.refusals import PackUnknown, ProgramUnknown
from services.ledger.store.lots import OPEN, PLAN, LotRow
from services.rules import pack_model
from services.rules.pack_model import RulePack
from services.rules.pack_terms import Comparison
from services.rules.periods import Month, earning_period, usage_period
from services.rules.thresholds import ThresholdOutcome, threshold_outcome
from services.rules.windows import ClaimWindow, WindowUnknown, claim_window, midnight


class Packs(Protocol):
    """The rule packs by id, and the one in force for a program on a day; LookupError when there is none."""

    def get(self, pack_id: str) -> RulePack:
        """Return the pack of this id."""
        ...

    def in_force(self, program: str, on: date) -> RulePack:
        """Return the pack in force for a program."""
        ...


@dataclass(frozen=True)
class Owner:
    """Whose money it is; `program` is the id that the pack gives it."""

    partner: str
    location: str
    program: str


def pack_named(packs: Packs, pack_id: str) -> RulePack:
    """Return a pack by id. Raises PackUnknown."""
    try:
        return packs.get(pack_id)
    except LookupError as error:
        raise PackUnknown(str(error)) from None


def pack_in_force(packs: Packs, program: str, on: date) -> RulePack:
    """Return the pack in force. Raises PackUnknown."""
    try:
        return packs.in_force(program, on)
    except LookupError as error:
        raise PackUnknown(str(error)) from None


def program_id(pack: RulePack, name: str) -> str:
    """Return the id of a program that an id, name or alias names. Raises ProgramUnknown."""
    try:
        return pack.program(name).id
    except pack_model.ProgramUnknown as error:
        raise ProgramUnknown(str(error)) from None


def is_plan_program(pack: RulePack, program: str) -> bool:
    """Whether the program pays the whole earning up to a plan's limit instead of splitting it."""
    return pack.pays != "split" or pack.program(program).requires_plan


def lot_of(packs: Packs, pack: RulePack, owner: Owner, month: Month, currency: str, *, named: bool) -> LotRow:
    """Return the lot of a month's earning: its period, close and claim window.

    Threshold and window belong to the pack in force on the first day of the usage period, as for claims; a pack
    that was `named` decides about everything.
    """
    if is_plan_program(pack, owner.program):
        lot = Lot(owner.partner, owner.location, owner.program, str(month), currency)
        return LotRow(lot, pack.id, True, midnight(month.plus(1).first_day, pack.zone), outcome=PLAN)
    earning = earning_period(pack, month.first_day)
    deciding = pack if named else _deciding(packs, pack, owner.program, usage_period(pack, earning).start)
    usage = usage_period(deciding, earning)
    window = lot_window(deciding, usage)
    return LotRow(
        Lot(owner.partner, owner.location, owner.program, str(earning), currency),
        deciding.id,
        False,
        midnight(Month.of(earning.end).plus(1).first_day, deciding.zone),
        str(usage),
        window.opens_at,
        window.closes_at,
        OPEN,
    )


def _deciding(packs: Packs, pack: RulePack, program: str, on: date) -> RulePack:
    try:
        later = packs.in_force(program, on)
    except LookupError:
        return pack
    splits_alike = not is_plan_program(later, program) and later.periods == pack.periods
    return later if splits_alike and later.program(program).id == program else pack


def lot_window(pack: RulePack, usage: Period) -> ClaimWindow:
    """The window of a lot's funds. Where a claim's window ends by its activity, the last one that can be."""
    try:
        return claim_window(pack, usage)
    except WindowUnknown:
        return claim_window(pack, usage, activity_end=usage.end, paid_on=usage.end)


def is_claimable(pack: RulePack, program: str, accrued_minor: int, currency: str) -> bool:
    """Whether the co-op of a closed period must be claimed (R-17).

    There is no rate for thresholds (C23): the figure counts in the currency in which the program is run.
    """
    threshold = pack.threshold_for(program)
    if threshold is not None:
        figure = format(Decimal(threshold.amount).normalize(), "f")
        threshold = Money(amount_minor=minor_units(figure, currency), currency=currency)
    comparison = pack.threshold.comparison if pack.threshold is not None else Comparison.MUST_REACH
    outcome = threshold_outcome(Money(amount_minor=accrued_minor, currency=currency), threshold, comparison)
    return outcome is ThresholdOutcome.CLAIMABLE


def local_month(pack: RulePack, instant: datetime) -> Month:
    """The month an instant lies in, in the zone of the pack."""
    return Month.of(pack.local_day(instant))
