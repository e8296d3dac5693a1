"""What-if over HTTP: the check of a bundle before it is sent, and the answer before money is spent. Nothing is stored."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from schemas.base import Contract, Instant
from schemas.bundle import DecimalText, Manifest, Word
from schemas.decisions import Decision
from schemas.facts import DocumentFacts
from schemas.ids import LocationId, Name, PartnerId
from schemas.problems import ProblemItem
from services.intake.app.bodies import spooled
from services.intake.handlers.receiving import Upload, received
from services.intake.handlers.refusals import REFUSALS, as_problem
from services.kit.http import PROBLEM_RESPONSES, Caller, ProblemError, not_found, problem_items
from services.kit.keys import Principal
from services.kit.packs import PackUnknown
from services.kit.platform import Platform
from services.validator.handlers import (
    Checked,
    Forecast,
    ForeseenWindow,
    GivenDocument,
    Intent,
    NeededDocument,
    check_bundle,
    foresee,
    judging_pack,
    needed_documents,
    recall_from,
)
from services.validator.handlers.report import render_report
from services.validator.queries import for_partner
from services.validator.readers.reading_room import ReadingRoom


class Precheck(Contract):
    """What a bundle would be told if it were sent now.

    `needs` are the documents that the activity asks for and whether they are there; `to_add` those that are not.
    `window` is None where it counts from a day that nobody stated. `documents` is what was read, by file name.
    """

    decision: Decision
    deadline: Instant | None
    deadline_text: str | None
    days_left: int | None
    window: ForeseenWindow | None
    needs: tuple[NeededDocument, ...]
    to_add: tuple[NeededDocument, ...]
    documents: dict[str, DocumentFacts]


class Asked(BaseModel):
    """What somebody thinks of spending. The rule pack and the usage period follow from the first day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    program: Annotated[Name, Field(description="Id, name or alias of the program.")]
    activity: Annotated[Word, Field(description="Id of the activity.")]
    amount: Annotated[DecimalText, Field(description="What would be spent, without recoverable tax.")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    activity_start: date
    activity_end: date
    partner: PartnerId
    location: LocationId
    sub_type: Word | None = None
    component: Annotated[
        tuple[Word, ...], Field(max_length=50, description="Used parts of a composite.")
    ] = ()
    unit_origin: Word | None = None

    def intent(self) -> Intent:
        """The same in the validator's words."""
        return Intent(
            program=self.program,
            activity=self.activity,
            amount=self.amount,
            currency=self.currency,
            activity_start=self.activity_start,
            activity_end=self.activity_end,
            partner_id=self.partner,
            location=self.location,
            sub_type=self.sub_type,
            components=self.component,
            unit_origin=self.unit_origin,
        )


_SENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {"schema": {"type": "object"}},
        },
    }
}
_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/html": {"schema": {"type": "string"}}},
        "description": "The verdict, or its page.",
    }
}


def router(platform: Platform, room: ReadingRoom) -> APIRouter:
    """The routes, bound to the platform and to the room where documents are read."""
    routes = APIRouter(prefix="/v1", tags=["claims"], responses=PROBLEM_RESPONSES)

    @routes.post(
        "/claims:check",
        response_model=Precheck,
        operation_id="check_claim",
        openapi_extra=_SENT,
        responses=_PAGE,
    )
    async def check_claim(request: Request, caller: Caller) -> Response:
        """Read and judge a bundle as if it were sent now, with all that is known of funds and earlier claims.

        `Accept: text/html` answers with a page to look at. Nothing is stored.
        """
        as_page = "text/html" in request.headers.get("accept", "")
        async with spooled(request, platform) as upload:
            checked = await run_in_threadpool(_checked, platform, room, caller, upload)
            if as_page:
                page = await run_in_threadpool(render_report, checked, platform.packs.vocabulary, room)
                # The page brings its own styles and pictures, and nothing else.
                policy = (
                    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
                )
                return HTMLResponse(page, headers={"Content-Security-Policy": policy})
            return JSONResponse(_told(checked).model_dump(mode="json"))

    @routes.get("/can-i-claim", operation_id="can_i_claim")
    def can_i_claim(caller: Caller, asked: Annotated[Asked, Query()]) -> Forecast:
        """Before money is spent: what would be paid as things stand, until when, and which evidence it takes."""
        intent = asked.intent()
        try:
            pack, _ = judging_pack(platform.packs, intent.program, intent.activity_start)
            program = pack.program(intent.program).id
            if not caller.may_see(intent.partner_id, intent.location, program):
                raise not_found("this partner, location or program")
            return foresee(intent, platform.packs, recall_from(platform), platform.clock.now())
        except PackUnknown as error:
            raise _no_pack(error) from None
        except ValidationError as error:
            items = problem_items(error)
            raise ProblemError(
                422, "REQUEST_INVALID", "the question is not valid; see items", items
            ) from None

    return routes


def _checked(platform: Platform, room: ReadingRoom, caller: Principal, upload: Upload) -> Checked:
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
            if not caller.may_see(manifest.partner_id, manifest.location, _program(platform, manifest)):
                raise not_found("this partner, location or program")
            return check_bundle(
                manifest,
                documents,
                room=room,
                packs=platform.packs,
                at=upload.received_at,
                recall=recall_from(platform),
            )
        except PackUnknown as error:
            raise _no_pack(error) from None


def _no_pack(error: PackUnknown) -> ProblemError:
    item = ProblemItem(where="program", code=error.code, detail=str(error))
    return ProblemError(422, error.code, "no rule pack judges this claim; see items", (item,))


def _program(platform: Platform, manifest: Manifest) -> str:
    return platform.packs.in_force(manifest.program, manifest.usage_period.start).program(manifest.program).id


def _told(checked: Checked) -> Precheck:
    window = checked.window
    needs = needed_documents(checked.inputs)
    seen = ForeseenWindow.of(window, checked.inputs.first_received_at) if window else None
    return Precheck(
        decision=for_partner(checked.decision),
        deadline=window.closes_at if window else None,
        deadline_text=window.deadline_text if window else None,
        days_left=seen.days_left if seen else None,
        window=seen,
        needs=needs,
        to_add=tuple(need for need in needs if not need.there),
        documents=checked.facts,
    )
