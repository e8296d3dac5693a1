"""Laws of periods, windows, business days and pay days that hold for every day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import Period
from services.rules.business_days import BusinessCalendar
from services.rules.pack import RulePack
from services.rules.pack_terms import Payday, Roll
from services.rules.paydays import payday_by
from services.rules.periods import (
    Month,
    earning_period,
    earning_period_of_usage,
    fiscal_year,
    following_period,
    is_usage_period,
    label,
    months_of,
    plus_months,
    preceding_period,
    usage_period,
)
from services.rules.windows import WindowStatus, claim_window, midnight, revision_closes_at
from tests.golden.packs import shipped_packs

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
PACKS = {pack_id: pack for pack_id, pack in shipped_packs().items() if pack_id != "plans-2022-08"}
packs = st.sampled_from(sorted(PACKS)).map(PACKS.__getitem__)
DISJOINT = shipped_packs()["partner-center-2021-03"]
FIRST = shipped_packs()["csp-2019-11"]


@given(packs, days)
def test_every_day_lies_in_exactly_one_period(pack: RulePack, day: date) -> None:
    period = earning_period(pack, day)
    assert day in period
    assert earning_period(pack, period.start) == earning_period(pack, period.end) == period
    assert len(months_of(period)) == pack.periods.length_months
    assert is_usage_period(pack, period)


@given(packs, days)
def test_periods_follow_each_other_without_gap(pack: RulePack, day: date) -> None:
    period = earning_period(pack, day)
    after = following_period(pack, period)
    assert after.start == period.end + timedelta(days=1)
    assert preceding_period(pack, after) == period


@given(packs, days)
def test_usage_leads_back_to_its_earning_period(pack: RulePack, day: date) -> None:
    earning = earning_period(pack, day)
    assert earning_period_of_usage(pack, usage_period(pack, earning)) == earning


@given(packs, days)
def test_labels_name_the_year_in_which_the_fiscal_year_ends(pack: RulePack, day: date) -> None:
    period = earning_period(pack, day)
    assert label(pack, period).startswith(f"FY{fiscal_year(pack, day).end.year % 100:02d}")
    assert label(pack, period) != label(pack, following_period(pack, period))


@pytest.mark.parametrize(
    "length,day,expected",
    [
        (1, "2020-03-05", "FY20M09"),
        (3, "2020-03-05", "FY20Q3"),
        (12, "2020-07-01", "FY21"),
        (6, "2020-06-30", "FY20H2"),
    ],
)
def test_label_of_other_lengths(length: int, day: str, expected: str) -> None:
    pack = FIRST.model_copy(update={"periods": FIRST.periods.model_copy(update={"length_months": length})})
    assert label(pack, earning_period(pack, date.fromisoformat(day))) == expected


@given(days, st.integers(-240, 240))
def test_months_are_added_without_leaving_the_month(day: date, months: int) -> None:
    moved = plus_months(day, months)
    assert Month.of(moved) == Month.of(day).plus(months)
    assert moved.day == min(day.day, Month.of(moved).last_day.day)


@given(days)
def test_disjoint_windows_meet_at_one_instant(day: date) -> None:
    usage = earning_period(DISJOINT, day)
    now, then = claim_window(DISJOINT, usage), claim_window(DISJOINT, following_period(DISJOINT, usage))
    assert now.closes_at == then.opens_at
    assert now.status(now.closes_at) is WindowStatus.CLOSED
    assert then.status(now.closes_at) is WindowStatus.OPEN
    assert then.status(now.closes_at - timedelta(microseconds=1)) is WindowStatus.TOO_EARLY


@given(days)
def test_window_after_the_previous_one_is_the_same_as_46_days(day: date) -> None:
    usage = earning_period(DISJOINT, day)
    rule = DISJOINT.claim_window.model_copy(update={"opens": "previous_window_end_plus_1"})
    chained = DISJOINT.model_copy(update={"claim_window": rule})
    assert claim_window(chained, usage) == claim_window(DISJOINT, usage)


@given(days)
def test_exclusive_end_closes_one_day_earlier(day: date) -> None:
    usage = earning_period(FIRST, day)
    closes = FIRST.claim_window.closes.model_copy(update={"inclusive": False})
    rule = FIRST.claim_window.model_copy(update={"closes": closes})
    shorter = claim_window(FIRST.model_copy(update={"claim_window": rule}), usage)
    assert shorter.last_day == claim_window(FIRST, usage).last_day - timedelta(days=1)


@given(packs, days, st.datetimes(datetime(2000, 1, 1), datetime(2061, 1, 1), timezones=st.just(UTC)))
def test_an_instant_is_in_time_exactly_on_the_days_of_the_window(
    pack: RulePack, day: date, instant: datetime
) -> None:
    window = claim_window(pack, earning_period(pack, day), activity_end=day, paid_on=day)
    local = pack.local_day(instant)
    expected = (
        WindowStatus.TOO_EARLY
        if local < window.first_day
        else WindowStatus.OPEN
        if local <= window.last_day
        else WindowStatus.CLOSED
    )
    assert window.status(instant) is expected
    assert (window.days_left(instant) >= 0) == (local <= window.last_day)


@given(days)
def test_a_day_begins_at_its_midnight_also_when_clocks_change(day: date) -> None:
    begins = midnight(day, FIRST.zone)
    assert FIRST.local_day(begins) == day
    assert FIRST.local_day(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_correction_has_its_own_whole_days(asked_at: datetime) -> None:
    closes_at = revision_closes_at(FIRST, asked_at)
    assert closes_at is not None
    assert FIRST.local_day(closes_at) - FIRST.local_day(asked_at) == timedelta(days=31)
    assert closes_at == midnight(FIRST.local_day(closes_at), FIRST.zone)


def test_deadline_is_shown_as_the_last_minute_with_its_zone() -> None:
    texts = claim_window(FIRST, Period.parse("2019-07-01/2019-12-31")).deadline_texts
    assert texts.en == "Fri 14 Feb 2020, 23:59 US Pacific"
    assert texts.sv == "fre 2020-02-14 23:59 amerikansk västkusttid"
    assert texts.fr == "ven. 14/02/2020 23:59 heure du Pacifique (É.-U.)"


calendars = st.sampled_from(["none", "US", "SE", "US-CA", "XNYS"]).map(BusinessCalendar.of)


@given(calendars, days, st.integers(0, 60), st.integers(0, 60))
def test_business_days_add_up(calendar: BusinessCalendar, day: date, first: int, second: int) -> None:
    assert calendar.plus(calendar.plus(day, first), second) == calendar.plus(day, first + second)
    if first:
        assert calendar.plus(day, first) in calendar


@given(calendars, days)
def test_next_and_previous_business_day_have_none_between(calendar: BusinessCalendar, day: date) -> None:
    after, before = calendar.following(day), calendar.preceding(day)
    assert before < day < after
    between = [before + timedelta(days=step) for step in range(1, (after - before).days)]
    assert [one for one in between if one in calendar] == ([day] if day in calendar else [])


@given(days)
def test_a_holiday_calendar_only_takes_days_away(day: date) -> None:
    if day in BusinessCalendar.of("US"):
        assert day in BusinessCalendar.of("none")
    assert (day in BusinessCalendar.of("none")) == (day.weekday() < 5)


@given(calendars, days, st.sampled_from(Roll), st.integers(1, 28))
def test_a_pay_day_rolls_to_the_nearest_business_day_of_its_direction(
    calendar: BusinessCalendar, day: date, roll: Roll, number: int
) -> None:
    month = Month.of(day)
    plain = payday_by(Payday(day=number, of="next_month"), month, calendar)
    assert plain == month.plus(1).first_day + timedelta(days=number - 1)
    rolled = payday_by(Payday(day=number, of="next_month", roll=roll), month, calendar)
    if roll is Roll.NONE or plain in calendar:
        assert rolled == plain
    else:
        assert rolled in calendar
        assert (rolled > plain) == (roll is Roll.NEXT_BUSINESS_DAY)


def test_last_day_of_the_same_month_is_paid_on_its_last_day() -> None:
    rule = Payday(day="last", of="same_month")
    assert payday_by(rule, Month(2024, 2), BusinessCalendar()) == date(2024, 2, 29)
