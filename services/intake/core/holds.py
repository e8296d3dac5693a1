"""What the ledger holds for a claim, derived from its transfers in whatever order they were heard of.

A claim has one hold at a time: a later one replaces an earlier one. Transfers of one lot touch the same accounts, so
the sequence number of such an account says which came first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.events import LedgerEvent
from schemas.money import Money

RESERVED = "funds_reserved"
TAKEN_OFF = frozenset({"hold_released", "claim_settled"})
HOLD_KINDS = frozenset({RESERVED}) | TAKEN_OFF


@dataclass(frozen=True)
class HoldStep:
    """One transfer that began, shrank or ended a hold. `revision` is known where funds were reserved."""

    transfer_id: str
    kind: str
    revision: int | None
    amount: Money
    account: str
    sequence: int
    recorded_at: datetime


@dataclass(frozen=True)
class Held:
    """The hold as it stands: which revision it is for, and how much of it is left."""

    revision: int
    amount: Money


def step_of(event: LedgerEvent) -> HoldStep:
    """Return the step that a transfer is for its claim's hold."""
    first = min(event.entries, key=lambda entry: entry.account)
    stated = event.references.get("revision", "")
    return HoldStep(
        transfer_id=event.transfer_id,
        kind=event.kind,
        revision=int(stated) if stated.isdecimal() else None,
        amount=event.amount,
        account=first.account,
        sequence=first.sequence,
        recorded_at=event.recorded_at,
    )


def held(steps: Iterable[HoldStep]) -> Held | None:
    """Return the newest hold with what was taken off it since; None when nothing is left."""
    known = tuple(steps)
    begun = [step for step in known if step.kind == RESERVED]
    if not begun:
        return None
    newest = max(begun, key=lambda step: (step.recorded_at, step.sequence))
    taken_minor = sum(
        step.amount.amount_minor
        for step in known
        if step.kind in TAKEN_OFF and step.account == newest.account and step.sequence > newest.sequence
    )
    left_minor = newest.amount.amount_minor - taken_minor
    if left_minor <= 0 or newest.revision is None:
        return None
    return Held(newest.revision, Money(amount_minor=left_minor, currency=newest.amount.currency))
