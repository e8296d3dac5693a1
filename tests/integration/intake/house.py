"""A whole intake in one folder: two partners that must never meet, keys of every kind, and the services around it."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from schemas.base import Contract
from schemas.decisions import Decision, Outcome
from schemas.events import (
    CLAIM_VALIDATED,
    RESERVE_REFUSED,
    ClaimValidated,
    Envelope,
    LedgerEntry,
    LedgerEvent,
    ReserveRefused,
)
from schemas.findings import Audience, Finding, Severity, Texts
from schemas.money import Money
from services.intake.app import router
from services.intake.store import partners
from services.intake.worker import consumer
from services.kit import events, keys, outbox
from services.kit.clock import ManualClock
from services.kit.config import Settings
from services.kit.consumer import Delivery, deliver
from services.kit.database import Database
from services.kit.http import build_app
from services.kit.keys import Scope
from services.kit.limits import Limits
from services.kit.objects import FolderStore
from services.kit.packs import PackLibrary
from services.kit.platform import Platform

PROGRAM = "csp-indirect-reseller"
START = datetime(2019, 10, 15, 9, 0, tzinfo=UTC)
PACKS = PackLibrary.load()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
_OTHER_SIDE = {"claim_settled": "lot/coop_claimed"}
_KEYS = {
    "a": (("global_admin",), Scope("P-A")),
    "b": (("global_admin",), Scope("P-B")),
    "user_a": (("billing_admin",), Scope("P-A")),
    "reviewer": (("reviewer",), Scope("*")),
    "reviewer_2": (("reviewer",), Scope("*")),
    "reviewer_a": (("reviewer", "global_admin"), Scope("P-A")),
    "operator": (("operator",), Scope("*")),
    "payments": (("payment_operations",), Scope("*")),
}


@dataclass
class House:
    """The platform, an HTTP client, and a key for each kind of caller."""

    platform: Platform
    clock: ManualClock
    http: TestClient
    keys: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    posted: int = 0

    def call(self, who: str, method: str, path: str, *, key: str | None = None, **arguments: Any) -> Any:
        """Send a request as somebody."""
        headers = {"Authorization": f"Bearer {self.keys[who]}", **arguments.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.http.request(method, path, headers=headers, **arguments)

    def send(self, who: str, content: bytes, path: str = "/v1/claims", key: str | None = None) -> Any:
        """Send a zip."""
        return self.call(
            who, "POST", path, key=key, content=content, headers={"Content-Type": "application/zip"}
        )

    def submitted(self, who: str = "a", partner: str = "P-A", **changes: Any) -> str:
        """Submit a sound claim and return its id."""
        answer = self.send(who, bundle(manifest(partner_id=partner, **changes)))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["claim_id"])

    def view(self, claim_id: str, who: str = "a") -> dict[str, Any]:
        """Return the claim as somebody sees it."""
        answer = self.call(who, "GET", f"/v1/claims/{claim_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def tell(self, event_type: str, data: Contract) -> Delivery:
        """Deliver an event to intake, as the relay would."""
        self.steps += 1
        event = events.new_event(
            event_type,
            data,
            source="test",
            subject="test",
            partner_id="P-A",
            key=str(self.steps),
            at=self.clock.now(),
        )
        return self.hand(event)

    def hand(self, event: Envelope[Any]) -> Delivery:
        """Deliver this very event."""
        taker = consumer(self.platform)
        return deliver(self.platform.database, self.clock, taker, event, limits=self.platform.limits)

    def validated(
        self,
        claim_id: str,
        revision: int = 1,
        outcome: Outcome = Outcome.CLEAN,
        findings: tuple[Finding, ...] = (),
        payable: str = "1000.00",
    ) -> Delivery:
        """The validator has decided."""
        data = ClaimValidated(
            claim_id=claim_id,
            revision=revision,
            partner_id="P-A",
            location="L-1",
            program=PROGRAM,
            usage_period=_usage(),
            activity="partner_website_seo",
            effective_on=START,
            decision=decision(claim_id, revision, outcome, findings, payable),
        )
        return self.tell(CLAIM_VALIDATED, data)

    def ledger(
        self,
        kind: str,
        claim_id: str,
        revision: int | None = 1,
        amount: str = "1000.00",
        sequence: int | None = None,
    ) -> Delivery:
        """The ledger has posted something for a claim; without a sequence, after all it posted before."""
        self.posted = sequence or self.posted + 1
        data = ledger_event(kind, claim_id, revision, amount, self.clock.now(), self.posted)
        return self.tell(f"coop.ledger.{kind}.v1", data)

    def refused(self, claim_id: str, revision: int = 1) -> Delivery:
        """The ledger holds no funds."""
        data = ReserveRefused(
            claim_id=claim_id,
            revision=revision,
            partner_id="P-A",
            location="L-1",
            program=PROGRAM,
            requested=Money.of("1000.00", "USD"),
            available=Money.of("250.00", "USD"),
            code="FUNDS_INSUFFICIENT",
            refused_at=self.clock.now(),
        )
        return self.tell(RESERVE_REFUSED, data)

    def ready(self, reserved: str = "1000.00", **changes: Any) -> str:
        """A clean, reserved claim that waits for a reviewer."""
        claim_id = self.submitted(**changes)
        self.validated(claim_id)
        self.ledger("funds_reserved", claim_id, amount=reserved)
        return claim_id

    def decide(self, claim_id: str, who: str = "reviewer", *, key: str | None = None, **order: Any) -> Any:
        """Send a reviewer's decision."""
        order.setdefault("revision", 1)
        return self.call(who, "POST", f"/v1/claims/{claim_id}/decision", key=key, json=order)

    def events(self) -> list[Envelope[Any]]:
        """What waits in the outbox, in order."""
        with self.platform.database.write() as tx:
            waiting = outbox.due(tx, self.clock.now() + timedelta(days=1), 1000)
        return [events.from_json(row.envelope) for row in waiting]


def build_house(database: Database, folder: Path, limits: Limits | None = None) -> House:
    """Open an intake over a migrated database, with partners P-A and P-B enrolled."""
    clock = ManualClock(START)
    settings = Settings(home=folder, demo=True, limits=limits or Limits())
    platform = Platform(settings, settings.limits, database, clock, FolderStore(folder / "objects"), PACKS)
    house = House(platform, clock, client(platform))
    with database.write() as tx:
        for partner_id, name in (("P-A", "Alpine Cloud"), ("P-B", "Baltic Cloud")):
            partners.put_partner(tx, partner_id, name, (), START)
            partners.put_location(tx, partner_id, "L-1", f"{name} Head Office")
            partners.put_enrollment(tx, partner_id, "L-1", PROGRAM, date(2018, 7, 1), START)
        for who, (roles, scope) in _KEYS.items():
            house.keys[who] = keys.issue(tx, name=who, roles=roles, scopes=(scope,), now=START, demo=True)
    return house


def client(platform: Platform) -> TestClient:
    """An HTTP client of a fresh application over `platform`."""
    app = build_app(platform, title="intake")
    app.include_router(router(platform))
    return TestClient(app, raise_server_exceptions=False)


def _usage() -> Any:
    return {"start": "2019-07-01", "end": "2019-12-31"}


def manifest(**changes: Any) -> dict[str, Any]:
    """A sound manifest for P-A; a change to None takes the field out."""
    whole = {
        "schema": "coop.bundle/1",
        "claim_name": "Autumn campaign",
        "partner_id": "P-A",
        "location": "L-1",
        "program": PROGRAM,
        "usage_period": _usage(),
        "activity": "partner_website_seo",
        "activity_start": "2019-09-01",
        "activity_end": "2019-09-30",
        "currency": "USD",
        "claimed_amount": "1000.00",
        "documents": [{"file": "invoice.pdf", "kind": "third_party_invoice"}],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def bundle(
    claim: Mapping[str, Any] | bytes, files: Mapping[str, bytes] | None = None, *, folder: str = ""
) -> bytes:
    """A zip of `claim.json` and files (an invoice, unless given)."""
    content = claim if isinstance(claim, bytes) else json.dumps(claim).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        entries = {"claim.json": content, **({"invoice.pdf": PDF} if files is None else files)}
        for name, kept in entries.items():
            archive.writestr(zipfile.ZipInfo(folder + name), kept)
    return target.getvalue()


def finding(code: str, severity: Severity = Severity.ERROR, audience: Audience = Audience.PARTNER) -> Finding:
    """A finding with some words."""
    words = Texts(en=code, sv=code, fr=code)
    return Finding(code=code, severity=severity, audience=audience, rule="R-35", text=words, fix=words)


def decision(
    claim_id: str,
    revision: int,
    outcome: Outcome,
    findings: tuple[Finding, ...] = (),
    payable: str = "1000.00",
) -> Decision:
    """A machine's decision."""
    return Decision(
        decision_id="dec_" + "0" * 32,
        claim_id=claim_id,
        claim_revision=revision,
        pack_id="csp-2019-11",
        pack_sha256="0" * 64,
        engine_version="1",
        inputs_sha256="0" * 64,
        outcome=outcome,
        findings=findings,
        amount_requested=Money.of("1000.00", "USD"),
        amount_payable=Money.of(payable, "USD"),
        decided_at=START,
    )


def ledger_event(
    kind: str, claim_id: str, revision: int | None, amount: str, at: datetime, sequence: int
) -> LedgerEvent:
    """One transfer of the ledger between the two accounts of a claim's lot."""
    money = Money.of(amount, "USD")
    references = {"claim": claim_id} if revision is None else {"claim": claim_id, "revision": str(revision)}
    return LedgerEvent(
        transfer_id=f"{kind}/{claim_id}/{sequence}",
        kind=kind,
        partner_id="P-A",
        location="L-1",
        program=PROGRAM,
        period="2019-01-01/2019-06-30",
        amount=money,
        effective_on=at,
        recorded_at=at,
        references=references,
        entries=tuple(
            LedgerEntry(account=bucket, sequence=sequence, amount=money, balance_after=money)
            for bucket in (_OTHER_SIDE.get(kind, "lot/coop_available"), "lot/coop_reserved")
        ),
    )
