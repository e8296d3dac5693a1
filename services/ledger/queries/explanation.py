"""Why was I paid this? From a payout, a claim or an entry down to the earnings; every sum adds up (R-70)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.money import decimal_text
from services.ledger.core.accounts import AccountKey, Bucket
from services.ledger.queries.tracing import claim_draws, payable_draws
from services.ledger.store import claims as claim_store
from services.ledger.store.tables import (
    earnings,
    entries,
    payment_reports,
    payout_earnings,
    payouts,
    transfers,
)
from services.rules import traces


def explain_payout(tx: Connection, payout_id: str) -> dict[str, Any] | None:
    """Return a payout, what payment systems said of it, its claims and the earnings it used; None if unknown.

    `amount` = the sum of `transfers` = the sum of `used` less `set_off`: what filled up negative amounts first.
    """
    row = tx.execute(sa.select(payouts).where(payouts.c.id == payout_id)).first()
    if row is None:
        return None
    moved = [found for found in _at(tx, row.partner, row.run_at) if found.references.get("payout") == row.id]
    paid = [found for found in moved if found.kind == "payout_paid"]
    named = sorted({found.references["claim"] for found in paid if "claim" in found.references})
    told = [explain_claim(tx, claim) for claim in named]
    used = _used(tx, row, moved)
    whole = sum(amount for _, amount in used)
    said = tx.execute(
        sa.select(payment_reports)
        .where(payment_reports.c.payout_id == row.id)
        .order_by(payment_reports.c.number)
    )
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
        "payments": [
            {
                "state": report.state,
                "reference": report.reference,
                "reason": report.reason,
                "recorded_at": report.recorded_at.isoformat(),
            }
            for report in said
        ],
        "transfers": [
            {"id": found.id, "source": found.source, "amount": decimal_text(found.amount, found.currency)}
            for found in paid
        ],
        "claims": told,
        "used": [
            {"earning": earning, "amount": decimal_text(amount, row.currency)} for earning, amount in used
        ],
        "set_off": decimal_text(whole - row.amount, row.currency),
        "adds_up": sum(found.amount for found in paid) == row.amount
        and whole - row.amount == _set_off(moved),
        "earnings": _earnings(tx, [earning for earning, _ in used]),
    }


def _at(tx: Connection, partner: str, at: object) -> list[Any]:
    chosen = sa.select(transfers).where(transfers.c.partner == partner, transfers.c.effective_on == at)
    return list(tx.execute(chosen.order_by(transfers.c.id)))


def _set_off(moved: list[Any]) -> int:
    """What the payout's own money filled up elsewhere, less what filled up its negative months."""
    total = 0
    for found in moved:
        if found.kind == "payout_set_off":
            total += found.amount
            if AccountKey.parse(found.target).bucket is Bucket.REBATE:
                total -= found.amount
    return total


def _used(tx: Connection, row: Any, moved: list[Any]) -> list[tuple[str, int]]:
    """The earnings a payout used, with the signed amount of each."""
    linked = sa.select(payout_earnings.c.earning_id).where(payout_earnings.c.payout_id == row.id)
    direct = sa.select(earnings).where(earnings.c.id.in_(linked)).order_by(earnings.c.number)
    used = [(found.id, found.rebate) for found in tx.execute(direct)]
    sources = sorted({AccountKey.parse(found.source) for found in moved})
    for lot, fund in sorted(
        {
            (source.lot, source.fund)
            for source in sources
            if source.bucket in (Bucket.PAYABLE, Bucket.CARRIED_OVER)
        }
    ):
        used += _pairs(payable_draws(tx, lot, fund).get(row.id, ()))
    for source in sources:
        if source.bucket is Bucket.COOP_CLAIMED:
            drawn = claim_draws(tx, source.lot)
            for found in moved:
                if found.source == source.id and "claim" in found.references:
                    used += _pairs(drawn.get(found.references["claim"], ()))
    return used


def _pairs(draws: tuple[traces.Draw, ...]) -> list[tuple[str, int]]:
    return [(one.earning_id, one.amount_minor) for one in draws]


def _earnings(tx: Connection, ids: list[str]) -> list[dict[str, Any]]:
    chosen = sa.select(earnings).where(earnings.c.id.in_(sorted(set(ids))))
    return [_earning(found) for found in tx.execute(chosen.order_by(earnings.c.number))]


def _earning(row: Any) -> dict[str, Any]:
    parts = ("amount", "rebate", "coop", "payable")
    return {
        "earning": row.id,
        "month": row.month,
        "period": row.period,
        "pack": row.pack,
        "corrects": row.corrects,
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
    drawn = claim_draws(tx, row.lot).get(claim_id, ())
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
            {"earning": one.earning_id, "amount": decimal_text(one.amount_minor, currency)} for one in drawn
        ],
        "adds_up": sum(one.amount_minor for one in drawn) == row.approved,
    }


def explain_transfer(tx: Connection, transfer_id: str) -> dict[str, Any] | None:
    """Return a transfer with its two entries, what it refers to, and what corrected it; None if unknown."""
    row = tx.execute(sa.select(transfers).where(transfers.c.id == transfer_id)).first()
    if row is None:
        return None
    sides = sa.select(entries).where(entries.c.transfer_id == transfer_id).order_by(entries.c.amount)
    back = sa.select(transfers).where(transfers.c.corrects == transfer_id).order_by(transfers.c.id)
    references = dict(row.references)
    return {
        "transfer": row.id,
        "kind": row.kind,
        "amount": decimal_text(row.amount, row.currency),
        "currency": row.currency,
        "effective_on": row.effective_on.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "corrects": row.corrects,
        "references": references,
        "entries": [
            {
                "account": one.account,
                "sequence": one.sequence,
                "amount": decimal_text(one.amount, row.currency),
                "balance_after": decimal_text(one.balance_after, row.currency),
            }
            for one in tx.execute(sides)
        ],
        "corrected_by": [
            {"transfer": one.id, "kind": one.kind, "amount": decimal_text(one.amount, one.currency)}
            for one in tx.execute(back)
        ],
        "earnings": _earnings(tx, [references["earning"]]) if "earning" in references else [],
    }


def transfer_of_entry(tx: Connection, account: str, sequence: int) -> str | None:
    """Return the transfer of an entry, named by its account and sequence."""
    chosen = sa.select(entries.c.transfer_id).where(
        entries.c.account == account, entries.c.sequence == sequence
    )
    found: str | None = tx.execute(chosen).scalar_one_or_none()
    return found
