"""Everything a decision is made from. What is None or empty is unknown, and a check that needs it does not run."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from schemas.base import Contract, Day, Instant, Period
from schemas.bundle import Manifest, ManifestLine
from schemas.claims import ClaimState, ReceivedDocument
from schemas.facts import DocumentFacts
from schemas.ids import ClaimId
from schemas.money import Money
from services.rules.pack import RulePack

ENGINE_VERSION = "1.0.0"
"""Changes whenever the same inputs may give other findings."""


class CheckedDocument(Contract):
    """One document of the revision with all that was read from it."""

    received: ReceivedDocument
    facts: DocumentFacts

    @property
    def file(self) -> str:
        """The name under which the partner sent it."""
        return self.received.file


class FundsSnapshot(Contract):
    """The co-op funds of (partner, location, program, usage period) as the ledger last told (R-38, R-41).

    `available` counts what this claim itself holds as free, since a new revision replaces its own reservation.
    `as_of` names the newest ledger position it rests on.
    """

    earned: Money
    claimed: Money
    reserved: Money
    available: Money
    accrued: Money
    as_of: int


class EarlierClaim(Contract):
    """Another claim of the same partner, location, program and usage period, received before this one (R-53)."""

    claim_id: ClaimId
    claim_number: int
    state: Annotated[ClaimState, Field(strict=False)]
    activity: str
    activity_start: Day
    activity_end: Day
    first_received_at: Instant
    counted: Money
    """What it takes of limits: the approved amount, or the payable one while it is undecided."""
    lines: Annotated[tuple[ManifestLine, ...], Field(strict=False)] = ()
    vendor_keys: Annotated[tuple[str, ...], Field(strict=False)] = ()


class DocumentKeys(Contract):
    """What tells whether two documents are one expense: bytes, vendor and number, or vendor, day and amount (R-63)."""

    sha256: str | None
    vendor_tax_key: str | None = None
    vendor_name_key: str | None = None
    number_key: str | None = None
    issued_on: Day | None = None
    net: Money | None = None


class KnownDocument(Contract):
    """A document of another live claim of the same partner that may be the same one (R-63)."""

    claim_number: int
    file: str
    keys: DocumentKeys


@dataclass(frozen=True)
class CheckInputs:
    """One revision of a claim, what was read from its documents, and what else was known at that moment.

    `elsewhere_sha256` are the files that another partner sent too: only that fact is known, never who (R-63).
    """

    manifest: Manifest
    documents: tuple[CheckedDocument, ...]
    partner_name: str | None
    received_at: Instant
    first_received_at: Instant
    pack: RulePack
    partner_aliases: tuple[str, ...] = ()
    funds: FundsSnapshot | None = None
    earlier_claims: tuple[EarlierClaim, ...] | None = None
    known_documents: tuple[KnownDocument, ...] = ()
    elsewhere_sha256: frozenset[str] = frozenset()
    engine_version: str = ENGINE_VERSION

    @property
    def usage_period(self) -> Period:
        """The half-year in which the activity must lie (R-33)."""
        return self.manifest.usage_period

    @property
    def activity_period(self) -> Period | None:
        """The activity as the manifest states it; None while its dates are reversed."""
        start, end = self.manifest.activity_start, self.manifest.activity_end
        return Period(start=start, end=end) if start <= end else None

    @property
    def received_on(self) -> Day:
        """The day of receipt of this revision in the zone of the pack."""
        return self.pack.local_day(self.received_at)

    def in_order(self) -> "CheckInputs":
        """The same inputs with every collection in one fixed order, so that no order of arrival shows."""
        manifest = self.manifest.model_copy(
            update={
                "documents": tuple(sorted(self.manifest.documents, key=lambda document: document.file)),
                "lines": tuple(sorted(self.manifest.lines, key=_canonical)),
                "declarations": tuple(sorted(set(self.manifest.declarations))),
                "components": tuple(sorted(set(self.manifest.components))),
            }
        )
        return CheckInputs(
            manifest=manifest,
            documents=tuple(sorted(self.documents, key=lambda one: (one.file, one.received.sha256))),
            partner_name=self.partner_name,
            received_at=self.received_at,
            first_received_at=self.first_received_at,
            pack=self.pack,
            partner_aliases=tuple(sorted(set(self.partner_aliases))),
            funds=self.funds,
            earlier_claims=None
            if self.earlier_claims is None
            else tuple(sorted(self.earlier_claims, key=_canonical)),
            known_documents=tuple(sorted(self.known_documents, key=_canonical)),
            elsewhere_sha256=self.elsewhere_sha256,
            engine_version=self.engine_version,
        )

    def recorded(self) -> dict[str, Any]:
        """All inputs in their one order as JSON values; pack and engine enter by id, hash and version."""
        same = self.in_order()
        return {
            "manifest": same.manifest.model_dump(mode="json", by_alias=True),
            "documents": [document.model_dump(mode="json") for document in same.documents],
            "partner_name": same.partner_name,
            "partner_aliases": list(same.partner_aliases),
            "received_at": _instant(same.received_at),
            "first_received_at": _instant(same.first_received_at),
            "funds": same.funds.model_dump(mode="json") if same.funds else None,
            "earlier_claims": None
            if same.earlier_claims is None
            else [claim.model_dump(mode="json") for claim in same.earlier_claims],
            "known_documents": [document.model_dump(mode="json") for document in same.known_documents],
            "elsewhere_sha256": sorted(same.elsewhere_sha256),
            "pack": [same.pack.id, same.pack.sha256],
            "engine_version": same.engine_version,
        }

    def inputs_sha256(self) -> str:
        """SHA-256 over the canonical JSON of all inputs."""
        text = json.dumps(self.recorded(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class RecordedInputs(Contract):
    """Inputs as `CheckInputs.recorded` wrote them: all but the pack itself, which is named by id and hash."""

    manifest: Manifest
    documents: Annotated[tuple[CheckedDocument, ...], Field(strict=False)]
    partner_name: str | None
    partner_aliases: Annotated[tuple[str, ...], Field(strict=False)]
    received_at: Instant
    first_received_at: Instant
    funds: FundsSnapshot | None
    earlier_claims: Annotated[tuple[EarlierClaim, ...] | None, Field(strict=False)]
    known_documents: Annotated[tuple[KnownDocument, ...], Field(strict=False)]
    elsewhere_sha256: Annotated[frozenset[str], Field(strict=False)]
    pack: Annotated[tuple[str, str], Field(strict=False)]
    engine_version: str

    def judged_by(self, pack: RulePack) -> CheckInputs:
        """The inputs, to be judged by `pack`: the one they name, or another in its place."""
        return CheckInputs(
            manifest=self.manifest,
            documents=self.documents,
            partner_name=self.partner_name,
            received_at=self.received_at,
            first_received_at=self.first_received_at,
            pack=pack,
            partner_aliases=self.partner_aliases,
            funds=self.funds,
            earlier_claims=self.earlier_claims,
            known_documents=self.known_documents,
            elsewhere_sha256=self.elsewhere_sha256,
            engine_version=self.engine_version,
        )


def _canonical(value: Contract) -> str:
    return value.model_dump_json(by_alias=True)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
