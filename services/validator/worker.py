"""The validator as a taker of events: submitted claims, how they ended, the ledger's accounts, partners' names."""

from typing import Any

from sqlalchemy.engine import Connection

from schemas.events import (
    CLAIM_DECIDED,
    CLAIM_SUBMITTED,
    CLAIM_WITHDRAWN,
    PARTNER_ENROLLED,
    ClaimDecided,
    ClaimSubmitted,
    ClaimWithdrawn,
    Envelope,
    LedgerEvent,
    PartnerEnrolled,
    ReserveRefused,
)
from services.kit.consumer import Unprocessable
from services.kit.platform import Platform
from services.validator import handlers
from services.validator.handlers import Prepared
from services.validator.handlers.checking import Room
from services.validator.readers.reading_room import ReadingRoom


class ValidatorConsumer:
    """Hands each event to the act it calls for; documents are read in `prepare`, outside any transaction."""

    name = "validator"
    subscriptions: tuple[str, ...] = (
        CLAIM_SUBMITTED,
        CLAIM_DECIDED,
        CLAIM_WITHDRAWN,
        PARTNER_ENROLLED,
        "coop.ledger.*",
    )
    slow_types: tuple[str, ...] = (CLAIM_SUBMITTED,)

    def __init__(self, platform: Platform, room: Room) -> None:
        self._platform = platform
        self.room = room

    def prepare(self, event: Envelope[Any]) -> Prepared | None:
        """Read the documents of a submitted revision. Raises RetryLater, Unprocessable."""
        if isinstance(event.data, ClaimSubmitted):
            return handlers.prepare_submitted(self._platform, self.room, event.data)
        return None

    def handle(self, tx: Connection, event: Envelope[Any], prepared: Any) -> None:
        """Apply the event's effect in the given transaction. Raises Unprocessable for a type that is not taken."""
        told = event.data
        if isinstance(told, ClaimSubmitted):
            handlers.decide_submitted(self._platform, tx, told, prepared)
        elif isinstance(told, LedgerEvent):
            handlers.follow_ledger(tx, told)
        elif isinstance(told, ClaimDecided):
            handlers.note_decided(tx, told)
        elif isinstance(told, ClaimWithdrawn):
            handlers.note_withdrawn(tx, told)
        elif isinstance(told, PartnerEnrolled):
            handlers.note_enrolled(tx, told)
        elif not isinstance(told, ReserveRefused):
            raise Unprocessable(f"the validator does not take events of type {event.type}")


def consumer(platform: Platform, room: Room | None = None) -> ValidatorConsumer:
    """Return the validator's consumer; without a room it gets one of its own, started with the first document."""
    return ValidatorConsumer(platform, room or ReadingRoom(platform.limits))
