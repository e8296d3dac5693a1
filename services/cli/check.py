"""`coop check`: the partner's own check before sending. Reads and judges a bundle, and stores nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from pydantic import TypeAdapter, ValidationError

from schemas.bundle import Manifest
from schemas.findings import Severity
from services.cli.documents import bundle_at
from services.cli.findings import finding_lines, style_of
from services.cli.output import Unusable, emit_json, finish, people
from services.kit.clock import SystemClock, parse_instant
from services.kit.config import Settings
from services.kit.packs import PackLibrary
from services.validator.handlers import CheckContext, Checked, GivenDocument, check_bundle, needed_documents
from services.validator.handlers.report import render_report
from services.validator.queries import for_partner
from services.validator.readers.reading_room import ReadingRoom


def check(
    bundle: Path,
    /,
    *,
    pack: str | None = None,
    at: str | None = None,
    context: Path | None = None,
    report: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Check BUNDLE as if it were received now: exit 0 when nothing is to mend, 1 when something is.

    Parameters
    ----------
    bundle
        A folder with claim.json, or a zip of one.
    pack
        Judge by this rule pack instead of the one in force.
    at
        Judge as of this instant, such as 2020-02-14T23:59:59-08:00.
    context
        JSON of what the service would know: partner_name, funds, earlier claims.
    report
        Write the verdict as one page to look at, with the places marked on the pages.
    json_
        Print one JSON document.
    """
    settings = Settings()
    packs = PackLibrary.load(settings.rulepacks)
    moment = _instant(at)
    with ReadingRoom(settings.limits) as room:
        checked = checked_bundle(bundle, moment, room, packs, pack_id=pack, context=_context(context))
        if report is not None:
            report.write_text(render_report(checked, packs.vocabulary, room), encoding="utf-8")
    if json_:
        emit_json(_document(checked))
    else:
        _tell(checked, report)
    graves = {Severity.ERROR, Severity.ACTION}
    finish(not any(finding.severity in graves for finding in for_partner(checked.decision).findings))


def checked_bundle(
    bundle: Path,
    at: datetime,
    room: ReadingRoom,
    packs: PackLibrary,
    *,
    pack_id: str | None = None,
    context: CheckContext | None = None,
) -> Checked:
    """Read and judge the bundle in a folder or zip. Raises Unusable for one that cannot be judged, PackUnknown."""
    with bundle_at(bundle, room.limits, at) as found:
        try:
            manifest = Manifest.model_validate_json(found.manifest)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the whole file"
            raise Unusable("MANIFEST_INVALID", f"claim.json: {place}: {first['msg']}") from None
        documents = [
            GivenDocument(name, file.path, file.stored.problem) for name, file in found.files.items()
        ]
        return check_bundle(
            manifest, documents, room=room, packs=packs, at=at, context=context, pack_id=pack_id
        )


def _instant(at: str | None) -> datetime:
    if at is None:
        return SystemClock().now()
    try:
        return parse_instant(at).astimezone(UTC)
    except ValueError as error:
        raise Unusable("INSTANT_INVALID", f"--at: {error}") from None


def _context(path: Path | None) -> CheckContext | None:
    if path is None:
        return None
    try:
        return TypeAdapter(CheckContext).validate_json(path.read_bytes())
    except OSError as error:
        raise Unusable("CONTEXT_UNREADABLE", f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Unusable("CONTEXT_INVALID", f"{path.name}: {place}: {first['msg']}") from None


def _document(checked: Checked) -> dict[str, Any]:
    decision = for_partner(checked.decision)
    window = checked.window
    return {
        "outcome": str(decision.outcome),
        "claim_name": checked.manifest.claim_name,
        "pack_id": decision.pack_id,
        "pack_sha256": decision.pack_sha256,
        "engine_version": decision.engine_version,
        "inputs_sha256": decision.inputs_sha256,
        "judged_at": decision.decided_at.isoformat(),
        "deadline": window.closes_at.isoformat() if window else None,
        "deadline_text": window.deadline_text if window else None,
        "days_left": window.days_left(checked.inputs.first_received_at) if window else None,
        "needs": [need.model_dump(mode="json") for need in needed_documents(checked.inputs)],
        "amount_requested": decision.amount_requested.model_dump(),
        "amount_payable": decision.amount_payable.model_dump(),
        "cuts": [cut.model_dump(mode="json") for cut in decision.cuts],
        "findings": [
            {"printed": finding.printed_code, **finding.model_dump(mode="json")}
            for finding in decision.findings
        ],
        "documents": {name: facts.model_dump(mode="json") for name, facts in checked.facts.items()},
    }


def _tell(checked: Checked, report: Path | None) -> None:
    decision = for_partner(checked.decision)
    people.print(f"{checked.manifest.claim_name}: {decision.outcome}", style="bold", markup=False)
    people.print(f"payable {decision.amount_payable} of {decision.amount_requested}", markup=False)
    if checked.window is not None:
        people.print(f"deadline {checked.window.deadline_text}", markup=False)
    for cut in decision.cuts:
        people.print(f"  cut {cut.amount} by {cut.cap} ({cut.rule})", markup=False)
    for finding in decision.findings:
        first, *rest = finding_lines(finding)
        people.print(f"{finding.severity:7}{first}", style=style_of(finding.severity), markup=False)
        for line in rest:
            people.print(f"       {line}", markup=False)
    if not decision.findings:
        people.print("nothing to mend", style="green")
    if report is not None:
        people.print(f"as a page: {report}", markup=False)
