"""The reviewers' queue over HTTP: filters, due days, one desk for each claim, verdicts on lines and documents."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from schemas.decisions import Outcome
from schemas.events import REVIEW_REQUESTED
from schemas.findings import Audience, Severity
from tests.integration.intake.house import PROGRAM, House, bundle, finding, manifest

LINES = [
    {"kind": "media", "amount": "600.00", "document": "invoice.pdf"},
    {"kind": "media", "amount": "400.00", "document": "invoice.pdf"},
]


def queue(house: House, who: str = "reviewer", **asked: Any) -> list[str]:
    answer = house.call(who, "GET", "/v1/reviews", params=asked)
    assert answer.status_code == 200, answer.text
    return [row["claim"]["claim_id"] for row in answer.json()["items"]]


def take(house: House, claim_id: str, who: str = "reviewer") -> Any:
    return house.call(who, "POST", f"/v1/reviews/{claim_id}/claim")


def release(house: House, claim_id: str, checkout: int, who: str = "reviewer") -> Any:
    return house.call(who, "POST", f"/v1/reviews/{claim_id}/release", json={"checkout": checkout})


def next_one(house: House, who: str = "reviewer") -> str | None:
    answer = house.call(who, "POST", "/v1/reviews/next")
    assert answer.status_code == 200, answer.text
    claim = answer.json()["claim"]
    return None if claim is None else str(claim["claim_id"])


def later(house: House, **span: float) -> None:
    house.clock.move_to(house.clock.now() + timedelta(**span))


def test_a_row_tells_the_due_day_and_the_business_days_left(house: House) -> None:
    house.ready()  # a Tuesday; two business days are promised
    row = house.call("reviewer", "GET", "/v1/reviews").json()["items"][0]
    assert (row["due_on"], row["days_left"], row["is_overdue"]) == ("2019-10-17", 2, False)
    later(house, days=6)
    row = house.call("reviewer", "GET", "/v1/reviews").json()["items"][0]
    assert (row["days_left"], row["is_overdue"]) == (-2, True)


def test_each_filter_shows_exactly_what_it_names(house_on_each: House) -> None:
    house = house_on_each
    clean = house.ready()
    remarks = house.submitted("b", "P-B")
    house.validated(remarks, outcome=Outcome.REMARKS)
    house.ledger("funds_reserved", remarks)
    later(house, days=3)
    fresh = house.ready()
    disputed = house.ready()
    house.decide(disputed, verdict="reject", reason_code="NO_PROOF")
    house.call("a", "POST", f"/v1/claims/{disputed}/dispute", json={"comment": "No."})
    take(house, fresh)
    assert queue(house) == [disputed, clean, fresh, remarks]
    assert queue(house, clean=True) == [clean, fresh]
    assert queue(house, disputes=True) == [disputed]
    assert queue(house, mine=True) == [fresh]
    assert queue(house, "reviewer_2", mine=True) == []
    assert queue(house, due="2019-10-17") == [clean, remarks]
    assert queue(house, partner="P-B") == [remarks]
    assert queue(house, program=PROGRAM) == [disputed, clean, fresh, remarks]
    assert queue(house, program="no such program") == []


def test_the_pause_with_the_partner_moves_the_due_day(house: House) -> None:
    claim_id = house.ready()
    later(house, days=1)
    house.decide(claim_id, verdict="ask", reason_code="MORE_DETAIL")
    later(house, days=9)
    assert house.call("a", "GET", f"/v1/claims/{claim_id}").json()["due_on"] == "2019-10-17"
    house.send("a", bundle(manifest()), path=f"/v1/claims/{claim_id}/revisions")
    assert house.view(claim_id)["due_on"] == "2019-10-28"


def test_a_claim_lies_on_one_desk_at_a_time(house_on_each: House) -> None:
    house = house_on_each
    claim_id = house.ready()
    taken = take(house, claim_id).json()["checkout"]
    assert (taken["checkout"], taken["is_mine"], taken["revision"]) == (1, True, 1)
    assert take(house, claim_id, "reviewer_2").json()["code"] == "CHECKED_OUT"
    refused = house.decide(claim_id, "reviewer_2", verdict="approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "CHECKED_OUT")
    assert release(house, claim_id, 1, "reviewer_2").json()["code"] == "CHECKED_OUT"
    assert release(house, claim_id, 1).status_code == 200
    assert release(house, claim_id, 1).json()["code"] == "CHECKOUT_STALE"
    assert take(house, claim_id, "reviewer_2").json()["checkout"]["checkout"] == 2
    assert release(house, claim_id, 1, "reviewer_2").json()["code"] == "CHECKOUT_STALE"
    assert house.decide(claim_id, "reviewer_2", verdict="approve").status_code == 200


def test_a_check_out_ends_by_itself_and_is_prolonged_by_claiming_again(house: House) -> None:
    claim_id = house.ready()
    limit = house.platform.limits.checkout_seconds_max
    take(house, claim_id)
    later(house, seconds=limit - 1)
    assert take(house, claim_id).json()["checkout"]["checkout"] == 1
    later(house, seconds=limit - 1)
    assert take(house, claim_id, "reviewer_2").json()["code"] == "CHECKED_OUT"
    later(house, seconds=1)
    assert take(house, claim_id, "reviewer_2").json()["checkout"]["checkout"] == 2
    assert release(house, claim_id, 1).json()["code"] == "CHECKOUT_STALE"


def test_only_what_waits_for_a_reviewer_can_be_claimed_and_only_by_one_who_may_decide_it(
    house: House,
) -> None:
    waiting, ready = house.submitted(), house.ready()
    assert take(house, waiting).json()["code"] == "NOT_READY_FOR_REVIEW"
    assert take(house, ready, "a").status_code == 403
    assert take(house, ready, "reviewer_a").json()["code"] == "SELF_APPROVAL"
    assert take(house, ready, "b").status_code == 404
    assert house.call("operator", "POST", "/v1/reviews/next").status_code == 403


def test_the_next_one_is_overdue_then_clean_then_the_oldest(house_on_each: House) -> None:
    house = house_on_each
    overdue = house.submitted()
    house.validated(overdue, outcome=Outcome.REMARKS)
    house.ledger("funds_reserved", overdue)
    later(house, days=7)
    remarks = house.submitted()
    house.validated(remarks, outcome=Outcome.REMARKS)
    house.ledger("funds_reserved", remarks)
    later(house, minutes=1)
    clean = [house.ready(), house.ready()]
    assert [next_one(house) for _ in range(5)] == [overdue, *clean, remarks, None]


def test_of_many_reviewers_at_once_each_gets_another_claim(house_on_each: House) -> None:
    house = house_on_each
    ready = {house.ready() for _ in range(4)}
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda who: next_one(house, who), ["reviewer", "reviewer_2"] * 2))
    got = [claim_id for claim_id in taken if claim_id is not None]
    assert len(got) == len(set(got))
    assert set(got) <= ready


def test_the_second_of_two_reviewers_is_offered_what_the_first_approved(house: House) -> None:
    claim_id = house.submitted(claimed_amount="30000.00")
    house.validated(claim_id, payable="30000.00")
    house.ledger("funds_reserved", claim_id, amount="30000.00")
    assert next_one(house) == claim_id
    assert house.decide(claim_id, verdict="approve").json()["claim"]["state"] == "under_review"
    assert next_one(house) is None
    assert next_one(house, "reviewer_2") == claim_id


def test_whoever_rejected_is_not_offered_the_dispute(house: House) -> None:
    claim_id = house.ready()
    house.decide(claim_id, verdict="reject", reason_code="NO_PROOF")
    house.call("a", "POST", f"/v1/claims/{claim_id}/dispute", json={"comment": "No."})
    assert next_one(house) is None
    assert take(house, claim_id).json()["code"] == "SAME_REVIEWER"
    assert next_one(house, "reviewer_2") == claim_id


def test_an_approval_by_lines_is_their_sum_and_tells_the_partner_the_reason_of_each_cut(house: House) -> None:
    claim_id = house.ready(lines=LINES)
    left = {"amount": "150.00", "currency": "USD"}
    lines = [
        {"line": 1, "verdict": "accept"},
        {"line": 2, "verdict": "cut", "amount": left, "reason_code": "NOT_ELIGIBLE"},
    ]
    paper = house.view(claim_id)["documents"][0]["sha256"]
    documents = [{"sha256": paper, "verdict": "accept", "comment": "Clear."}]
    wrong = {"amount": "800.00", "currency": "USD"}
    refused = house.decide(claim_id, verdict="approve", lines=lines, amount=wrong, reason_code="CUT")
    assert (refused.status_code, refused.json()["code"]) == (409, "APPROVAL_NOT_SUM_OF_LINES")
    assert house.view(claim_id)["line_verdicts"] == []
    done = house.decide(claim_id, verdict="approve", lines=lines, documents=documents)
    assert done.status_code == 200, done.text
    seen = house.view(claim_id)
    assert (seen["approved"]["amount"], seen["line_verdicts"][1]["reason_code"]) == ("750.00", "NOT_ELIGIBLE")
    assert seen["document_verdicts"][0]["comment"] == "Clear."
    assert [line["amount"] for line in seen["lines"]] == ["600.00", "400.00"]


def test_lines_never_come_to_more_than_is_reserved(house: House) -> None:
    claim_id = house.ready(reserved="900.00", lines=LINES)
    lines = [{"line": 1, "verdict": "accept"}, {"line": 2, "verdict": "accept"}]
    refused = house.decide(claim_id, verdict="approve", lines=lines)
    assert (refused.status_code, refused.json()["code"]) == (409, "APPROVAL_OVER_RESERVATION")


@pytest.mark.parametrize("reserved_first", [False, True])
def test_reviewers_are_told_once_of_each_revision_that_is_judged_and_funded(
    house: House, reserved_first: bool
) -> None:
    claim_id = house.submitted()
    found = (
        finding("AMOUNT_UNCLEAR", Severity.ACTION),
        finding("SPLITTING_SUSPECTED", Severity.WARN, Audience.REVIEWER),
    )
    acts = [
        lambda: house.validated(claim_id, outcome=Outcome.REMARKS, findings=found),
        lambda: house.ledger("funds_reserved", claim_id),
    ]
    for act in reversed(acts) if reserved_first else acts:
        assert [event for event in house.events() if event.type == REVIEW_REQUESTED] == []
        act()
    house.validated(claim_id, outcome=Outcome.REMARKS, findings=found)
    told = [event.data for event in house.events() if event.type == REVIEW_REQUESTED]
    assert len(told) == 1
    assert told[0].findings == ("AMOUNT_UNCLEAR", "SPLITTING_SUSPECTED")
    assert (str(told[0].reserved), told[0].outcome) == ("1000.00 USD", Outcome.REMARKS)
    assert str(told[0].due_on) == "2019-10-17"


def test_a_claim_without_funds_or_with_a_blocking_finding_asks_no_reviewer(house: House) -> None:
    unfunded, blocked = house.submitted(), house.submitted()
    house.validated(unfunded)
    house.refused(unfunded)
    house.validated(blocked, outcome=Outcome.BLOCKED, findings=(finding("DOC_MISSING"),))
    assert [event for event in house.events() if event.type == REVIEW_REQUESTED] == []
