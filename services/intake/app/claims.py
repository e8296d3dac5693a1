"""Routes over claims: sending, reading, mending and taking them back."""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from schemas.bundle import MANIFEST_NAME
from schemas.claims import ClaimState, ClaimView, Receipt
from schemas.ids import ClaimId, PartnerId, Sha256
from services.intake import handlers, queries
from services.intake.app.bodies import BoundedRoute, repeatable, spooled
from services.intake.core.orders import ActAnswer, ClaimPage, CommentOrder, WithdrawOrder
from services.kit.http import Caller, Cursor, IdempotencyKey, PageRows, Repeatable, require
from services.kit.keys import PARTNER_ROLES
from services.kit.platform import Platform

log = structlog.get_logger(__name__)
_SENT_BYTES = 256 * 1024
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [MANIFEST_NAME],
                    "properties": {
                        MANIFEST_NAME: {"type": "string", "description": "The manifest of the bundle."},
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            },
        },
    }
}


def routes(platform: Platform) -> APIRouter:
    """Return the routes over claims."""
    here = APIRouter(tags=["claims"], route_class=BoundedRoute)
    here.include_router(_uploads(platform))
    here.include_router(_acts(platform))

    @here.get("/claims", operation_id="list_claims")
    def list_claims(
        caller: Caller,
        cursor: Cursor = None,
        rows: PageRows = platform.limits.page_rows_default,
        state: Annotated[ClaimState | None, Query(description="Only claims in this state.")] = None,
        program: Annotated[str | None, Query(max_length=200, description="Id, name or alias.")] = None,
        partner: Annotated[PartnerId | None, Query(description="Only claims of this partner.")] = None,
    ) -> ClaimPage:
        """Your claims, newest first."""
        return queries.listed(
            platform, caller, cursor=cursor, rows=rows, state=state, program=program, partner_id=partner
        )

    @here.get("/claims/{claim_id}", operation_id="get_claim")
    def get_claim(caller: Caller, claim_id: ClaimId) -> ClaimView:
        """One claim: where it stands, what was found, what can be done next."""
        return queries.view(platform, caller, claim_id)

    @here.get(
        "/claims/{claim_id}/documents/{sha256}",
        operation_id="download_document",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/octet-stream": {}}, "description": "The original bytes."}},
    )
    def download_document(caller: Caller, claim_id: ClaimId, sha256: Sha256) -> Response:
        """The original bytes of a document, always as a download."""
        found = queries.document(platform, caller, claim_id, sha256)
        log.info("document_downloaded", key_id=caller.key_id, claim_id=claim_id, sha256=sha256)
        return StreamingResponse(
            _sent(found.stream),
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": attachment(found.document.file),
                "Content-Length": str(found.document.bytes),
                "X-Content-Type-Options": "nosniff",
            },
            background=BackgroundTask(found.stream.close),
        )

    return here


def _uploads(platform: Platform) -> APIRouter:
    # Uploads have their own, larger bound and are never held in memory.
    here = APIRouter()

    @here.post(
        "/claims", operation_id="submit_claim", status_code=202, response_model=Receipt, openapi_extra=_UPLOAD
    )
    async def submit_claim(caller: Caller, request: Request, key: IdempotencyKey = None) -> Response:
        """Send a bundle: one zip, or its files as a form. The receipt names every file by its hash."""
        require(caller, *PARTNER_ROLES)
        async with spooled(request, platform) as upload:
            once = Repeatable(caller.key_id, "POST /v1/claims", key, upload.body_sha256)
            return _answered(await run_in_threadpool(handlers.submit, platform, caller, upload, once))

    @here.post(
        "/claims/{claim_id}/revisions",
        operation_id="revise_claim",
        status_code=202,
        response_model=Receipt,
        openapi_extra=_UPLOAD,
    )
    async def revise_claim(
        caller: Caller, claim_id: ClaimId, request: Request, key: IdempotencyKey = None
    ) -> Response:
        """Send a corrected bundle after action was required. Files sent before may be named by their sha256."""
        await run_in_threadpool(queries.view, platform, caller, claim_id)
        require(caller, *PARTNER_ROLES)
        async with spooled(request, platform) as upload:
            once = Repeatable(caller.key_id, f"POST /v1/claims/{claim_id}/revisions", key, upload.body_sha256)
            return _answered(
                await run_in_threadpool(handlers.revise, platform, caller, claim_id, upload, once)
            )

    return here


def _acts(platform: Platform) -> APIRouter:
    here = APIRouter(route_class=BoundedRoute)

    @here.post("/claims/{claim_id}/withdraw", operation_id="withdraw_claim", response_model=ActAnswer)
    def withdraw_claim(
        caller: Caller, claim_id: ClaimId, order: WithdrawOrder, key: IdempotencyKey = None
    ) -> Response:
        """Take an undecided claim back; held funds are given back."""
        once = repeatable(caller, f"POST /v1/claims/{claim_id}/withdraw", key, order)
        return _answered(handlers.withdraw(platform, caller, claim_id, order, once))

    @here.post("/claims/{claim_id}/dispute", operation_id="dispute_claim", response_model=ActAnswer)
    def dispute_claim(
        caller: Caller, claim_id: ClaimId, order: CommentOrder, key: IdempotencyKey = None
    ) -> Response:
        """Dispute a rejection; this can be done once."""
        once = repeatable(caller, f"POST /v1/claims/{claim_id}/dispute", key, order)
        return _answered(handlers.dispute(platform, caller, claim_id, order, once))

    @here.post("/claims/{claim_id}/comments", operation_id="comment_claim", response_model=ActAnswer)
    def comment_claim(
        caller: Caller, claim_id: ClaimId, order: CommentOrder, key: IdempotencyKey = None
    ) -> Response:
        """Add words to the history, which both sides read."""
        once = repeatable(caller, f"POST /v1/claims/{claim_id}/comments", key, order)
        return _answered(handlers.comment(platform, caller, claim_id, order, once))

    return here


def _answered(answer: handlers.Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status)


def _sent(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_SENT_BYTES):
            yield chunk


def attachment(name: str) -> str:
    """A Content-Disposition that saves under `name` (RFC 6266), whatever characters it has."""
    last = name.rpartition("/")[2]
    plain = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._- ") else "_" for letter in last
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(last, safe='')}"
