"""The ledger as a taker of events and a doer of runs: translates, and nothing else."""

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from schemas.decisions import Outcome
from schemas.events import (
    CLAIM_DECIDED,
    CLAIM_VALIDATED,
    CLAIM_WITHDRAWN,
    PLAN_APPROVED,
    PLAN_LIMIT_RAISED,
    ClaimDecided,
    ClaimValidated,
    ClaimVerdict,
    ClaimWithdrawn,
    Envelope,
    PlanApproved,
    PlanLimitRaised,
)
from services.kit.clock import Clock
from services.kit.consumer import Consumer, RetryLater, Unprocessable
from services.kit.database import Database
from services.kit.platform import Platform
from services.kit.scheduler import Job
from services.ledger.handlers import claim_events, plans
from services.ledger.handlers.claims import Reservation
from services.ledger.handlers.feed import sequence
from services.ledger.handlers.jobs import run_due
from services.ledger.handlers.refusals import NotYet, PlanUnknown, Refused
from services.ledger.handlers.terms import Packs
from services.rules.periods import Month

SUBSCRIPTIONS = (CLAIM_VALIDATED, CLAIM_DECIDED, CLAIM_WITHDRAWN, PLAN_APPROVED, PLAN_LIMIT_RAISED)
"""The event types that the ledger takes."""


class LedgerConsumer:
    """Reserves on validation, settles or releases on the decision, keeps plans and their limits."""

    name = "ledger"
    subscriptions: tuple[str, ...] = SUBSCRIPTIONS

    def __init__(self, packs: Packs, clock: Clock) -> None:
        self._packs = packs
        self._clock = clock

    def prepare(self, event: Envelope[Any]) -> None:
        """Nothing is read outside the transaction."""

    def handle(self, tx: Connection, event: Envelope[Any], prepared: None) -> None:
        """Apply one event. Raises RetryLater for what must come first, Unprocessable for what cannot be."""
        try:
            self._apply(tx, event.data, self._clock.now())
        except (NotYet, PlanUnknown) as missing:
            raise RetryLater(str(missing)) from missing
        except Refused as refusal:
            raise Unprocessable(f"{refusal.code}: {refusal}") from refusal

    def _apply(self, tx: Connection, told: Any, now: datetime) -> None:
        match told:
            case ClaimValidated():
                if told.decision.outcome in (Outcome.CLEAN, Outcome.REMARKS):
                    claim_events.validated(tx, self._packs, _reservation(told), now=now)
            case ClaimDecided(verdict=ClaimVerdict.APPROVED):
                claim_events.approved(
                    tx, self._packs, told.claim_id, told.revision, told.approved, at=told.decided_at, now=now
                )
            case ClaimDecided() | ClaimWithdrawn():
                self._closed(tx, told, now)
            case PlanApproved():
                plans.approve_plan(tx, self._packs, _plan(told), now=now)
            case PlanLimitRaised():
                plans.set_limit(tx, self._packs, told.plan, told.limit, recorded_at=told.recorded_at, now=now)

    def _closed(self, tx: Connection, told: ClaimDecided | ClaimWithdrawn, now: datetime) -> None:
        withdrawn = isinstance(told, ClaimWithdrawn)
        claim_events.closed(
            tx,
            self._packs,
            claim_events.Closing(
                told.claim_id,
                told.revision,
                told.partner_id,
                told.location,
                told.program,
                withdrawn,
                told.withdrawn_at if isinstance(told, ClaimWithdrawn) else told.decided_at,
            ),
            now=now,
        )


def _reservation(told: ClaimValidated) -> Reservation:
    return Reservation(
        claim=told.claim_id,
        revision=told.revision,
        partner=told.partner_id,
        location=told.location,
        program=told.program,
        usage_period=told.usage_period,
        activity=told.activity,
        amount=told.decision.amount_payable,
        effective_on=told.effective_on,
    )


def _plan(told: PlanApproved) -> plans.Plan:
    return plans.Plan(
        plan=told.plan,
        partner=told.partner_id,
        location=told.location,
        program=told.program,
        fund=told.fund,
        first_month=Month.of(told.period.start),
        last_month=Month.of(told.period.end),
        limit=told.limit,
    )


class RunsJob:
    """Closes, expiries and payout runs."""

    name = "ledger_runs"

    def __init__(self, database: Database, packs: Packs) -> None:
        self._database = database
        self._packs = packs

    def run_due(self, now: datetime) -> int:
        """Do every run that is due at or before `now`, in date order."""
        return run_due(self._database, self._packs, now)


class SequencerJob:
    """Gives committed events their positions in the feed; it is due whenever an event waits."""

    name = "ledger_sequencer"

    def __init__(self, database: Database) -> None:
        self._database = database

    def run_due(self, now: datetime) -> int:
        """Place every event that waits; returns how many."""
        return sequence(self._database)


def consumer(platform: Platform) -> Consumer:
    """The ledger's consumer of events."""
    return LedgerConsumer(platform.packs, platform.clock)


def jobs(platform: Platform) -> list[Job]:
    """The ledger's scheduled work, in the order in which it is asked."""
    return [RunsJob(platform.database, platform.packs), SequencerJob(platform.database)]
