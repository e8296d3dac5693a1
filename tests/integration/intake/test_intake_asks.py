"""What is asked of a partner item by item stands until a revision mends it; a dispute has its time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.decisions import Outcome
from schemas.events import CLAIM_SUBMITTED
from schemas.findings import Audience, Severity
from services.kit.packs import PackLibrary
from services.rules.pack_terms import DisputeLimit
from tests.integration.intake.house import PACKS, PDF, House, bundle, client, finding, manifest

INVOICE, REPORT = PDF, PDF + b"% report\n"
PAPERS = [
    {"file": "invoice.pdf", "kind": "third_party_invoice"},
    {"file": "report.pdf", "kind": "csr"},
]
LINES = [{"kind": "media", "amount": "600.00"}, {"kind": "media", "amount": "400.00"}]
SHOWN, HIDDEN = (
    finding("AMOUNT_UNCLEAR", Severity.ACTION),
    finding("SPLITTING_SUSPECTED", Severity.WARN, Audience.REVIEWER),
)


def sent(
    house: House, claim_id: str, *papers: dict[str, Any], files: dict[str, bytes], **changes: Any
) -> None:
    content = bundle(manifest(documents=list(papers), **{"lines": LINES, **changes}), files)
    answer = house.send("a", content, path=f"/v1/claims/{claim_id}/revisions")
    assert answer.status_code == 202, answer.text


def begun(house: House) -> tuple[str, dict[str, str]]:
    """A claim with two papers, two lines and two findings; and the hashes of its papers."""
    content = bundle(manifest(documents=PAPERS, lines=LINES), {"invoice.pdf": INVOICE, "report.pdf": REPORT})
    claim_id = str(house.send("a", content).json()["claim_id"])
    house.validated(claim_id, outcome=Outcome.REMARKS, findings=(SHOWN, HIDDEN))
    house.ledger("funds_reserved", claim_id)
    return claim_id, {paper["file"]: paper["sha256"] for paper in house.view(claim_id)["documents"]}


def ask(house: House, claim_id: str, *asks: dict[str, Any], revision: int = 1) -> Any:
    return house.decide(claim_id, verdict="ask", reason_code="MORE_DETAIL", asks=asks, revision=revision)


def open_texts(house: House, claim_id: str) -> list[str]:
    return [item["ask"]["text"] for item in house.view(claim_id)["asks"]]


def test_each_ask_stands_until_its_item_is_mended(house_on_each: House) -> None:
    house = house_on_each
    claim_id, papers = begun(house)
    done = ask(
        house,
        claim_id,
        {"document": papers["invoice.pdf"], "text": "Send a readable one."},
        {"line": 2, "text": "What is this?"},
        {"finding": "AMOUNT_UNCLEAR", "text": "Which of the two?"},
    )
    assert done.status_code == 200, done.text
    assert open_texts(house, claim_id) == ["Send a readable one.", "What is this?", "Which of the two?"]
    fresh = PDF + b"% again\n"
    sent(house, claim_id, *PAPERS, files={"invoice.pdf": fresh, "report.pdf": REPORT})
    assert open_texts(house, claim_id) == ["What is this?", "Which of the two?"]
    house.validated(claim_id, 2)
    assert open_texts(house, claim_id) == ["What is this?"]
    house.ledger("funds_reserved", claim_id, 2)
    ask(house, claim_id, {"line": 1, "text": "And this?"}, revision=2)
    assert open_texts(house, claim_id) == ["What is this?", "And this?"]
    mended = [LINES[0], {"kind": "media", "amount": "350.00"}]
    sent(house, claim_id, *PAPERS, files={"invoice.pdf": fresh, "report.pdf": REPORT}, lines=mended)
    assert open_texts(house, claim_id) == ["And this?"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"document": "0" * 64, "text": "x"},
        {"line": 3, "text": "x"},
        {"finding": "DOC_MISSING", "text": "x"},
        {"finding": "SPLITTING_SUSPECTED", "text": "x"},
    ],
)
def test_nothing_is_asked_about_what_the_partner_does_not_see(house: House, wrong: dict[str, Any]) -> None:
    claim_id, _ = begun(house)
    refused = ask(house, claim_id, wrong)
    assert (refused.status_code, refused.json()["code"]) == (409, "ASK_UNKNOWN")
    assert house.view(claim_id)["state"] == "under_review"


@pytest.mark.parametrize("wrong", [{"text": "x"}, {"line": 1, "finding": "AMOUNT_UNCLEAR", "text": "x"}])
def test_an_ask_is_about_one_thing(house: House, wrong: dict[str, Any]) -> None:
    claim_id, _ = begun(house)
    assert ask(house, claim_id, wrong).status_code == 422


def test_only_an_ask_carries_asks(house: House) -> None:
    claim_id, _ = begun(house)
    asks = [{"line": 1, "text": "x"}]
    assert house.decide(claim_id, verdict="approve", asks=asks).status_code == 422


def test_a_submission_tells_which_documents_changed_since_the_revision_before(house: House) -> None:
    claim_id, papers = begun(house)
    ask(house, claim_id)
    relabeled = [{**PAPERS[0], "note": "page 2"}, PAPERS[1]]
    sent(house, claim_id, *relabeled, files={"invoice.pdf": INVOICE, "report.pdf": REPORT})
    told = [event.data.changed for event in house.events() if event.type == CLAIM_SUBMITTED]
    assert told == [tuple(sorted(papers.values())), (papers["invoice.pdf"],)]


def test_a_dispute_repeats_the_papers_and_changes_none(house: House) -> None:
    claim_id, _ = begun(house)
    house.decide(claim_id, verdict="reject", reason_code="NO_PROOF")
    house.call("a", "POST", f"/v1/claims/{claim_id}/dispute", json={"comment": "No."})
    told = [event.data.changed for event in house.events() if event.type == CLAIM_SUBMITTED]
    assert told[-1] == ()


@pytest.mark.parametrize(("days", "code"), [(30, None), (31, "DISPUTE_TIME_PASSED")])
def test_a_rejection_is_disputed_within_the_time_of_the_pack(
    house: House, days: int, code: str | None
) -> None:
    limited = {
        pack.id: pack.model_copy(update={"dispute_limit": DisputeLimit(days_after_decision=30)})
        for pack in map(PACKS.get, PACKS.ids())
    }
    house.platform = replace(house.platform, packs=PackLibrary(limited, PACKS.vocabulary))
    house.http = client(house.platform)
    claim_id, _ = begun(house)
    house.decide(claim_id, verdict="reject", reason_code="NO_PROOF")
    house.clock.move_to(house.clock.now() + timedelta(days=days))
    answer = house.call("a", "POST", f"/v1/claims/{claim_id}/dispute", json={"comment": "No."})
    assert (answer.status_code, answer.json().get("code")) == (200 if code is None else 409, code)
    assert house.view(claim_id)["state"] == ("disputed" if code is None else "rejected")
