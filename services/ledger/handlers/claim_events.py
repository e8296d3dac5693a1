"""Claims as they are told by events: late, twice, or out of order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.events import RESERVE_REFUSED, ReserveRefused
from schemas.money import Money
from services.kit import outbox
from services.kit.events import new_event
from services.ledger.handlers import claims
from services.ledger.handlers.claims import Reservation
from services.ledger.handlers.jobs import catch_up
from services.ledger.handlers.refusals import FundsInsufficient, NotYet, Refused
from services.ledger.handlers.terms import Packs
from services.ledger.store import claims as store
from services.ledger.store.posting import SOURCE


@dataclass(frozen=True)
class Closing:
    """A claim that was rejected or withdrawn."""

    claim: str
    revision: int
    partner: str
    location: str
    program: str
    withdrawn: bool
    at: datetime


def validated(tx: Connection, packs: Packs, asked: Reservation, *, now: datetime) -> None:
    """Hold funds for a validated revision, or tell why none are held."""
    try:
        claims.reserve(tx, packs, asked, now=now)
    except Refused as refusal:
        _tell_refusal(tx, asked, refusal, now)


def approved(
    tx: Connection,
    packs: Packs,
    claim: str,
    revision: int,
    amount: Money | None,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Settle an approved claim. Raises NotYet while its validation was not handled, and Refused.

    A hold that was given back when the claim was rejected is taken anew, for a dispute that was won; where the funds
    are gone by then, that is told.
    """
    catch_up(tx, packs, now=now)
    row = store.claim(tx, claim)
    if row is None or row.revision < revision or (row.requested == 0 and row.status == store.RELEASED):
        raise NotYet(f"claim {claim} revision {revision} was not validated yet")
    if row.status in (store.RELEASED, store.REFUSED):
        try:
            claims.hold_again(tx, packs, claim, revision, now=now)
        except Refused as refusal:
            _tell_refusal(tx, claims.asked_again(row, revision), refusal, now)
            return
    claims.approve(tx, packs, claim, amount, at=at, now=now)


def closed(tx: Connection, packs: Packs, told: Closing, *, now: datetime) -> None:
    """Release the hold of a rejected or withdrawn claim, or remember the closing for when its validation comes."""
    catch_up(tx, packs, now=now)
    row = store.claim(tx, told.claim)
    if row is None:
        claims.remember_closed(
            tx,
            told.claim,
            told.revision,
            partner=told.partner,
            location=told.location,
            program=told.program,
            withdrawn=told.withdrawn,
            now=now,
        )
    elif told.withdrawn or told.revision >= row.revision:
        claims.release(
            tx, packs, told.claim, at=told.at, now=now, withdrawn=told.withdrawn, revision=told.revision
        )


def _tell_refusal(tx: Connection, asked: Reservation, refusal: Refused, now: datetime) -> None:
    available = refusal.available if isinstance(refusal, FundsInsufficient) else 0
    told = ReserveRefused(
        claim_id=asked.claim,
        revision=asked.revision,
        partner_id=asked.partner,
        location=asked.location,
        program=asked.program,
        requested=asked.amount,
        available=Money(amount_minor=max(available, 0), currency=asked.amount.currency),
        code=refusal.code,
        refused_at=now,
    )
    event = new_event(
        RESERVE_REFUSED,
        told,
        source=SOURCE,
        subject=asked.claim,
        partner_id=asked.partner,
        key=f"{asked.claim}/{asked.revision}/{now.isoformat()}",
        at=now,
    )
    outbox.append(tx, event, now=now)
