"""Dates and deadline (R-13, R-14, R-33, R-45, R-76): as claimed, and as the documents show them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.base import Period
from services.validator.core.decision import findings_of
from tests.unit.validator.claims import RECEIVED, claim, codes, document, fact, invoice, library, proofs

CLOSES = datetime(2020, 2, 15, 8, tzinfo=UTC)


def test_the_first_instant_after_the_window_is_late_and_the_last_one_is_near() -> None:
    late = claim(received=CLOSES)
    assert codes(late) == ["DEADLINE_PASSED"]
    assert codes(claim(received=CLOSES - timedelta(microseconds=1))) == ["DEADLINE_NEAR"]
    (found,) = [one for one in findings_of(late, library().vocabulary) if one.severity.value == "error"]
    assert found.params["deadline"] == "Fri 14 Feb 2020, 23:59 US Pacific"


def test_the_first_receipt_decides_for_later_revisions() -> None:
    later = claim(
        received=CLOSES + timedelta(days=3), known={"first_received_at": CLOSES - timedelta(days=20)}
    )
    assert codes(later) == []


def test_before_the_window_opens_a_claim_can_only_be_drafted() -> None:
    opens = datetime(2019, 7, 1, 7, tzinfo=UTC)
    early = opens - timedelta(microseconds=1)
    held = (invoice(issue_date="2019-06-30"), *proofs())
    assert "WINDOW_NOT_OPEN" in codes(claim(*held, received=early))
    assert "WINDOW_NOT_OPEN" not in codes(claim(*held, received=opens))


@pytest.mark.parametrize(
    "start,end,expected",
    [
        (date(2019, 7, 1), date(2019, 12, 31), []),
        (date(2019, 6, 30), date(2019, 8, 31), ["DATE_ACTIVITY_OUTSIDE_USAGE"]),
        (date(2019, 7, 1), date(2020, 1, 1), ["DATE_ACTIVITY_OUTSIDE_USAGE"]),
        (date(2019, 8, 31), date(2019, 7, 1), ["DATE_RANGE_REVERSED"]),
    ],
)
def test_the_claimed_days_lie_in_the_usage_period(start: date, end: date, expected: list[str]) -> None:
    assert codes(claim(activity_start=start, activity_end=end)) == expected


def test_the_days_a_document_shows_count_and_not_only_the_claims_own() -> None:
    inputs = claim(invoice(service_period_start="2019-06-15"), *proofs())
    (found,) = [one for one in findings_of(inputs, library().vocabulary) if one.severity.value == "error"]
    assert found.code == "DATE_ACTIVITY_OUTSIDE_USAGE"
    assert [place.text for place in found.evidence] == ["2019-06-15", "2019-08-31"]
    assert (found.expected, found.actual) == ("2019-07-01/2019-12-31", "2019-06-15/2019-08-31")


def test_a_doubtful_day_accuses_nobody() -> None:
    doubtful = fact("2019-06-15", confidence=0.3)
    assert codes(claim(invoice(service_period_start=doubtful), *proofs())) == []


def test_work_outside_the_claimed_activity_does_not_prove_it() -> None:
    other = invoice(service_period_start="2019-10-01", service_period_end="2019-10-05")
    assert codes(claim(other, *proofs())) == ["INV_SERVICE_OUTSIDE_ACTIVITY"]
    touching = invoice(service_period_start="2019-08-31", service_period_end="2019-10-05")
    assert codes(claim(touching, *proofs())) == []


@pytest.mark.parametrize(
    "issued,expected",
    [
        ("2019-06-30", ["INV_DATE_OUTSIDE"]),
        ("2019-07-01", []),
        ("2019-10-15", []),
        ("2019-10-16", ["INV_DATE_OUTSIDE"]),
    ],
)
def test_an_invoice_is_written_after_the_activity_began_and_before_the_claim(
    issued: str, expected: list[str]
) -> None:
    assert codes(claim(invoice(issue_date=issued), *proofs())) == expected


def test_an_invoice_of_the_next_half_year_must_say_when_the_work_was_done() -> None:
    received = datetime(2020, 1, 20, tzinfo=UTC)
    silent = invoice(issue_date="2020-01-10", service_period_start=None, service_period_end=None)
    assert codes(claim(silent, *proofs(), received=received)) == ["INV_DATE_OUTSIDE"]
    assert codes(claim(invoice(issue_date="2020-01-10"), *proofs(), received=received)) == []


def test_space_at_a_trade_show_may_be_booked_ahead_with_a_reason() -> None:
    kinds = ("event_invitation", "event_agenda", "participation_photo")
    held = tuple(document(f"{kind}.pdf", kind) for kind in kinds)
    given = {
        "activity": "tradeshow_exhibition",
        "category": "market_development",
        "metrics": {"estimated_visitors": "400"},
        "lines": [{"kind": "registration_fee", "amount": "1000.00", "document": "invoice.pdf"}],
    }
    assert codes(claim(invoice(issue_date="2019-05-02"), *held, **given)) == ["INV_DATE_OUTSIDE"]
    noted = invoice(issue_date="2019-05-02", note="The organizer rents space in May")
    assert codes(claim(noted, *held, **given)) == []


def test_a_proof_shows_a_day_inside_the_activity() -> None:
    old = document("ad.png", "ad_screenshot", {"taken_on": "2019-06-01"})
    assert codes(claim(invoice(), old, *proofs()[1:])) == ["POE_DATE_OUTSIDE"]
    report = document("results.pdf", "results_report", {"sent_on": "2019-09-10"})
    assert codes(claim(invoice(), *proofs()[:2], report)) == []


def test_with_a_campaign_a_proof_lies_between_its_ends() -> None:
    campaign = Period(start=date(2019, 7, 1), end=date(2019, 8, 31))
    late = document("ad.png", "ad_screenshot", {"taken_on": "2019-09-01"})
    assert codes(claim(invoice(), late, *proofs()[1:], campaign=campaign)) == ["DATE_POE_OUTSIDE_CAMPAIGN"]
    in_time = document("ad.png", "ad_screenshot", {"taken_on": "2019-08-31"})
    assert codes(claim(invoice(), in_time, *proofs()[1:], campaign=campaign)) == []


def test_a_usage_period_is_one_of_the_calendar() -> None:
    odd = Period(start=date(2019, 7, 1), end=date(2019, 11, 30))
    assert codes(claim(usage_period=odd)) == ["USAGE_PERIOD_UNKNOWN"]


def test_a_printed_label_that_does_not_fit_its_days_is_for_reviewers_only() -> None:
    labeled = invoice(period_label="FY21 H1")
    (found,) = [
        one
        for one in findings_of(claim(labeled, *proofs()), library().vocabulary)
        if one.code == "PERIOD_LABEL_MISMATCH"
    ]
    assert (found.audience.value, found.expected) == ("reviewer", "FY20H1")
    assert RECEIVED < CLOSES
