"""Deciding a submitted revision: read outside any transaction, judge and record in one."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy.engine import Connection

from schemas.bundle import Manifest
from schemas.claims import ReceivedDocument
from schemas.decisions import Decision
from schemas.events import CLAIM_VALIDATED, ClaimSubmitted, ClaimValidated
from services.kit import events, outbox
from services.kit.consumer import RetryLater, Unprocessable
from services.kit.objects import ObjectDamaged, ObjectMissing, ObjectStoreUnavailable
from services.kit.packs import PackUnknown
from services.kit.platform import Platform
from services.kit.sandbox import SandboxUnavailable
from services.rules.pack import RulePack
from services.validator.core.checks.duplicates import keys_of
from services.validator.core.decision import decide
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.values import is_invoice
from services.validator.handlers.checking import Room, unread
from services.validator.handlers.recalling import Owner, recalled
from services.validator.readers.version import ENGINE_VERSION as READERS_VERSION
from services.validator.store import claims, decisions, facts
from services.validator.store import inputs as kept_inputs


@dataclass(frozen=True)
class Prepared:
    """A submitted revision with its documents read."""

    manifest: Manifest
    documents: tuple[CheckedDocument, ...]
    pack: RulePack


def prepare_submitted(platform: Platform, room: Room, submitted: ClaimSubmitted) -> Prepared:
    """Fetch the manifest and read every document, once for the same bytes and engine.

    Raises RetryLater while the object store or the sandbox does not answer, Unprocessable for what no retry can mend.
    """
    try:
        manifest = Manifest.model_validate_json(platform.objects.get(submitted.manifest.sha256), strict=False)
        pack = platform.packs.in_force(submitted.program, manifest.usage_period.start)
        documents = tuple(_read(platform, room, document) for document in submitted.documents)
    except (ObjectStoreUnavailable, ObjectMissing, SandboxUnavailable) as error:
        raise RetryLater(str(error)) from error
    except ObjectDamaged as error:
        raise Unprocessable(str(error)) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Unprocessable(
            f"the manifest is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from None
    except PackUnknown as error:
        raise Unprocessable(str(error)) from error
    return Prepared(manifest, documents, pack)


def _read(platform: Platform, room: Room, received: ReceivedDocument) -> CheckedDocument:
    if received.problem is not None:
        return CheckedDocument(received=received, facts=unread(received.sha256, received.problem))
    with platform.database.read() as tx:
        known = facts.found(tx, received.sha256, received.file, READERS_VERSION)
    if known is None:
        known = room.read(platform.objects.get(received.sha256), received.file)
        with platform.database.write() as tx:
            facts.keep(tx, [(received.file, known)], READERS_VERSION, platform.clock.now())
    return CheckedDocument(received=received, facts=known)


def decide_submitted(
    platform: Platform, tx: Connection, submitted: ClaimSubmitted, prepared: Prepared
) -> Decision | None:
    """Judge the revision with what is known now, record the decision and tell of it.

    None when a newer revision was decided meanwhile: an older one arriving late changes nothing.
    """
    if claims.revision_of(tx, submitted.claim_id) > submitted.revision:
        return None
    now = platform.clock.now()
    owner = (submitted.partner_id, submitted.location, prepared.pack.program(submitted.program).id)
    inputs = _inputs(tx, submitted, prepared, owner)
    last = decisions.last(tx, submitted.claim_id)
    decision = decide(
        inputs,
        platform.packs.vocabulary,
        claim_id=submitted.claim_id,
        revision=submitted.revision,
        decided_at=now,
        previous_decision_id=last.decision_id if last else None,
    )
    if decisions.exists(tx, decision.decision_id):
        return None
    decisions.add(tx, decision, owner, last, now)
    kept_inputs.add(tx, decision.decision_id, inputs, READERS_VERSION)
    _record(tx, submitted, inputs, decision, owner)
    _tell(tx, submitted, prepared.manifest, decision, owner, now)
    return decision


def _inputs(tx: Connection, submitted: ClaimSubmitted, prepared: Prepared, owner: Owner) -> CheckInputs:
    known = recalled(
        tx,
        submitted.claim_id,
        owner,
        prepared.manifest,
        prepared.documents,
        prepared.pack,
        first_received_at=submitted.first_received_at,
    )
    names = (*((known.partner_name,) if known.partner_name else ()), *known.partner_aliases)
    return CheckInputs(
        manifest=prepared.manifest,
        documents=prepared.documents,
        partner_name=submitted.partner_name,
        partner_aliases=tuple(name for name in names if name != submitted.partner_name),
        received_at=submitted.received_at,
        first_received_at=submitted.first_received_at,
        pack=prepared.pack,
        funds=known.funds,
        earlier_claims=known.earlier_claims,
        known_documents=known.known_documents,
        elsewhere_sha256=claims.sent_by_others(
            tx, submitted.partner_id, [one.received.sha256 for one in prepared.documents]
        ),
    )


def _record(
    tx: Connection, submitted: ClaimSubmitted, inputs: CheckInputs, decision: Decision, owner: Owner
) -> None:
    manifest = inputs.manifest
    keys = [(document, keys_of(document, manifest.currency)) for document in inputs.documents]
    vendors = {key.vendor_name_key for document, key in keys if is_invoice(document) and key.vendor_name_key}
    first, last = sorted((manifest.activity_start, manifest.activity_end))
    claims.put(
        tx,
        claims.ClaimRecord(
            claim_id=submitted.claim_id,
            claim_number=submitted.claim_number,
            partner_id=owner[0],
            location=owner[1],
            program=owner[2],
            usage_period=str(manifest.usage_period),
            revision=submitted.revision,
            activity=manifest.activity,
            activity_start=first,
            activity_end=last,
            payable=decision.amount_payable,
            first_received_at=submitted.first_received_at,
            lines=manifest.lines,
            vendor_keys=tuple(sorted(vendors)),
        ),
    )
    held = [(document.file, key) for document, key in keys]
    claims.put_documents(tx, submitted.claim_id, submitted.partner_id, held, submitted.received_at)


def _tell(
    tx: Connection,
    submitted: ClaimSubmitted,
    manifest: Manifest,
    decision: Decision,
    owner: Owner,
    now: datetime,
) -> None:
    validated = ClaimValidated(
        claim_id=submitted.claim_id,
        revision=submitted.revision,
        partner_id=owner[0],
        location=owner[1],
        program=owner[2],
        usage_period=manifest.usage_period,
        activity=manifest.activity,
        effective_on=submitted.first_received_at,
        decision=decision,
    )
    event = events.new_event(
        CLAIM_VALIDATED,
        validated,
        source="validator",
        subject=submitted.claim_id,
        partner_id=submitted.partner_id,
        key=decision.decision_id,
        at=now,
    )
    outbox.append(tx, event, now=now)
