"""Claims as the validator knows them: what limits and duplicate checks need of earlier ones (R-53, R-63)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.bundle import ManifestLine
from schemas.claims import ClaimState
from schemas.money import Money
from services.validator.core.inputs import DocumentKeys, EarlierClaim, KnownDocument
from services.validator.store.tables import DEAD, claims, documents, outcomes


@dataclass(frozen=True)
class ClaimRecord:
    """One claim at its newest decided revision."""

    claim_id: str
    claim_number: int
    partner_id: str
    location: str
    program: str
    usage_period: str
    revision: int
    activity: str
    activity_start: date
    activity_end: date
    payable: Money
    first_received_at: datetime
    lines: tuple[ManifestLine, ...]
    vendor_keys: tuple[str, ...]


def revision_of(tx: Connection, claim_id: str) -> int:
    """The newest revision that was decided; 0 for none."""
    found = tx.execute(sa.select(claims.c.revision).where(claims.c.claim_id == claim_id)).scalar_one_or_none()
    return int(found or 0)


def put(tx: Connection, record: ClaimRecord) -> None:
    """Record a claim, or bring it to a newer revision."""
    values = {
        "claim_number": record.claim_number,
        "partner_id": record.partner_id,
        "location": record.location,
        "program": record.program,
        "usage_period": record.usage_period,
        "revision": record.revision,
        "activity": record.activity,
        "activity_start": record.activity_start,
        "activity_end": record.activity_end,
        "currency": record.payable.currency,
        "payable_minor": record.payable.amount_minor,
        "first_received_at": record.first_received_at,
        "lines": [line.model_dump(mode="json") for line in record.lines],
        "vendor_keys": list(record.vendor_keys),
    }
    done = tx.execute(sa.update(claims).where(claims.c.claim_id == record.claim_id).values(**values))
    if done.rowcount == 0:
        tx.execute(sa.insert(claims).values(claim_id=record.claim_id, **values))


def put_outcome(
    tx: Connection, claim_id: str, state: ClaimState, approved_minor: int | None, decided_at: datetime
) -> None:
    """Note how a claim ended; a later decision (after a dispute) takes the place of an earlier one."""
    known = tx.execute(
        sa.select(outcomes.c.decided_at).where(outcomes.c.claim_id == claim_id)
    ).scalar_one_or_none()
    values = {"state": state.value, "approved_minor": approved_minor, "decided_at": decided_at}
    if known is None:
        tx.execute(sa.insert(outcomes).values(claim_id=claim_id, **values))
    elif known <= decided_at:
        tx.execute(sa.update(outcomes).where(outcomes.c.claim_id == claim_id).values(**values))


def earlier(
    tx: Connection,
    claim_id: str,
    owner: tuple[str, str, str],
    usage_period: str,
    first_received_at: datetime,
) -> tuple[EarlierClaim, ...]:
    """Return the live claims on the same funds that were received before this one, in order of receipt (R-53)."""
    partner_id, location, program = owner
    live = (
        sa.select(claims, outcomes.c.state, outcomes.c.approved_minor)
        .select_from(claims.outerjoin(outcomes, outcomes.c.claim_id == claims.c.claim_id))
        .where(
            claims.c.partner_id == partner_id,
            claims.c.location == location,
            claims.c.program == program,
            claims.c.usage_period == usage_period,
            claims.c.claim_id != claim_id,
            sa.or_(outcomes.c.state.is_(None), outcomes.c.state.not_in(DEAD)),
            sa.or_(
                claims.c.first_received_at < first_received_at,
                sa.and_(claims.c.first_received_at == first_received_at, claims.c.claim_id < claim_id),
            ),
        )
        .order_by(claims.c.first_received_at, claims.c.claim_id)
    )
    return tuple(_earlier(row) for row in tx.execute(live))


def _earlier(row: sa.Row[tuple[object, ...]]) -> EarlierClaim:
    counted = row.payable_minor if row.approved_minor is None else row.approved_minor
    return EarlierClaim(
        claim_id=row.claim_id,
        claim_number=row.claim_number,
        state=ClaimState(row.state) if row.state else ClaimState.UNDER_REVIEW,
        activity=row.activity,
        activity_start=row.activity_start,
        activity_end=row.activity_end,
        first_received_at=row.first_received_at,
        counted=Money(amount_minor=counted, currency=row.currency),
        lines=tuple(ManifestLine.model_validate(line) for line in row.lines),
        vendor_keys=tuple(row.vendor_keys),
    )


def put_documents(
    tx: Connection,
    claim_id: str,
    partner_id: str,
    held: Sequence[tuple[str, DocumentKeys]],
    received_at: datetime,
) -> None:
    """Record the documents of a claim's newest revision; one it held before keeps its instant of receipt."""
    since = receipts(tx, claim_id)
    tx.execute(sa.delete(documents).where(documents.c.claim_id == claim_id))
    rows = [
        {
            "claim_id": claim_id,
            "file": file,
            "partner_id": partner_id,
            "sha256": keys.sha256,
            "vendor_tax_key": keys.vendor_tax_key,
            "vendor_name_key": keys.vendor_name_key,
            "number_key": keys.number_key,
            "issued_on": keys.issued_on,
            "net_minor": keys.net.amount_minor if keys.net else None,
            "currency": keys.net.currency if keys.net else None,
            "received_at": since.get(keys.sha256, received_at),
        }
        for file, keys in held
    ]
    if rows:
        tx.execute(sa.insert(documents), rows)


def receipts(tx: Connection, claim_id: str) -> dict[str, datetime]:
    """When each document that a claim holds was first received with it, by SHA-256."""
    rows = tx.execute(
        sa.select(documents.c.sha256, documents.c.received_at).where(documents.c.claim_id == claim_id)
    )
    return {row.sha256: row.received_at for row in rows}


def look_alikes(
    tx: Connection, claim_id: str, partner_id: str, sought: Sequence[DocumentKeys]
) -> tuple[KnownDocument, ...]:
    """Return documents of the partner's other live claims that share bytes, number, or day and vendor with a sought one.

    A document that this claim recorded before the other one arrived keeps its place and is no duplicate of it.
    """
    hashes = {keys.sha256 for keys in sought}
    numbers = {keys.number_key for keys in sought if keys.number_key}
    days = {keys.issued_on for keys in sought if keys.issued_on}
    rows = tx.execute(
        sa.select(documents, claims.c.claim_number)
        .select_from(
            documents.join(claims, claims.c.claim_id == documents.c.claim_id).outerjoin(
                outcomes, outcomes.c.claim_id == documents.c.claim_id
            )
        )
        .where(
            documents.c.partner_id == partner_id,
            documents.c.claim_id != claim_id,
            sa.or_(outcomes.c.state.is_(None), outcomes.c.state.not_in(DEAD)),
            sa.or_(
                documents.c.sha256.in_(hashes),
                documents.c.number_key.in_(numbers),
                documents.c.issued_on.in_(days),
            ),
        )
        .order_by(claims.c.claim_number, documents.c.file)
    )
    held_since = receipts(tx, claim_id)
    return tuple(
        known
        for row in rows
        if (known := _known(row)) and not _came_later(row.received_at, known.keys, sought, held_since)
    )


def _came_later(
    received_at: datetime,
    other: DocumentKeys,
    sought: Sequence[DocumentKeys],
    held_since: dict[str, datetime],
) -> bool:
    alike = [keys for keys in sought if _shares(keys, other)]
    return bool(alike) and all(
        keys.sha256 in held_since and held_since[keys.sha256] < received_at for keys in alike
    )


def _shares(one: DocumentKeys, other: DocumentKeys) -> bool:
    return (
        one.sha256 == other.sha256
        or (one.number_key is not None and one.number_key == other.number_key)
        or (one.issued_on is not None and one.issued_on == other.issued_on)
    )


def _known(row: sa.Row[tuple[object, ...]]) -> KnownDocument:
    net = None if row.net_minor is None else Money(amount_minor=row.net_minor, currency=row.currency)
    return KnownDocument(
        claim_number=row.claim_number,
        file=row.file,
        keys=DocumentKeys(
            sha256=row.sha256,
            vendor_tax_key=row.vendor_tax_key,
            vendor_name_key=row.vendor_name_key,
            number_key=row.number_key,
            issued_on=row.issued_on,
            net=net,
        ),
    )


def sent_by_others(tx: Connection, partner_id: str, hashes: Sequence[str]) -> frozenset[str]:
    """Which of these files another partner sent too: only the fact, never who (R-63)."""
    rows = tx.execute(
        sa.select(documents.c.sha256)
        .where(documents.c.sha256.in_(hashes), documents.c.partner_id != partner_id)
        .distinct()
    )
    return frozenset(row.sha256 for row in rows)
