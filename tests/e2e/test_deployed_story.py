"""The story of the demo over HTTP, with every part a process of its own: it must end as the demo ends."""

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.demo import BEGINNING, FUND_COLUMNS, PAID_UNTIL, REVIEW_DAYS
from services.cli.story import LAST_SECOND, REPORT_DAY, Sample, samples_in
from services.cli.submit import zipped
from services.kit.clock import parse_instant
from services.ledger.queries.balances import funds, trial_balance
from services.ledger.queries.statements import payout_list
from services.rules.periods import Month
from tests.e2e.deployment import Deployment, Worker, until

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.s3]
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PARTS = ("intake", "validator", "ledger", "web", "relay", "scheduler")
PLAN_YEAR = {"start": "2022-07-01", "end": "2023-06-30"}
PLANS = {
    ("P-0123456", "GB-LON", "Northlight Cloud Ltd"): ("5000.00", "5000.00"),
    ("P-0777001", "SE-STO", "Fjordmoln AB"): ("15000.00", "2000.00"),
}


@dataclass
class Story:
    """Who tells the story, and where to."""

    deployment: Deployment
    workers: dict[str, Worker]
    keys: dict[str, str]
    http: httpx2.Client
    claims: dict[str, str] = field(default_factory=dict)

    def asked(self, method: str, part: str, path: str, who: str, **given: Any) -> Any:
        """The JSON answer to one request that must go well."""
        headers = {"Authorization": f"Bearer {self.keys[who]}", **given.pop("headers", {})}
        url = f"http://127.0.0.1:{self.workers[part].port}/v1{path}"
        answer = self.http.request(method, url, headers=headers, **given)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    def settle(self) -> None:
        """Run what is due and hand on every event, until nothing is left to do now."""
        seen = -1
        while seen != (seen := len(self.deployment.tap.seen)):
            self.run_due()
            self.deployment.settle()

    def run_due(self) -> None:
        """Let the scheduler come round: a turn that began after now has ended."""
        scheduler = self.workers["scheduler"]
        turns = scheduler.figure("coop_scheduler_steps_total")
        until(
            lambda: scheduler.figure("coop_scheduler_steps_total") >= turns + 2, "the scheduler comes round"
        )

    def move_to(self, instant: datetime) -> None:
        """Move the shared clock and do all that falls due on the way."""
        self.deployment.clock.move_to(instant)
        self.settle()

    def earn(self, rows: list[dict[str, Any]]) -> None:
        """Record earnings over HTTP."""
        answer = self.asked("POST", "web", "/earnings", "staff", json={"earnings": rows})
        assert (answer["created"], answer["refused"]) == (len(rows), 0)
        self.settle()

    def send(self, sample: Sample) -> None:
        """Submit a sample as its partner."""
        container = zipped(sample.folder, self.deployment.folder / f"{sample.name}.zip")
        headers = {"Content-Type": "application/zip", "Idempotency-Key": sample.name}
        answer = self.asked(
            "POST", "intake", "/claims", "partner", content=container.read_bytes(), headers=headers
        )
        self.claims[sample.name] = answer["claim_id"]

    def view(self, name: str) -> Any:
        """The claim as a reviewer sees it."""
        return self.asked("GET", "web", f"/claims/{self.claims[name]}", "staff")


@contextmanager
def started(deployment: Deployment) -> Iterator[Story]:
    """All parts up, keys issued by the command."""
    partners = {sample.partner_id for sample in samples_in(SAMPLES)}
    scopes = [word for partner in sorted(partners) for word in ("--scope", partner)]
    workers = [deployment.start(part) for part in PARTS]
    staff = deployment.coop_json("keys", "issue", "staff", "--role", "operator", "--role", "reviewer")["key"]
    roles = ("--role", "incentives_admin", "--role", "global_admin")
    partner = deployment.coop_json("keys", "issue", "partners", *roles, *scopes)["key"]
    deployment.wait_ready(workers)
    with httpx2.Client(timeout=60) as http:
        keys = {"staff": staff, "partner": partner}
        yield Story(deployment, dict(zip(PARTS, workers, strict=True)), keys, http)


def enroll_and_earn(story: Story) -> None:
    content = (SAMPLES / "partners.csv").read_bytes()
    story.asked(
        "POST",
        "intake",
        "/partners:import",
        "staff",
        content=content,
        headers={"Content-Type": "text/csv"},
    )
    by_month: dict[str, list[dict[str, Any]]] = {}
    with (SAMPLES / "earnings.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            order = {
                "id": row["id"],
                **{name: row[name] for name in ("partner_id", "location", "program", "month")},
                "amount": {"amount": row["amount"], "currency": row["currency"]},
            }
            by_month.setdefault(row["month"], []).append(order)
    for month, rows in sorted(by_month.items()):
        story.move_to(reported_on(month))
        story.earn(rows)


def reported_on(month: str) -> datetime:
    return parse_instant(f"{Month.parse(month).plus(1).first_day}T00:00:00+00:00") + REPORT_DAY


def send_and_review(story: Story) -> None:
    samples = samples_in(SAMPLES)
    early = [sample for sample in samples if sample.received_at < parse_instant(REVIEW_DAYS[0])]
    for group, day in ((early, REVIEW_DAYS[0]), (samples[len(early) :], REVIEW_DAYS[1])):
        for sample in group:
            story.move_to(sample.received_at)
            if sample.name == LAST_SECOND:
                # Nobody looks at it before the expiry run has passed: no relay hands it on.
                assert story.workers["relay"].stop() == 0
                story.send(sample)
                next_day = next(s.received_at for s in samples if s.received_at > sample.received_at)
                story.deployment.clock.move_to(next_day)
                story.run_due()
                (story.workers["relay"],) = story.deployment.start_ready("relay")
            else:
                story.send(sample)
            story.settle()
        story.move_to(parse_instant(day))
        for sample in group:
            review(story, sample)
        story.settle()


def review(story: Story, sample: Sample) -> None:
    seen = story.view(sample.name)
    if seen["state"] != "under_review" or seen["decision"] is None or seen["reserved"] is None:
        return
    order = {"verdict": "approve", "revision": seen["revision"]}
    if seen["decision"]["outcome"] != "clean":
        order = {"verdict": "ask", "revision": seen["revision"], "reason_code": "FINDINGS_OPEN"}
    story.asked("POST", "web", f"/claims/{seen['claim_id']}/decision", "staff", json=order)


def plan_example(story: Story) -> None:
    story.move_to(parse_instant("2022-09-01T09:00:00-07:00"))
    for partner, location, name in PLANS:
        seat = {
            "location": location,
            "location_name": location,
            "program": "plan-program",
            "onboarded_on": PLAN_YEAR["start"],
        }
        person = {"partner_id": partner, "name": name, "enrollments": [seat]}
        story.asked("POST", "intake", "/partners", "staff", json=person)
        plan = {
            "plan": f"PLAN-{partner}",
            "partner_id": partner,
            "location": location,
            "program": "plan-program",
            "fund": "go-to-market",
            "period": PLAN_YEAR,
            "limit": {"amount": "10000.00", "currency": "USD"},
        }
        story.asked("POST", "intake", "/plans", "staff", json=plan)
    story.settle()
    for number, month in enumerate(("2023-04", "2023-05")):
        story.move_to(reported_on(month))
        story.earn(
            [
                {
                    "id": f"PLAN-{partner}-{month}",
                    "partner_id": partner,
                    "location": location,
                    "program": "plan-program",
                    "month": month,
                    "amount": {"amount": amounts[number], "currency": "USD"},
                    "fund": "go-to-market",
                }
                for (partner, location, _name), amounts in PLANS.items()
            ]
        )
    story.move_to(parse_instant("2023-06-16T00:00:00-07:00"))


def told_by(story: Story) -> dict[str, Any]:
    """What the deployment ends with, in the form of the demo's document."""
    with story.deployment.database.read() as tx:
        funds_rows, payouts, trial = funds(tx), payout_list(tx, rows_max=1000), trial_balance(tx)
    return {
        "bundles": [
            {"bundle": name, **{k: view[k] for k in ("state", "decision", "reserved", "approved")}}
            for name, view in ((sample.name, story.view(sample.name)) for sample in samples_in(SAMPLES))
        ],
        "funds": [
            {
                "partner": row.partner,
                "location": row.location,
                "usage_period": row.usage_period,
                **{name: str(getattr(row, name)) for name in FUND_COLUMNS},
            }
            for row in funds_rows
        ],
        "payouts": [
            {
                "on": row.on.isoformat(),
                "partner": row.partner,
                "location": row.location,
                "kind": row.kind,
                "amount": row.amount.amount,
                "of": list(row.of),
            }
            for row in payouts
        ],
        "trial_balance": {
            currency: {bucket: money.amount for bucket, money in buckets.items()}
            for currency, buckets in trial.items()
        },
    }


def normalized(told: dict[str, Any]) -> dict[str, Any]:
    """Without what is drawn at random: claim ids become the names of their bundles, ids made of them go."""
    text = json.dumps(told)
    for bundle in told["bundles"]:
        text = text.replace(bundle["decision"]["claim_id"], bundle["bundle"])
    plain = json.loads(text)
    wanted = {
        "bundles": ("bundle", "state", "decision", "reserved", "approved"),
        "funds": ("partner", "location", "usage_period", *FUND_COLUMNS),
        "payouts": ("on", "partner", "location", "kind", "amount", "of"),
    }
    kept = {
        part: [{name: row[name] for name in names} for row in plain[part]] for part, names in wanted.items()
    }
    for bundle in kept["bundles"]:
        for name in ("decision_id", "inputs_sha256", "decided_at", "previous_decision_id"):
            bundle["decision"].pop(name, None)
        for name in ("reserved", "approved"):
            amount = bundle[name]
            if amount is not None and "amount_minor" in amount:
                bundle[name] = f"{amount['amount_minor']} {amount['currency']}"
            elif amount is not None:
                bundle[name] = f"{amount['amount'].replace('.', '')} {amount['currency']}"
    kept["payouts"].sort(key=lambda row: json.dumps(row))
    kept["funds"].sort(key=lambda row: json.dumps(row))
    return {**kept, "trial_balance": plain["trial_balance"]}


def told_by_the_demo(deployment: Deployment) -> dict[str, Any]:
    demo = deployment.coop(
        "demo", "--json", "--report", str(deployment.folder / "verdict.html"), COOP_CLOCK="system"
    )
    assert demo.returncode == 0, demo.stderr
    found: dict[str, Any] = json.loads(demo.stdout)
    return found


def test_separate_processes_end_where_the_demo_ends(deployment: Deployment) -> None:
    deployment.clock.move_to(BEGINNING)
    with ThreadPoolExecutor(1) as beside, started(deployment) as story:
        demo = beside.submit(told_by_the_demo, deployment)
        enroll_and_earn(story)
        send_and_review(story)
        story.move_to(parse_instant(PAID_UNTIL))
        plan_example(story)
        assert normalized(told_by(story)) == normalized(demo.result())
    assert deployment.parked() == []
    assert deployment.coop_json("verify")["fine"]
    assert {worker.part: worker.stop() for worker in story.workers.values()} == dict.fromkeys(
        story.workers, 0
    )
