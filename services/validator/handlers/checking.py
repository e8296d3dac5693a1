"""The partner's own check before submitting: reads and judges a bundle, and stores nothing."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import ConfigDict

from schemas.bundle import Manifest, ManifestDocument
from schemas.claims import ReceivedDocument
from schemas.decisions import Decision
from schemas.facts import DocumentFacts, ReadStatus
from schemas.money import Money
from services.kit.packs import PackLibrary
from services.rules.pack import RulePack
from services.rules.windows import ClaimWindow
from services.validator.core.checks.deadline import window_of
from services.validator.core.decision import decide
from services.validator.core.inputs import (
    CheckedDocument,
    CheckInputs,
    EarlierClaim,
    FundsSnapshot,
    KnownDocument,
)

PRECHECK_CLAIM_ID = "clm_" + "0" * 26
"""The claim of a decision that is not about a recorded claim."""


class Room(Protocol):
    """Where documents of strangers are read and drawn (`readers.reading_room.ReadingRoom`)."""

    def read(self, content: bytes, file_name: str) -> DocumentFacts:
        """What the document says, or why it is not read."""
        ...


@dataclass(frozen=True)
class GivenDocument:
    """The bytes of one file of the bundle (or where they lie), and what receiving found wrong with it."""

    file: str
    content: bytes | Path
    problem: str | None = None

    def read(self) -> bytes:
        """The bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


@dataclass(frozen=True)
class CheckContext:
    """What is known beside the bundle; what is left out is not checked."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    partner_name: str | None = None
    partner_aliases: tuple[str, ...] = ()
    funds: FundsSnapshot | None = None
    earlier_claims: tuple[EarlierClaim, ...] | None = None
    known_documents: tuple[KnownDocument, ...] = ()
    first_received_at: datetime | None = None

    @classmethod
    def with_remaining(cls, remaining: Money, **known: object) -> "CheckContext":
        """A context of which only the remaining funds are known."""
        nothing = remaining - remaining
        funds = FundsSnapshot(
            earned=remaining,
            claimed=nothing,
            reserved=nothing,
            available=remaining,
            accrued=remaining,
            as_of=0,
        )
        return cls(funds=funds, **known)  # type: ignore[arg-type]


Recall = Callable[[Manifest, Sequence[CheckedDocument], RulePack, datetime], CheckContext]
"""Finds the context of a bundle once its documents are read (`recalling.recall_from`)."""


@dataclass(frozen=True)
class Checked:
    """The decision and everything it rests on; `window` is None where the deadline counts from an unknown day."""

    decision: Decision
    inputs: CheckInputs
    window: ClaimWindow | None
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def manifest(self) -> Manifest:
        """What the partner claims."""
        return self.inputs.manifest

    @property
    def pack(self) -> RulePack:
        """The edition that judged."""
        return self.inputs.pack

    @property
    def facts(self) -> dict[str, DocumentFacts]:
        """What was read, by file name."""
        return {document.file: document.facts for document in self.inputs.documents}


def check_bundle(
    manifest: Manifest,
    documents: Sequence[GivenDocument],
    *,
    room: Room,
    packs: PackLibrary,
    at: datetime,
    context: CheckContext | None = None,
    recall: Recall | None = None,
    pack_id: str | None = None,
) -> Checked:
    """Read the documents and judge the bundle as if it were received at `at`.

    The pack is the one named, else the one in force on the first day of the usage period. What else is known is
    given as `context`, or found by `recall`. Raises PackUnknown.
    """
    pack = packs.get(pack_id) if pack_id else packs.in_force(manifest.program, manifest.usage_period.start)
    given = {document.file: document for document in documents}
    contents: dict[str, bytes] = {}
    checked = []
    for listed in manifest.documents:
        one = given.get(listed.file)
        content = one.read() if one is not None else None
        if content is not None:
            contents[listed.file] = content
        checked.append(_checked(listed, one, content, room))
    known = context or (recall(manifest, checked, pack, at) if recall else CheckContext())
    inputs = CheckInputs(
        manifest=manifest,
        documents=tuple(checked),
        partner_name=known.partner_name,
        partner_aliases=known.partner_aliases,
        received_at=at,
        first_received_at=known.first_received_at or at,
        pack=pack,
        funds=known.funds,
        earlier_claims=known.earlier_claims,
        known_documents=known.known_documents,
    )
    decision = decide(inputs, packs.vocabulary, claim_id=PRECHECK_CLAIM_ID, revision=1, decided_at=at)
    return Checked(decision, inputs, window_of(inputs), contents)


def _checked(
    listed: ManifestDocument, given: GivenDocument | None, content: bytes | None, room: Room
) -> CheckedDocument:
    """A listed document with its facts; one without bytes, or with other bytes than listed, is a finding."""
    sha256 = hashlib.sha256(content or b"").hexdigest()
    problem = given.problem if given is not None else None
    if content is None:
        problem, sha256 = "FILE_MISSING", listed.sha256 or sha256
    elif problem is None and listed.sha256 is not None and listed.sha256 != sha256:
        problem = "FILE_HASH_MISMATCH"
    if content is None or problem is not None:
        facts = unread(sha256, problem or "FILE_MISSING")
    else:
        facts = room.read(content, listed.file)
    received = ReceivedDocument(
        file=listed.file,
        sha256=sha256,
        bytes=len(content or b""),
        media_type=facts.media_type,
        kind=listed.kind,
        note=listed.note,
        typed=listed.typed,
        problem=problem,
    )
    return CheckedDocument(received=received, facts=facts)


def unread(sha256: str, reason: str) -> DocumentFacts:
    """The facts of a document that is not handed to a reader."""
    return DocumentFacts(
        sha256=sha256,
        media_type="application/octet-stream",
        status=ReadStatus.REJECTED,
        reason=reason.lower(),
    )
