"""No sequence of acts leaves the transition table, approves without funds, or acts on an old revision."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from schemas.claims import TRANSITIONS, ClaimAct, ClaimState, ReviewDecision, ReviewVerdict
from schemas.decisions import Outcome
from schemas.money import Money
from services.intake.core import life
from services.intake.core.holds import Held, HoldStep, held
from services.intake.core.life import ActRefused, Move, Standing

AMOUNTS = st.integers(min_value=1, max_value=2_000_00).map(
    lambda minor: Money(amount_minor=minor, currency="USD")
)
CLAIMED = Money(amount_minor=1_000_00, currency="USD")
AT = datetime(2020, 1, 1, tzinfo=UTC)
FINAL = {ClaimState.APPROVED, ClaimState.WITHDRAWN}


class ClaimLife(RuleBasedStateMachine):
    """A claim under everything that people, the validator and the ledger can do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = Standing(ClaimState.SUBMITTED, 1, CLAIMED)
        self.approved: Money | None = None
        self.was_final = False

    def _take(self, *moves: Move) -> None:
        for move in moves:
            assert TRANSITIONS[self.standing.state, move.act] is move.state
            self.standing = replace(self.standing, state=move.state)

    def _attempt(self, allowed: bool, act: object) -> Move | tuple[Move, ...] | None:
        """Run an act; it succeeds exactly where the model says so."""
        try:
            done = act()  # type: ignore[operator]
        except ActRefused:
            assert not allowed
            return None
        assert allowed
        return done  # type: ignore[no-any-return]

    def _advance(self) -> None:
        moves = life.system_moves(self.standing)
        self._take(*moves)
        assert life.system_moves(self.standing) == ()

    @rule(outcome=st.sampled_from(Outcome))
    def validated(self, outcome: Outcome) -> None:
        self.standing = replace(self.standing, outcome=outcome)
        self._advance()

    @rule(amount=AMOUNTS)
    def reserved(self, amount: Money) -> None:
        self.standing = replace(self.standing, reserved=amount)
        self._advance()

    @rule()
    def released(self) -> None:
        self.standing = replace(self.standing, reserved=None)
        self._advance()

    @rule()
    def funds_refused(self) -> None:
        self.standing = replace(self.standing, refusal_code=life.FUNDS_REFUSED)
        self._advance()

    @rule(
        verdict=st.sampled_from(ReviewVerdict),
        amount=st.none() | AMOUNTS,
        reason=st.sampled_from([None, "NO_PROOF"]),
        behind=st.integers(0, 2),
    )
    def reviewed(self, verdict: ReviewVerdict, amount: Money | None, reason: str | None, behind: int) -> None:
        if self.standing.revision - behind < 1:
            return
        if verdict is not ReviewVerdict.APPROVE:
            amount, reason = None, reason or "NO_PROOF"
        order = ReviewDecision(
            verdict=verdict, revision=self.standing.revision - behind, amount=amount, reason_code=reason
        )
        before = self.standing
        held = before.reserved
        fits = verdict is not ReviewVerdict.APPROVE or (
            held is not None
            and (amount is None or amount <= held)
            and (amount is None or amount == held or reason is not None)
        )
        allowed = behind == 0 and before.state in life.REVIEWABLE and fits
        done = self._attempt(allowed, lambda: life.reviewed(before, order))
        if done is None:
            return
        move, approved = done
        assert isinstance(move, Move)
        self._take(move)
        if move.act is ClaimAct.APPROVE:
            assert isinstance(approved, Money)
            assert held is not None
            assert approved <= held
            self.approved = approved
        else:
            assert approved is None

    @rule()
    def resubmitted(self) -> None:
        done = self._attempt(
            self.standing.state is ClaimState.ACTION_REQUIRED, lambda: life.resubmitted(self.standing)
        )
        if done is not None:
            assert isinstance(done, tuple)
            self._take(*done)
            self.standing = life.revised(self.standing, CLAIMED, self.standing.state)
            assert (self.standing.outcome, self.standing.reserved) == (None, None)

    @rule()
    def withdrawn(self) -> None:
        done = self._attempt(self.standing.state in life.UNDECIDED, lambda: life.withdrawn(self.standing))
        if isinstance(done, Move):
            self._take(done)

    @rule()
    def disputed(self) -> None:
        possible = self.standing.state is ClaimState.REJECTED and self.standing.disputes == 0
        done = self._attempt(possible, lambda: life.disputed(self.standing, "no"))
        if isinstance(done, Move):
            self._take(done)
            self.standing = replace(
                life.revised(self.standing, CLAIMED, self.standing.state), disputes=self.standing.disputes + 1
            )

    @precondition(lambda self: self.was_final)
    @invariant()
    def what_is_decided_for_good_stays(self) -> None:
        assert self.standing.state in FINAL

    @invariant()
    def an_approval_had_funds_and_disputes_are_at_most_one(self) -> None:
        self.was_final = self.was_final or self.standing.state in FINAL
        assert (self.standing.state is ClaimState.APPROVED) == (self.approved is not None)
        assert self.standing.disputes <= life.DISPUTES_MAX

    @invariant()
    def the_acts_that_are_offered_are_those_that_work(self) -> None:
        offered = set(life.next_acts(self.standing))
        assert ("withdraw" in offered) == (self.standing.state in life.UNDECIDED)
        assert ("revise" in offered) == (self.standing.state is ClaimState.ACTION_REQUIRED)
        assert ("reject" in offered) == (self.standing.state in life.REVIEWABLE)


TestClaimLife = ClaimLife.TestCase

FACTS = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(Outcome),
        "reserved": AMOUNTS,
        "refusal_code": st.just(life.FUNDS_REFUSED),
    },
)


@given(facts=FACTS, order=st.randoms(use_true_random=False))
def test_facts_that_do_not_contradict_lead_to_one_state_in_any_order(
    facts: dict[str, object], order: object
) -> None:
    if "reserved" in facts:
        facts.pop("refusal_code", None)

    def end(names: list[str]) -> ClaimState:
        standing = Standing(ClaimState.SUBMITTED, 1, CLAIMED)
        for name in names:
            standing = replace(standing, **{name: facts[name]})  # type: ignore[arg-type]
            for move in life.system_moves(standing):
                standing = replace(standing, state=move.state)
        return standing.state

    shuffled = sorted(facts)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert end(shuffled) == end(sorted(facts))


@pytest.mark.parametrize("state", list(ClaimState))
@pytest.mark.parametrize("act", list(ClaimAct))
def test_a_step_is_possible_exactly_where_the_table_has_it(state: ClaimState, act: ClaimAct) -> None:
    if (state, act) in TRANSITIONS:
        assert life.moved(state, act).state is TRANSITIONS[state, act]
    else:
        with pytest.raises(ActRefused) as refused:
            life.moved(state, act)
        assert refused.value.code == "TRANSITION_NOT_ALLOWED"


STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "release", "settle"]), st.integers(1, 100)), min_size=1, max_size=8
)


@given(acts=STEPS, order=st.randoms(use_true_random=False))
def test_what_is_held_is_what_the_ledger_holds_in_whatever_order_it_is_heard_of(
    acts: list[tuple[str, int]], order: object
) -> None:
    steps: list[HoldStep] = []
    left, revision = 0, 0

    def post(kind: str, amount: int, of: int | None) -> None:
        number = len(steps) + 1
        money = Money(amount_minor=amount, currency="USD")
        other = "lot/claimed" if kind == "claim_settled" else "lot/available"
        places = {"lot/reserved": number, other: number}
        steps.append(HoldStep(f"t{number}", kind, of, money, places, AT))

    for act, amount in acts:
        if act == "reserve":
            if left:
                post("hold_released", left, None)
            revision, left = revision + 1, amount
            post("funds_reserved", amount, revision)
        elif left:
            taken = min(amount, left)
            left -= taken
            post("claim_settled" if act == "settle" else "hold_released", taken, None)
    expected = Held(revision, Money(amount_minor=left, currency="USD")) if left else None
    order.shuffle(steps)  # type: ignore[attr-defined]
    assert held(steps) == expected
