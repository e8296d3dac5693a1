"""Due days stand still with the partner, and a claim lies on one desk at a time."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.intake.core import service_days
from services.intake.core.checkouts import CheckedOut, Checkout, CheckoutStale, keep_off, released, taken
from services.kit.packs import PackLibrary

LIBRARY = PackLibrary.load()
PACKS = [LIBRARY.get(pack_id) for pack_id in LIBRARY.ids()]
INSTANTS = st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
SPANS = st.timedeltas(timedelta(0), timedelta(days=60))


@given(st.sampled_from(PACKS), INSTANTS, SPANS, SPANS)
def test_what_was_left_when_the_partner_was_asked_is_left_when_the_partner_has_answered(
    pack: object, received_at: datetime, until_asked: timedelta, pause: timedelta
) -> None:
    assert isinstance(pack, type(PACKS[0]))
    due = service_days.review_due(pack, received_at)
    if due is None:
        assert "review" not in pack.sla
        return
    asked_at = received_at + until_asked
    resumed_at = asked_at + pause
    moved = service_days.due_after_pause(pack, due.on, asked_at, resumed_at)
    assert moved.on >= due.on
    assert service_days.days_left(pack, moved.on, resumed_at) == service_days.days_left(
        pack, due.on, asked_at
    )


@given(st.sampled_from(PACKS), INSTANTS)
def test_a_due_day_ends_at_the_midnight_of_the_pack_after_it(pack: object, received_at: datetime) -> None:
    assert isinstance(pack, type(PACKS[0]))
    due = service_days.dispute_due(pack, received_at)
    if due is not None:
        assert pack.local_day(due.at) == due.on + timedelta(days=1)
        assert pack.local_day(due.at - timedelta(microseconds=1)) == due.on


def test_a_review_takes_two_business_days_and_a_dispute_five() -> None:
    pack = LIBRARY.get("partner-center-2021-03")
    friday = datetime(2021, 6, 4, 20, 0, tzinfo=UTC)
    review, dispute = service_days.review_due(pack, friday), service_days.dispute_due(pack, friday)
    assert review is not None
    assert dispute is not None
    assert (review.on, dispute.on) == (date(2021, 6, 8), date(2021, 6, 11))
    assert service_days.days_left(pack, review.on, friday) == 2
    assert service_days.days_left(pack, review.on, datetime(2021, 6, 8, 20, 0, tzinfo=UTC)) == 0
    assert service_days.days_left(pack, review.on, datetime(2021, 6, 10, 20, 0, tzinfo=UTC)) == -2


class Desk(RuleBasedStateMachine):
    """Two reviewers, a clock and new revisions around one claim."""

    SECONDS_MAX = 100

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2020, 1, 1, tzinfo=UTC)
        self.revision = 1
        self.kept: Checkout | None = None
        self.holder: str | None = None
        self.ends = self.now

    @property
    def running(self) -> bool:
        return self.holder is not None and self.now < self.ends

    @rule(who=st.sampled_from(["k1", "k2"]))
    def take(self, who: str) -> None:
        number = 0 if self.kept is None else self.kept.number
        prolongs = self.running and self.holder == who
        try:
            self.kept = taken(self.kept, who, who, self.revision, self.now, self.SECONDS_MAX)
        except CheckedOut:
            assert self.running
            assert self.holder != who
            return
        assert not self.running or prolongs
        assert self.kept.number == number + (0 if prolongs else 1)
        self.holder, self.ends = who, self.now + timedelta(seconds=self.SECONDS_MAX)

    @rule(who=st.sampled_from(["k1", "k2"]), behind=st.integers(0, 2))
    def release(self, who: str, behind: int) -> None:
        number = (0 if self.kept is None else self.kept.number) - behind
        try:
            self.kept = released(self.kept, number, who, self.revision, self.now)
        except CheckedOut:
            assert self.running
            assert self.holder != who
        except CheckoutStale:
            assert behind > 0 or not self.running
        else:
            assert self.running
            assert (self.holder, behind) == (who, 0)
            self.holder = None

    @rule(seconds=st.integers(1, 150))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def revise(self) -> None:
        self.revision += 1
        self.holder = None

    @invariant()
    def only_the_holder_may_act(self) -> None:
        for who in ("k1", "k2"):
            try:
                keep_off(self.kept, who, self.revision, self.now)
            except CheckedOut:
                assert self.running
                assert self.holder != who
            else:
                assert not self.running or self.holder == who


TestDesk = Desk.TestCase
