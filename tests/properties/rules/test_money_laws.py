"""Laws of splits, thresholds, caps, plans, traces and balances that hold for every amount."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Period
from schemas.money import Money
from services.rules.balances import balance_of, expiry_at
from services.rules.caps import CapBases, CapLine, CapUsage, EarlierSpend, apply_caps, usage_of
from services.rules.pack_terms import Comparison, LimitScope, OverLimit, Split
from services.rules.periods import Month
from services.rules.plans import limit_in_month, monthly_payout, plan_payouts
from services.rules.reimbursement import reimbursable
from services.rules.splits import SplitAmounts, split_earning, split_posting
from services.rules.thresholds import ThresholdOutcome, threshold_outcome
from services.rules.traces import Lot, claw_back, draw
from services.rules.windows import claim_window
from tests.golden.packs import shipped_packs

amounts = st.integers(-(10**12), 10**12)
positive = st.integers(0, 10**9)
shares = st.integers(0, 1_000_000).map(
    lambda parts: Split(rebate=f"{parts / 1_000_000:.6f}", coop=f"{1 - parts / 1_000_000:.6f}")
)
SIXTY_FORTY = Split(rebate="0.60", coop="0.40")
PACK = shipped_packs()["csp-2019-11"]


@given(amounts, shares)
def test_the_parts_of_a_split_are_the_whole(earning: int, split: Split) -> None:
    parts = split_earning(earning, split)
    assert parts.rebate_minor + parts.coop_minor == earning


@given(amounts, shares)
def test_a_correction_takes_back_exactly_what_was_given(earning: int, split: Split) -> None:
    assert split_earning(earning, split) + split_earning(-earning, split) == SplitAmounts(0, 0)


@given(amounts)
def test_the_rebate_is_the_nearest_amount_and_ties_go_away_from_zero(earning: int) -> None:
    # 60 % of n is 6n/10; doubled and compared in whole numbers.
    rebate = split_earning(earning, SIXTY_FORTY).rebate_minor
    off = 10 * rebate - 6 * earning
    assert -5 <= off <= 5
    if off == 5:
        assert earning > 0
    if off == -5:
        assert earning < 0


@given(st.lists(amounts, min_size=1, max_size=20), shares)
def test_many_lines_of_a_month_end_like_one(earnings: list[int], split: Split) -> None:
    posted, total = SplitAmounts(0, 0), 0
    for earning in earnings:
        part = split_posting(total, earning, split)
        assert part.rebate_minor + part.coop_minor == earning
        posted, total = posted + part, total + earning
    assert posted == split_earning(sum(earnings), split)


@given(positive, positive, st.sampled_from(Comparison))
def test_more_co_op_never_turns_claimable_into_rebate(
    accrued: int, more: int, comparison: Comparison
) -> None:
    threshold = Money.of("4000.00", "USD")

    def outcome(minor: int) -> ThresholdOutcome:
        return threshold_outcome(Money(amount_minor=minor, currency="USD"), threshold, comparison)

    if outcome(accrued) is ThresholdOutcome.CLAIMABLE:
        assert outcome(accrued + more) is ThresholdOutcome.CLAIMABLE


@given(positive)
def test_the_two_comparisons_differ_only_at_the_threshold(accrued: int) -> None:
    threshold, held = Money.of("4000.00", "USD"), Money(amount_minor=accrued, currency="USD")
    exceed = threshold_outcome(held, threshold, Comparison.MUST_EXCEED)
    reach = threshold_outcome(held, threshold, Comparison.MUST_REACH)
    assert (exceed is not reach) == (accrued == 400_000)


people = st.sampled_from(["Ada", "Ben", "Cleo", "Dan", "Eve"])
conferences = st.sampled_from(["K1", "K2"])
travel_lines = st.lists(
    st.builds(
        CapLine,
        kind=st.sampled_from(["travel_transport", "travel_hotel", "registration_fee"]),
        amount_minor=st.integers(0, 900_000),
        person=people,
        conference=conferences,
    ),
    max_size=12,
)


@given(travel_lines, st.integers(0, 5_000_000))
def test_caps_only_cut_and_every_cut_is_told(lines: list[CapLine], before: int) -> None:
    activity = PACK.activity("hosted_conference")
    used = CapUsage(amounts={"CAP_CONF_TOTAL": before})
    found = apply_caps(activity, lines, currency="USD", families=frozenset(), used=used)
    assert all(
        0 <= left <= line.amount_minor for left, line in zip(found.payable_by_line, lines, strict=True)
    )
    assert found.payable_minor + sum(cut.amount_minor for cut in found.cuts) == found.asked_minor
    assert sum(amount for _, amount in found.hits) == found.cut_minor
    assert found.unchecked == ()


@given(travel_lines, st.integers(0, 5_000_000))
def test_what_is_payable_lies_within_every_cap(lines: list[CapLine], before: int) -> None:
    activity = PACK.activity("hosted_conference")
    used = CapUsage(amounts={"CAP_CONF_TOTAL": before})
    found = apply_caps(activity, lines, currency="USD", families=frozenset(), used=used)
    paid = [(line, left) for line, left in zip(lines, found.payable_by_line, strict=True) if left]
    travel = [(line, left) for line, left in paid if line.kind != "registration_fee"]
    assert sum(left for _, left in travel) <= max(4_500_000 - before, 0)
    for conference in ("K1", "K2"):
        assert len({line.person for line, _ in paid if line.conference == conference}) <= 3
        for person in {line.person for line in lines}:
            own = [left for line, left in travel if (line.person, line.conference) == (person, conference)]
            assert sum(own) <= 500_000


@given(travel_lines)
def test_caps_do_not_cut_twice(lines: list[CapLine]) -> None:
    activity = PACK.activity("hosted_conference")
    once = apply_caps(activity, lines, currency="USD", families=frozenset())
    left = [
        CapLine(line.kind, amount, line.person, line.conference)
        for line, amount in zip(lines, once.payable_by_line, strict=True)
    ]
    assert apply_caps(activity, left, currency="USD", families=frozenset()).cut_minor == 0


@given(travel_lines, travel_lines)
def test_one_claim_or_two_in_a_row_are_paid_within_the_same_caps(
    first: list[CapLine], second: list[CapLine]
) -> None:
    activity = PACK.activity("hosted_conference")
    one = apply_caps(activity, first, currency="USD", families=frozenset())
    kept = [
        CapLine(line.kind, amount, line.person, line.conference)
        for line, amount in zip(first, one.payable_by_line, strict=True)
        if amount
    ]
    used = usage_of(PACK, "hosted_conference", [EarlierSpend("hosted_conference", one.payable_minor, kept)])
    two = apply_caps(activity, second, currency="USD", families=frozenset(), used=used)
    both = kept + [
        CapLine(line.kind, amount, line.person, line.conference)
        for line, amount in zip(second, two.payable_by_line, strict=True)
        if amount
    ]
    assert apply_caps(activity, both, currency="USD", families=frozenset()).cut_minor == 0


@given(positive, positive, positive)
def test_a_percentage_cap_never_pays_more_than_its_share(earned: int, before: int, claim: int) -> None:
    found = apply_caps(
        PACK.activity("customer_offer"),
        [CapLine("agency_fee", claim)],
        currency="USD",
        families=frozenset({"csp"}),
        bases=CapBases(coop_earned_for_usage_period=earned),
        used=CapUsage(amounts={"CAP_OFFERS": before}),
    )
    assert 4 * (found.payable_minor + before) <= max(earned, 4 * before)


@given(positive)
def test_an_unknown_base_or_another_currency_is_told_and_cuts_nothing(claim: int) -> None:
    offer = apply_caps(
        PACK.activity("customer_offer"), [CapLine("agency_fee", claim)], currency="USD", families=frozenset()
    )
    syndicated = apply_caps(
        PACK.activity("syndicated_content"),
        [CapLine("agency_fee", claim)],
        currency="EUR",
        families=frozenset(),
    )
    for found, cap in ((offer, "CAP_OFFERS"), (syndicated, "CAP_SYNDICATED")):
        assert [one.id for one in found.unchecked] == [cap]
        assert found.payable_minor == claim


months = st.integers(0, 18).map(lambda number: Month(2022, 4).plus(number))
earnings_by_month = st.dictionaries(months, st.integers(-200_000, 2_000_000), max_size=12)


@given(earnings_by_month, positive, st.sampled_from(OverLimit), st.sampled_from(LimitScope))
def test_everything_earned_by_a_plan_is_paid_carried_or_forfeited(
    earned: dict[Month, int], limit: int, policy: OverLimit, scope: LimitScope
) -> None:
    paid = plan_payouts(earned, limit, over_limit=policy, limit_scope=scope)
    still_open = paid[-1].carried_minor if paid else 0
    assert sum(earned.values()) == sum(one.paid_minor + one.forfeited_minor for one in paid) + still_open
    assert all(0 <= one.paid_minor <= limit for one in paid)
    if scope is LimitScope.PLAN:
        assert sum(one.paid_minor for one in paid) <= limit
    if policy is OverLimit.CARRY_FORWARD:
        assert all(one.forfeited_minor == 0 for one in paid)


@given(amounts, positive)
def test_a_month_pays_the_smaller_of_due_and_limit(due: int, limit: int) -> None:
    payout = monthly_payout(due, limit)
    assert payout.paid_minor + payout.over_minor == due
    assert payout.paid_minor == max(0, min(due, limit))


@given(positive, positive, months, months)
def test_a_raised_limit_never_counts_backwards(
    limit: int, raised: int, recorded: Month, month: Month
) -> None:
    changes = [(Month(2022, 4), limit), (recorded, raised)]
    assert limit_in_month(changes, month) == (raised if recorded < month else limit)


lot_lists = st.lists(st.integers(0, 10**6), max_size=8).map(
    lambda minors: [Lot(f"E{number}", minor) for number, minor in enumerate(minors)]
)


@given(lot_lists, st.data())
def test_a_payment_is_traced_to_lots_cent_by_cent(lots: list[Lot], data: st.DataObject) -> None:
    total = sum(lot.amount_minor for lot in lots)
    amount = data.draw(st.integers(0, total))
    drawing = draw(lots, amount)
    assert sum(one.amount_minor for one in drawing.draws) == amount
    assert sum(lot.amount_minor for lot in drawing.open_lots) == total - amount
    touched = [
        lot.earning_id
        for lot in lots
        if lot.amount_minor and lot.earning_id in {d.earning_id for d in drawing.draws}
    ]
    untouched_before_last = [
        after.amount_minor
        for after, lot in zip(drawing.open_lots, lots, strict=True)
        if touched and int(lot.earning_id[1:]) < int(touched[-1][1:])
    ]
    assert not any(untouched_before_last)


@given(lot_lists, st.data())
def test_a_clawback_leaves_what_a_smaller_payment_would_have_used(
    lots: list[Lot], data: st.DataObject
) -> None:
    amount = data.draw(st.integers(0, sum(lot.amount_minor for lot in lots)))
    taken = data.draw(st.integers(0, amount))
    back = claw_back(draw(lots, amount).draws, taken)
    assert back.kept == draw(lots, amount - taken).draws
    assert sum(one.amount_minor for one in back.returned) == taken


@given(positive, positive, positive, positive)
def test_available_is_what_nobody_has_asked_for(allocated: int, paid: int, unpaid: int, pending: int) -> None:
    usd = [Money(amount_minor=minor, currency="USD") for minor in (allocated, paid, unpaid, pending)]
    found = balance_of(*usd)
    assert found.balance.amount_minor == allocated - paid
    assert found.available.amount_minor + unpaid + pending == found.balance.amount_minor


@given(positive, positive, positive, st.integers(-400 * 86_400, 400 * 86_400))
def test_expiry_never_touches_what_is_settled_or_reserved(
    earned: int, settled: int, reserved: int, seconds: int
) -> None:
    window = claim_window(PACK, Period(start=date(2019, 7, 1), end=date(2019, 12, 31)))
    at = datetime(2020, 2, 15, 8, tzinfo=UTC) + timedelta(seconds=seconds)
    usd = [Money(amount_minor=minor, currency="USD") for minor in (earned, settled, reserved)]
    found = expiry_at(window, at, *usd)
    free = max(earned - settled - reserved, 0)
    assert found.expired.amount_minor == (free if seconds >= 0 else 0)
    assert found.still_reserved.amount_minor == reserved


@given(positive)
def test_a_reimbursed_share_is_never_exceeded(shown: int) -> None:
    half = reimbursable(shipped_packs()["brand-cost-share-50"], shown)
    assert 0 <= shown - 2 * half <= 1
    assert reimbursable(PACK, shown) == shown
