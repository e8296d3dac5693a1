"""A look ahead: the same runs as later, in a transaction that is taken back."""

from dataclasses import dataclass
from datetime import date, datetime

from services.kit.database import Database
from services.ledger.handlers.jobs import run_next
from services.ledger.handlers.terms import Packs
from services.ledger.store import payments, runs
from services.ledger.store.payments import Withheld
from services.ledger.store.runs import PayoutRow


@dataclass(frozen=True)
class Preview:
    """What runs would pay, and what would be withheld after them."""

    payouts: tuple[PayoutRow, ...]
    withheld: tuple[Withheld, ...]


class _TakenBack(Exception):
    """Ends the transaction of a preview."""


def preview(database: Database, packs: Packs, on: date, *, now: datetime) -> Preview:
    """Return what the runs with a pay day up to `on` would pay, from what is recorded now; nothing is kept."""
    found = Preview((), ())
    try:
        with database.write() as tx:
            runs.take_turn(tx)
            known = {row.id for row in runs.payouts_of(tx, run_from=now)}
            while (due := runs.next_due(tx)) is not None and due.date() <= on:
                run_next(tx, packs, now=max(due, now))
            payouts = [row for row in runs.payouts_of(tx, run_from=now) if row.id not in known]
            found = Preview(
                tuple(row for row in payouts if row.pay_day <= on),
                tuple(row for row in payments.open_withheld(tx) if row.pay_day <= on),
            )
            raise _TakenBack
    except _TakenBack:
        return found
