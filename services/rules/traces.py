"""Which earning lots a payment used (R-70): first in, first out by default; a clawback goes back to the last lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Lot:
    """An earning from which payments are drawn, in minor units; lots stand in the order they were earned."""

    earning_id: str
    amount_minor: int


@dataclass(frozen=True)
class Draw:
    """How much of a lot a payment used."""

    earning_id: str
    amount_minor: int


class LotsExhausted(ValueError):
    """The lots do not hold what is to be paid."""

    code = "LOTS_EXHAUSTED"

    def __init__(self, missing_minor: int) -> None:
        self.missing_minor = missing_minor
        super().__init__(f"the lots hold {missing_minor} minor units less than the payment")


class ClawbackExceeds(ValueError):
    """More is taken back than was paid."""

    code = "CLAWBACK_EXCEEDS"

    def __init__(self, excess_minor: int) -> None:
        self.excess_minor = excess_minor
        super().__init__(f"the clawback is {excess_minor} minor units more than the payment")


@dataclass(frozen=True)
class Drawing:
    """The draws of one payment, and the lots after it."""

    draws: tuple[Draw, ...]
    open_lots: tuple[Lot, ...]


def draw(lots: Sequence[Lot], amount_minor: int, policy: Literal["fifo", "lifo"] = "fifo") -> Drawing:
    """Take an amount from lots in their order, or in reverse (R-70). Raises LotsExhausted."""
    left = amount_minor
    used: dict[int, int] = {}
    places = range(len(lots)) if policy == "fifo" else range(len(lots) - 1, -1, -1)
    for place in places:
        taken = min(left, lots[place].amount_minor)
        if taken > 0:
            used[place] = taken
            left -= taken
    if left:
        raise LotsExhausted(left)
    draws = tuple(Draw(lots[place].earning_id, taken) for place, taken in used.items())
    after = tuple(
        Lot(lot.earning_id, lot.amount_minor - used.get(place, 0)) for place, lot in enumerate(lots)
    )
    return Drawing(draws, after)


@dataclass(frozen=True)
class Clawback:
    """What was taken back from a payment: where it returned to, and what the payment uses after it."""

    returned: tuple[Draw, ...]
    kept: tuple[Draw, ...]


def claw_back(draws: Sequence[Draw], amount_minor: int) -> Clawback:
    """Undo part of a payment, the last draw first (R-70). Raises ClawbackExceeds."""
    left = amount_minor
    returned: list[Draw] = []
    kept: list[Draw] = []
    for one in reversed(draws):
        back = min(left, one.amount_minor)
        left -= back
        if back > 0:
            returned.append(Draw(one.earning_id, back))
        if one.amount_minor > back:
            kept.append(Draw(one.earning_id, one.amount_minor - back))
    if left:
        raise ClawbackExceeds(left)
    return Clawback(tuple(returned), tuple(reversed(kept)))
