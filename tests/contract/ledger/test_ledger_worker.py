"""The ledger as a consumer, on each database: events in, effects once, refusals and waits as they are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from schemas.base import Period
from schemas.decisions import Decision, Outcome
from schemas.events import (
    CLAIM_DECIDED,
    CLAIM_VALIDATED,
    CLAIM_WITHDRAWN,
    EVENT_DATA,
    PLAN_APPROVED,
    PLAN_LIMIT_RAISED,
    RESERVE_REFUSED,
    ClaimDecided,
    ClaimValidated,
    ClaimVerdict,
    ClaimWithdrawn,
    Envelope,
    PlanApproved,
    PlanLimitRaised,
)
from schemas.money import Money
from services.kit import events
from services.kit.clock import ManualClock
from services.kit.consumer import Status, deliver
from services.kit.database import Database
from services.kit.limits import Limits
from services.kit.tables import outbox
from services.ledger.handlers.jobs import run_due
from services.ledger.queries.balances import balances
from services.ledger.queries.explanation import explain_claim, explain_payout
from services.ledger.queries.statements import payout_list
from services.ledger.queries.verification import verify
from services.ledger.worker import SUBSCRIPTIONS, LedgerConsumer, RunsJob, SequencerJob
from tests.unit.ledger.ledger_cases import LOCATION, PACKS, PARTNER, PROGRAM, USAGE, earn, instant

JULY = instant("2019-07-10T00:00:00-07:00")
OWNER: dict[str, Any] = {"partner_id": PARTNER, "location": LOCATION, "program": PROGRAM}


def claim_id(number: int) -> str:
    return f"clm_{number:026d}"


def envelope(event_type: str, data: Any, key: str) -> Envelope[Any]:
    return events.new_event(
        event_type, data, source="test", subject=key, partner_id=PARTNER, key=key, at=JULY
    )


def validated(
    number: int, amount: str, *, revision: int = 1, outcome: Outcome = Outcome.CLEAN
) -> Envelope[Any]:
    money = Money.of(amount, "USD")
    decision = Decision(
        decision_id="dec_" + "0" * 32,
        claim_id=claim_id(number),
        claim_revision=revision,
        pack_id="csp-2019-11",
        pack_sha256="0" * 64,
        engine_version="1",
        inputs_sha256="0" * 64,
        outcome=outcome,
        findings=(),
        amount_requested=money,
        amount_payable=money,
        decided_at=JULY,
    )
    told = ClaimValidated(
        claim_id=claim_id(number),
        revision=revision,
        usage_period=Period.parse(USAGE),
        activity="digital_advertising",
        effective_on=JULY,
        decision=decision,
        **OWNER,
    )
    return envelope(CLAIM_VALIDATED, told, f"v{number}/{revision}")


def decided(number: int, verdict: ClaimVerdict, amount: str | None = None) -> Envelope[Any]:
    told = ClaimDecided(
        claim_id=claim_id(number),
        revision=1,
        verdict=verdict,
        approved=Money.of(amount, "USD") if amount else None,
        actor="reviewer",
        decided_at=JULY,
        **OWNER,
    )
    return envelope(CLAIM_DECIDED, told, f"d{number}")


def withdrawn(number: int) -> Envelope[Any]:
    told = ClaimWithdrawn(claim_id=claim_id(number), revision=1, actor="partner", withdrawn_at=JULY, **OWNER)
    return envelope(CLAIM_WITHDRAWN, told, f"w{number}")


class Ledger:
    """A ledger with 10,000.00 of claimable co-op and its consumer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock(JULY)
        self.consumer = LedgerConsumer(PACKS, self.clock)
        with database.write() as tx:
            earn(tx, "e1", "2019-02", "10000.00", now=instant("2019-03-02T00:00:00Z"))
            earn(tx, "e2", "2019-03", "15000.00", now=instant("2019-04-02T00:00:00Z"))
        run_due(database, PACKS, JULY)

    def take(self, event: Envelope[Any]) -> Status:
        return deliver(self.database, self.clock, self.consumer, event, limits=Limits()).status

    def bucket(self, name: str) -> str:
        with self.database.read() as tx:
            found = [row.amount.amount for row in balances(tx, partner=PARTNER) if row.bucket == name]
        return found[0] if found else "0.00"

    def until(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        RunsJob(self.database, PACKS).run_due(moment)
        SequencerJob(self.database).run_due(moment)

    def told(self, event_type: str) -> int:
        with self.database.read() as tx:
            chosen = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.type == event_type)
            return int(tx.execute(chosen).scalar_one())


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def test_the_consumer_takes_what_it_subscribes_to(ledger: Ledger) -> None:
    assert ledger.consumer.name == "ledger"
    assert set(SUBSCRIPTIONS) <= set(EVENT_DATA)


def test_a_claim_goes_from_validation_over_approval_to_a_payout_that_can_be_explained(ledger: Ledger) -> None:
    assert ledger.take(validated(1, "5000.00")) is Status.DONE
    assert ledger.take(validated(1, "5000.00")) is Status.REPEATED
    assert ledger.take(decided(1, ClaimVerdict.APPROVED, "4500.00")) is Status.DONE
    ledger.until(instant("2019-07-15T07:00:00Z"))
    with ledger.database.read() as tx:
        (payout,) = [row for row in payout_list(tx) if row.kind == "coop_claim"]
        told = explain_payout(tx, payout.id)
        claim = explain_claim(tx, claim_id(1))
    assert (payout.on.isoformat(), payout.amount.amount, payout.of) == (
        "2019-07-15",
        "4500.00",
        (claim_id(1),),
    )
    assert told is not None
    assert claim is not None
    assert told["claims"] == [claim]
    assert claim["earnings"] == [
        {"earning": "e1", "amount": "4000.00"},
        {"earning": "e2", "amount": "500.00"},
    ]
    assert [step["kind"] for step in claim["transfers"]] == [
        "funds_reserved",
        *sorted(
            ["claim_settled", "hold_released"],
            key=lambda kind: [t["id"] for t in claim["transfers"] if t["kind"] == kind],
        ),
        "payout_paid",
    ]
    assert verify(ledger.database) == []


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.LATE])
def test_a_blocked_claim_holds_nothing_and_keeps_what_an_earlier_revision_holds(
    ledger: Ledger, outcome: Outcome
) -> None:
    ledger.take(validated(1, "600.00"))
    assert ledger.take(validated(1, "700.00", revision=2, outcome=outcome)) is Status.DONE
    assert ledger.take(validated(2, "700.00", outcome=outcome)) is Status.DONE
    assert ledger.bucket("coop_reserved") == "600.00"


def test_remarks_do_not_keep_funds_from_being_held(ledger: Ledger) -> None:
    ledger.take(validated(1, "600.00", outcome=Outcome.REMARKS))
    assert ledger.bucket("coop_reserved") == "600.00"


def test_an_approval_that_came_first_is_tried_again_later(ledger: Ledger) -> None:
    assert ledger.take(decided(1, ClaimVerdict.APPROVED)) is Status.RETRIED
    assert ledger.bucket("coop_claimed") == "0.00"


def test_an_approval_of_more_than_is_held_is_parked(ledger: Ledger) -> None:
    ledger.take(validated(1, "600.00"))
    assert ledger.take(decided(1, ClaimVerdict.APPROVED, "601.00")) is Status.PARKED
    assert ledger.bucket("coop_reserved") == "600.00"


@pytest.mark.parametrize(
    "closing", [withdrawn(1), decided(1, ClaimVerdict.REJECTED)], ids=["withdrawn", "rejected"]
)
def test_a_closed_claim_gives_its_funds_back(ledger: Ledger, closing: Envelope[Any]) -> None:
    ledger.take(validated(1, "600.00"))
    assert ledger.take(closing) is Status.DONE
    assert ledger.bucket("coop_available") == "10000.00"


def test_a_plan_pays_once_it_is_approved_and_a_raise_counts_from_the_next_month(database: Database) -> None:
    clock = ManualClock(instant("2022-09-05T00:00:00Z"))
    consumer = LedgerConsumer(PACKS, clock)
    owner = {"partner_id": PARTNER, "location": LOCATION, "program": "plan-program"}
    plan = PlanApproved(
        plan="PL1",
        fund="f1",
        period=Period.parse("2022-08-04/2023-06-30"),
        limit=Money.of("10000.00", "USD"),
        approved_at=clock.now(),
        **owner,
    )
    raised = PlanLimitRaised(
        plan="PL1", partner_id=PARTNER, limit=Money.of("20000.00", "USD"), recorded_at=clock.now()
    )
    for event in (envelope(PLAN_APPROVED, plan, "p"), envelope(PLAN_LIMIT_RAISED, raised, "r")):
        assert deliver(database, clock, consumer, event, limits=Limits()).status is Status.DONE
    for number, month in enumerate(("2022-09", "2022-10")):
        clock.move_to(instant(f"{month}-28T00:00:00Z"))
        with database.write() as tx:
            earn(tx, f"e{number}", month, "15000.00", now=clock.now(), program="plan-program", fund="f1")
    run_due(database, PACKS, instant("2022-11-16T00:00:00Z"))
    with database.read() as tx:
        assert [row.amount.amount for row in payout_list(tx)] == ["10000.00", "20000.00"]
    assert verify(database) == []


def test_claims_that_come_at_once_never_hold_more_than_there_is(ledger: Ledger) -> None:
    claims = [validated(number, "1500.00") for number in range(1, 13)]
    with ThreadPoolExecutor(4) as crowd:
        statuses = list(crowd.map(ledger.take, claims))
    assert set(statuses) == {Status.DONE}
    assert ledger.bucket("coop_reserved") == "9000.00"
    assert ledger.told(RESERVE_REFUSED) == 6
    assert verify(ledger.database) == []


def test_the_same_earning_told_by_many_at_once_is_booked_once(database: Database) -> None:
    def tell(_: int) -> str:
        with database.write() as tx:
            return earn(tx, "e1", "2019-02", "9000.00", now=instant("2019-03-02T00:00:00Z")).status

    with ThreadPoolExecutor(4) as crowd:
        statuses = sorted(crowd.map(tell, range(6)))
    assert statuses == ["created", *["exists"] * 5]
    assert verify(database) == []


def test_two_revisions_of_a_new_claim_that_come_at_once_leave_one_hold(ledger: Ledger) -> None:
    told = [validated(1, "600.00"), validated(1, "700.00", revision=2)]
    with ThreadPoolExecutor(2) as crowd:
        assert set(crowd.map(ledger.take, told)) == {Status.DONE}
    assert ledger.bucket("coop_reserved") == "700.00"
    assert verify(ledger.database) == []


def test_catching_up_after_downtime_gives_what_would_have_been(database: Database) -> None:
    with database.write() as tx:
        earn(tx, "e1", "2019-02", "9000.00", now=instant("2019-03-02T00:00:00Z"))
        # Nothing ran since: this earning must not join the runs that were due before it.
        earn(tx, "e2", "2019-03", "9000.00", now=instant("2019-09-20T00:00:00Z"))
    run_due(database, PACKS, instant("2019-10-16T00:00:00Z"))
    with database.read() as tx:
        found = [(row.on.isoformat(), row.amount.amount, row.of) for row in payout_list(tx)]
    period = "2019-01-01/2019-06-30"
    assert sorted(found) == [
        ("2019-03-15", "5400.00", ("2019-02",)),
        ("2019-07-15", "3600.00", (period,)),
        ("2019-10-15", "5400.00", ("2019-03",)),
    ]
    assert verify(database) == []
