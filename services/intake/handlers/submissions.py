"""Taking a bundle in: a first revision or a later one. Bytes go to the object store before the one transaction."""

import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.engine import Connection

from schemas.bundle import Manifest
from schemas.claims import ClaimAct, ClaimState, HistoryEntry, Receipt, ReceivedDocument
from schemas.events import CLAIM_SUBMITTED, ClaimSubmitted, ObjectRef
from services.intake.core import admission, life, service_days
from services.intake.core.admission import Admitted, ClaimRefused
from services.intake.core.asks import changed_documents
from services.intake.core.bundle import Fault, Matched, Stored, matched
from services.intake.core.service_days import Due
from services.intake.core.texts import holds_nul
from services.intake.handlers import once
from services.intake.handlers.once import Answer
from services.intake.handlers.receiving import Received, Upload, received
from services.intake.handlers.refusals import REFUSALS, as_problem, faulty
from services.intake.queries.access import partners_claim, require_partner_role, visible_claim
from services.intake.store import claims, partners
from services.intake.store.claims import Claim
from services.kit import events, outbox
from services.kit.http import ProblemError, Repeatable, not_found, problem_items
from services.kit.keys import Principal
from services.kit.packs import PackUnknown
from services.kit.platform import Platform
from services.rules.pack import RulePack

SOURCE = "intake"
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True)
class _Bundle:
    """A bundle that may be taken in, its bytes in the object store."""

    manifest: Manifest
    manifest_ref: ObjectRef
    documents: tuple[ReceivedDocument, ...]
    admitted: Admitted


def submit(platform: Platform, caller: Principal, upload: Upload, request: Repeatable) -> Answer:
    """Take a new claim in: 202 with its receipt. Raises ProblemError; then nothing of it is recorded."""
    if (known := once.earlier(platform, request)) is not None:
        return known
    bundle = _taken_in(platform, caller, upload, None)

    def record(tx: Connection) -> Receipt:
        claim_id = new_claim_id()
        claims.add_claim(
            tx,
            {
                "claim_id": claim_id,
                "claim_number": claims.next_number(tx),
                "partner_id": bundle.manifest.partner_id,
                "location": bundle.manifest.location,
                "program": bundle.admitted.program,
                "usage_start": bundle.manifest.usage_period.start,
                "usage_end": bundle.manifest.usage_period.end,
                "currency": bundle.manifest.currency,
                "state": str(life.moved(ClaimState.EDITING, ClaimAct.SUBMIT).state),
                "revision": 1,
                "first_received_at": upload.received_at,
                "deadline": bundle.admitted.window.closes_at,
                "deadline_text": bundle.admitted.window.deadline_text,
                "pack_id": bundle.admitted.pack.id,
                **due_columns(service_days.review_due(bundle.admitted.pack, upload.received_at)),
                **_described(bundle.manifest),
            },
        )
        return _record_revision(platform, tx, caller, claim_id, 1, bundle, upload.received_at)

    return once.once(platform, request, 202, record)


def revise(
    platform: Platform, caller: Principal, claim_id: str, upload: Upload, request: Repeatable
) -> Answer:
    """Take a new revision of a claim that its partner was asked to mend: 202 with its receipt. Raises ProblemError."""
    if (known := once.earlier(platform, request)) is not None:
        return known
    with platform.database.read() as tx:
        before = visible_claim(tx, caller, claim_id)
    bundle = _taken_in(platform, caller, upload, before)

    def record(tx: Connection) -> Receipt:
        found = partners_claim(tx, caller, claim_id, platform.packs)
        moves = life.resubmitted(found.standing)
        revision = found.revision + 1
        claims.change_claim(
            tx,
            found,
            state=str(moves[-1].state),
            revision=revision,
            **_described(bundle.manifest),
            **_due_again(tx, found, bundle.admitted.pack, upload.received_at),
        )
        edit = HistoryEntry(
            at=upload.received_at,
            actor=caller.name,
            act=str(moves[0].act),
            revision=found.revision,
            state=moves[0].state,
        )
        claims.add_history(tx, claim_id, (edit,))
        return _record_revision(platform, tx, caller, claim_id, revision, bundle, upload.received_at)

    return once.once(platform, request, 202, record)


def due_columns(due: Due | None) -> dict[str, object]:
    """The due day of a claim as it is kept."""
    return {"due_on": None if due is None else due.on, "due_at": None if due is None else due.at}


def _due_again(tx: Connection, found: Claim, pack: RulePack, now: datetime) -> dict[str, object]:
    # The time a partner takes to mend is not the reviewers' time.
    asked_at = _asked_at(tx, found)
    if found.due_on is None or asked_at is None:
        return {}
    return due_columns(service_days.due_after_pause(pack, found.due_on, asked_at, now))


def new_claim_id() -> str:
    """Draw the id of a new claim: 130 random bits, so that ids tell nothing and cannot be guessed."""
    return "clm_" + "".join(secrets.choice(_ID_LETTERS) for _ in range(26))


def _taken_in(platform: Platform, caller: Principal, upload: Upload, revised: Claim | None) -> _Bundle:
    """Check a bundle from its container to its program, then store its bytes. Raises ProblemError."""
    try:
        with tempfile.TemporaryDirectory(prefix="coop-intake-") as folder:
            found = received(upload, Path(folder), platform.limits)
            manifest = _manifest(found.manifest)
            admitted = _admitted(platform, caller, manifest, revised, upload.received_at)
            earlier = _earlier_documents(platform, revised)
            pairs = matched(manifest, {name: file.stored for name, file in found.files.items()}, earlier)
            return _stored(platform, found, manifest, admitted, pairs)
    except REFUSALS as error:
        raise as_problem(error) from None


def _manifest(content: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(content.removeprefix(b"\xef\xbb\xbf"))
    except ValidationError as error:
        raise ProblemError(
            422, "MANIFEST_INVALID", "claim.json is not valid: mend what items names", problem_items(error)
        ) from None
    if holds_nul(manifest.model_dump()):
        raise ProblemError(422, "MANIFEST_INVALID", "claim.json has a NUL character in a text: take it out")
    return manifest


def _admitted(
    platform: Platform, caller: Principal, manifest: Manifest, revised: Claim | None, now: datetime
) -> Admitted:
    """Test whose claim it is before anything else is said about it."""
    try:
        pack = platform.packs.in_force(manifest.program, manifest.usage_period.start)
    except PackUnknown as error:
        raise faulty(
            "PROGRAM_UNKNOWN", str(error), (Fault("program", "PROGRAM_UNKNOWN", str(error)),)
        ) from None
    program = pack.program(manifest.program).id
    if not caller.may_see(manifest.partner_id, manifest.location, program):
        raise not_found(f"partner {manifest.partner_id} at {manifest.location} in {program}")
    require_partner_role(caller, pack)
    with platform.database.read() as tx:
        enrollment = partners.enrollment(tx, manifest.partner_id, manifest.location, program)
        asked_at = None if revised is None else _asked_at(tx, revised)
    if revised is not None:
        _refuse_revision(revised, manifest, program)
        overdue = admission.revision_overdue(pack, asked_at, now) if asked_at is not None else None
        if overdue is not None:
            raise ProblemError(
                409, "REVISION_TIME_PASSED", f"corrections were taken until {overdue}: withdraw the claim"
            )
    return admission.admitted(manifest, pack, is_enrolled=enrollment is not None)


def _refuse_revision(revised: Claim, manifest: Manifest, program: str) -> None:
    life.resubmitted(revised.standing)
    faults = admission.identity_faults(
        manifest,
        program,
        {
            "partner_id": revised.partner_id,
            "location": revised.location,
            "program": revised.program,
            "usage_period": revised.usage_period,
            "currency": revised.currency,
        },
    )
    if faults:
        raise ClaimRefused(faults)


def _asked_at(tx: Connection, revised: Claim) -> datetime | None:
    asked = [
        entry.at
        for entry in claims.history_of(tx, revised.claim_id)
        if entry.act == ClaimAct.ASK_PARTNER and entry.revision == revised.revision
    ]
    return asked[-1] if asked else None


def _earlier_documents(platform: Platform, revised: Claim | None) -> dict[str, Stored]:
    if revised is None:
        return {}
    with platform.database.read() as tx:
        known = claims.documents_of(tx, revised.claim_id)
    return {
        document.sha256: Stored(document.sha256, document.bytes, document.media_type, document.problem)
        for document in known
    }


def _stored(
    platform: Platform, found: Received, manifest: Manifest, admitted: Admitted, pairs: tuple[Matched, ...]
) -> _Bundle:
    for file in found.files.values():
        platform.objects.put_file(file.path, file.stored.sha256)
    documents = tuple(
        ReceivedDocument(
            file=pair.document.file,
            sha256=pair.stored.sha256,
            bytes=pair.stored.size_bytes,
            media_type=pair.stored.media_type,
            kind=pair.document.kind,
            note=pair.document.note,
            typed=pair.document.typed,
            problem=pair.stored.problem,
        )
        for pair in pairs
    )
    return _Bundle(manifest, platform.objects.put_bytes(found.manifest), documents, admitted)


def _described(manifest: Manifest) -> dict[str, object]:
    """What a later revision may say anew about its claim."""
    return {
        "claim_name": manifest.claim_name,
        "activity": manifest.activity,
        "activity_start": manifest.activity_start,
        "activity_end": manifest.activity_end,
    }


def _record_revision(
    platform: Platform,
    tx: Connection,
    caller: Principal,
    claim_id: str,
    revision: int,
    bundle: _Bundle,
    received_at: datetime,
) -> Receipt:
    """Record the revision, its history row and its event, and return its receipt."""
    claims.add_revision(
        tx,
        claim_id,
        revision,
        received_at=received_at,
        submitted_by=caller.key_id,
        manifest=bundle.manifest_ref,
        claimed_minor=bundle.manifest.claimed_minor,
        lines=bundle.manifest.lines,
        received=bundle.documents,
    )
    submitted = HistoryEntry(
        at=received_at,
        actor=caller.name,
        act=str(ClaimAct.SUBMIT),
        revision=revision,
        state=ClaimState.SUBMITTED,
        comment=bundle.manifest.comment,
    )
    claims.add_history(tx, claim_id, (submitted,))
    found = claims.claim(tx, claim_id)
    assert found is not None
    before = claims.documents_of(tx, claim_id, revision - 1)
    emit_submitted(platform, tx, found, bundle.documents, changed_documents(before, bundle.documents))
    return Receipt(
        claim_id=claim_id,
        claim_number=found.claim_number,
        claim_name=found.claim_name,
        revision=revision,
        state=found.state,
        received_at=received_at,
        first_received_at=found.first_received_at,
        documents=bundle.documents,
        manifest_sha256=bundle.manifest_ref.sha256,
        pack_id=found.pack_id,
        deadline=found.deadline,
        deadline_text=found.deadline_text,
    )


def emit_submitted(
    platform: Platform,
    tx: Connection,
    found: Claim,
    documents: tuple[ReceivedDocument, ...],
    changed: tuple[str, ...],
) -> None:
    """Tell that the newest revision of `found` waits to be validated, and which documents changed in it."""
    enrollment = partners.enrollment(tx, *found.triple)
    assert enrollment is not None
    submitted = ClaimSubmitted(
        claim_id=found.claim_id,
        claim_number=found.claim_number,
        revision=found.revision,
        partner_id=found.partner_id,
        partner_name=enrollment.partner_name,
        location=found.location,
        program=found.program,
        received_at=found.received_at,
        first_received_at=found.first_received_at,
        manifest=found.manifest,
        documents=documents,
        changed=changed,
    )
    event = events.new_event(
        CLAIM_SUBMITTED,
        submitted,
        source=SOURCE,
        subject=found.claim_id,
        partner_id=found.partner_id,
        key=f"{found.claim_id}/{found.revision}",
        at=found.received_at,
    )
    outbox.append(tx, event, now=platform.clock.now())
