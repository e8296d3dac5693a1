"""Laws of the report form over all reports."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import Period
from schemas.csr import CsrForm, CsrOtherCost, CsrRow, CsrSignature
from services.validator.core.csr_checks import densest_stretch, row_arithmetic, totals
from services.validator.readers.csr.form import draw_csr, with_totals
from services.validator.readers.csr.reading import read_csr
from services.validator.readers.csr.words import TITLES, WORDS
from services.validator.readers.pdf_words import PageWords, Word, read_pages
from tests.unit.csr.reports import attachments

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZåäöéèçœŁñß0123456789 .,:;/()&+#%–’'-_@"
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))
amounts = st.decimals("0.00", "99999.99", places=2).map(str)
hours = st.decimals("0.25", "999.75", places=2).map(str)


def texts(size: int, at_least: int = 1) -> st.SearchStrategy[str]:
    """Texts that do not end in a hyphen: pdfium takes that for a broken word and joins it with the next label."""
    return st.text(LETTERS, min_size=at_least, max_size=size).filter(
        lambda text: len(text.strip()) >= at_least and not text.rstrip().endswith("-")
    )


rows = st.builds(
    CsrRow,
    person_or_role=texts(40),
    task=texts(90),
    work_date_from=days,
    work_date_to=days,
    hours=hours,
    hourly_rate=amounts,
    amount=st.just("0"),
)
costs = st.builds(
    CsrOtherCost,
    cost_kind=st.sampled_from(["materials", "postage", "licence", "travel", "other"]),
    receipt=texts(60),
    amount=amounts,
)
signatures = st.builds(
    CsrSignature,
    name=texts(40),
    login_event=st.text("abcdef0123456789_", min_size=1, max_size=64),
    signed_at=st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
)
reports = st.builds(
    CsrForm,
    language=st.sampled_from(["en", "sv", "fr"]),
    partner_name=texts(80),
    partner_id=texts(40),
    location=texts(20),
    claim_number=texts(12) | st.just(""),
    activity_type=texts(40),
    activity_start=days,
    activity_end=days,
    description_of_work=texts(300, at_least=40),
    currency=st.sampled_from(["USD", "EUR", "SEK"]),
    rows=st.lists(rows, min_size=1, max_size=12).map(tuple),
    other_costs=st.lists(costs, max_size=4).map(tuple),
    total_labour=st.just("0"),
    total_other=st.just("0"),
    total=st.just("0"),
    signer_name=texts(40),
    signer_title=texts(40),
    signature=st.none() | signatures,
    signed_on=st.none() | days,
).map(with_totals)


@settings(max_examples=40, deadline=None)
@given(reports)
def test_a_drawn_report_is_read_back_exactly(csr: CsrForm) -> None:
    pdf = draw_csr(csr)
    reading = read_csr(read_pages(pdf), attachments(pdf))
    assert reading is not None
    assert reading.flags == ()
    assert [{name: fact.value for name, fact in row.items()} for row in reading.rows] == [
        {name: str(value) for name, value in row.model_dump().items()} for row in csr.rows
    ]
    assert [{name: fact.value for name, fact in cost.items()} for cost in reading.other_costs] == [
        cost.model_dump() for cost in csr.other_costs
    ]
    stated = csr.model_dump(exclude={"schema_version", "language", "rows", "other_costs", "signature"})
    assert {name: reading.facts[name].value for name in stated if name in reading.facts} == {
        name: str(value) for name, value in stated.items() if value not in (None, "")
    }
    assert ("signature" in reading.facts) == (csr.signature is not None)
    assert row_arithmetic(reading.rows, csr.currency) == ()
    assert totals(reading.facts, reading.rows, reading.other_costs) == ()


work = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(1, 60)).map(
        lambda given: (
            Period(
                start=date(2019, 9, 1) + timedelta(given[0]),
                end=date(2019, 9, 1) + timedelta(given[0] + given[1]),
            ),
            Decimal(given[2]),
        )
    ),
    min_size=1,
    max_size=6,
)


def _fits(spans: list[tuple[Period, Decimal]], peak: Decimal) -> bool:
    """Whether the hours can be spread with at most `peak` a day: fill each day, the soonest ending row first."""
    left = [hours for _, hours in spans]
    first, last = min(days.start for days, _ in spans), max(days.end for days, _ in spans)
    for offset in range((last - first).days + 1):
        today, room = first + timedelta(offset), peak
        for index in sorted(range(len(spans)), key=lambda i: spans[i][0].end):
            if today in spans[index][0]:
                done = min(room, left[index])
                room -= done
                left[index] -= done
    return all(hours <= Decimal("0.000001") for hours in left)


@given(work)
def test_the_densest_stretch_is_the_least_possible_peak_of_hours_in_a_day(
    spans: list[tuple[Period, Decimal]],
) -> None:
    densest = densest_stretch(spans)
    assert densest is not None
    assert _fits(spans, densest.hours_per_day)
    assert not _fits(spans, densest.hours_per_day - Decimal("0.001"))


@given(work)
def test_more_work_never_lowers_the_peak(spans: list[tuple[Period, Decimal]]) -> None:
    peaks = [densest_stretch(spans[:count]) for count in range(1, len(spans) + 1)]
    assert all(
        b is not None and a is not None and b.hours_per_day >= a.hours_per_day for a, b in pairwise(peaks)
    )


labels = sorted(
    {label for words in WORDS.values() for label in (*words.fields.values(), *words.sections.values())}
)
loose_words = st.builds(
    Word,
    text=st.sampled_from(
        [*" ".join(labels).split(), *labels, "#", "1", "2019-09-02", "1,0.0", "\u202e", "x"]
    ),
    box=st.tuples(st.floats(-50, 700), st.floats(-50, 900), st.floats(-50, 700), st.floats(-50, 900)),
    size=st.floats(0, 40),
)


@given(
    st.lists(loose_words, max_size=40),
    st.sampled_from([0.0, 1.0, 595.28]),
    st.sampled_from(list(TITLES.values())),
)
def test_whatever_stands_under_the_title_is_read_without_error_and_nothing_is_invented(
    words: list[Word], width: float, title: str
) -> None:
    heading = Word(title, (48.0, -200.0, 300.0, -190.0), 0.0)
    reading = read_csr((PageWords(1, width, 841.89, (heading, *words)),), {})
    assert (reading is None) == (width == 0)
    if reading is not None:
        printed = " ".join(word.text for word in words)
        found = [*reading.facts.values(), *(fact for row in reading.rows for fact in row.values())]
        assert all(word in printed for fact in found for word in fact.raw.split())
