"""Caps of activities at the reservation: they count what is approved and reserved, in order of receipt (R-53).

The ledger knows a claim's amount, not its lines: caps on single kinds of expense, persons or conferences were applied
to the lines before, and are in the amount that is asked for.
"""

from sqlalchemy.engine import Connection

from services.ledger.handlers.terms import Packs, pack_named
from services.ledger.store import claims as claim_store
from services.ledger.store import lots as lot_store
from services.ledger.store.lots import LotRow
from services.rules.caps import CapBases, CapLine, CapOutcome, EarlierSpend, apply_caps, usage_of


def within_caps(
    tx: Connection, packs: Packs, claim: str, activity: str, amount: int, row: LotRow
) -> CapOutcome:
    """Return what the caps of the activity leave of `amount` (R-48 to R-54), over all locations of the partner."""
    pack = pack_named(packs, row.pack)
    if activity not in pack.activities:
        return CapOutcome(amount, (amount,), (), ())
    lot = row.lot
    earned = sum(lot_store.coop_earned(tx, lot.partner, lot.program, lot.period, lot.currency).values())
    earlier = [
        EarlierSpend(found.activity, found.reserved + found.approved)
        for found in claim_store.counted(tx, lot.partner, lot.program, row.usage_period or "", without=claim)
        if found.lot.currency == lot.currency
    ]
    return apply_caps(
        pack.activity(activity),
        [CapLine("", amount)],
        currency=lot.currency,
        families=pack.families_of(lot.program),
        bases=CapBases(earned, earned),
        used=usage_of(pack, activity, earlier),
    )
