"""Whatever partner, reviewers, machine, ledger and clock do over HTTP and by events, in any order, a claim keeps its laws."""

import shutil
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from schemas.claims import TRANSITIONS, ClaimAct, ClaimState
from schemas.decisions import Outcome
from schemas.events import CLAIM_DECIDED
from services.intake.store import claims
from services.kit.database import Database
from tests.integration.intake.house import House, build_house, bundle, finding, manifest

REVIEWERS = st.sampled_from(["reviewer", "reviewer", "reviewer_2", "reviewer_2", "reviewer_a"])
BEHIND = st.sampled_from([0, 0, 0, 1])
DECIDED = {"approved", "rejected", "withdrawn"}
ACTS = {str(act) for act in ClaimAct}


class Story(RuleBasedStateMachine):
    """One claim of P-A; `template` is a migrated database to copy."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="coop-story-"))
        shutil.copyfile(self.template, self.folder / "coop.sqlite3")
        self.database = Database(f"sqlite:///{self.folder / 'coop.sqlite3'}")
        self.house: House = build_house(self.database, self.folder)
        self.checkout: int = 1
        self.seen_revision = 1
        self.rejecters: set[str] = set()

    def teardown(self) -> None:
        self.house.http.close()
        self.database.close()
        shutil.rmtree(self.folder)

    @initialize(ready=st.booleans())
    def submit(self, ready: bool) -> None:
        self.claim_id = self.house.ready() if ready else self.house.submitted()

    @property
    def claim(self) -> dict[str, Any]:
        return self.house.view(self.claim_id, "operator")

    def post(self, who: str, path: str, **body: Any) -> int:
        answer = self.house.call(who, "POST", path, **body)
        assert answer.status_code in (200, 202, 403, 409), answer.text
        return int(answer.status_code)

    @rule(
        outcome=st.sampled_from([Outcome.CLEAN, Outcome.CLEAN, Outcome.REMARKS, Outcome.BLOCKED]),
        behind=BEHIND,
    )
    def judge(self, outcome: Outcome, behind: int) -> None:
        revision = max(1, self.claim["revision"] - behind)
        findings = (finding("DOC_MISSING"),) if outcome is Outcome.BLOCKED else ()
        self.house.validated(self.claim_id, revision, outcome, findings)

    @rule(dollars=st.sampled_from([1000, 700]), behind=BEHIND)
    def reserve(self, dollars: int, behind: int) -> None:
        revision = max(1, self.claim["revision"] - behind)
        self.house.ledger("funds_reserved", self.claim_id, revision, f"{dollars}.00")

    @rule(dollars=st.sampled_from([1000, 700]))
    def judge_and_reserve(self, dollars: int) -> None:
        revision = self.claim["revision"]
        self.house.validated(self.claim_id, revision)
        self.house.ledger("funds_reserved", self.claim_id, revision, f"{dollars}.00")

    @rule()
    def refuse_funds(self) -> None:
        self.house.refused(self.claim_id, self.claim["revision"])

    @rule(who=REVIEWERS, amount=st.sampled_from([None, 300, 700, 1000, 1001]), behind=BEHIND)
    def approve(self, who: str, amount: int | None, behind: int) -> None:
        before = self.claim
        order: dict[str, Any] = {"verdict": "approve", "revision": max(1, before["revision"] - behind)}
        if amount is not None:
            order["amount"] = {"amount": f"{amount}.00", "currency": "USD"}
            order["reason_code"] = "CUT"
        status = self.post(who, f"/v1/claims/{self.claim_id}/decision", json=order)
        if status != 200:
            return
        reserved = before["reserved"]
        assert reserved is not None
        assert order["revision"] == before["revision"]
        assert who not in self.rejecters
        assert who != "reviewer_a"
        approved = self.claim["approved"]
        assert approved["amount"] == (f"{amount}.00" if amount is not None else reserved["amount"])
        assert Decimal(approved["amount"]) <= Decimal(reserved["amount"])
        self.no_other_desk(before, who)

    @rule(who=REVIEWERS, verdict=st.sampled_from(["ask", "reject"]), behind=BEHIND)
    def turn_down(self, who: str, verdict: str, behind: int) -> None:
        before = self.claim
        revision = max(1, before["revision"] - behind)
        order = {"verdict": verdict, "revision": revision, "reason_code": "NO_PROOF"}
        if self.post(who, f"/v1/claims/{self.claim_id}/decision", json=order) == 200:
            assert revision == before["revision"]
            assert who not in self.rejecters
            self.no_other_desk(before, who)
            if verdict == "reject":
                self.rejecters.add(who)

    def no_other_desk(self, before: dict[str, Any], who: str) -> None:
        """Nobody decides what lies on another's desk."""
        assert (
            self.desk is None
            or self.desk[0] == who
            or self.desk[1] <= self.house.clock.now()
            or (self.desk[2] != before["revision"])
        )
        self.desk = None

    desk: tuple[str, Any, int] | None = None

    @rule(who=st.sampled_from(["reviewer", "reviewer_2"]), best=st.booleans())
    def check_out(self, who: str, best: bool) -> None:
        path = "/v1/reviews/next" if best else f"/v1/reviews/{self.claim_id}/claim"
        answer = self.house.call(who, "POST", path)
        if answer.status_code != 200 or answer.json()["checkout"] is None:
            return
        taken = answer.json()["checkout"]
        now = self.house.clock.now()
        if self.desk is not None and self.desk[0] != who:
            assert self.desk[1] <= now or self.desk[2] != taken["revision"]
        self.checkout = taken["checkout"]
        seconds = self.house.platform.limits.checkout_seconds_max
        self.desk = (who, now + timedelta(seconds=seconds), taken["revision"])

    @rule(who=st.sampled_from(["reviewer", "reviewer_2"]), behind=BEHIND)
    def check_in(self, who: str, behind: int) -> None:
        number = max(1, self.checkout - behind)
        status = self.post(who, f"/v1/reviews/{self.claim_id}/release", json={"checkout": number})
        if status == 200:
            assert self.desk is not None
            assert (self.desk[0], number) == (who, self.checkout)
            assert self.house.clock.now() < self.desk[1]
            self.desk = None

    @rule(claimed=st.sampled_from(["1000.00", "900.00"]))
    def revise(self, claimed: str) -> None:
        before = self.claim
        content = bundle(manifest(claimed_amount=claimed))
        answer = self.house.send("a", content, path=f"/v1/claims/{self.claim_id}/revisions")
        assert (answer.status_code == 202) == (before["state"] == "action_required"), answer.text

    @rule()
    def dispute(self) -> None:
        self.post("a", f"/v1/claims/{self.claim_id}/dispute", json={"comment": "No."})

    @rule(really=st.sampled_from([False, False, False, True]))
    def withdraw(self, really: bool) -> None:
        if not really:  # most stories are to go on
            return
        before = self.claim["state"]
        status = self.post("a", f"/v1/claims/{self.claim_id}/withdraw", json={})
        assert (status == 200) == (before not in DECIDED)

    @rule(hours=st.sampled_from([1, 30]))
    def wait(self, hours: int) -> None:
        self.house.clock.move_to(self.house.clock.now() + timedelta(hours=hours))

    @invariant()
    def every_step_is_in_the_table_and_no_revision_is_lost(self) -> None:
        if not hasattr(self, "claim_id"):
            return
        claim = self.claim
        state = ClaimState.EDITING
        for entry in claim["history"]:
            if entry["act"] in ACTS:
                state = TRANSITIONS[state, ClaimAct(entry["act"])]
            assert entry["state"] == str(state), claim["history"]
        assert claim["state"] == str(state)
        with self.database.read() as tx:
            kept = claims.revision_numbers(tx, self.claim_id)
        assert kept == tuple(range(1, claim["revision"] + 1))
        assert claim["revision"] >= self.seen_revision
        self.seen_revision = claim["revision"]
        assert (claim["approved"] is not None) == (claim["state"] == "approved")
        told = [event for event in self.house.events() if event.type == CLAIM_DECIDED]
        assert len(told) == sum(entry["act"] in ("approve", "reject") for entry in claim["history"])


@pytest.mark.parametrize("runs", [10])
def test_no_sequence_of_acts_breaks_a_claim(sqlite_template: Path, runs: int) -> None:
    machine = type("TemplatedStory", (Story,), {"template": sqlite_template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
