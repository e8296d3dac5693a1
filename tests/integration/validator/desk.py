"""A whole validator in one folder: sample bundles submitted as events, the ledger's and the partners' events, keys."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from starlette.testclient import TestClient

from samples.bundles import CommittedSample, committed_samples
from schemas.base import Contract
from schemas.bundle import Manifest
from schemas.claims import ReceivedDocument
from schemas.events import (
    CLAIM_DECIDED,
    CLAIM_SUBMITTED,
    CLAIM_VALIDATED,
    CLAIM_WITHDRAWN,
    PARTNER_ENROLLED,
    ClaimDecided,
    ClaimSubmitted,
    ClaimValidated,
    ClaimVerdict,
    ClaimWithdrawn,
    Envelope,
    LedgerEntry,
    LedgerEvent,
    PartnerEnrolled,
)
from schemas.money import Money
from services.kit import events, keys, outbox
from services.kit.clock import ManualClock
from services.kit.config import Settings
from services.kit.consumer import Delivery, Status, deliver
from services.kit.database import Database
from services.kit.http import build_app
from services.kit.keys import Scope
from services.kit.limits import Limits
from services.kit.objects import FolderStore
from services.kit.packs import PackLibrary
from services.kit.platform import Platform
from services.validator.app import router
from services.validator.handlers.checking import Room
from services.validator.worker import ValidatorConsumer, consumer

PACKS = PackLibrary.load()
SAMPLES = {sample.card.name: sample for sample in committed_samples()}
PROGRAM = "csp-indirect-reseller"
LOT = "2019-01-01/2019-06-30"


def claim_id(number: int) -> str:
    return f"clm_{number:026d}"


def sample_manifest(sample: CommittedSample) -> Manifest:
    return Manifest.model_validate_json((sample.folder / "claim.json").read_bytes(), strict=False)


@dataclass
class Desk:
    """The platform, the consumer, and what happened."""

    platform: Platform
    consumer: ValidatorConsumer
    client: TestClient
    keys: dict[str, str]
    told: list[Envelope[Any]] = field(default_factory=list)

    def take(self, event: Envelope[Any]) -> Delivery:
        """Deliver an event as the relay or the broker would."""
        self.told.append(event)
        return deliver(
            self.platform.database, self.platform.clock, self.consumer, event, limits=self.platform.limits
        )

    def event(self, event_type: str, data: Contract, key: str, at: datetime) -> Envelope[Any]:
        return events.new_event(
            event_type, data, source="test", subject=key, partner_id="P-0123456", key=key, at=at
        )

    def submission(
        self, name: str, number: int = 1, revision: int = 1, changed: dict[str, Any] | None = None
    ) -> Envelope[Any]:
        """The event of a sample's submission, with its bytes in the object store."""
        sample = SAMPLES[name]
        manifest = sample_manifest(sample).model_copy(update=changed or {})
        received = []
        for listed in manifest.documents:
            content = (sample.folder / listed.file).read_bytes()
            ref = self.platform.objects.put_bytes(content)
            received.append(
                ReceivedDocument(
                    file=listed.file,
                    sha256=ref.sha256,
                    bytes=ref.bytes,
                    media_type="application/octet-stream",
                    kind=listed.kind,
                    note=listed.note,
                    typed=listed.typed,
                )
            )
        at = sample.card.received_at + timedelta(minutes=number)
        submitted = ClaimSubmitted(
            claim_id=claim_id(number),
            claim_number=number,
            revision=revision,
            partner_id=manifest.partner_id,
            partner_name="Northlight Cloud Ltd",
            location=manifest.location,
            program=PROGRAM,
            received_at=at + timedelta(days=revision - 1),
            first_received_at=at,
            manifest=self.platform.objects.put_bytes(manifest.model_dump_json(by_alias=True).encode()),
            documents=tuple(received),
        )
        return self.event(CLAIM_SUBMITTED, submitted, f"{number}/{revision}", at)

    def submit(
        self, name: str, number: int = 1, revision: int = 1, changed: dict[str, Any] | None = None
    ) -> Delivery:
        return self.take(self.submission(name, number, revision, changed))

    def validated(self) -> list[ClaimValidated]:
        """What the validator told, in order, as it stands in the outbox."""
        with self.platform.database.read() as tx:
            rows = tx.execute(sa.text("SELECT envelope FROM kit_outbox ORDER BY id")).all()
        told = [events.from_json(row.envelope) for row in rows]
        return [one.data for one in told if one.type == CLAIM_VALIDATED]

    def codes(self) -> list[str]:
        """The printed codes of the errors and actions of the last decision."""
        found = self.validated()[-1].decision.findings
        return [one.printed_code for one in found if one.severity.value in {"error", "action"}]

    def ledger(
        self, kind: str, entries: list[tuple[str, int, str]], number: int | None = None, amount: str = "1.00"
    ) -> Delivery:
        """A ledger event with entries (bucket, sequence, balance after)."""
        at = self.platform.clock.now()
        told = LedgerEvent(
            transfer_id=f"tr-{kind}-{entries}",
            kind=kind,
            partner_id="P-0123456",
            location="GB-LON",
            program=PROGRAM,
            period=LOT,
            amount=Money.of(amount, "USD"),
            effective_on=at,
            recorded_at=at,
            references={"claim": claim_id(number)} if number is not None else {},
            entries=tuple(
                LedgerEntry(
                    account=f"P-0123456/GB-LON/{PROGRAM}/{LOT}/USD/{bucket}",
                    sequence=sequence,
                    amount=Money.of(amount, "USD"),
                    balance_after=Money.of(balance, "USD"),
                )
                for bucket, sequence, balance in entries
            ),
        )
        return self.take(self.event(f"coop.ledger.{kind}.v1", told, told.transfer_id, at))

    def decide(self, number: int, verdict: ClaimVerdict) -> Delivery:
        at = self.platform.clock.now()
        decided = ClaimDecided(
            claim_id=claim_id(number),
            revision=1,
            partner_id="P-0123456",
            location="GB-LON",
            program=PROGRAM,
            verdict=verdict,
            actor="reviewer",
            decided_at=at,
        )
        return self.take(self.event(CLAIM_DECIDED, decided, f"decided/{number}", at))

    def withdraw(self, number: int) -> Delivery:
        at = self.platform.clock.now()
        withdrawn = ClaimWithdrawn(
            claim_id=claim_id(number),
            revision=1,
            partner_id="P-0123456",
            location="GB-LON",
            program=PROGRAM,
            actor="partner",
            withdrawn_at=at,
        )
        return self.take(self.event(CLAIM_WITHDRAWN, withdrawn, f"withdrawn/{number}", at))

    def enroll(self, *aliases: str) -> Delivery:
        at = self.platform.clock.now()
        enrolled = PartnerEnrolled(
            partner_id="P-0123456",
            partner_name="Northlight Cloud Ltd",
            location="GB-LON",
            location_name="London",
            program=PROGRAM,
            onboarded_on=at.date(),
            aliases=aliases,
        )
        return self.take(self.event(PARTNER_ENROLLED, enrolled, f"enrolled/{aliases}", at))

    def waiting(self) -> int:
        with self.platform.database.read() as tx:
            return outbox.count(tx)

    def get(self, path: str, who: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.keys[who]}"})


def build_desk(database: Database, folder: Path, room: Room) -> Desk:
    """A validator over `database` with an object store in `folder`."""
    clock = ManualClock(SAMPLES["clean"].card.received_at + timedelta(hours=1))
    platform = Platform(
        settings=Settings(home=folder, demo=True),
        limits=Limits(),
        database=database,
        clock=clock,
        objects=FolderStore(folder / "objects"),
        packs=PACKS,
    )
    with database.write() as tx:
        issued = {
            name: keys.issue(tx, name=name, roles=roles, scopes=[scope], now=clock.now())
            for name, roles, scope in (
                ("partner", ("global_admin",), Scope("P-0123456")),
                ("stranger", ("global_admin",), Scope("P-0777001")),
                ("reviewer", ("reviewer",), Scope("*")),
            )
        }
    app = build_app(platform, title="validator")
    app.include_router(router(platform))
    return Desk(platform, consumer(platform, room), TestClient(app), issued)


def sha256_of(name: str, file: str) -> str:
    return hashlib.sha256((SAMPLES[name].folder / file).read_bytes()).hexdigest()


DONE = Status.DONE
