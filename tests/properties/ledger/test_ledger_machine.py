"""A machine that earns, claims, pays, expires and jumps the clock, held against plain dictionaries."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.base import Period
from schemas.money import Money
from services.kit import tables as kit_tables
from services.kit.database import Database
from services.ledger.core.refusals import Refused
from services.ledger.handlers.claims import Reservation, approve, release, reserve
from services.ledger.handlers.earnings import Earning, record_earning
from services.ledger.handlers.jobs import next_due, run_due
from services.ledger.handlers.plans import Plan, approve_plan, set_limit
from services.ledger.queries.balances import balances
from services.ledger.queries.verification import verify
from services.ledger.store.tables import accounts, hold_resolutions, metadata, plan_usage
from services.rules.periods import Month
from tests.unit.ledger.ledger_cases import LOCATION, PACKS, PARTNER, PROGRAM, USAGE, instant

OPENS, CLOSES = instant("2019-07-01T00:00:00-07:00"), instant("2020-02-15T00:00:00-08:00")
HALF_END = OPENS
THRESHOLD = 400_000
PLAN_MONTHS = [Month(2019, number) for number in range(1, 13)]
CLAIMS = ["C1", "C2", "C3"]
AMOUNTS = st.integers(1, 900_000)


class Model:
    """The same ledger as plain dictionaries: cents of one co-op lot and one plan, no accounts and no entries."""

    def __init__(self) -> None:
        self.earned: dict[str, int] = {}
        self.months: dict[str, int] = defaultdict(int)
        self.claims: dict[str, dict[str, Any]] = {}
        self.revisions: dict[str, int] = defaultdict(int)
        self.outcome = "open"
        self.swept = False
        self.expired = 0
        self.plan_earned: dict[str, int] = {}
        self.plan_paid: dict[str, int] = defaultdict(int)
        self.limits: list[tuple[str, int]] = []

    @property
    def coop(self) -> int:
        """Month totals, split once: the order of the lines must not matter."""
        return sum(total - _half_up(total * 6, 10) for total in self.months.values())

    def used(self) -> int:
        """What claims hold or have been approved."""
        return sum(
            claim["amount"] for claim in self.claims.values() if claim["status"] in ("held", "approved")
        )

    def available(self) -> int:
        """What is free to claim."""
        return self.coop - self.used() - self.expired if self.outcome == "claimable" else 0


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


class LedgerMachine(RuleBasedStateMachine):
    """Every step is done to the ledger and to the model; they must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database("sqlite:///:memory:")
        with self.database.write() as tx:
            kit_tables.metadata.create_all(tx)
            metadata.create_all(tx)
        self.model = Model()
        self.now: datetime = instant("2019-01-05T00:00:00-08:00")
        self.numbers = 0
        self.messages: list[Any] = []

    def teardown(self) -> None:
        self.database.close()

    @initialize(limit=st.integers(0, 500_000))
    def approve_a_plan(self, limit: int) -> None:
        plan = Plan(
            "PL", PARTNER, LOCATION, "plan-program", "f", PLAN_MONTHS[0], PLAN_MONTHS[-1],
            Money(amount_minor=limit, currency="USD"), "plans-2022-08",
        )  # fmt: skip
        self.model.limits.append((str(PLAN_MONTHS[0]), limit))
        self._do(lambda tx: approve_plan(tx, PACKS, plan, now=self.now))

    def _do(self, message: Any) -> Any:
        """Apply a message, and keep it so that it can be repeated."""
        self.messages.append(message)
        with self.database.write() as tx:
            try:
                return message(tx)
            except Refused as refusal:
                return refusal.code

    @rule(amount=AMOUNTS, month=st.integers(1, 6))
    def earn(self, amount: int, month: int) -> None:
        if self.now >= HALF_END:
            return
        self.numbers += 1
        earning = Earning(
            f"e{self.numbers}", PARTNER, LOCATION, PROGRAM, Month(2019, month), Money(amount_minor=amount, currency="USD"),
            pack="csp-2019-11",
        )  # fmt: skip
        now = self.now
        assert self._do(lambda tx: record_earning(tx, PACKS, earning, now=now)).status in (
            "created",
            "exists",
        )
        self.model.months[str(earning.month)] += amount
        self.model.earned[earning.id] = amount

    @rule(amount=AMOUNTS)
    def earn_for_the_plan(self, amount: int) -> None:
        month = Month.of(self.now.date())
        if month not in PLAN_MONTHS:
            return
        self.numbers += 1
        earning = Earning(
            f"p{self.numbers}", PARTNER, LOCATION, "plan-program", month, Money(amount_minor=amount, currency="USD"),
            pack="plans-2022-08",
        )  # fmt: skip
        now = self.now
        self._do(lambda tx: record_earning(tx, PACKS, earning, now=now))
        self.model.plan_earned[earning.id] = amount

    @rule(limit=st.integers(0, 900_000))
    def change_the_limit(self, limit: int) -> None:
        now = self.now
        self._do(
            lambda tx: set_limit(
                tx, PACKS, "PL", Money(amount_minor=limit, currency="USD"), recorded_at=now, now=now
            )
        )

    @rule(claim=st.sampled_from(CLAIMS), amount=AMOUNTS, late=st.booleans())
    def reserve(self, claim: str, amount: int, late: bool) -> None:
        standing = self.model.claims.get(claim)
        if standing is not None and standing["status"] == "approved":
            return
        received = min(self.now, CLOSES - timedelta(microseconds=1)) if late else self.now
        self.model.revisions[claim] += 1
        revision = self.model.revisions[claim]
        asked = Reservation(
            claim, revision, PARTNER, LOCATION, PROGRAM, Period.parse(USAGE), "digital_advertising",
            Money(amount_minor=amount, currency="USD"), received, "csp-2019-11",
        )  # fmt: skip
        now = self.now
        done = self._do(lambda tx: reserve(tx, PACKS, asked, now=now))
        own = standing["amount"] if standing and standing["status"] == "held" else 0
        free = self.model.available() + own + (self.model.expired if self.model.swept else 0)
        if received < OPENS:
            assert done == "WINDOW_NOT_OPEN"
        elif received >= CLOSES:
            assert done in ("DEADLINE_PASSED", "FUNDS_INSUFFICIENT")
        elif amount > free:
            assert done == "FUNDS_INSUFFICIENT"
        else:
            assert done.amount_minor == amount
            self.model.claims[claim] = {"status": "held", "amount": amount}
            if self.model.swept:
                self.model.expired = self.model.coop - self.model.used()

    @rule(claim=st.sampled_from(CLAIMS), part=st.integers(1, 100))
    def settle(self, claim: str, part: int) -> None:
        standing = self.model.claims.get(claim)
        held = standing["amount"] if standing and standing["status"] == "held" else 0
        amount = max(1, held * part // 100)
        now = self.now
        money = Money(amount_minor=amount, currency="USD")
        done = self._do(lambda tx: approve(tx, PACKS, claim, money, at=now, now=now))
        if standing is None:
            assert done in ("CLAIM_UNKNOWN", "CLAIM_NOT_RESERVED")
        elif held:
            assert done == money
            self.model.claims[claim] = {**standing, "status": "approved", "amount": amount}
            if self.model.swept:
                self.model.expired = self.model.coop - self.model.used()

    @rule(claim=st.sampled_from(CLAIMS))
    def release(self, claim: str) -> None:
        now = self.now
        done = self._do(lambda tx: release(tx, PACKS, claim, at=now, now=now))
        standing = self.model.claims.get(claim)
        if standing is None:
            assert done in ("CLAIM_UNKNOWN", None)
        elif standing["status"] == "held":
            self.model.claims[claim] = {**standing, "status": "released", "amount": 0}
            if self.model.swept:
                self.model.expired = self.model.coop - self.model.used()

    @rule(days=st.sampled_from([1, 7, 31, 62, 200]))
    def jump_the_clock(self, days: int) -> None:
        self.now += timedelta(days=days)
        run_due(self.database, PACKS, self.now)
        if self.now >= HALF_END and self.model.outcome == "open" and self.model.earned:
            self.model.outcome = "claimable" if self.model.coop > THRESHOLD else "converted"
        if self.now >= CLOSES and self.model.outcome == "claimable" and not self.model.swept:
            self.model.swept = True
            self.model.expired = self.model.coop - self.model.used()

    @rule(data=st.data())
    def repeat_a_message(self, data: st.DataObject) -> None:
        if not self.messages:
            return
        before = self._balances()
        kept = list(self.messages)
        index = data.draw(st.integers(0, len(kept) - 1))
        settled = {"earn", "approve_a_plan", "earn_for_the_plan"}
        if kept[index].__qualname__.split(".")[-3] in settled:
            self._do(kept[index])
            self.messages = kept
            assert self._balances() == before

    def _balances(self) -> dict[tuple[str, str], int]:
        with self.database.read() as tx:
            found: dict[tuple[str, str], int] = defaultdict(int)
            for row in balances(tx):
                found[row.program, row.bucket] += row.amount.amount_minor
            return dict(found)

    @invariant()
    def the_ledger_agrees_with_the_model(self) -> None:
        model, found = self.model, self._balances()
        coop = {bucket: amount for (program, bucket), amount in found.items() if program == PROGRAM}
        assert sum(coop.values()) == sum(model.earned.values())
        statuses = defaultdict(int)
        for claim in model.claims.values():
            statuses[claim["status"]] += claim["amount"]
        assert coop.get("coop_reserved", 0) == statuses["held"]
        assert coop.get("coop_available", 0) == model.available()
        assert coop.get("expired", 0) == model.expired
        if model.outcome == "open":
            assert coop.get("coop_accruing", 0) == model.coop
        plan = {bucket: amount for (program, bucket), amount in found.items() if program == "plan-program"}
        assert sum(plan.values()) == sum(model.plan_earned.values())
        assert all(amount > 0 for amount in found.values())

    @invariant()
    def the_ledger_is_sound(self) -> None:
        assert verify(self.database) == []
        with self.database.read() as tx:
            assert not tx.execute(
                sa.select(accounts).where(accounts.c.posted - accounts.c.held < -accounts.c.floor)
            ).all()
            assert not tx.execute(sa.select(plan_usage).where(plan_usage.c.paid > plan_usage.c.cap)).all()
            assert not tx.execute(
                sa.select(hold_resolutions.c.hold_id)
                .group_by(hold_resolutions.c.hold_id)
                .having(sa.func.count() > 1)
            ).all()

    @invariant()
    def nothing_that_is_due_is_left_undone(self) -> None:
        run_due(self.database, PACKS, self.now)
        due = next_due(self.database)
        assert due is None or due > self.now


LedgerMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestLedgerMachine = LedgerMachine.TestCase
