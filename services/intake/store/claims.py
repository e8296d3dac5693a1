"""Statements over claims: their revisions, documents, verdicts, reservations and history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.base import Period
from schemas.bundle import ManifestLine
from schemas.claims import ClaimState, DocumentVerdict, HistoryEntry, LineVerdict, ReceivedDocument
from schemas.decisions import Decision, Outcome
from schemas.events import ObjectRef
from schemas.money import Money
from services.intake.core.holds import Held, HoldStep, held
from services.intake.core.life import FirstApproval, Standing
from services.intake.store.scope import Triples, within
from services.intake.store.tables import claims, documents, history, hold_steps, numbers, revisions


class ClaimChanged(RuntimeError):
    """Another transaction changed the claim between reading and writing it."""

    code = "CLAIM_CHANGED"


@dataclass(frozen=True)
class Claim:
    """One claim with what is known of its newest revision."""

    claim_id: str
    claim_number: int
    claim_name: str
    partner_id: str
    location: str
    program: str
    usage_period: Period
    activity: str
    activity_start: date
    activity_end: date
    currency: str
    state: ClaimState
    revision: int
    version: int
    disputes: int
    first_received_at: datetime
    deadline: datetime
    deadline_text: str
    pack_id: str
    approved: Money | None
    received_at: datetime
    manifest: ObjectRef
    claimed: Money
    outcome: Outcome | None
    decision: Decision | None
    reserved: Money | None
    refusal_code: str | None
    refusal: Mapping[str, str] | None
    first_approval: FirstApproval | None
    due_on: date | None
    due_at: datetime | None
    lines: tuple[ManifestLine, ...]
    line_verdicts: tuple[LineVerdict, ...]
    document_verdicts: tuple[DocumentVerdict, ...]

    @property
    def triple(self) -> tuple[str, str, str]:
        """Partner, location and program: what a key's scopes are tested against."""
        return self.partner_id, self.location, self.program

    @property
    def standing(self) -> Standing:
        """What the core judges acts by."""
        return Standing(
            state=self.state,
            revision=self.revision,
            claimed=self.claimed,
            reserved=self.reserved,
            outcome=self.outcome,
            refusal_code=self.refusal_code,
            disputes=self.disputes,
        )


JOINED = sa.select(
    claims,
    revisions.c.received_at,
    revisions.c.manifest,
    revisions.c.claimed_minor,
    revisions.c.outcome,
    revisions.c.decision,
    revisions.c.reserved_minor,
    revisions.c.reserved_currency,
    revisions.c.refusal_code,
    revisions.c.refusal,
    revisions.c.first_approval,
    revisions.c.lines,
    revisions.c.verdicts,
).join(
    revisions,
    sa.and_(revisions.c.claim_id == claims.c.claim_id, revisions.c.revision == claims.c.revision),
)
_CLAIM_FIELDS = (
    "claim_id",
    "claim_number",
    "claim_name",
    "partner_id",
    "location",
    "program",
    "activity",
    "activity_start",
    "activity_end",
    "currency",
    "revision",
    "version",
    "disputes",
    "first_received_at",
    "deadline",
    "deadline_text",
    "pack_id",
    "received_at",
    "refusal_code",
    "refusal",
    "due_on",
    "due_at",
)


def claim_of_row(row: Any) -> Claim:
    """Read a row of `JOINED`."""
    reserved = None
    if row.reserved_currency is not None and row.reserved_minor > 0:
        reserved = Money(amount_minor=row.reserved_minor, currency=row.reserved_currency)
    approved = None
    if row.approved_minor is not None:
        approved = Money(amount_minor=row.approved_minor, currency=row.approved_currency)
    verdicts = row.verdicts or {}
    return Claim(
        usage_period=Period(start=row.usage_start, end=row.usage_end),
        state=ClaimState(row.state),
        approved=approved,
        manifest=ObjectRef.model_validate(row.manifest),
        claimed=Money(amount_minor=row.claimed_minor, currency=row.currency),
        outcome=None if row.outcome is None else Outcome(row.outcome),
        decision=None if row.decision is None else Decision.model_validate(row.decision, strict=False),
        reserved=reserved,
        first_approval=_first_approval(row.first_approval),
        lines=tuple(ManifestLine.model_validate(line) for line in row.lines or ()),
        line_verdicts=tuple(LineVerdict.model_validate(said) for said in verdicts.get("lines", ())),
        document_verdicts=tuple(
            DocumentVerdict.model_validate(said) for said in verdicts.get("documents", ())
        ),
        **{field: getattr(row, field) for field in _CLAIM_FIELDS},
    )


def _first_approval(kept: Mapping[str, Any] | None) -> FirstApproval | None:
    return None if kept is None else FirstApproval(kept["reviewer"], Money.model_validate(kept["amount"]))


def claim(tx: Connection, claim_id: str, *, lock: bool = False) -> Claim | None:
    """Return the claim, or None. `lock` keeps other writers off it until the transaction ends."""
    if lock:
        tx.execute(sa.select(claims.c.claim_id).where(claims.c.claim_id == claim_id).with_for_update())
    row = tx.execute(JOINED.where(claims.c.claim_id == claim_id)).first()
    return None if row is None else claim_of_row(row)


def next_number(tx: Connection) -> int:
    """Return the next claim number; no two claims ever have the same."""
    counted = tx.execute(
        sa.update(numbers)
        .where(numbers.c.name == "claim")
        .values(last=numbers.c.last + 1)
        .returning(numbers.c.last)
    ).first()
    if counted is None:
        raise RuntimeError("intake_numbers has no row 'claim': run the migrations")
    return int(counted.last)


def add_claim(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a claim's first row."""
    tx.execute(sa.insert(claims).values(version=1, disputes=0, **values))


def add_revision(
    tx: Connection,
    claim_id: str,
    revision: int,
    *,
    received_at: datetime,
    submitted_by: str,
    manifest: ObjectRef,
    claimed_minor: int,
    lines: Sequence[ManifestLine],
    received: Sequence[ReceivedDocument],
) -> None:
    """Insert a revision with its documents."""
    tx.execute(
        sa.insert(revisions).values(
            claim_id=claim_id,
            revision=revision,
            received_at=received_at,
            submitted_by=submitted_by,
            manifest=manifest.model_dump(mode="json"),
            claimed_minor=claimed_minor,
            lines=[line.model_dump(mode="json") for line in lines],
            reserved_minor=0,
        )
    )
    rows = [
        {"claim_id": claim_id, "revision": revision, "position": position, **document.model_dump()}
        for position, document in enumerate(received)
    ]
    if rows:
        tx.execute(sa.insert(documents), rows)


def change_claim(tx: Connection, known: Claim, **values: Any) -> None:
    """Change the claim if it is still the version that was read. Raises ClaimChanged."""
    done = tx.execute(
        sa.update(claims)
        .where(claims.c.claim_id == known.claim_id, claims.c.version == known.version)
        .values(version=known.version + 1, **values)
    )
    if done.rowcount != 1:
        raise ClaimChanged(f"claim {known.claim_number} was changed by somebody else: open it again")


def add_history(tx: Connection, claim_id: str, entries: Iterable[HistoryEntry]) -> None:
    """Append rows to the claim's history, in order."""
    for entry in entries:
        tx.execute(
            sa.insert(history).values(
                claim_id=claim_id, **entry.model_dump(exclude={"state"}), state=str(entry.state)
            )
        )


def history_of(tx: Connection, claim_id: str) -> tuple[HistoryEntry, ...]:
    """Return the claim's history, oldest first."""
    rows = tx.execute(sa.select(history).where(history.c.claim_id == claim_id).order_by(history.c.id))
    return tuple(
        HistoryEntry(
            at=row.at,
            actor=row.actor,
            act=row.act,
            revision=row.revision,
            state=ClaimState(row.state),
            reason_code=row.reason_code,
            comment=row.comment,
        )
        for row in rows
    )


def documents_of(tx: Connection, claim_id: str, revision: int | None = None) -> tuple[ReceivedDocument, ...]:
    """Return the documents of one revision, or of all, each revision in the order of its manifest."""
    chosen = sa.select(documents).where(documents.c.claim_id == claim_id)
    if revision is not None:
        chosen = chosen.where(documents.c.revision == revision)
    rows = tx.execute(chosen.order_by(documents.c.revision, documents.c.position))
    fields = tuple(ReceivedDocument.model_fields)
    return tuple(ReceivedDocument(**{field: getattr(row, field) for field in fields}) for row in rows)


def submitters_of(tx: Connection, claim_id: str) -> frozenset[str]:
    """Return the ids of the keys that sent any revision of the claim."""
    rows = tx.execute(sa.select(revisions.c.submitted_by).where(revisions.c.claim_id == claim_id))
    return frozenset(row.submitted_by for row in rows)


def revision_numbers(tx: Connection, claim_id: str) -> tuple[int, ...]:
    """Return the numbers of the claim's revisions, ascending."""
    rows = tx.execute(sa.select(revisions.c.revision).where(revisions.c.claim_id == claim_id))
    return tuple(sorted(row.revision for row in rows))


def record_decision(tx: Connection, claim_id: str, revision: int, decision: Decision) -> None:
    """Keep the machine's decision with the revision it is about."""
    values = {"outcome": str(decision.outcome), "decision": decision.model_dump(mode="json")}
    change_revision(tx, claim_id, revision, **values)


def record_hold_step(tx: Connection, claim_id: str, step: HoldStep) -> Held | None:
    """Keep a step of the claim's hold, and with each revision what is held for it. Returns the hold."""
    known = tx.execute(
        sa.select(hold_steps.c.transfer_id).where(hold_steps.c.transfer_id == step.transfer_id)
    ).first()
    if known is None:
        row = {
            "transfer_id": step.transfer_id,
            "claim_id": claim_id,
            "kind": step.kind,
            "revision": step.revision,
            "amount_minor": step.amount.amount_minor,
            "currency": step.amount.currency,
            "places": dict(step.places),
            "recorded_at": step.recorded_at,
        }
        tx.execute(sa.insert(hold_steps).values(**row))
    hold = held(_hold_steps(tx, claim_id))
    tx.execute(sa.update(revisions).where(revisions.c.claim_id == claim_id).values(reserved_minor=0))
    if hold is not None:
        amount = hold.amount
        change_revision(
            tx, claim_id, hold.revision, reserved_minor=amount.amount_minor, reserved_currency=amount.currency
        )
    return hold


def _hold_steps(tx: Connection, claim_id: str) -> list[HoldStep]:
    rows = tx.execute(sa.select(hold_steps).where(hold_steps.c.claim_id == claim_id))
    return [
        HoldStep(
            transfer_id=row.transfer_id,
            kind=row.kind,
            revision=row.revision,
            amount=Money(amount_minor=row.amount_minor, currency=row.currency),
            places=row.places,
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def record_refusal(
    tx: Connection, claim_id: str, revision: int, code: str, refusal: Mapping[str, str]
) -> None:
    """Keep why the ledger holds nothing for the revision."""
    change_revision(tx, claim_id, revision, refusal_code=code, refusal=dict(refusal))


def record_first_approval(tx: Connection, claim_id: str, revision: int, first: FirstApproval) -> None:
    """Keep the first of two approvals, in place of an earlier one."""
    kept = {"reviewer": first.reviewer, "amount": first.amount.model_dump(mode="json")}
    change_revision(tx, claim_id, revision, first_approval=kept)


def change_revision(tx: Connection, claim_id: str, revision: int, **values: Any) -> None:
    """Add what became known about a revision."""
    tx.execute(
        sa.update(revisions)
        .where(revisions.c.claim_id == claim_id, revisions.c.revision == revision)
        .values(**values)
    )


def listed_claims(
    tx: Connection,
    scopes: Triples,
    *,
    before: int | None,
    rows: int,
    state: ClaimState | None = None,
    program: str | None = None,
    partner_id: str | None = None,
) -> list[Claim]:
    """Return claims within `scopes`, newest number first, from below `before`."""
    chosen = JOINED.where(within(claims, scopes)).order_by(claims.c.claim_number.desc()).limit(rows)
    wanted = (
        (claims.c.state, None if state is None else str(state)),
        (claims.c.program, program),
        (claims.c.partner_id, partner_id),
    )
    for column, value in wanted:
        if value is not None:
            chosen = chosen.where(column == value)
    if before is not None:
        chosen = chosen.where(claims.c.claim_number < before)
    return [claim_of_row(row) for row in tx.execute(chosen)]
