"""Verdicts and reservations move a claim whatever order they come in; what is stale is recorded and moves nothing."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.decisions import Outcome
from schemas.events import CLAIM_DECIDED, CLAIM_SUBMITTED, CLAIM_WITHDRAWN
from schemas.findings import Audience, Severity
from services.kit.consumer import Status
from tests.integration.intake.house import House, bundle, finding, ledger_event, manifest

BLOCKING = (finding("DOC_MISSING"),)


def acts(view: dict[str, Any]) -> list[str]:
    return [entry["act"] for entry in view["history"]]


def test_a_clean_and_funded_claim_waits_under_review(house_on_each: House) -> None:
    house = house_on_each
    claim_id = house.ready()
    view = house.view(claim_id)
    assert view["state"] == "under_review"
    assert view["payable"] == view["reserved"] == {"amount": "1000.00", "currency": "USD"}
    assert acts(view) == ["submit", "validated", "start_review", "funds_reserved"]
    assert "approve" in view["next_acts"]


def test_a_blocking_finding_sends_the_claim_back_and_the_history_says_which(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id, outcome=Outcome.BLOCKED, findings=BLOCKING)
    view = house.view(claim_id)
    assert view["state"] == "action_required"
    assert (view["history"][-1]["actor"], view["history"][-1]["comment"]) == ("system", "DOC_MISSING")
    assert "revise" in view["next_acts"]


def test_a_passed_deadline_rejects_the_claim_and_tells_it(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id, outcome=Outcome.LATE, findings=(finding("DEADLINE_PASSED"),))
    assert house.view(claim_id)["state"] == "rejected"
    decided = house.events()[-1]
    assert decided.type == CLAIM_DECIDED
    assert (decided.data.verdict.value, decided.data.reason_code, decided.data.actor) == (
        "rejected",
        "DEADLINE_PASSED",
        "system",
    )


def test_refused_funds_send_the_claim_back_with_the_amounts(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id)
    house.refused(claim_id)
    view = house.view(claim_id)
    assert view["state"] == "action_required"
    assert view["history"][-1]["reason_code"] == "FUNDS_INSUFFICIENT"
    assert view["history"][-1]["comment"] == "requested 1000.00 USD, available 250.00 USD"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_in_which_facts_arrive_does_not_matter(house: House, order: tuple[int, ...]) -> None:
    claim_id = house.submitted()
    facts = (
        lambda: house.validated(claim_id),
        lambda: house.ledger("funds_reserved", claim_id, amount="1000.00", sequence=1),
        lambda: house.ledger("hold_released", claim_id, None, "400.00", sequence=2),
    )
    for number in order:
        assert facts[number]().status is Status.DONE
    view = house.view(claim_id)
    assert (view["state"], view["reserved"]["amount"]) == ("under_review", "600.00")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_new_hold_replaces_the_one_of_the_earlier_revision_in_any_order(
    house: House, order: tuple[int, ...]
) -> None:
    claim_id = house.submitted()
    house.validated(claim_id, outcome=Outcome.BLOCKED, findings=BLOCKING)
    house.send("a", bundle(manifest()), path=f"/v1/claims/{claim_id}/revisions")
    house.validated(claim_id, revision=2)
    facts = (
        lambda: house.ledger("funds_reserved", claim_id, 1, "1000.00", sequence=1),
        lambda: house.ledger("hold_released", claim_id, None, "1000.00", sequence=2),
        lambda: house.ledger("funds_reserved", claim_id, 2, "800.00", sequence=3),
    )
    for number in order:
        assert facts[number]().status is Status.DONE
    assert house.view(claim_id)["reserved"]["amount"] == "800.00"


@pytest.mark.parametrize("refusal_first", [True, False])
def test_a_refusal_before_its_verdict_ends_in_the_same_state(house: House, refusal_first: bool) -> None:
    claim_id = house.submitted()
    facts = [lambda: house.validated(claim_id), lambda: house.refused(claim_id)]
    for fact in reversed(facts) if refusal_first else facts:
        fact()
    assert house.view(claim_id)["state"] == "action_required"


def test_what_is_about_an_older_revision_is_recorded_and_moves_nothing(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id, outcome=Outcome.BLOCKED, findings=BLOCKING)
    revised = house.send("a", bundle(manifest()), path=f"/v1/claims/{claim_id}/revisions")
    assert (revised.status_code, revised.json()["revision"], revised.json()["state"]) == (202, 2, "submitted")
    house.validated(claim_id, revision=1)
    house.ledger("funds_reserved", claim_id, revision=1)
    house.refused(claim_id, revision=1)
    view = house.view(claim_id)
    assert (view["state"], view["reserved"], view["decision"]) == ("submitted", None, None)
    assert [entry["revision"] for entry in view["history"]][-3:] == [1, 1, 1]


def test_the_same_event_twice_is_one_event(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id)
    steps = house.steps
    assert house.ledger("funds_reserved", claim_id, sequence=1).status is Status.DONE
    house.steps = steps
    assert house.ledger("funds_reserved", claim_id, sequence=1).status is Status.REPEATED
    assert house.view(claim_id)["reserved"]["amount"] == "1000.00"


def test_an_event_about_a_claim_nobody_sent_is_parked(house: House) -> None:
    delivery = house.validated("clm_" + "0" * 26)
    assert (delivery.status, delivery.cause) == (Status.PARKED, "CLAIM_UNKNOWN")


def test_settlement_and_payment_stand_in_the_history(house: House) -> None:
    claim_id = house.ready()
    house.decide(claim_id, verdict="approve")
    house.ledger("claim_settled", claim_id)
    house.ledger("payout_paid", claim_id)
    view = house.view(claim_id)
    assert acts(view)[-2:] == ["claim_settled", "payout_paid"]
    assert (view["state"], view["approved"]["amount"], view["reserved"]) == ("approved", "1000.00", None)


def test_a_partner_never_sees_what_was_found_for_reviewers(house: House) -> None:
    claim_id = house.submitted()
    hidden = finding("DUP_FILE_OTHER_PARTNER", Severity.WARN, Audience.REVIEWER)
    house.validated(claim_id, outcome=Outcome.REMARKS, findings=(hidden,))
    house.ledger("funds_reserved", claim_id)
    partner = house.call("a", "GET", f"/v1/claims/{claim_id}")
    assert "DUP_FILE_OTHER_PARTNER" not in partner.text
    assert partner.json()["decision"]["outcome"] == "clean"
    assert "REMARKS" not in partner.text
    reviewer = house.view(claim_id, "reviewer")
    assert [found["code"] for found in reviewer["decision"]["findings"]] == ["DUP_FILE_OTHER_PARTNER"]
    both_sides = house.call("reviewer_a", "GET", f"/v1/claims/{claim_id}")
    assert "DUP_FILE_OTHER_PARTNER" not in both_sides.text


def test_a_reviewer_approves_the_whole_reservation_and_says_so_to_the_ledger(house: House) -> None:
    claim_id = house.ready()
    answer = house.decide(claim_id, verdict="approve")
    assert answer.status_code == 200, answer.text
    assert answer.json()["claim"]["state"] == "approved"
    assert answer.json()["claim"]["approved"] == {"amount": "1000.00", "currency": "USD"}
    decided = house.events()[-1]
    assert (decided.type, decided.data.approved.amount, decided.data.actor) == (
        CLAIM_DECIDED,
        "1000.00",
        "reviewer",
    )


def test_less_than_the_reservation_needs_a_reason(house: House) -> None:
    claim_id = house.ready()
    less = {"amount": "600.00", "currency": "USD"}
    refused = house.decide(claim_id, verdict="approve", amount=less)
    assert (refused.status_code, refused.json()["code"]) == (409, "REASON_MISSING")
    answer = house.decide(claim_id, verdict="approve", amount=less, reason_code="LINE_INELIGIBLE")
    assert answer.json()["claim"]["approved"]["amount"] == "600.00"


REFUSED_DECISIONS = [
    ({"verdict": "approve", "revision": 7}, 409, "REVISION_STALE"),
    (
        {"verdict": "approve", "amount": {"amount": "1000.01", "currency": "USD"}},
        409,
        "APPROVAL_OVER_RESERVATION",
    ),
    ({"verdict": "approve", "amount": {"amount": "10.00", "currency": "EUR"}}, 409, "APPROVAL_CURRENCY"),
    ({"verdict": "reject"}, 422, "REQUEST_INVALID"),
    ({"verdict": "ask"}, 422, "REQUEST_INVALID"),
    (
        {"verdict": "reject", "reason_code": "X_Y", "amount": {"amount": "1.00", "currency": "USD"}},
        422,
        "REQUEST_INVALID",
    ),
]


@pytest.mark.parametrize(("order", "status", "code"), REFUSED_DECISIONS)
def test_a_decision_that_does_not_fit_is_refused_and_changes_nothing(
    house: House, order: dict[str, Any], status: int, code: str
) -> None:
    claim_id = house.ready()
    before = house.view(claim_id)
    answer = house.decide(claim_id, **order)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert house.view(claim_id) == before


def test_no_approval_without_a_reservation(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id)
    answer = house.decide(claim_id, verdict="approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_RESERVED")


def test_nobody_decides_for_the_partner_they_act_for(house: House) -> None:
    claim_id = house.ready()
    answer = house.decide(claim_id, who="reviewer_a", verdict="approve")
    assert (answer.status_code, answer.json()["code"]) == (403, "SELF_APPROVAL")
    assert house.decide(claim_id, who="a", verdict="approve").status_code == 403


def test_a_decision_repeated_under_its_key_is_one_decision(house: House) -> None:
    claim_id = house.ready()
    first = house.decide(claim_id, key="d-1", verdict="approve")
    again = house.decide(claim_id, key="d-1", verdict="approve")
    assert first.json() == again.json()
    assert [event.type for event in house.events()].count(CLAIM_DECIDED) == 1
    other = house.decide(claim_id, key="d-1", verdict="reject", reason_code="NO_PROOF")
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_a_claim_that_is_asked_about_can_be_mended_with_files_it_already_has(house: House) -> None:
    claim_id = house.ready()
    sent = house.view(claim_id)["documents"][0]["sha256"]
    house.decide(claim_id, verdict="ask", reason_code="MORE_DETAIL", comment="Show the page address.")
    documents = [{"file": "invoice.pdf", "kind": "third_party_invoice", "sha256": sent}]
    answer = house.send(
        "a", bundle(manifest(documents=documents), {}), path=f"/v1/claims/{claim_id}/revisions"
    )
    assert answer.status_code == 202, answer.text
    assert answer.json()["documents"][0]["sha256"] == sent
    assert answer.json()["first_received_at"] == "2019-10-15T09:00:00Z"
    other = house.submitted()
    house.validated(other, outcome=Outcome.BLOCKED, findings=BLOCKING)
    foreign = [{"file": "other.pdf", "kind": "csr", "sha256": "1" * 64}]
    refused = house.send("a", bundle(manifest(documents=foreign), {}), path=f"/v1/claims/{other}/revisions")
    assert (refused.status_code, refused.json()["code"]) == (422, "FILE_MISSING")


def test_a_revision_keeps_whose_claim_it_is(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id, outcome=Outcome.BLOCKED, findings=BLOCKING)
    usage = {"start": "2020-01-01", "end": "2020-06-30"}
    answer = house.send(
        "a", bundle(manifest(currency="EUR", usage_period=usage)), path=f"/v1/claims/{claim_id}/revisions"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "CLAIM_IDENTITY_CHANGED")
    assert [item["where"] for item in answer.json()["items"]] == ["usage_period", "currency"]


def test_a_revision_nobody_asked_for_is_refused(house: House) -> None:
    claim_id = house.submitted()
    answer = house.send("a", bundle(manifest()), path=f"/v1/claims/{claim_id}/revisions")
    assert (answer.status_code, answer.json()["code"]) == (409, "TRANSITION_NOT_ALLOWED")


def test_a_rejection_is_disputed_once_and_goes_through_validation_again(house: House) -> None:
    claim_id = house.ready()
    house.decide(claim_id, verdict="reject", reason_code="NO_PROOF")
    house.ledger("hold_released", claim_id)
    disputed = house.call(
        "a", "POST", f"/v1/claims/{claim_id}/dispute", json={"comment": "The proof is on page 3."}
    )
    assert disputed.status_code == 200, disputed.text
    assert (disputed.json()["claim"]["state"], disputed.json()["claim"]["revision"]) == ("disputed", 2)
    again = house.events()[-1]
    assert (again.type, again.data.revision, len(again.data.documents)) == (CLAIM_SUBMITTED, 2, 1)
    house.validated(claim_id, revision=2, outcome=Outcome.LATE)
    assert house.view(claim_id)["state"] == "disputed"
    again_rejected = {"revision": 2, "verdict": "reject", "reason_code": "NO_PROOF"}
    assert house.decide(claim_id, **again_rejected).json()["code"] == "SAME_REVIEWER"
    other = "reviewer_2"
    assert house.decide(claim_id, other, revision=2, verdict="approve").json()["code"] == "NOT_RESERVED"
    house.ledger("funds_reserved", claim_id, revision=2)
    assert house.decide(claim_id, other, **again_rejected).status_code == 200
    answer = house.call("a", "POST", f"/v1/claims/{claim_id}/dispute", json={"comment": "Again."})
    assert (answer.status_code, answer.json()["code"]) == (409, "DISPUTED_BEFORE")


def test_a_withdrawn_claim_is_told_once_and_is_final(house: House) -> None:
    claim_id = house.submitted()
    path = f"/v1/claims/{claim_id}/withdraw"
    first = house.call("a", "POST", path, key="w", json={})
    assert first.json()["claim"]["state"] == "withdrawn"
    assert house.call("a", "POST", path, key="w", json={}).json() == first.json()
    assert [event.type for event in house.events()].count(CLAIM_WITHDRAWN) == 1
    assert house.call("a", "POST", path, json={}).status_code == 409
    house.validated(claim_id)
    assert house.view(claim_id)["state"] == "withdrawn"


def test_words_of_both_sides_stand_in_one_history(house: House) -> None:
    claim_id = house.submitted()
    for who in ("a", "reviewer"):
        answer = house.call(who, "POST", f"/v1/claims/{claim_id}/comments", json={"comment": f"{who} says"})
        assert answer.status_code == 200
    assert [(row["actor"], row["comment"]) for row in house.view(claim_id)["history"]][1:] == [
        ("a", "a says"),
        ("reviewer", "reviewer says"),
    ]


def test_the_queue_has_disputes_first_then_clean_then_remarks_each_by_receipt(house_on_each: House) -> None:
    house = house_on_each
    remarks = house.submitted()
    house.validated(remarks, outcome=Outcome.REMARKS, findings=(finding("DEADLINE_NEAR", Severity.WARN),))
    house.ledger("funds_reserved", remarks)
    clean = [house.ready(), house.ready()]
    house.submitted()
    disputed = house.ready()
    house.decide(disputed, verdict="reject", reason_code="NO_PROOF")
    house.call("a", "POST", f"/v1/claims/{disputed}/dispute", json={"comment": "No."})
    found: list[str] = []
    cursor = None
    while True:
        page = house.call(
            "reviewer", "GET", "/v1/reviews", params={"limit": 1, **({"cursor": cursor} if cursor else {})}
        )
        found += [row["claim"]["claim_id"] for row in page.json()["items"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert found == [disputed, *clean, remarks]
    assert house.call("a", "GET", "/v1/reviews").status_code == 403


def test_lists_page_by_cursor_and_filter(house_on_each: House) -> None:
    house = house_on_each
    sent = [house.submitted() for _ in range(5)]
    house.validated(sent[0], outcome=Outcome.BLOCKED, findings=BLOCKING)
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = house.call("a", "GET", "/v1/claims", params=params).json()
        found += [row["claim_id"] for row in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert found == sent[::-1]
    blocked = house.call("a", "GET", "/v1/claims", params={"state": "action_required"}).json()["items"]
    assert [row["claim_id"] for row in blocked] == sent[:1]
    by_name = house.call("a", "GET", "/v1/claims", params={"program": "CSP Indirect Reseller"}).json()[
        "items"
    ]
    assert len(by_name) == 5
    assert house.call("a", "GET", "/v1/claims", params={"program": "nothing"}).json()["items"] == []
    assert house.call("a", "GET", "/v1/claims", params={"cursor": "!"}).json()["code"] == "CURSOR_INVALID"


def test_a_document_is_a_download_of_the_very_bytes(house: House) -> None:
    name = "faktura \u201eöst\u201c.pdf"
    documents = [{"file": name, "kind": "third_party_invoice"}]
    answer = house.send("a", bundle(manifest(documents=documents), {name: b"%PDF-1.4\n%%EOF\n"}))
    claim_id, sha256 = answer.json()["claim_id"], answer.json()["documents"][0]["sha256"]
    got = house.call("a", "GET", f"/v1/claims/{claim_id}/documents/{sha256}")
    assert got.content == b"%PDF-1.4\n%%EOF\n"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-disposition"].startswith('attachment; filename="faktura _')
    assert got.headers["content-disposition"].endswith(
        "filename*=UTF-8''faktura%20%E2%80%9E%C3%B6st%E2%80%9C.pdf"
    )


def test_above_the_amount_of_the_pack_two_reviewers_must_agree_on_the_same_amount(
    house_on_each: House,
) -> None:
    house = house_on_each
    claim_id = house.ready("30000.00")
    first = house.decide(claim_id, verdict="approve")
    assert (first.json()["done"]["act"], first.json()["claim"]["state"]) == ("approve_first", "under_review")
    assert [event.type for event in house.events()].count(CLAIM_DECIDED) == 0
    alone = house.decide(claim_id, verdict="approve")
    assert (alone.status_code, alone.json()["code"]) == (409, "SECOND_REVIEWER_NEEDED")
    less = {"amount": "26000.00", "currency": "USD"}
    other = house.decide(
        claim_id, "reviewer_2", verdict="approve", amount=less, reason_code="LINE_INELIGIBLE"
    )
    assert other.json()["claim"]["state"] == "under_review"
    agreed = house.decide(claim_id, verdict="approve", amount=less, reason_code="LINE_INELIGIBLE")
    assert (agreed.json()["claim"]["state"], agreed.json()["claim"]["approved"]["amount"]) == (
        "approved",
        "26000.00",
    )


def test_up_to_the_amount_of_the_pack_one_reviewer_is_enough(house: House) -> None:
    claim_id = house.ready("25000.00")
    assert house.decide(claim_id, verdict="approve").json()["claim"]["state"] == "approved"


def test_a_revision_after_its_own_time_limit_is_refused_and_one_before_it_is_taken(house: House) -> None:
    claim_id = house.ready()
    house.decide(claim_id, verdict="ask", reason_code="MORE_DETAIL")
    path = f"/v1/claims/{claim_id}/revisions"
    # Asked on 15 Oct 2019; 30 days later is 14 Nov 2019, which ends at 08:00 UTC on the 15th.
    house.clock.move_to(datetime(2019, 11, 15, 8, 0, tzinfo=UTC))
    late = house.send("a", bundle(manifest()), path=path)
    assert (late.status_code, late.json()["code"]) == (409, "REVISION_TIME_PASSED")
    assert "Thu 14 Nov 2019, 23:59" in late.json()["detail"]
    other = house.ready()
    house.decide(other, verdict="ask", reason_code="MORE_DETAIL")
    house.clock.move_to(datetime(2019, 12, 16, 7, 59, tzinfo=UTC))
    assert house.send("a", bundle(manifest()), path=f"/v1/claims/{other}/revisions").status_code == 202


def test_a_cap_that_cuts_the_reservation_stands_in_the_history(house: House) -> None:
    claim_id = house.submitted()
    house.validated(claim_id)
    whole = ledger_event("funds_reserved", claim_id, 1, "600.00", house.clock.now(), 1)
    cut = whole.model_copy(update={"references": {**whole.references, "cut": "400.00", "cap": "onsite_50"}})
    house.tell("coop.ledger.funds_reserved.v1", cut)
    assert house.view(claim_id)["history"][-1]["comment"] == "600.00 USD, 400.00 less by onsite_50"
