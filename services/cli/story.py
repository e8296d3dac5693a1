"""The story of the demo: earnings, sample bundles in order of receipt, reviews, payouts, on a simulated clock."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from schemas.base import Period
from schemas.claims import ClaimState, ClaimView, ReviewDecision, ReviewVerdict
from schemas.decisions import Outcome
from schemas.money import Money
from services.cli.documents import parts_of
from services.cli.embedded import EmbeddedInstance
from services.intake import handlers as intake
from services.intake import queries as claims
from services.intake.handlers import Upload
from services.intake.handlers.partners import EnrollmentOrder, PartnerOrder, PlanOrder
from services.kit.clock import parse_instant
from services.kit.http import Repeatable
from services.kit.keys import ANY, Principal, Scope
from services.ledger.handlers.earnings import Earning, record_earnings
from services.rules.periods import Month

OPERATOR = Principal("story-op", "operator", frozenset({"operator"}), (Scope(ANY),))
REVIEWER = Principal("story-rv", "reviewer", frozenset({"reviewer"}), (Scope(ANY),))
REPORT_DAY = timedelta(days=4, hours=12)
"""How long after its end a month's earnings are reported."""
LAST_SECOND = "last_second"
"""Sent in the last second of its window; nobody looks at it before the expiry run has passed."""


@dataclass(frozen=True)
class Sample:
    """One bundle with what its card says."""

    name: str
    title: str
    partner_id: str
    received_at: datetime
    folder: Path


@dataclass(frozen=True)
class Told:
    """A sample and the claim that came of it."""

    sample: Sample
    claim_id: str


def samples_in(root: Path) -> list[Sample]:
    """The samples below `root`, in the order in which they are received."""
    found = []
    for card in sorted((root / "bundles").glob("*.json")):
        plain = json.loads(card.read_text(encoding="utf-8"))
        found.append(
            Sample(
                plain["name"],
                plain["title"],
                plain["partner"],
                parse_instant(plain["received_at"]),
                root / "bundles" / plain["name"],
            )
        )
    return sorted(found, key=lambda sample: (sample.received_at, sample.name))


def enroll(instance: EmbeddedInstance, root: Path) -> None:
    """Import the partners of the samples."""
    content = (root / "partners.csv").read_bytes()
    intake.import_partners(instance.platform, OPERATOR, content, _request("partners", content))
    instance.settle()


def earn(instance: EmbeddedInstance, root: Path, *, reported: bool = True) -> None:
    """Record the earnings of the samples; `reported` moves the clock to the report of each month."""
    by_month: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO((root / "earnings.csv").read_text(encoding="utf-8"))):
        by_month.setdefault(row["month"], []).append(row)
    for month, rows in sorted(by_month.items()):
        if reported:
            first_after = Month.parse(month).plus(1).first_day
            instance.move_to(parse_instant(f"{first_after}T00:00:00+00:00") + REPORT_DAY)
        batch = [
            Earning(
                id=row["id"],
                partner=row["partner_id"],
                location=row["location"],
                program=row["program"],
                month=Month.parse(month),
                amount=Money.of(row["amount"], row["currency"]),
            )
            for row in rows
        ]
        book(instance, batch)


def book(instance: EmbeddedInstance, batch: list[Earning]) -> None:
    """Record earnings. Raises RuntimeError when one is refused: the story knows them all."""
    platform = instance.platform
    with platform.database.write() as tx:
        results = record_earnings(tx, platform.packs, batch, now=platform.clock.now())
    refused = [result for result in results if result.status == "refused"]
    if refused:
        raise RuntimeError(f"earning {refused[0].id}: {refused[0].code}: {refused[0].detail}")
    instance.settle()


def send(instance: EmbeddedInstance, sample: Sample) -> Told:
    """Submit a sample as its partner."""
    sender = Principal(
        "story-pa",
        sample.partner_id,
        frozenset({"incentives_admin", "global_admin"}),
        (Scope(sample.partner_id),),
    )
    parts = parts_of(sample.folder)
    upload = Upload(instance.platform.clock.now(), intake.parts_sha256(parts), parts=parts)
    answer = intake.submit(instance.platform, sender, upload, _request(sample.name, sample.name.encode()))
    return Told(sample, answer.body["claim_id"])


def send_all(instance: EmbeddedInstance, samples: list[Sample]) -> Iterator[Told]:
    """Submit every sample at its instant of receipt; the last second's is looked at only after the expiry run."""
    for sample in samples:
        instance.move_to(sample.received_at)
        told = send(instance, sample)
        if sample.name != LAST_SECOND:
            instance.settle()
        yield told


def view(instance: EmbeddedInstance, told: Told) -> ClaimView:
    """The claim as a reviewer sees it."""
    return claims.view(instance.platform, REVIEWER, told.claim_id)


def review(instance: EmbeddedInstance, tolds: list[Told]) -> None:
    """Approve every reserved claim that is clean; ask where there is something to mend."""
    for told in tolds:
        seen = view(instance, told)
        if seen.state is not ClaimState.UNDER_REVIEW or seen.decision is None or seen.reserved is None:
            continue
        if seen.decision.outcome is Outcome.CLEAN:
            order = ReviewDecision(verdict=ReviewVerdict.APPROVE, revision=seen.revision)
        else:
            order = ReviewDecision(
                verdict=ReviewVerdict.ASK, revision=seen.revision, reason_code="FINDINGS_OPEN"
            )
        intake.decide(
            instance.platform, REVIEWER, told.claim_id, order, _request(f"review-{told.claim_id}", b"")
        )
    instance.settle()


def plan_example(instance: EmbeddedInstance) -> None:
    """Two plans with a limit of 10,000: one month earns 5,000, the other 15,000, and the next month 2,000."""
    year = Period.parse("2022-07-01/2023-06-30")
    earned = {
        ("P-0123456", "GB-LON"): ("5000.00", "5000.00"),
        ("P-0777001", "SE-STO"): ("15000.00", "2000.00"),
    }
    names = {"P-0123456": "Northlight Cloud Ltd", "P-0777001": "Fjordmoln AB"}
    instance.move_to(parse_instant("2022-09-01T09:00:00-07:00"))
    for partner, location in earned:
        seat = EnrollmentOrder(
            location=location, location_name=location, program="plan-program", onboarded_on=year.start
        )
        person = PartnerOrder(partner_id=partner, name=names[partner], enrollments=(seat,))
        intake.put_partner(instance.platform, OPERATOR, person, _request(f"seat-{partner}", b""))
        plan = PlanOrder(
            plan=f"PLAN-{partner}",
            partner_id=partner,
            location=location,
            program="plan-program",
            fund="go-to-market",
            period=year,
            limit=Money.of("10000.00", "USD"),
        )
        intake.record_plan(instance.platform, OPERATOR, plan, _request(f"plan-{partner}", b""))
    instance.settle()
    for number, month in enumerate(("2023-04", "2023-05")):
        first_after = Month.parse(month).plus(1).first_day
        instance.move_to(parse_instant(f"{first_after}T00:00:00+00:00") + REPORT_DAY)
        book(
            instance,
            [
                Earning(
                    id=f"PLAN-{partner}-{month}",
                    partner=partner,
                    location=location,
                    program="plan-program",
                    month=Month.parse(month),
                    amount=Money.of(amounts[number], "USD"),
                    fund="go-to-market",
                )
                for (partner, location), amounts in earned.items()
            ],
        )
    instance.move_to(parse_instant("2023-06-16T00:00:00-07:00"))


def _request(key: str, body: bytes) -> Repeatable:
    return Repeatable("story", "story", key, body.hex()[:64] or "0")
