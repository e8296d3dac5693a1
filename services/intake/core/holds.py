"""What the ledger holds for a claim, derived from its transfers in whatever order they were heard of.

A claim has one hold at a time: a later one replaces an earlier one. Transfers about one hold share an account, whose
sequence numbers say which came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.events import LedgerEvent
from schemas.money import Money

RESERVED = "funds_reserved"
TAKEN_OFF = frozenset({"hold_released", "claim_settled"})
HOLD_KINDS = frozenset({RESERVED}) | TAKEN_OFF


@dataclass(frozen=True)
class HoldStep:
    """One transfer that began, shrank or ended a hold; `places` is its sequence number in each account it touched.

    `revision` is known where funds were reserved.
    """

    transfer_id: str
    kind: str
    revision: int | None
    amount: Money
    places: Mapping[str, int]
    recorded_at: datetime

    def follows(self, other: "HoldStep") -> bool:
        """Tell whether this came after `other` in an account that both touched."""
        return any(
            sequence > other.places[account]
            for account, sequence in self.places.items()
            if account in other.places
        )


@dataclass(frozen=True)
class Held:
    """The hold as it stands: which revision it is for, and how much of it is left."""

    revision: int
    amount: Money


def step_of(event: LedgerEvent) -> HoldStep:
    """Return the step that a transfer is for its claim's hold."""
    stated = event.references.get("revision", "")
    return HoldStep(
        transfer_id=event.transfer_id,
        kind=event.kind,
        revision=int(stated) if stated.isdecimal() else None,
        amount=event.amount,
        places={entry.account: entry.sequence for entry in event.entries},
        recorded_at=event.recorded_at,
    )


def held(steps: Iterable[HoldStep]) -> Held | None:
    """Return the newest hold with what was taken off it since; None when nothing is left."""
    known = tuple(steps)
    begun = [step for step in known if step.kind == RESERVED]
    if not begun:
        return None
    newest = begun[0]
    for step in begun[1:]:
        if step.follows(newest) or (step.recorded_at > newest.recorded_at and not newest.follows(step)):
            newest = step
    taken_minor = sum(
        step.amount.amount_minor for step in known if step.kind in TAKEN_OFF and step.follows(newest)
    )
    left_minor = newest.amount.amount_minor - taken_minor
    if left_minor <= 0 or newest.revision is None:
        return None
    return Held(newest.revision, Money(amount_minor=left_minor, currency=newest.amount.currency))
