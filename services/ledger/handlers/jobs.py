"""Runs that fall due by the calendar: closes, expiries, payouts. Derived from what is recorded, each done once."""

from datetime import datetime

from sqlalchemy.engine import Connection

from services.kit.database import Database
from services.ledger.handlers.lots import close_ended, sweep_closed
from services.ledger.handlers.payouts import forfeit, pay
from services.ledger.handlers.terms import Packs, local_month, pack_named
from services.ledger.store import runs
from services.ledger.store.runs import Schedule
from services.rules.pack_model import RulePack
from services.rules.paydays import payday
from services.rules.periods import Month
from services.rules.windows import midnight

MONTHS_BACK = 4
"""A month is paid at most this many months after it (pay day two months later, rolled over a month's end)."""


class RunStuck(RuntimeError):
    """A run was done and is still due: going on would never end."""

    code = "RUN_STUCK"

    def __init__(self, at: datetime) -> None:
        super().__init__(f"the run of {at.isoformat()} is due again after it was done")


def run_due(database: Database, packs: Packs, now: datetime) -> int:
    """Do every run that is due at or before `now`, in date order, one transaction each; returns how many instants."""
    count = 0
    while True:
        with database.write() as tx:
            done = run_next(tx, packs, now=now)
        if done == 0:
            return count
        count += done


def next_due(database: Database) -> datetime | None:
    """Return the earliest instant at which a run is due."""
    with database.read() as tx:
        return runs.next_due(tx)


def catch_up(tx: Connection, packs: Packs, *, now: datetime) -> None:
    """Do what is due before something is recorded: so a run takes only what was recorded before its instant."""
    due = runs.next_due(tx)
    while due is not None and due <= now:
        run_next(tx, packs, now=now)
        due = runs.next_due(tx)


def run_next(tx: Connection, packs: Packs, *, now: datetime) -> int:
    """Do the runs of the earliest instant that is due: closes, expiries, forfeitures, payouts."""
    runs.take_turn(tx)
    at = runs.next_due(tx)
    if at is None or at > now:
        return 0
    if close_ended(tx, packs, at=at, now=now):
        runs.record_job(tx, "close", at, now)
    if sweep_closed(tx, at=at, now=now):
        runs.record_job(tx, "expiry", at, now)
    if forfeit(tx, packs, at=at, now=now):
        runs.record_job(tx, "forfeiture", at, now)
    for schedule in runs.due_schedules(tx, at):
        pack = pack_named(packs, schedule.pack)
        if runs.record_job(tx, f"payout/{schedule.pack}", schedule.next_payout_at, now):
            pay(tx, packs, schedule, now=now)
        runs.set_schedule(tx, _run_for(pack, Month.parse(schedule.month).plus(1)))
    if runs.next_due(tx) == at:
        raise RunStuck(at)
    return 1


def schedule_payouts(tx: Connection, pack: RulePack, *, now: datetime) -> None:
    """Begin the payout runs of a pack that has come into use: with the first pay day after `now`."""
    if runs.schedule(tx, pack.id) is not None:
        return
    month = local_month(pack, now).plus(-MONTHS_BACK)
    while _run_for(pack, month).next_payout_at <= now:
        month = month.plus(1)
    runs.set_schedule(tx, _run_for(pack, month))


def _run_for(pack: RulePack, month: Month) -> Schedule:
    day = payday(pack, month)
    return Schedule(pack.id, str(month), day, midnight(day, pack.zone))
