"""R-55 on the values of a report."""

from datetime import date
from importlib.resources import files

import pytest

from schemas.base import Period
from schemas.facts import Fact, Method, Row
from services.rules.vocabulary import load_vocabulary
from services.validator.core import csr_checks
from services.validator.core.csr_checks import check_csr
from services.validator.readers.csr.form import draw_csr
from services.validator.readers.csr.reading import read_csr
from services.validator.readers.pdf_words import read_pages
from tests.unit.csr.reports import report

ACTIVITY = Period(start=date(2019, 9, 2), end=date(2019, 10, 11))


def fact(value: str | None, ambiguous: bool = False) -> Fact:
    return Fact(
        value=value,
        raw=value or "",
        method=Method.PDF_TEXT,
        engine="test",
        confidence=1.0,
        ambiguous=ambiguous,
    )


def row(**values: str) -> Row:
    return {name: fact(value) for name, value in values.items()}


def worked(person: str, first: str, last: str, hours: str) -> Row:
    return row(person_or_role=person, work_date_from=first, work_date_to=last, hours=hours)


def codes(issues: tuple[csr_checks.Issue, ...]) -> list[str]:
    return [issue.code for issue in issues]


def test_a_report_drawn_and_read_back_has_no_issue() -> None:
    reading = read_csr(read_pages(draw_csr(report())), {})
    assert reading is not None
    assert (
        check_csr(
            reading.facts,
            reading.rows,
            reading.other_costs,
            currency="USD",
            activity=ACTIVITY,
            submitted_on=date(2019, 10, 14),
        )
        == ()
    )


def test_hours_times_rate_is_the_amount() -> None:
    right = row(hours="12.50", hourly_rate="80.00", amount="1000.00")
    wrong = row(hours="12.50", hourly_rate="80.00", amount="1100.00")
    (issue,) = csr_checks.row_arithmetic([right, wrong], "USD")
    assert (issue.code, issue.expected, issue.actual) == ("CSR_ROW_ARITHMETIC", "1000.00", "1100.00")
    assert issue.params == {
        "n": "2",
        "hours": "12.50",
        "rate": "80.00",
        "expected": "1000.00",
        "amount": "1100.00",
    }
    assert issue.places == (wrong["amount"],)


@pytest.mark.parametrize(("amount", "right"), [("0.07", True), ("0.06", False)])
def test_a_half_cent_is_rounded_up(amount: str, right: bool) -> None:
    issues = csr_checks.row_arithmetic([row(hours="0.25", hourly_rate="0.26", amount=amount)], "USD")
    assert (issues == ()) is right


def test_a_doubtful_cell_is_not_calculated_with() -> None:
    cells = {**row(hours="12.50", hourly_rate="80.00"), "amount": fact(None, ambiguous=True)}
    assert csr_checks.row_arithmetic([cells], "USD") == ()
    assert csr_checks.totals({"total": fact("1.00")}, [cells]) == ()


def test_each_total_is_the_sum_of_what_stands_above_it() -> None:
    rows, costs = [row(amount="1000.00"), row(amount="464.00")], [row(amount="49.00")]
    facts = {"total_labour": fact("1464.00"), "total_other": fact("49.00"), "total": fact("1513.00")}
    assert csr_checks.totals(facts, rows, costs) == ()
    (issue,) = csr_checks.totals(
        {**facts, "total_labour": fact("1464.01"), "total": fact("1513.01")}, rows, costs
    )
    assert (issue.params["field"], issue.expected, issue.actual) == ("total_labour", "1464.00", "1464.01")
    (issue,) = csr_checks.totals({"total": fact("1513.50")}, rows, costs)
    assert (issue.code, issue.expected) == ("CSR_TOTAL_MISMATCH", "1513.00")


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ("10.00", []),
        ("10.25", ["CSR_HOURS_HIGH"]),
        ("24.00", ["CSR_HOURS_HIGH"]),
        ("24.25", ["CSR_HOURS_IMPOSSIBLE"]),
    ],
)
def test_hours_of_one_person_and_day(hours: str, expected: list[str]) -> None:
    assert codes(csr_checks.hours_per_day([worked("A.K.", "2019-09-02", "2019-09-02", hours)])) == expected


@pytest.mark.parametrize("hours", ["0", "-2.50"])
def test_a_row_without_positive_hours_is_impossible_and_lowers_no_other(hours: str) -> None:
    rows = [
        worked("A.K.", "2019-09-02", "2019-09-02", "26"),
        worked("A.K.", "2019-09-02", "2019-09-02", hours),
    ]
    assert [issue.params["hours"] for issue in csr_checks.hours_per_day(rows)] == [hours, "26"]


def test_hours_of_one_person_add_up_over_rows_and_those_of_two_do_not() -> None:
    same = [
        worked("A.K.", "2019-09-02", "2019-09-02", "13"),
        worked("a.k. ", "2019-09-02", "2019-09-02", "13"),
    ]
    (issue,) = csr_checks.hours_per_day(same)
    assert (issue.code, issue.params["hours"], issue.params["person"]) == (
        "CSR_HOURS_IMPOSSIBLE",
        "26",
        "A.K.",
    )
    assert issue.places == (same[0]["hours"], same[1]["hours"])
    others = [
        worked("A.K.", "2019-09-02", "2019-09-02", "9"),
        worked("B.L.", "2019-09-02", "2019-09-02", "9"),
    ]
    assert csr_checks.hours_per_day(others) == ()


def test_a_long_row_leaves_room_that_a_short_row_inside_it_uses() -> None:
    spread = [
        worked("A.K.", "2019-09-02", "2019-09-06", "40"),
        worked("A.K.", "2019-09-04", "2019-09-04", "8"),
    ]
    assert csr_checks.hours_per_day(spread) == ()
    full = [worked("A.K.", "2019-09-02", "2019-09-03", "40"), worked("A.K.", "2019-09-03", "2019-09-03", "9")]
    (issue,) = csr_checks.hours_per_day(full)
    assert (issue.params["hours"], issue.params["start"], issue.params["end"]) == (
        "24.5",
        "2019-09-02",
        "2019-09-03",
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2019-09-02", "2019-10-11", []),
        ("2019-09-01", "2019-09-06", ["CSR_DATES_OUTSIDE_ACTIVITY"]),
        ("2019-10-11", "2019-10-12", ["CSR_DATES_OUTSIDE_ACTIVITY"]),
        ("2019-09-06", "2019-09-02", ["DATE_RANGE_REVERSED"]),
    ],
)
def test_work_dates_lie_in_the_activity(first: str, last: str, expected: list[str]) -> None:
    assert codes(csr_checks.work_dates([worked("A.K.", first, last, "8")], ACTIVITY)) == expected


def test_an_unsigned_report_and_a_signer_who_did_the_work_are_told() -> None:
    assert codes(csr_checks.signature({})) == ["CSR_SIGNATURE_MISSING"]
    assert codes(csr_checks.signature({"signature": fact(None)})) == ["CSR_SIGNATURE_MISSING"]
    assert csr_checks.signature({"signature": fact(None, ambiguous=True)}) == ()
    signed = {"signature": fact("Signed"), "signer_name": fact("Priya Raman")}
    assert csr_checks.signature(signed, [row(person_or_role="Web developer")]) == ()
    assert codes(csr_checks.signature(signed, [row(person_or_role="priya  raman")])) == [
        "CSR_SIGNER_IS_ROW_PERSON"
    ]


@pytest.mark.parametrize(
    ("signed_on", "expected"),
    [
        ("2019-10-10", ["CSR_SIGNED_EARLY"]),
        ("2019-10-11", []),
        ("2019-10-20", []),
        ("2019-10-21", ["CSR_SIGNED_LATE"]),
    ],
)
def test_a_report_is_signed_between_the_end_of_the_activity_and_submission(
    signed_on: str, expected: list[str]
) -> None:
    issues = csr_checks.signing_date({"signed_on": fact(signed_on)}, ACTIVITY, date(2019, 10, 20))
    assert codes(issues) == expected


def test_a_missing_date_is_told_and_a_doubtful_one_is_not_judged() -> None:
    assert codes(csr_checks.signing_date({}, ACTIVITY, date(2019, 10, 20))) == ["CSR_UNDATED"]
    assert (
        csr_checks.signing_date({"signed_on": fact(None, ambiguous=True)}, ACTIVITY, date(2019, 10, 20)) == ()
    )


def test_a_rate_over_three_times_the_median_of_four_rows_stands_out() -> None:
    rates = [row(hourly_rate=rate) for rate in ("80", "80", "90", "255.01")]
    (issue,) = csr_checks.rate_outliers(rates)
    assert (issue.code, issue.params) == ("CSR_RATE_OUTLIER", {"n": "4", "rate": "255.01", "median": "85"})
    assert csr_checks.rate_outliers([*rates[:3], row(hourly_rate="255")]) == ()
    assert csr_checks.rate_outliers(rates[1:]) == ()


def test_the_densest_stretch_of_nothing_is_none() -> None:
    assert csr_checks.densest_stretch([]) is None


def test_every_issue_can_be_worded_by_the_vocabulary() -> None:
    vocabulary = load_vocabulary((files("rulepacks") / "findings.yaml").read_text("utf-8"))
    day = {"work_date_from": "2019-09-01", "work_date_to": "2019-09-01"}
    rows = [
        row(person_or_role="Priya Raman", hours="26", hourly_rate="80", amount="1", **day),
        row(person_or_role="B.L.", hours="11", hourly_rate="80", amount="880.00", **day),
        row(person_or_role="C.M.", hours="1", hourly_rate="80", amount="80.00", **day),
        row(
            person_or_role="D.N.",
            hours="1",
            hourly_rate="900",
            amount="900.00",
            work_date_from="2019-09-06",
            work_date_to="2019-09-02",
        ),
    ]
    facts = {"total": fact("1.00"), "signer_name": fact("Priya Raman"), "signed_on": fact("2019-09-01")}
    late = csr_checks.signing_date({"signed_on": fact("2019-10-21")}, ACTIVITY, date(2019, 10, 20))
    issues = (
        *check_csr(facts, rows, (), currency="USD", activity=ACTIVITY, submitted_on=date(2019, 10, 20)),
        *csr_checks.signing_date({}),
        *late,
    )
    assert {issue.code for issue in issues} == {
        "CSR_ROW_ARITHMETIC", "CSR_HOURS_IMPOSSIBLE", "CSR_HOURS_HIGH", "CSR_DATES_OUTSIDE_ACTIVITY",
        "DATE_RANGE_REVERSED", "CSR_RATE_OUTLIER", "CSR_TOTAL_MISMATCH", "CSR_SIGNATURE_MISSING",
        "CSR_SIGNER_IS_ROW_PERSON", "CSR_SIGNED_EARLY", "CSR_SIGNED_LATE", "CSR_UNDATED",
    }  # fmt: skip
    for issue in issues:
        assert vocabulary.entry(issue.code).placeholders - {"file"} <= set(issue.params), issue.code
