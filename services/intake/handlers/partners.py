"""What an operator records: partners with their enrollments, one by one or as a list, and approved plans."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy.engine import Connection

from schemas.events import (
    PARTNER_ENROLLED,
    PLAN_APPROVED,
    PLAN_LIMIT_RAISED,
    PartnerEnrolled,
    PlanApproved,
    PlanLimitRaised,
)
from services.intake.core.orders import (
    EnrollmentOrder,
    ImportedLine,
    ImportReport,
    LimitOrder,
    PartnerOrder,
    PartnerView,
    PlanOrder,
    PlanView,
)
from services.intake.core.texts import holds_nul
from services.intake.handlers import once
from services.intake.handlers.once import Answer
from services.intake.queries import partner_view, plan_view
from services.intake.queries.access import OPERATOR, program_id
from services.intake.store import partners
from services.intake.store.partners import Enrollment, Plan
from services.kit import events, outbox
from services.kit.http import ProblemError, Repeatable, not_found, require
from services.kit.keys import Principal
from services.kit.packs import PackUnknown
from services.kit.platform import Platform

SOURCE = "intake"
COLUMNS = ("partner_id", "partner_name", "location", "location_name", "program", "onboarded_on", "aliases")
_ALIAS_SEPARATOR = ";"


def put_partner(platform: Platform, caller: Principal, order: PartnerOrder, request: Repeatable) -> Answer:
    """Record a partner with its enrollments, or bring them up to date. Raises ProblemError 403, 404 or 422."""
    require(caller, OPERATOR)
    programs = {row.program: _program(platform, row.program) for row in order.enrollments}
    for row in order.enrollments:
        _refuse_foreign(caller, order.partner_id, row.location, programs[row.program])
    if not order.enrollments:
        _refuse_foreign(caller, order.partner_id, "*", "*")

    def act(tx: Connection) -> PartnerView:
        now = platform.clock.now()
        before = set(partners.enrollments_of(tx, order.partner_id))
        partners.put_partner(tx, order.partner_id, order.name, order.aliases, now)
        for row in order.enrollments:
            _enroll(tx, order.partner_id, row, programs[row.program], now)
        _tell_changes(tx, before, partners.enrollments_of(tx, order.partner_id), now)
        return partner_view(tx, order.partner_id)

    return once.once(platform, request, 200, act)


def import_partners(platform: Platform, caller: Principal, content: bytes, request: Repeatable) -> Answer:
    """Record a CSV list; each line stands for itself. A line that is wrong is reported and the others are kept.

    Raises ProblemError 403, or 422 when the heading or the encoding is wrong.
    """
    require(caller, OPERATOR)
    rows = list(_rows(content))

    def act(tx: Connection) -> ImportReport:
        lines = tuple(_import_line(platform, tx, caller, number, row) for number, row in rows)
        count = {status: sum(line.status == status for line in lines) for status in _STATUSES}
        return ImportReport(lines=lines, **count)

    return once.once(platform, request, 200, act)


_STATUSES = ("created", "updated", "unchanged", "refused")


def _rows(content: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError(422, "CSV_INVALID", "the list is not UTF-8: save it as CSV UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [column for column in COLUMNS[:-1] if column not in (reader.fieldnames or ())]
    if missing:
        raise ProblemError(
            422, "CSV_INVALID", f"the heading lacks {', '.join(missing)}: it must name {', '.join(COLUMNS)}"
        )
    try:
        for row in reader:
            yield (
                reader.line_num,
                {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)},
            )
    except csv.Error as error:
        raise ProblemError(422, "CSV_INVALID", f"line {reader.line_num}: {error}") from None


def _import_line(
    platform: Platform, tx: Connection, caller: Principal, number: int, row: dict[str, str]
) -> ImportedLine:
    if holds_nul(row):
        return ImportedLine(line=number, status="refused", code="LINE_INVALID", detail="a NUL character")
    try:
        aliases = tuple(
            alias.strip() for alias in row.get("aliases", "").split(_ALIAS_SEPARATOR) if alias.strip()
        )
        enrollment = EnrollmentOrder(
            location=row["location"],
            location_name=row["location_name"],
            program=row["program"],
            onboarded_on=date.fromisoformat(row["onboarded_on"]),
        )
        order = PartnerOrder(
            partner_id=row["partner_id"], name=row["partner_name"], aliases=aliases, enrollments=(enrollment,)
        )
        program = _program(platform, enrollment.program)
        _refuse_foreign(caller, order.partner_id, enrollment.location, program)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return ImportedLine(
            line=number, status="refused", code="LINE_INVALID", detail=f"{where}: {first['msg']}"
        )
    except ValueError as error:
        return ImportedLine(
            line=number, status="refused", code="LINE_INVALID", detail=f"onboarded_on: {error}"
        )
    except ProblemError as error:
        return ImportedLine(line=number, status="refused", code=error.code, detail=error.detail)
    now = platform.clock.now()
    before = set(partners.enrollments_of(tx, order.partner_id))
    known = partners.enrollment(tx, order.partner_id, enrollment.location, program)
    partners.put_partner(tx, order.partner_id, order.name, order.aliases, now)
    _enroll(tx, order.partner_id, enrollment, program, now)
    after = partners.enrollments_of(tx, order.partner_id)
    _tell_changes(tx, before, after, now, number)
    if known is None:
        return ImportedLine(line=number, status="created")
    return ImportedLine(line=number, status="unchanged" if before == set(after) else "updated")


def _enroll(tx: Connection, partner_id: str, row: EnrollmentOrder, program: str, now: datetime) -> None:
    partners.put_location(tx, partner_id, row.location, row.location_name)
    partners.put_enrollment(tx, partner_id, row.location, program, row.onboarded_on, now)


def _tell_changes(
    tx: Connection, before: set[Enrollment], after: Iterable[Enrollment], now: datetime, number: int = 0
) -> None:
    """Tell of every enrollment that is new or reads differently, renamed partners and locations included."""
    changed = [
        events.new_event(
            PARTNER_ENROLLED,
            PartnerEnrolled(
                partner_id=row.partner_id,
                partner_name=row.partner_name,
                location=row.location,
                location_name=row.location_name,
                program=row.program,
                onboarded_on=row.onboarded_on,
                aliases=row.aliases,
            ),
            source=SOURCE,
            subject=row.partner_id,
            partner_id=row.partner_id,
            # The instant and line belong to the key: changing a name and back again are three facts, not two.
            key=f"{row.partner_id}/{row.location}/{row.program}/{now.isoformat()}/{number}",
            at=now,
        )
        for row in after
        if row not in before
    ]
    outbox.append_many(tx, changed, now=now)


def record_plan(platform: Platform, caller: Principal, order: PlanOrder, request: Repeatable) -> Answer:
    """Record an approved plan (R-26). Raises ProblemError 403, 404, 409 or 422."""
    require(caller, OPERATOR)
    program = _program(platform, order.program)
    _refuse_foreign(caller, order.partner_id, order.location, program)
    _refuse_unfit_plan(platform, order, program)

    def act(tx: Connection) -> PlanView:
        now = platform.clock.now()
        fresh = Plan(
            order.plan,
            order.partner_id,
            order.location,
            program,
            order.fund,
            order.period,
            order.limit,
            order.approved_at or now,
        )
        if partners.enrollment(tx, order.partner_id, order.location, program) is None:
            raise ProblemError(
                422, "NOT_ENROLLED", f"{order.partner_id} at {order.location} is not enrolled in {program}"
            )
        same = partners.plan(tx, order.plan) or partners.plan_with_key(tx, fresh)
        if same is not None:
            raise ProblemError(
                409,
                "PLAN_EXISTS",
                f"plan {same.plan} is already recorded for this partner, fund, program and period: raise its limit instead",
            )
        partners.add_plan(tx, fresh, caller.name)
        approved = PlanApproved(
            plan=fresh.plan,
            partner_id=fresh.partner_id,
            location=fresh.location,
            program=fresh.program,
            fund=fresh.fund,
            period=fresh.period,
            limit=fresh.limit,
            approved_at=fresh.approved_at,
        )
        event = events.new_event(
            PLAN_APPROVED,
            approved,
            source=SOURCE,
            subject=fresh.plan,
            partner_id=fresh.partner_id,
            key=fresh.plan,
            at=now,
        )
        outbox.append(tx, event, now=now)
        return plan_view(fresh)

    return once.once(platform, request, 201, act)


def _refuse_unfit_plan(platform: Platform, order: PlanOrder, program: str) -> None:
    try:
        pack = platform.packs.in_force(program, order.period.start)
    except PackUnknown as error:
        raise ProblemError(422, "PROGRAM_UNKNOWN", str(error)) from None
    listed = pack.program(program)
    if not listed.requires_plan:
        raise ProblemError(422, "PROGRAM_WITHOUT_PLANS", f"{listed.name} does not pay by plans")
    if order.limit.currency != listed.currency:
        raise ProblemError(
            422, "CURRENCY_MISMATCH", f"{listed.name} is in {listed.currency}: give the limit in it"
        )
    if order.approved_at is not None and order.approved_at > platform.clock.now():
        raise ProblemError(422, "APPROVAL_IN_FUTURE", "a plan is recorded after it was approved, not before")


def raise_limit(
    platform: Platform, caller: Principal, name: str, order: LimitOrder, request: Repeatable
) -> Answer:
    """Record a higher limit; it counts from the month after (R-28, R-29). Raises ProblemError 403, 404 or 422."""
    require(caller, OPERATOR)

    def act(tx: Connection) -> PlanView:
        now = platform.clock.now()
        found = partners.plan(tx, name, lock=True)
        if found is None or not caller.may_see(found.partner_id, found.location, found.program):
            raise not_found("this plan")
        if order.limit.currency != found.limit.currency:
            raise ProblemError(422, "CURRENCY_MISMATCH", f"the plan is in {found.limit.currency}")
        if not found.limit < order.limit:
            raise ProblemError(
                422, "LIMIT_NOT_HIGHER", f"the limit is {found.limit}: a raise must be more than that"
            )
        partners.set_plan_limit(tx, name, order.limit, now, caller.name)
        raised = PlanLimitRaised(plan=name, partner_id=found.partner_id, limit=order.limit, recorded_at=now)
        event = events.new_event(
            PLAN_LIMIT_RAISED,
            raised,
            source=SOURCE,
            subject=name,
            partner_id=found.partner_id,
            key=f"{name}/{order.limit.amount}",
            at=now,
        )
        outbox.append(tx, event, now=now)
        changed = partners.plan(tx, name)
        assert changed is not None
        return plan_view(changed)

    return once.once(platform, request, 200, act)


def _program(platform: Platform, name: str) -> str:
    try:
        return program_id(platform.packs, name)
    except PackUnknown as error:
        raise ProblemError(422, "PROGRAM_UNKNOWN", str(error)) from None


def _refuse_foreign(caller: Principal, partner_id: str, location: str, program: str) -> None:
    if not caller.may_see(partner_id, location, program):
        raise not_found(f"partner {partner_id} at {location} in {program}")
