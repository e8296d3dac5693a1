"""Taking back what was paid for a claim (C6): the funds return to their lot, the partner's next rebates repay it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.money import Money
from services.ledger.core import refusals
from services.ledger.core.accounts import AccountKey, Bucket
from services.ledger.core.posting import Transfer, instant_text, transfer_id
from services.ledger.handlers.jobs import catch_up
from services.ledger.handlers.lots import take_back_owed
from services.ledger.handlers.payout_run import FORFEITED, payment_key
from services.ledger.handlers.terms import Packs
from services.ledger.store import claims as store
from services.ledger.store import lots as lot_store
from services.ledger.store.posting import known_transfer, post


def claw_back(tx: Connection, packs: Packs, claim: str, amount: Money, *, now: datetime) -> None:
    """Take back part of what was paid for a claim: `payable` goes below zero and is set off at the next runs.

    The funds can be claimed again while their window is open, and expire after it. A repeat of the same amount at the
    same instant does nothing. Raises ClaimUnknown, ClaimNotPaid, CorrectionExceeds, CurrencyMismatch.
    """
    catch_up(tx, packs, now=now)
    row = store.claim(tx, claim)
    if row is None:
        raise refusals.ClaimUnknown(claim)
    if row.payout_id is None or row.payout_id.startswith(FORFEITED):
        raise refusals.ClaimNotPaid(f"claim {claim} was not paid: there is nothing to take back")
    if amount.currency != row.lot.currency:
        raise refusals.CurrencyMismatch(f"claim {claim} is in {row.lot.currency}")
    if amount.amount_minor <= 0:
        raise refusals.AmountNotPositive("what is taken back is more than nothing")
    key = f"clawback/{claim}/{instant_text(now)}/{amount.amount_minor}"
    if known_transfer(tx, key):
        return
    lots = lot_store.for_usage(tx, row.lot.partner, row.lot.program, row.usage_period)
    swept = any(found.lot == row.lot and found.swept_at is not None for found in lots)
    returned = Transfer(
        key,
        "claim_clawed_back",
        AccountKey(row.lot, Bucket.PAYABLE),
        AccountKey(row.lot, Bucket.EXPIRED if swept else Bucket.COOP_AVAILABLE),
        amount.amount_minor,
        now,
        {"claim": claim, "payout": row.payout_id},
        transfer_id(payment_key(row.payout_id, AccountKey(row.lot, Bucket.COOP_CLAIMED), claim)),
    )
    post(tx, [returned], now=now)
    if not swept:
        take_back_owed(tx, row.lot, at=now, now=now, cause=key)
    store.save(tx, replace(row, approved=row.approved - amount.amount_minor), new=False)
