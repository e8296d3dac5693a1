"""`POST /v1/claims:check`: the check before sending, over HTTP. Nothing is stored."""

import tempfile
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from schemas.base import Contract, Instant
from schemas.bundle import Manifest
from schemas.decisions import Decision
from schemas.facts import DocumentFacts
from schemas.problems import ProblemItem
from services.intake.app.bodies import spooled
from services.intake.handlers.receiving import Upload, received
from services.intake.handlers.refusals import REFUSALS, as_problem
from services.kit.http import PROBLEM_RESPONSES, Caller, ProblemError, not_found, problem_items
from services.kit.packs import PackUnknown
from services.kit.platform import Platform
from services.validator.handlers import Checked, GivenDocument, check_bundle
from services.validator.handlers.report import render_report
from services.validator.queries import for_partner
from services.validator.readers.reading_room import ReadingRoom


class Precheck(Contract):
    """What a bundle would be told if it were sent now; `documents` is what was read, by file name."""

    decision: Decision
    deadline: Instant | None
    deadline_text: str | None
    documents: dict[str, DocumentFacts]


def router(platform: Platform, room: ReadingRoom) -> APIRouter:
    """The route, bound to the platform and to the room where documents are read."""
    routes = APIRouter(prefix="/v1", tags=["claims"], responses=PROBLEM_RESPONSES)

    @routes.post("/claims:check", response_model=Precheck, operation_id="check_claim")
    async def check_claim(request: Request, caller: Caller) -> Response:
        """Read and judge a bundle as if it were sent now. `Accept: text/html` answers with a page to look at."""
        as_page = "text/html" in request.headers.get("accept", "")
        async with spooled(request, platform) as upload:
            checked = await run_in_threadpool(_checked, platform, room, upload)
            manifest = checked.manifest
            if not caller.may_see(manifest.partner_id, manifest.location, _program(platform, manifest)):
                raise not_found("this partner, location or program")
            if as_page:
                page = await run_in_threadpool(render_report, checked, platform.packs.vocabulary, room)
                # The page brings its own styles and pictures, and nothing else.
                policy = (
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
                )
                return HTMLResponse(page, headers={"Content-Security-Policy": policy})
            return JSONResponse(_told(checked).model_dump(mode="json"))

    return routes


def _checked(platform: Platform, room: ReadingRoom, upload: Upload) -> Checked:
    with tempfile.TemporaryDirectory(prefix="coop-check-") as folder:
        try:
            found = received(upload, Path(folder), platform.limits)
        except REFUSALS as error:
            raise as_problem(error) from None
        try:
            manifest = Manifest.model_validate_json(found.manifest)
        except ValidationError as error:
            items = problem_items(error)
            raise ProblemError(422, "MANIFEST_INVALID", "claim.json is not valid; see items", items) from None
        documents = [
            GivenDocument(name, file.path, file.stored.problem) for name, file in found.files.items()
        ]
        try:
            return check_bundle(manifest, documents, room=room, packs=platform.packs, at=upload.received_at)
        except PackUnknown as error:
            item = ProblemItem(where="program", code=error.code, detail=str(error))
            raise ProblemError(
                422, error.code, "no rule pack judges this claim; see items", (item,)
            ) from None


def _program(platform: Platform, manifest: Manifest) -> str:
    return platform.packs.in_force(manifest.program, manifest.usage_period.start).program(manifest.program).id


def _told(checked: Checked) -> Precheck:
    window = checked.window
    return Precheck(
        decision=for_partner(checked.decision),
        deadline=window.closes_at if window else None,
        deadline_text=window.deadline_text if window else None,
        documents=checked.facts,
    )
