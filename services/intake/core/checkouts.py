"""Check-outs: one reviewer at a time has a claim on the desk, for a bounded time, and a stale release does nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.core.life import ActRefused


@dataclass(frozen=True)
class Checkout:
    """Who has which revision of a claim on the desk until when; `number` counts the check-outs of the claim."""

    number: int
    key_id: str
    reviewer: str
    revision: int
    until: datetime

    def holds(self, revision: int, now: datetime) -> bool:
        """Whether it still keeps others off: its time runs, and its revision is the newest."""
        return now < self.until and self.revision == revision


class CheckedOut(ActRefused):
    """Another reviewer has the claim on the desk."""

    code = "CHECKED_OUT"

    def __init__(self, held: Checkout) -> None:
        super().__init__(
            f"{held.reviewer} has this claim checked out until {held.until:%Y-%m-%d %H:%M} UTC: take another one"
        )


class CheckoutStale(ActRefused):
    """The check-out ended before: released, run out, taken over by another or overtaken by a new revision."""

    code = "CHECKOUT_STALE"


def keep_off(held: Checkout | None, key_id: str, revision: int, now: datetime) -> None:
    """Refuse whoever acts on a claim that somebody else has checked out. Raises CheckedOut."""
    if held is not None and held.key_id != key_id and held.holds(revision, now):
        raise CheckedOut(held)


def taken(
    before: Checkout | None, key_id: str, reviewer: str, revision: int, now: datetime, seconds_max: int
) -> Checkout:
    """The check-out of the caller: a new one, or the running one prolonged. Raises CheckedOut."""
    keep_off(before, key_id, revision, now)
    until = now + timedelta(seconds=seconds_max)
    if before is not None and before.holds(revision, now):
        return Checkout(before.number, key_id, reviewer, revision, until)
    return Checkout(1 if before is None else before.number + 1, key_id, reviewer, revision, until)


def released(before: Checkout | None, number: int, key_id: str, revision: int, now: datetime) -> Checkout:
    """The check-out as it ends now. Raises CheckedOut for another reviewer's, CheckoutStale for one that ended."""
    if before is None or before.number != number or not before.holds(revision, now):
        raise CheckoutStale("this check-out has ended already: claim the review again to go on")
    keep_off(before, key_id, revision, now)
    return Checkout(before.number, before.key_id, before.reviewer, before.revision, now)
