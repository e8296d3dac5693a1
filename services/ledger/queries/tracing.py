"""Which earnings a claim or a payment used (R-70): a walk over the entries of its lot's accounts, first in, first out."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.store import lots as lot_store
from services.ledger.store.lots import EarningRow
from services.ledger.store.tables import entries, transfers
from services.rules import traces

Draws = dict[str, tuple[traces.Draw, ...]]


def claim_draws(tx: Connection, lot: Lot) -> Draws:
    """Which co-op earnings each settled claim of a lot used, in the order settled; a clawback goes back to the last."""
    rows = lot_store.earnings_of(tx, lot.partner, lot.location, lot.program, lot.period)
    own = [(row.id, row.coop) for row in rows if row.lot == lot]
    acts = _moved(tx, AccountKey(lot, Bucket.COOP_CLAIMED), "claim_settled")
    acts += _moved(tx, AccountKey(lot, Bucket.PAYABLE), "claim_clawed_back")
    steps = [
        (row.references["claim"], row.amount if row.kind == "claim_settled" else -row.amount)
        for row in sorted(
            acts, key=lambda row: (row.recorded_at, row.kind == "claim_clawed_back", row.effective_on)
        )
    ]
    return walk(_open(own), steps)


def payable_draws(tx: Connection, lot: Lot, fund: str) -> Draws:
    """Which earnings each payout used of what a lot had to pay out without a claim: plan earnings and conversions."""
    rows = lot_store.earnings_of(tx, lot.partner, lot.location, lot.program, lot.period)
    own = [(row.id, _payable(row, fund)) for row in rows if row.lot == lot and _payable(row, fund)]
    acts: list[Any] = []
    for bucket in (Bucket.PAYABLE, Bucket.CARRIED_OVER):
        account = AccountKey(lot, bucket, fund)
        for kind in ("payout_paid", "payout_set_off", "payment_failed", "payment_reversed", "set_off_undone"):
            acts += [row for row in _moved(tx, account, kind) if row.entry_account == account.id]
    steps = [
        (row.references["payout"], -row.entry_amount)
        for row in sorted(acts, key=lambda row: (row.recorded_at, -row.entry_amount, row.id))
    ]
    return walk(_open(own), steps)


def _payable(row: EarningRow, fund: str) -> int:
    if row.payable:
        return row.payable if row.fund == fund else 0
    return row.coop if not fund else 0


def _moved(tx: Connection, account: AccountKey, kind: str) -> list[Any]:
    chosen = (
        sa.select(transfers, entries.c.amount.label("entry_amount"), entries.c.account.label("entry_account"))
        .join(entries, entries.c.transfer_id == transfers.c.id)
        .where(entries.c.account == account.id, transfers.c.kind == kind)
    )
    return list(tx.execute(chosen.order_by(entries.c.sequence)))


def _open(earned: Sequence[tuple[str, int]]) -> list[traces.Lot]:
    """What of each earning is there to be used: a correction takes back from what came last."""
    found: list[traces.Lot] = []
    for earning, amount in earned:
        if amount > 0:
            found.append(traces.Lot(earning, amount))
        else:
            back = min(-amount, sum(lot.amount_minor for lot in found))
            found = list(traces.draw(found, back, "lifo").open_lots)
    return found


def walk(open_lots: list[traces.Lot], steps: Sequence[tuple[str, int]]) -> Draws:
    """Draw from the lots step by step; a negative step undoes the last draws of its name (R-70)."""
    found: Draws = {}
    for name, amount in steps:
        if amount > 0:
            there = min(amount, sum(lot.amount_minor for lot in open_lots))
            drawing = traces.draw(open_lots, there)
            found[name] = found.get(name, ()) + drawing.draws
            open_lots = list(drawing.open_lots)
            continue
        used = found.get(name, ())
        back = traces.claw_back(used, min(-amount, sum(one.amount_minor for one in used)))
        found[name] = back.kept
        returned: dict[str, int] = {}
        for one in back.returned:
            returned[one.earning_id] = returned.get(one.earning_id, 0) + one.amount_minor
        open_lots = [
            traces.Lot(lot.earning_id, lot.amount_minor + returned.get(lot.earning_id, 0))
            for lot in open_lots
        ]
    return found
