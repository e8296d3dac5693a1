"""Intake as a taker of events: verdicts, and what the ledger did about claims."""

from typing import Any

from sqlalchemy.engine import Connection

from schemas.events import (
    CLAIM_VALIDATED,
    RESERVE_REFUSED,
    ClaimValidated,
    Envelope,
    LedgerEvent,
    ReserveRefused,
)
from services.intake import handlers
from services.kit.consumer import Consumer, Unprocessable
from services.kit.platform import Platform

LEDGER_KINDS = ("funds_reserved", "hold_released", "claim_settled", "payout_paid")


class IntakeConsumer:
    """Hands each event to the act it calls for."""

    name = "intake"
    subscriptions = (CLAIM_VALIDATED, RESERVE_REFUSED, *(f"coop.ledger.{kind}.v1" for kind in LEDGER_KINDS))

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def prepare(self, event: Envelope[Any]) -> None:
        """Nothing is read outside the transaction."""

    def handle(self, tx: Connection, event: Envelope[Any], prepared: Any) -> None:
        """Note the event and let its claim move. Raises Unprocessable for a claim intake never recorded."""
        if isinstance(event.data, ClaimValidated):
            handlers.note_validated(self._platform, tx, event)
        elif isinstance(event.data, ReserveRefused):
            handlers.note_refused(self._platform, tx, event)
        elif isinstance(event.data, LedgerEvent):
            handlers.note_ledger(self._platform, tx, event)
        else:
            raise Unprocessable(f"intake does not take events of type {event.type}")


def consumer(platform: Platform) -> Consumer:
    """Return intake's consumer."""
    return IntakeConsumer(platform)
