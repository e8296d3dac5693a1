"""Why was I paid this? From a payout or a claim down to the earnings (R-70)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.money import decimal_text
from services.ledger.core.accounts import Lot
from services.ledger.store import claims as claim_store
from services.ledger.store import lots as lot_store
from services.ledger.store.claims import APPROVED, ClaimRow
from services.ledger.store.tables import earnings, payout_earnings, payouts, transfers
from services.rules import traces


def explain_payout(tx: Connection, payout_id: str) -> dict[str, Any] | None:
    """Return a payout with its transfers, the claims it paid and the earnings each of them used; None if unknown."""
    row = tx.execute(sa.select(payouts).where(payouts.c.id == payout_id)).first()
    if row is None:
        return None
    moved = [
        transfer
        for transfer in _at(tx, row.partner, row.run_at)
        if transfer.references.get("payout") == row.id
    ]
    paid = sorted({found.references["claim"] for found in moved if "claim" in found.references})
    linked = sa.select(payout_earnings.c.earning_id).where(payout_earnings.c.payout_id == row.id)
    direct = list(
        tx.execute(sa.select(earnings).where(earnings.c.id.in_(linked)).order_by(earnings.c.number))
    )
    if not direct and not paid:
        direct = _of_periods(tx, row)
    return {
        "payout": row.id,
        "on": row.pay_day.isoformat(),
        "partner": row.partner,
        "location": row.location,
        "program": row.program,
        "kind": row.kind,
        "amount": decimal_text(row.amount, row.currency),
        "currency": row.currency,
        "of": row.of,
        "transfers": [
            {"id": found.id, "source": found.source, "amount": decimal_text(found.amount, found.currency)}
            for found in moved
        ],
        "claims": [explain_claim(tx, claim) for claim in paid],
        "earnings": [_earning(found) for found in direct],
    }


def _at(tx: Connection, partner: str, at: object) -> list[Any]:
    chosen = sa.select(transfers).where(transfers.c.partner == partner, transfers.c.effective_on == at)
    return list(tx.execute(chosen.order_by(transfers.c.id)))


def _of_periods(tx: Connection, payout: Any) -> list[Any]:
    """The earnings of the periods or months that a conversion or a plan payout names."""
    named = sa.or_(earnings.c.period.in_(payout.of), earnings.c.month.in_(payout.of))
    chosen = sa.select(earnings).where(
        earnings.c.partner == payout.partner,
        earnings.c.location == payout.location,
        earnings.c.program == payout.program,
        earnings.c.currency == payout.currency,
        named,
    )
    return list(tx.execute(chosen.order_by(earnings.c.number)))


def _earning(row: Any) -> dict[str, str]:
    parts = ("amount", "rebate", "coop", "payable")
    return {
        "earning": row.id,
        "month": row.month,
        "currency": row.currency,
        **{part: decimal_text(getattr(row, part), row.currency) for part in parts},
    }


def explain_claim(tx: Connection, claim_id: str) -> dict[str, Any] | None:
    """Return a claim's funds: status, amounts, the transfers made for it, and the earnings it used; None if unknown."""
    row = claim_store.look_up(tx, claim_id)
    if row is None:
        return None
    currency = row.lot.currency or "USD"
    chosen = sa.select(transfers).where(transfers.c.partner == row.lot.partner)
    moved = [
        found
        for found in tx.execute(chosen.order_by(transfers.c.recorded_at, transfers.c.id))
        if found.references.get("claim") == claim_id
    ]
    return {
        "claim": claim_id,
        "status": row.status,
        "usage_period": row.usage_period,
        "earning_period": row.lot.period,
        "requested": decimal_text(row.requested, currency),
        "reserved": decimal_text(row.reserved, currency),
        "approved": decimal_text(row.approved, currency),
        "currency": currency,
        "payout": row.payout_id,
        "transfers": [
            {
                "id": found.id,
                "kind": found.kind,
                "amount": decimal_text(found.amount, found.currency),
                "effective_on": found.effective_on.isoformat(),
            }
            for found in moved
        ],
        "earnings": [
            {"earning": one.earning_id, "amount": decimal_text(one.amount_minor, currency)}
            for one in draws(tx, row.lot).get(claim_id, ())
        ],
    }


def draws(tx: Connection, lot: Lot) -> dict[str, tuple[traces.Draw, ...]]:
    """Return which co-op earnings each approved claim of a lot used, first in, first out, in the order received."""
    rows = lot_store.earnings_of(tx, lot.partner, lot.location, lot.program, lot.period)
    open_lots: list[traces.Lot] = []
    for row in rows:
        if row.lot.currency == lot.currency and row.coop > 0:
            open_lots.append(traces.Lot(row.id, row.coop))
        elif row.lot.currency == lot.currency and row.coop < 0:
            # A correction takes back from what came last.
            left = min(-row.coop, sum(one.amount_minor for one in open_lots))
            open_lots = list(traces.draw(open_lots, left, "lifo").open_lots)
    found: dict[str, tuple[traces.Draw, ...]] = {}
    for claim in _approved(tx, lot):
        amount = min(claim.approved, sum(one.amount_minor for one in open_lots))
        drawing = traces.draw(open_lots, amount)
        found[claim.claim] = drawing.draws
        open_lots = list(drawing.open_lots)
    return found


def _approved(tx: Connection, lot: Lot) -> list[ClaimRow]:
    rows = claim_store.of_owner(tx, lot.partner, lot.location, lot.program)
    return [row for row in rows if row.lot == lot and row.status == APPROVED]
