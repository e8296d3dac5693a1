"""What a close, an expiry and a payout run decide."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.core.accounts import AccountKey, Bucket, Lot
from services.ledger.core.closing import Conversion, ExpiryTaken, LotStanding, close, expire, restore
from services.ledger.core.payouts import Due, Offset, set_off, within_limits
from services.rules.pack_terms import OverLimit
from services.rules.periods import Month
from services.rules.plans import plan_payouts

AT = datetime(2019, 7, 1, 7, tzinfo=UTC)
LOT = Lot("P1", "L1", "csp", "2019-01-01/2019-06-30", "USD")
APRIL = AccountKey(Lot("P1", "L1", "plan", "2022-04", "USD"), Bucket.PAYABLE)
CARRIED = AccountKey(APRIL.lot, Bucket.CARRIED_OVER)
MAY = AccountKey(Lot("P1", "L1", "plan", "2022-05", "USD"), Bucket.PAYABLE)


def moves(standing: LotStanding, *, claimable: bool) -> list[tuple[str, str, str, int]]:
    return [
        (transfer.kind, str(transfer.source.bucket), str(transfer.target.bucket), transfer.amount)
        for transfer in close(standing, claimable=claimable, at=AT, key="k")
    ]


def test_claimable_coop_becomes_available_and_the_rest_is_paid_as_rebate() -> None:
    assert moves(LotStanding(LOT, 400), claimable=True) == [
        ("coop_released", "coop_accruing", "coop_available", 400)
    ]
    assert moves(LotStanding(LOT, 400), claimable=False) == [
        ("coop_converted", "coop_accruing", "payable", 400)
    ]


def test_a_negative_period_is_carried_as_a_negative_payable() -> None:
    assert moves(LotStanding(LOT, -7), claimable=False) == [("coop_converted", "payable", "coop_accruing", 7)]


def test_a_late_correction_takes_back_only_what_is_free() -> None:
    assert moves(LotStanding(LOT, -50, available=30), claimable=True) == [
        ("coop_taken_back", "coop_available", "coop_accruing", 30)
    ]


def test_an_unpaid_conversion_comes_back_when_the_period_turns_out_claimable() -> None:
    standing = LotStanding(LOT, 10, payable=5, conversions=[Conversion("trf_1", 3), Conversion("trf_2", 9)])
    found = close(standing, claimable=True, at=AT, key="k")
    assert [(t.corrects, t.amount) for t in found] == [("trf_1", 3), ("trf_2", 2), (None, 10)]


def test_a_restoration_names_each_expiry_and_takes_no_more_than_it_took() -> None:
    found = restore(LOT, 10, [ExpiryTaken("trf_1", 4), ExpiryTaken("trf_2", 9)], at=AT, key="k", claim="C1")
    assert [(t.corrects, t.amount) for t in found] == [("trf_1", 4), ("trf_2", 6)]


def test_nothing_free_expires_nothing() -> None:
    assert expire(LOT, 0, at=AT, key="k") == []


def test_a_negative_is_filled_up_before_anything_is_paid() -> None:
    offsets, left = set_off([Due(APRIL, -30), Due(MAY, 100)])
    assert offsets == [Offset(MAY, APRIL, 30)]
    assert left == [Due(MAY, 70)]


def test_a_negative_sum_is_carried_and_nothing_is_set_off() -> None:
    assert set_off([Due(APRIL, -30), Due(MAY, 30)]) == ([], [])


def test_what_was_carried_is_paid_first_against_the_limit_of_the_running_month() -> None:
    carried, fresh = [Due(CARRIED, 500, "2022-04")], [Due(MAY, 1200, "2022-05")]
    run = within_limits(
        carried, fresh, limit_of={"2022-05": "2022-05"}, month="2022-05", left={"2022-05": 1000}
    )
    assert [(payment.due.account, payment.paid) for payment in run.payments] == [(CARRIED, 500), (MAY, 500)]
    assert [(due.account, amount) for due, _, amount in run.over] == [(MAY, 700)]


def test_a_month_without_an_approved_plan_is_not_paid() -> None:
    run = within_limits([], [Due(APRIL, 5, "2022-04")], limit_of={}, month="2022-04", left={})
    assert (run.payments, run.over) == ((), ())


@given(
    earned=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    limits=st.lists(st.integers(0, 30), min_size=8, max_size=8),
    policy=st.sampled_from(OverLimit),
)
def test_months_paid_late_in_one_run_come_to_what_each_would_have_come_to_in_time(
    earned: list[int], limits: list[int], policy: OverLimit
) -> None:
    months = [Month(2022, 1).plus(number) for number in range(len(earned))]
    dues = [
        Due(AccountKey(Lot("P1", "L1", "plan", str(month), "USD"), Bucket.PAYABLE), amount, str(month))
        for month, amount in zip(months, earned, strict=True)
        if amount
    ]
    names = {str(month): str(month) for month in months}
    left = dict(zip(names, limits, strict=False))
    run = within_limits(
        [], dues, limit_of=names, month=str(months[-1]), left=left, forfeits=policy is OverLimit.FORFEIT
    )
    in_time = plan_payouts(
        dict(zip(months, earned, strict=True)), dict(zip(months, limits, strict=False)), over_limit=policy
    )
    by_month = dict.fromkeys(names, 0)
    for payment in run.payments:
        by_month[payment.limit] += payment.paid
    assert by_month == {str(one.month): one.paid_minor for one in in_time}
    assert sum(amount for _, _, amount in run.over) == in_time[-1].carried_minor + sum(
        one.forfeited_minor for one in in_time
    )
