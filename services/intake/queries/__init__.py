"""What can be read from intake: claims and their documents, the reviewers' queue, partners and plans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, TypeVar

from sqlalchemy.engine import Connection

from schemas.claims import ClaimState, ClaimView, ReceivedDocument
from services.intake.core.checkouts import Checkout
from services.intake.core.orders import (
    CheckoutView,
    ClaimPage,
    EnrollmentView,
    PartnerPage,
    PartnerView,
    PlanPage,
    PlanView,
    ReviewPage,
    ReviewRow,
)
from services.intake.core.service_days import days_left
from services.intake.core.texts import holds_nul
from services.intake.queries.access import REVIEWER, program_id, scopes_of, visible_claim
from services.intake.queries.views import claim_row, claim_view
from services.intake.store import claims, partners
from services.intake.store.partners import Enrollment, Plan
from services.intake.store.reviews import QueueFilter, Waiting, review_queue
from services.kit.clock import parse_instant
from services.kit.http import ProblemError, decode_cursor, encode_cursor, not_found, require
from services.kit.keys import Principal
from services.kit.objects import ObjectMissing
from services.kit.packs import PackUnknown
from services.kit.platform import Platform

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Download:
    """The original bytes of a document, to be closed by whoever sends them."""

    document: ReceivedDocument
    stream: BinaryIO


def view(platform: Platform, caller: Principal, claim_id: str) -> ClaimView:
    """Return one claim. Raises ProblemError 404."""
    with platform.database.read() as tx:
        return claim_view(tx, caller, claim_id)


def listed(
    platform: Platform,
    caller: Principal,
    *,
    cursor: str | None = None,
    rows: int = 50,
    state: ClaimState | None = None,
    program: str | None = None,
    partner_id: str | None = None,
) -> ClaimPage:
    """Return the caller's claims, newest first. Raises ProblemError 400 for a cursor that is not ours."""
    before = None if cursor is None else _cursor_parts(cursor, int)[0]
    wanted = None if program is None else _program_id(platform, program)
    if program is not None and wanted is None:
        return ClaimPage(items=())
    with platform.database.read() as tx:
        found = claims.listed_claims(
            tx,
            scopes_of(caller),
            before=before,
            rows=rows + 1,
            state=state,
            program=wanted,
            partner_id=partner_id,
        )
    shown, following = _page(found, rows, lambda row: (row.claim_number,))
    return ClaimPage(items=tuple(map(claim_row, shown)), next=following)


def reviews(
    platform: Platform,
    caller: Principal,
    *,
    cursor: str | None = None,
    rows: int = 50,
    mine: bool = False,
    due_by: date | None = None,
    clean: bool = False,
    disputes: bool = False,
    program: str | None = None,
    partner_id: str | None = None,
) -> ReviewPage:
    """Return what a reviewer can decide: disputes, then clean claims, then those with remarks; oldest first."""
    require(caller, REVIEWER)
    known = None if program is None else _program_id(platform, program)
    if program is not None and known is None:
        return ReviewPage(items=())
    key = caller.key_id if mine else None
    wanted = QueueFilter(key, due_by, clean, disputes, known, partner_id)
    now = platform.clock.now()
    after = None
    if cursor is not None:
        rank, received_at, number = _cursor_parts(cursor, int, str, int)
        after = (rank, _instant(received_at), number)
    with platform.database.read() as tx:
        found = review_queue(tx, scopes_of(caller), after=after, rows=rows + 1, now=now, wanted=wanted)
    shown, following = _page(
        found,
        rows,
        lambda row: (row.rank, row.claim.first_received_at.isoformat(), row.claim.claim_number),
    )
    return ReviewPage(items=tuple(_review_row(platform, caller, row, now) for row in shown), next=following)


def checkout_view(caller: Principal, found: Checkout) -> CheckoutView:
    """The check-out as the caller sees it."""
    return CheckoutView(
        checkout=found.number,
        revision=found.revision,
        reviewer=found.reviewer,
        is_mine=found.key_id == caller.key_id,
        until=found.until,
    )


def _review_row(platform: Platform, caller: Principal, row: Waiting, now: datetime) -> ReviewRow:
    found, desk = row.claim, row.checkout
    left = None
    if found.due_on is not None:
        left = days_left(platform.packs.get(found.pack_id), found.due_on, now)
    running = desk is not None and desk.holds(found.revision, now)
    findings = () if found.decision is None else found.decision.findings
    return ReviewRow(
        claim=claim_row(found),
        outcome=None if found.outcome is None else str(found.outcome),
        findings=tuple(finding.printed_code for finding in findings),
        is_dispute=found.disputes > 0,
        due_on=found.due_on,
        days_left=left,
        is_overdue=found.due_at is not None and found.due_at <= now,
        checkout=checkout_view(caller, desk) if desk is not None and running else None,
    )


def document(platform: Platform, caller: Principal, claim_id: str, sha256: str) -> Download:
    """Return a document of any revision of the claim. Raises ProblemError 404."""
    with platform.database.read() as tx:
        visible_claim(tx, caller, claim_id)
        known = claims.documents_of(tx, claim_id)
    found = next((document for document in reversed(known) if document.sha256 == sha256), None)
    if found is None:
        raise not_found("this document")
    try:
        return Download(found, platform.objects.open(sha256))
    except ObjectMissing:
        raise ProblemError(
            503,
            "OBJECT_MISSING",
            "the document is recorded but its bytes are not in the store: tell the operator",
        ) from None


def partner_list(
    platform: Platform, caller: Principal, *, cursor: str | None = None, rows: int = 50
) -> PartnerPage:
    """Return the enrollments the caller may see, by partner; a page holds `rows` enrollments."""
    after = None
    if cursor is not None:
        partner_id, location, program = _cursor_parts(cursor, str, str, str)
        after = (partner_id, location, program)
    with platform.database.read() as tx:
        found = partners.enrolled(tx, scopes_of(caller), after=after, rows=rows + 1)
    shown, following = _page(found, rows, lambda row: (row.partner_id, row.location, row.program))
    return PartnerPage(items=_partner_views(shown), next=following)


def partner(platform: Platform, caller: Principal, partner_id: str) -> PartnerView:
    """Return a partner with the enrollments the caller may see. Raises ProblemError 404."""
    with platform.database.read() as tx:
        found = partners.enrolled(
            tx, scopes_of(caller), after=None, rows=_ENROLLMENTS_MAX, partner_id=partner_id
        )
        known = partners.partner(tx, partner_id)
    if found:
        return _partner_views(found)[0]
    if known is None or not caller.may_see(partner_id, "*", "*"):
        raise not_found("this partner")
    return PartnerView(partner_id=partner_id, name=known[0], aliases=known[1], enrollments=())


_ENROLLMENTS_MAX = 10_000
_NUMBER_MAX = 2**63


def partner_view(tx: Connection, partner_id: str) -> PartnerView:
    """A recorded partner with all its enrollments, for whoever just recorded them. Raises ProblemError 404."""
    known = partners.partner(tx, partner_id)
    if known is None:
        raise not_found("this partner")
    found = partners.enrollments_of(tx, partner_id)
    if found:
        return _partner_views(found)[0]
    return PartnerView(partner_id=partner_id, name=known[0], aliases=known[1], enrollments=())


def _partner_views(found: Sequence[Enrollment]) -> tuple[PartnerView, ...]:
    grouped: dict[str, list[Enrollment]] = {}
    for enrollment in found:
        grouped.setdefault(enrollment.partner_id, []).append(enrollment)
    return tuple(
        PartnerView(
            partner_id=partner_id,
            name=group[0].partner_name,
            aliases=group[0].aliases,
            enrollments=tuple(
                EnrollmentView(
                    location=row.location,
                    location_name=row.location_name,
                    program=row.program,
                    onboarded_on=row.onboarded_on,
                )
                for row in group
            ),
        )
        for partner_id, group in grouped.items()
    )


def plan_list(
    platform: Platform, caller: Principal, *, cursor: str | None = None, rows: int = 50
) -> PlanPage:
    """Return the plans the caller may see."""
    after = None if cursor is None else _cursor_parts(cursor, str)[0]
    with platform.database.read() as tx:
        found = partners.listed_plans(tx, scopes_of(caller), after=after, rows=rows + 1)
    shown, following = _page(found, rows, lambda row: (row.plan,))
    return PlanPage(items=tuple(map(plan_view, shown)), next=following)


def plan(platform: Platform, caller: Principal, name: str) -> PlanView:
    """Return one plan. Raises ProblemError 404."""
    with platform.database.read() as tx:
        found = partners.plan(tx, name)
    if found is None or not caller.may_see(found.partner_id, found.location, found.program):
        raise not_found("this plan")
    return plan_view(found)


def plan_view(found: Plan) -> PlanView:
    """The plan as callers see it."""
    return PlanView(
        plan=found.plan,
        partner_id=found.partner_id,
        location=found.location,
        program=found.program,
        fund=found.fund,
        period=found.period,
        limit=found.limit,
        approved_at=found.approved_at,
    )


def _page(
    found: Sequence[RowT], rows: int, key: Callable[[RowT], tuple[str | int, ...]]
) -> tuple[Sequence[RowT], str | None]:
    """Cut off the one row that was asked for too much; it only tells that there is a page after."""
    if len(found) <= rows:
        return found, None
    return found[:rows], encode_cursor(*key(found[rows - 1]))


def _cursor_parts(cursor: str, *kinds: type) -> list[Any]:
    parts = decode_cursor(cursor)
    if (
        len(parts) != len(kinds)
        or any(type(part) is not kind for part, kind in zip(parts, kinds, strict=True))
        or any(isinstance(part, int) and not 0 <= part < _NUMBER_MAX for part in parts)
        or holds_nul(parts)
    ):
        raise ProblemError(400, "CURSOR_INVALID", "the cursor is not one of ours; start without it")
    return parts


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        raise ProblemError(400, "CURSOR_INVALID", "the cursor is not one of ours; start without it") from None


def _program_id(platform: Platform, name: str) -> str | None:
    try:
        return program_id(platform.packs, name)
    except PackUnknown:
        return None
