"""Whether the ledger is sound: every invariant, recomputed from the rows, naming the first row that breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services.kit.database import Database
from services.ledger.core.posting import CHAIN_START, chain_sha256, row_sha256
from services.ledger.handlers.feed import sequence
from services.ledger.store.posting import hashed
from services.ledger.store.runs import RETURNED
from services.ledger.store.tables import (
    accounts,
    earnings,
    entries,
    events,
    hold_resolutions,
    holds,
    payouts,
    plan_usage,
    positions,
    transfers,
)


@dataclass(frozen=True)
class Problem:
    """One broken invariant and the first row that breaks it."""

    code: str
    where: str
    detail: str


def verify(database: Database) -> list[Problem]:
    """Return a problem for each invariant that does not hold; an empty list for a sound ledger."""
    sequence(database)
    with database.read() as tx:
        found = [next(check(tx), None) for check in _CHECKS]
    return [problem for problem in found if problem is not None]


def _entries_run_on(tx: Connection) -> Iterator[Problem]:
    """Sequences without gaps, running balances, and the account as its last entry says."""
    standing: dict[str, tuple[int, int, int]] = {}
    for row in tx.execute(sa.select(entries).order_by(entries.c.account, entries.c.sequence)):
        sequence_before, posted, held = standing.get(row.account, (0, 0, 0))
        where = f"{row.account} #{row.sequence}"
        if row.sequence != sequence_before + 1:
            yield Problem("SEQUENCE_GAP", where, f"the entry before it is #{sequence_before}")
        if (row.balance_after, row.held_after) != (posted + row.amount, held + row.held_change):
            yield Problem(
                "BALANCE_WRONG", where, f"{posted} {row.amount:+d} does not come to {row.balance_after}"
            )
        standing[row.account] = (row.sequence, row.balance_after, row.held_after)
    for row in tx.execute(sa.select(accounts).order_by(accounts.c.id)):
        if standing.get(row.id, (0, 0, 0)) != (row.sequence, row.posted, row.held):
            yield Problem("ACCOUNT_WRONG", row.id, "the account does not stand as its last entry says")
        if row.posted - row.held < -row.floor:
            yield Problem("FLOOR_CROSSED", row.id, f"{row.posted} less {row.held} held is below {-row.floor}")


def _transfers_whole(tx: Connection) -> Iterator[Problem]:
    """Each transfer has its two entries and the hash it was inserted with."""
    sides: dict[str, list[Any]] = {}
    for row in tx.execute(sa.select(entries)):
        sides.setdefault(row.transfer_id, []).append(row)
    for row in tx.execute(sa.select(transfers).order_by(transfers.c.recorded_at, transfers.c.id)):
        pair = sorted(sides.pop(row.id, []), key=lambda entry: entry.amount)
        expected = [(row.source, -row.amount), (row.target, row.amount)]
        if [(entry.account, entry.amount) for entry in pair] != expected:
            yield Problem("ENTRIES_WRONG", row.id, "a transfer has one entry on each of its two accounts")
            continue
        if row_sha256(hashed(row._asdict()), [entry._asdict() for entry in pair]) != row.row_sha256:
            yield Problem("ROW_CHANGED", row.id, "the row is not what it was when it was inserted")
    for transfer_id in sorted(sides):
        yield Problem("TRANSFER_MISSING", transfer_id, "entries name a transfer that is not there")


def _conserved(tx: Connection) -> Iterator[Problem]:
    """Debits equal credits per currency."""
    chosen = sa.select(accounts.c.currency, sa.func.sum(accounts.c.posted).label("total")).group_by(
        accounts.c.currency
    )
    for row in tx.execute(chosen):
        if row.total != 0:
            yield Problem("NOT_CONSERVED", row.currency, f"all accounts come to {row.total} instead of 0")


def _holds_resolved_once(tx: Connection) -> Iterator[Problem]:
    """A hold is settled and released for exactly its amount; what is unresolved is what accounts hold."""
    chosen = sa.select(holds, hold_resolutions.c.settled, hold_resolutions.c.released).outerjoin(
        hold_resolutions, hold_resolutions.c.hold_id == holds.c.id
    )
    unresolved = 0
    for row in tx.execute(chosen.order_by(holds.c.id)):
        if row.settled is None:
            unresolved += row.amount
        elif row.settled + row.released != row.amount:
            yield Problem("HOLD_WRONG", row.id, f"{row.settled} + {row.released} is not {row.amount}")
    held = int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(accounts.c.held), 0))).scalar_one())
    if held != unresolved:
        yield Problem(
            "HOLD_WRONG", "ledger_holds", f"accounts hold {held}, unresolved holds come to {unresolved}"
        )


def _chained(tx: Connection) -> Iterator[Problem]:
    """Positions without gaps, and each partner's chain over the hashes of its rows."""
    links: dict[str, str] = {}
    chosen = sa.select(positions, transfers.c.row_sha256).outerjoin(
        transfers, transfers.c.id == positions.c.transfer_id
    )
    for number, row in enumerate(tx.execute(chosen.order_by(positions.c.position)), start=1):
        if row.position != number:
            yield Problem("POSITION_GAP", str(row.position), f"position {number} is missing")
            return
        links[row.partner] = chain_sha256(links.get(row.partner, CHAIN_START), row.row_sha256 or "")
        if links[row.partner] != row.chain_sha256:
            yield Problem(
                "CHAIN_BROKEN", row.transfer_id, f"the chain of {row.partner} breaks at position {number}"
            )
            return


def _events_told(tx: Connection) -> Iterator[Problem]:
    """One event for each transfer, telling the same."""
    chosen = sa.select(transfers.c.id, transfers.c.amount, transfers.c.kind, events.c.event).outerjoin(
        events, events.c.transfer_id == transfers.c.id
    )
    for row in tx.execute(chosen.order_by(transfers.c.id)):
        if row.event is None:
            yield Problem("EVENT_MISSING", row.id, "the transfer was never told")
            continue
        told = row.event["data"]
        if told["transfer_id"] != row.id or told["kind"] != row.kind:
            yield Problem("EVENT_WRONG", row.id, "the event tells something else")


def _limits_kept(tx: Connection) -> Iterator[Problem]:
    """No plan was paid beyond its limit, and what was counted was paid."""
    counted: dict[str, int] = {}
    for row in tx.execute(sa.select(plan_usage).order_by(plan_usage.c.plan, plan_usage.c.month)):
        if row.paid > row.cap:
            yield Problem(
                "LIMIT_CROSSED", f"{row.plan} {row.month}", f"{row.paid} paid, {row.cap} is the limit"
            )
        counted[row.plan] = counted.get(row.plan, 0) + row.paid
    paid: dict[str, int] = {}
    sums: dict[str, int] = {}
    kinds = ("payout_paid", *[f"payment_{state}" for state in RETURNED])
    for row in tx.execute(sa.select(transfers).where(transfers.c.kind.in_(kinds))):
        if "plan" in row.references:
            signed = row.amount if row.kind == "payout_paid" else -row.amount
            paid[row.references["plan"]] = paid.get(row.references["plan"], 0) + signed
        if row.kind == "payout_paid":
            payout = row.references.get("payout", "")
            sums[payout] = sums.get(payout, 0) + row.amount
    for plan in sorted(counted):
        if counted[plan] != paid.get(plan, 0):
            yield Problem("LIMIT_WRONG", plan, f"{counted[plan]} counted, {paid.get(plan, 0)} paid")
    for row in tx.execute(sa.select(payouts).order_by(payouts.c.id)):
        if sums.get(row.id, 0) != row.amount:
            yield Problem("PAYOUT_WRONG", row.id, f"{row.amount} paid out, {sums.get(row.id, 0)} moved")


def _corrections_bounded(tx: Connection) -> Iterator[Problem]:
    """All corrections of a transfer or an earning together never exceed it."""
    amounts = {row.id: row.amount for row in tx.execute(sa.select(transfers.c.id, transfers.c.amount))}
    corrected = sa.select(transfers.c.corrects, sa.func.sum(transfers.c.amount).label("total"))
    for row in tx.execute(corrected.where(transfers.c.corrects.is_not(None)).group_by(transfers.c.corrects)):
        if row.total > amounts.get(row.corrects, 0):
            yield Problem("CORRECTION_EXCEEDS", row.corrects, f"its corrections come to {row.total}")
    booked = {row.id: row for row in tx.execute(sa.select(earnings).order_by(earnings.c.number))}
    for row in booked.values():
        if row.rebate + row.coop + row.payable != row.amount:
            yield Problem("EARNING_WRONG", row.id, "its parts do not add up to it")
    totals: dict[str, int] = {}
    for row in booked.values():
        if row.corrects is not None:
            totals[row.corrects] = totals.get(row.corrects, 0) + row.amount
    for name in sorted(totals):
        if name not in booked or abs(totals[name]) > abs(booked[name].amount):
            yield Problem("CORRECTION_EXCEEDS", name, f"its corrections come to {totals[name]}")


_CHECKS: tuple[Callable[[Connection], Iterator[Problem]], ...] = (
    _entries_run_on,
    _transfers_whole,
    _conserved,
    _holds_resolved_once,
    _chained,
    _events_told,
    _limits_kept,
    _corrections_bounded,
)
