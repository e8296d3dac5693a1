"""Laws of the sample dates over all usage periods and instants of receipt."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from samples.drafts import drafted
from samples.stories import STORIES, Story
from samples.timing import DAYS_BEFORE_RECEIPT, SPAN_DAYS_MIN, Timing, working_day_after
from schemas.base import Period
from services.validator.core.csr_checks import densest_stretch

half_years = st.integers(2019, 2035).flatmap(
    lambda year: st.sampled_from(
        [
            Period(start=date(year, 1, 1), end=date(year, 6, 30)),
            Period(start=date(year, 7, 1), end=date(year, 12, 31)),
        ]
    )
)
days_into_the_period = st.integers(SPAN_DAYS_MIN + DAYS_BEFORE_RECEIPT, 230)


@settings(max_examples=200, deadline=None)
@given(half_years, days_into_the_period, st.sampled_from(STORIES))
def test_a_sound_sample_is_done_invoiced_and_signed_within_its_period_and_before_it_is_sent(
    usage: Period, days: int, story: Story
) -> None:
    received_at = datetime(usage.start.year, usage.start.month, 1, 12, tzinfo=UTC) + timedelta(days=days)
    draft = drafted(story.campaign, Timing(usage, received_at))
    assert draft.activity_start in usage
    assert draft.activity_end in usage
    assert draft.activity_start < draft.activity_end
    finished = draft.invoice.issue_date if draft.invoice else draft.csr.signed_on if draft.csr else None
    assert finished is not None
    assert draft.activity_end < finished < received_at.date()
    assert finished.weekday() < 5
    assert draft.activity_start <= draft.advert.seen_on <= draft.activity_end
    if draft.csr is not None:
        assert all(
            draft.activity_start <= row.work_date_from <= row.work_date_to <= draft.activity_end
            for row in draft.csr.rows
        )
        for person in {row.person_or_role for row in draft.csr.rows}:
            work = [
                (Period(start=row.work_date_from, end=row.work_date_to), Decimal(row.hours))
                for row in draft.csr.rows
                if row.person_or_role == person
            ]
            densest = densest_stretch(work)
            assert densest is not None
            assert densest.hours_per_day <= 10


@given(st.dates(date(2019, 1, 1), date(2035, 12, 31)), st.integers(0, 30))
def test_a_working_day_is_at_most_two_days_later_than_asked(day: date, days: int) -> None:
    found = working_day_after(day, days)
    assert found.weekday() < 5
    assert 0 <= (found - day).days - days <= 2
