"""Asked before anything is sent or spent: one answer from everything the validator learned, and of nobody else."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from schemas.events import ClaimVerdict
from schemas.money import Money
from services.kit.database import Database
from services.validator.readers.reading_room import ReadingRoom
from services.web.app import build_web
from tests.e2e.commands import coop
from tests.integration.validator.desk import SAMPLES, Desk, build_desk

ROOT = Path(__file__).resolve().parents[3]
INTENT = {
    "program": "csp-indirect-reseller",
    "activity": "syndicated_content",
    "amount": "20000.00",
    "currency": "USD",
    "activity_start": "2019-09-01",
    "activity_end": "2019-10-31",
    "partner": "P-0123456",
    "location": "GB-LON",
}


@pytest.fixture
def web(sqlite_database: Database, tmp_path: Path, room: ReadingRoom) -> Desk:
    """A validator behind the whole application."""
    desk = build_desk(sqlite_database, tmp_path, room)
    desk.client = TestClient(build_web(desk.platform, room))
    return desk


def zipped(name: str, without: str | None = None) -> bytes:
    """A sample as one zip, with one document left out."""
    folder, content = SAMPLES[name].folder, io.BytesIO()
    manifest = json.loads((folder / "claim.json").read_bytes())
    manifest["documents"] = [one for one in manifest["documents"] if one["file"] != without]
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("claim.json", json.dumps(manifest))
        for one in manifest["documents"]:
            archive.write(folder / one["file"], one["file"])
    return content.getvalue()


def check(desk: Desk, content: bytes, who: str = "partner", **headers: str) -> Any:
    return desk.client.post(
        "/v1/claims:check",
        content=content,
        headers={
            "Authorization": f"Bearer {desk.keys[who]}",
            "Content-Type": "application/zip",
            **headers,
        },
    )


def ask(desk: Desk, who: str = "partner", **changed: Any) -> Any:
    return desk.client.get(
        "/v1/can-i-claim",
        params={**INTENT, **changed},
        headers={"Authorization": f"Bearer {desk.keys[who]}"},
    )


def test_a_check_knows_funds_earlier_claims_and_duplicates_and_stores_nothing(web: Desk) -> None:
    web.enroll()
    web.ledger("coop_released", [("coop_available", 1, "4000.00")])
    web.submit("clean", 1)
    told = check(web, zipped("same_invoice_twice")).json()
    errors = [one["code"] for one in told["decision"]["findings"] if one["severity"] == "error"]
    assert errors == ["DUP_INVOICE_SAME_PARTNER", "FUNDS_INSUFFICIENT"]
    assert told["decision"]["amount_payable"] == {"amount": "4000.00", "currency": "USD"}
    assert [one["cap"] for one in told["decision"]["cuts"]] == ["FUNDS_INSUFFICIENT"]
    assert (told["deadline_text"], told["window"]["status"]) == ("Fri 14 Feb 2020, 23:59 US Pacific", "OPEN")
    assert told["days_left"] == told["window"]["days_left"]
    assert told["to_add"] == []
    assert len(web.validated()) == 1


def test_what_is_to_be_added_is_the_one_need_that_is_not_there(web: Desk) -> None:
    [left_out] = [
        one["file"]
        for one in json.loads((SAMPLES["clean"].folder / "claim.json").read_bytes())["documents"]
        if one["kind"] == "ad_screenshot"
    ]
    told = check(web, zipped("clean", without=left_out)).json()
    assert [one["any_of"] for one in told["to_add"]] == [["ad_screenshot"]]
    assert "ad_screenshot" in told["to_add"][0]["any_of"]
    assert sum(one["there"] for one in told["needs"]) == len(told["needs"]) - 1


def test_the_same_check_is_a_page_for_those_who_ask_for_one(web: Desk) -> None:
    web.ledger("coop_released", [("coop_available", 1, "4000.00")])
    answer = check(web, zipped("clean"), Accept="text/html")
    assert answer.headers["content-type"].startswith("text/html")
    assert "FUNDS_INSUFFICIENT" in answer.text


def test_neither_question_is_answered_about_another_partner(web: Desk) -> None:
    web.ledger("coop_released", [("coop_available", 1, "4000.00")])
    for answer in (check(web, zipped("clean"), "stranger"), ask(web, "stranger")):
        assert answer.status_code == 404
        assert "4000" not in answer.text


def test_before_spending_caps_and_funds_are_told_with_evidence_and_deadline(web: Desk) -> None:
    nothing = ask(web).json()
    assert (nothing["funds"], nothing["amount_payable"]["amount"]) == (None, "18750.00")
    web.ledger("coop_released", [("coop_available", 1, "4000.00")])
    told = ask(web).json()
    assert told["can_claim"] is True
    assert told["usage_period"] == {"start": "2019-07-01", "end": "2019-12-31"}
    assert [(one["cap"], one["amount"]["amount"]) for one in told["cuts"]] == [
        ("CAP_SYNDICATED", "1250.00"),
        ("FUNDS_INSUFFICIENT", "14750.00"),
    ]
    assert told["amount_payable"] == {"amount": "4000.00", "currency": "USD"}
    assert {"CAP_HIT", "FUNDS_INSUFFICIENT"} == {one["code"] for one in told["findings"]}
    assert told["window"]["deadline_text"] == "Fri 14 Feb 2020, 23:59 US Pacific"
    assert ["site_page"] in [one["any_of"] for one in told["evidence"]]
    assert not any(one["there"] for one in told["evidence"])
    assert [one["id"] for one in told["metrics"]] == ["results_summary"]
    assert "agency_fee" in told["eligible_expenses"]


def test_before_spending_earlier_claims_count_against_the_limit_until_they_are_over(web: Desk) -> None:
    before = ask(web, activity="digital_advertising").json()["amount_payable"]["amount"]
    assert before == "20000.00"
    web.submit("clean", 1, changed={"activity": "syndicated_content", "category": None})
    taken = web.validated()[-1].decision.amount_payable
    left = ask(web).json()["amount_payable"]["amount"]
    assert left == (Money.of("18750.00", "USD") - taken).amount
    web.decide(1, ClaimVerdict.REJECTED)
    assert ask(web).json()["amount_payable"]["amount"] == "18750.00"


def test_a_passed_deadline_or_an_activity_that_nobody_knows_cannot_be_claimed(web: Desk) -> None:
    late = ask(web, activity_start="2018-09-01", activity_end="2018-09-30")
    assert late.status_code == 422
    assert late.json()["code"] == "PACK_UNKNOWN"
    past = ask(web, activity_start="2019-03-01", activity_end="2019-03-31").json()
    assert (past["can_claim"], past["window"]["status"]) == (False, "CLOSED")
    assert "DEADLINE_PASSED" in {one["code"] for one in past["findings"]}
    assert past["window"]["days_left"] < 0
    unknown = ask(web, activity="juggling").json()
    assert (unknown["can_claim"], [one["code"] for one in unknown["findings"]]) == (
        False,
        ["ACTIVITY_UNKNOWN"],
    )


def test_a_question_that_is_none_is_refused_with_its_place(web: Desk) -> None:
    for changed, place in (
        ({"amount": "many"}, "query.amount"),
        ({"activity_start": "soon"}, "query.activity_start"),
        ({"colour": "red"}, "query.colour"),
    ):
        answer = ask(web, **changed)
        assert (answer.status_code, [one["where"] for one in answer.json()["items"]]) == (422, [place])
    assert ask(web, amount="1.234").status_code == 422


def test_the_published_description_tells_both_questions_whole(web: Desk) -> None:
    paths = web.client.get("/v1/openapi.json").json()["paths"]
    check_it = paths["/v1/claims:check"]["post"]
    assert set(check_it["requestBody"]["content"]) == {"application/zip", "multipart/form-data"}
    assert set(check_it["responses"]["200"]["content"]) == {"application/json", "text/html"}
    asked = {one["name"] for one in paths["/v1/can-i-claim"]["get"]["parameters"]}
    assert asked == {*INTENT, "sub_type", "component", "unit_origin"}


def documented_context() -> dict[str, Any]:
    """The context that the how-to shows."""
    text = (ROOT / "docs/how-to/send-a-claim.md").read_text(encoding="utf-8")
    [shown] = [one for one in re.findall(r"```json\n(.*?)```", text, re.DOTALL) if "partner_aliases" in one]
    found: dict[str, Any] = json.loads(shown)
    return found


def test_the_context_that_is_documented_is_taken_and_its_funds_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = documented_context()
    file = tmp_path / "context.json"
    file.write_text(json.dumps(context))
    bundle, at = str(SAMPLES["clean"].folder), SAMPLES["clean"].card.received_at.isoformat()
    fine = coop(capsys, "check", bundle, "--at", at, "--context", str(file), "--json")
    assert (fine.code, fine.document["amount_payable"]["amount"]) == (0, "4815.40")
    context["funds"]["available"]["amount"] = "100.00"
    file.write_text(json.dumps(context))
    short = coop(capsys, "check", bundle, "--at", at, "--context", str(file), "--json")
    assert (short.code, short.document["amount_payable"]["amount"]) == (1, "100.00")
    assert short.document["cuts"] == [
        {"rule": "R-38", "cap": "FUNDS_INSUFFICIENT", "amount": {"amount": "4715.40", "currency": "USD"}}
    ]
    file.write_text(json.dumps({"fund": {}}))
    wrong = coop(capsys, "check", bundle, "--at", at, "--context", str(file), "--json")
    assert (wrong.code, wrong.document["error"]["code"]) == (2, "CONTEXT_INVALID")
