"""The ledger over HTTP: recording, reading, and what is not yours."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from services.kit import keys
from services.kit.clock import ManualClock
from services.kit.config import Settings
from services.kit.database import Database
from services.kit.http import build_app
from services.kit.keys import Scope
from services.kit.limits import Limits
from services.kit.objects import FolderStore
from services.kit.platform import Platform
from services.kit.tables import outbox
from services.ledger.app import router
from services.ledger.queries.verification import verify
from services.ledger.worker import jobs
from tests.unit.ledger.ledger_cases import PACKS, instant

START = instant("2019-04-02T00:00:00Z")
HEADER = "id,partner_id,location,program,month,amount,currency\n"


@dataclass
class Office:
    """The ledger's API with a key for finance and one for each of two partners."""

    http: TestClient
    platform: Platform
    clock: ManualClock
    keys: dict[str, str]

    def get(self, who: str, path: str) -> Any:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.keys[who]}"})

    def post(self, who: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[who]}", **more.pop("headers", {})}
        return self.http.post(path, headers=headers, **more)

    def until(self, text: str) -> None:
        self.clock.move_to(instant(text))
        for job in jobs(self.platform):
            job.run_due(self.clock.now())


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Iterator[Office]:
    clock = ManualClock(START)
    platform = Platform(
        settings=Settings(home=tmp_path),
        limits=Limits(),
        database=sqlite_database,
        clock=clock,
        objects=FolderStore(tmp_path / "objects"),
        packs=PACKS,
    )
    app = build_app(platform, title="ledger")
    app.include_router(router(platform))
    who = {
        "finance": ("payment_operations", Scope("*")),
        "a": ("incentives_user", Scope("P1")),
        "b": ("global_admin", Scope("P2")),
    }
    with sqlite_database.write() as tx:
        issued = {
            name: keys.issue(tx, name=name, roles=[role], scopes=[scope], now=START)
            for name, (role, scope) in who.items()
        }
    with TestClient(app) as http:
        yield Office(http, platform, clock, issued)


def earning(earning_id: str, amount: str = "25000.00", **more: Any) -> dict[str, Any]:
    money = {"amount": amount, "currency": "USD"}
    order = {
        "id": earning_id,
        "partner_id": "P1",
        "location": "L1",
        "program": "csp-indirect-reseller",
        "month": "2019-03",
    }
    return {**order, "amount": money, **more}


def test_an_earning_is_booked_once_and_answered_alike_when_repeated(office: Office) -> None:
    headers = {"Idempotency-Key": "k1"}
    answers = [office.post("finance", "/v1/earnings", json=earning("e1"), headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["created"] == 1
    assert office.post("finance", "/v1/earnings", json=earning("e1")).json()["existing"] == 1
    changed = office.post("finance", "/v1/earnings", json=earning("e1", "1.00"), headers=headers)
    assert (changed.status_code, changed.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    differing = office.post("finance", "/v1/earnings", json=earning("e1", "1.00")).json()["results"][0]
    assert (differing["status"], differing["code"]) == ("refused", "CONTENT_DIFFERS")


def test_a_file_of_earnings_has_a_result_for_each_line_and_can_be_sent_again(office: Office) -> None:
    lines = [
        "e1,P1,L1,CSP Indirect Reseller,2019-03,5000.00,USD",
        "e2,P1,L1,CSP Indirect Reseller,2019-3,5000.00,USD",
        "e3,P2,L9,csp-direct-bill,2019-03,0.02,USD",
        "e4,P1,L1,No such program,2019-03,1.00,USD",
    ]
    content = (HEADER + "\n".join(lines)).encode()
    first = office.post("finance", "/v1/earnings:import", content=content).json()
    assert [(found["line"], found["status"], found["code"]) for found in first["results"]] == [
        (2, "created", ""),
        (3, "refused", "LINE_INVALID"),
        (4, "created", ""),
        (5, "refused", "PACK_UNKNOWN"),
    ]
    again = office.post("finance", "/v1/earnings:import", content=content).json()
    assert (again["created"], again["existing"], again["refused"]) == (0, 2, 2)
    assert verify(office.platform.database) == []


@pytest.mark.parametrize(
    "content", [b"id,amount\n", HEADER.replace("month", "mouth").encode(), b"\xff\xfe\x00"]
)
def test_a_file_that_is_no_list_of_earnings_is_refused_whole(office: Office, content: bytes) -> None:
    answer = office.post("finance", "/v1/earnings:import", content=content)
    assert (answer.status_code, answer.json()["code"]) == (422, "CSV_INVALID")


def test_only_finance_records_earnings(office: Office) -> None:
    assert office.post("a", "/v1/earnings", json=earning("e1")).status_code == 403
    assert office.post("a", "/v1/earnings:import", content=HEADER.encode()).status_code == 403
    assert office.http.get("/v1/balances").status_code == 401


def test_a_body_that_is_no_earning_is_refused_with_its_field(office: Office) -> None:
    answer = office.post("finance", "/v1/earnings", json=earning("e1", month="2019-13"))
    assert answer.status_code == 422
    assert answer.json()["items"][0]["where"] == "month"


def test_a_partner_sees_its_own_money_and_nothing_of_others(office: Office) -> None:
    batch = {"earnings": [earning("e1"), earning("e2", partner_id="P2")]}
    assert office.post("finance", "/v1/earnings", json=batch).json()["created"] == 2
    office.until("2019-07-16T00:00:00Z")
    paths = ("/v1/balances", "/v1/funds", "/v1/statements?partner_id=P1", "/v1/payouts", "/v1/ledger/events")
    for path in paths:
        assert office.get("a", path).json()["items"], path
        assert "P2" not in office.get("a", path).text, path
        assert '"P1' not in office.get("b", path).text, path
    payout = office.get("a", "/v1/payouts").json()["items"][0]
    assert office.get("a", f"/v1/payouts/{payout['id']}").json()["earnings"][0]["earning"] == "e1"
    assert office.get("b", f"/v1/payouts/{payout['id']}").status_code == 404


def test_funds_show_earned_remaining_and_the_deadline(office: Office) -> None:
    office.post("finance", "/v1/earnings", json=earning("e1"))
    assert office.get("a", "/v1/funds").json()["items"] == []
    office.until("2019-07-01T07:00:00Z")
    (found,) = office.get("a", "/v1/funds").json()["items"]
    assert (found["earned"]["amount"], found["remaining"]["amount"]) == ("10000.00", "10000.00")
    assert (found["opens_on"], found["closes_on"]) == ("2019-07-01T07:00:00Z", "2020-02-15T08:00:00Z")


def test_a_statement_shows_only_what_was_recorded_by_then(office: Office) -> None:
    office.post("finance", "/v1/earnings", json=earning("e1"))
    office.until("2019-04-20T00:00:00Z")
    whole = office.get("a", "/v1/statements?partner_id=P1").json()["items"]
    early = office.get("a", "/v1/statements?partner_id=P1&as_of=2019-04-03T00:00:00Z").json()["items"]
    assert [line["kind"] for line in early] == ["earning_coop", "earning_rebate"]
    assert {line["kind"] for line in whole} == {"earning_coop", "earning_rebate", "payout_paid"}
    rebate = [line["balance_after"]["amount"] for line in whole if line["bucket"] == "rebate"]
    assert rebate == ["15000.00", "0.00"]


def test_lists_page_by_cursor_and_the_feed_by_position(office: Office) -> None:
    batch = {"earnings": [earning(f"e{number}", "1.00", month=f"2019-0{number}") for number in range(1, 4)]}
    office.post("finance", "/v1/earnings", json=batch)
    first = office.get("a", "/v1/balances?limit=1").json()
    second = office.get("a", f"/v1/balances?limit=1&cursor={first['next']}").json()
    assert [page["items"][0]["bucket"] for page in (first, second)] == ["coop_accruing", "rebate"]
    assert second["next"] is None
    events = office.get("a", "/v1/ledger/events?limit=4").json()
    rest = office.get("a", f"/v1/ledger/events?after={events['next_after']}").json()
    positions = [event["data"]["position"] for page in (events, rest) for event in page["items"]]
    assert positions == [1, 2, 3, 4, 5, 6]
    assert office.get("a", "/v1/balances?cursor=nonsense").status_code == 400


def paid_office(office: Office) -> str:
    """Earn 5000.00 for March, run the pay day of April, and return the id of the payout."""
    office.post("finance", "/v1/earnings", json=earning("e1", "5000.00"))
    office.until("2019-04-16T00:00:00-07:00")
    return str(office.get("finance", "/v1/payouts").json()["items"][0]["id"])


def test_a_run_is_previewed_without_a_trace_and_then_pays_just_that(office: Office) -> None:
    office.post("finance", "/v1/earnings", json=earning("e1", "5000.00"))
    preview = office.get("finance", "/v1/payouts:preview?on=2019-04-15").json()
    assert [(row["on"], row["amount"]["amount"], row["state"]) for row in preview["payouts"]] == [
        ("2019-04-15", "3000.00", "upcoming")
    ]
    assert office.get("finance", "/v1/payouts").json()["items"] == []
    assert office.get("finance", "/v1/payouts:preview?on=2019-04-14").json()["payouts"] == []
    assert office.get("a", "/v1/payouts:preview?on=2019-04-15").status_code == 403
    office.until("2019-04-16T00:00:00-07:00")
    made = office.get("finance", "/v1/payouts").json()["items"]
    assert made == [{**preview["payouts"][0], "state": "in_progress"}]


def test_a_payment_system_reports_once_and_money_that_did_not_arrive_is_paid_anew(office: Office) -> None:
    payout = paid_office(office)
    path = f"/v1/payouts/{payout}/payments"
    sent = [
        office.post(
            "finance", path, json={"state": "sent", "reference": "B1"}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert [answer.json()["status"] for answer in sent] == ["created", "created"]
    assert office.post("finance", path, json={"state": "sent"}).json()["status"] == "exists"
    assert office.get("a", "/v1/payouts").json()["items"][0]["state"] == "sent"
    assert office.post("finance", path, json={"state": "reversed", "reason": "closed"}).status_code == 200
    refused = office.post("finance", path, json={"state": "sent"})
    assert (refused.status_code, refused.json()["code"]) == (409, "PAYMENT_ENDED")
    assert office.post("a", path, json={"state": "sent"}).status_code == 403
    assert office.post("finance", "/v1/payouts/pay_0/payments", json={"state": "sent"}).status_code == 404
    office.until("2019-05-16T00:00:00-07:00")
    assert [
        (row["state"], row["amount"]["amount"]) for row in office.get("a", "/v1/payouts").json()["items"]
    ] == [
        ("reversed", "3000.00"),
        ("in_progress", "3000.00"),
    ]
    assert verify(office.platform.database) == []


def test_nothing_is_paid_while_a_profile_is_incomplete_and_the_preview_says_so(office: Office) -> None:
    profile = {"partner_id": "P1", "complete": False}
    assert office.post("finance", "/v1/profiles", json=profile).json()["status"] == "created"
    assert office.post("finance", "/v1/profiles", json=profile).json()["status"] == "exists"
    assert office.post("a", "/v1/profiles", json={**profile, "complete": True}).status_code == 403
    office.post("finance", "/v1/earnings", json=earning("e1", "5000.00"))
    preview = office.get("finance", "/v1/payouts:preview?on=2019-04-15").json()
    assert (preview["payouts"], [row["since"] for row in preview["withheld"]]) == ([], ["2019-04-15"])
    office.until("2019-04-16T00:00:00-07:00")
    rows = office.get("finance", "/v1/transactions.csv?status=on_hold").text.splitlines()
    assert [row.split(",")[5] for row in rows[1:]] == ["rebate"]
    office.post("finance", "/v1/profiles", json={**profile, "complete": True})
    office.until("2019-05-16T00:00:00-07:00")
    assert [row["on"] for row in office.get("a", "/v1/payouts").json()["items"]] == ["2019-05-15"]


@pytest.mark.parametrize("extension", ["csv", "pdf"])
def test_a_statement_of_the_past_is_the_same_to_the_byte_whatever_comes_later(
    office: Office, extension: str
) -> None:
    paid_office(office)
    path = f"/v1/statements/P1.{extension}?period=2019-01-01/2019-06-30&as_of=2019-04-16T07:00:00Z"
    before = office.get("a", path)
    assert before.status_code == 200
    assert "filename*=UTF-8''statement-P1-2019-01-01-2019-06-30" in before.headers["content-disposition"]
    office.until("2019-09-03T00:00:00-07:00")
    office.post("finance", "/v1/earnings", json=earning("e2", "70.00"))
    correction = earning("k1", "-100.00", corrects="e1", reason="ops adjustment")
    assert office.post("finance", "/v1/earnings", json=correction).json()["created"] == 1
    office.until("2019-10-16T00:00:00-07:00")
    assert office.get("a", path).content == before.content
    assert office.get("a", path.split("&")[0]).content != before.content
    assert office.get("b", path).content != before.content


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed_and_numbers_stay_numbers(office: Office) -> None:
    office.post("finance", "/v1/earnings", json=earning("e1", "5000.00"))
    correction = earning("=1+2", "-100.00", corrects="e1", reason="@SUM(A1)")
    assert office.post("finance", "/v1/earnings", json=correction).json()["created"] == 1
    told = office.get("finance", "/v1/transactions.csv?earning_type=rebate").text.splitlines()[2].split(",")
    assert (told[0], told[7], told[14]) == ("'=1+2", "-60.00", "'@SUM(A1)")
    assert (
        office.get("finance", "/v1/transactions.tsv")
        .text.splitlines()[0]
        .startswith("earning_id\tpartner_id")
    )
    assert office.get("finance", "/v1/transactions.csv?months=7").status_code == 422
    assert len(office.get("b", "/v1/transactions.csv").text.splitlines()) == 1


def test_the_trial_balance_adds_up_to_zero_and_is_for_finance(office: Office) -> None:
    paid_office(office)
    found = office.get("finance", "/v1/trial-balance").json()
    assert sum(int(money["amount"].replace(".", "")) for money in found["USD"].values()) == 0
    assert office.get("a", "/v1/trial-balance").status_code == 403


def test_events_are_published_again_to_one_queue_under_their_first_ids(office: Office) -> None:
    paid_office(office)
    events = office.get("finance", "/v1/ledger/events").json()["items"]
    order = {"queue": "coop.payments", "after": 1}
    told = office.post("finance", "/v1/ledger/events:replay", json=order).json()
    assert told == {"queue": "coop.payments", "events": len(events) - 1, "next_after": len(events)}
    with office.platform.database.read() as tx:
        rows = tx.execute(
            sa.select(outbox).where(outbox.c.target == "coop.payments").order_by(outbox.c.id)
        ).all()
    assert [row.event_id for row in rows] == [event["id"] for event in events[1:]]
    assert (
        office.post("finance", "/v1/ledger/events:replay", json={"queue": "coop.intake"}).status_code == 422
    )
