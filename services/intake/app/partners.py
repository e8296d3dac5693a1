"""Routes over partners and their enrollments."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from schemas.ids import PartnerId
from services.intake import handlers, queries
from services.intake.app.bodies import BoundedRoute, bounded_body, repeatable
from services.intake.core.orders import ImportReport, PartnerOrder, PartnerPage, PartnerView
from services.kit.http import Caller, Cursor, IdempotencyKey, PageRows, ProblemError
from services.kit.platform import Platform


def routes(platform: Platform) -> APIRouter:
    """Return the routes over partners."""
    here = APIRouter(tags=["partners"], route_class=BoundedRoute)

    @here.get("/partners", operation_id="list_partners")
    def list_partners(
        caller: Caller, cursor: Cursor = None, rows: PageRows = platform.limits.page_rows_default
    ) -> PartnerPage:
        """Partners with the enrollments you may see."""
        return queries.partner_list(platform, caller, cursor=cursor, rows=rows)

    @here.get("/partners/{partner_id}", operation_id="get_partner")
    def get_partner(caller: Caller, partner_id: PartnerId) -> PartnerView:
        """One partner with the enrollments you may see."""
        return queries.partner(platform, caller, partner_id)

    @here.post("/partners", operation_id="put_partner", response_model=PartnerView)
    def put_partner(caller: Caller, order: PartnerOrder, key: IdempotencyKey = None) -> Response:
        """Record a partner with enrollments, or bring them up to date (operators)."""
        once = repeatable(caller, "POST /v1/partners", key, order)
        answer = handlers.put_partner(platform, caller, order, once)
        return JSONResponse(answer.body, answer.status)

    here.include_router(_imports(platform))
    return here


def _imports(platform: Platform) -> APIRouter:
    here = APIRouter()

    @here.post(
        "/partners:import",
        operation_id="import_partners",
        response_model=ImportReport,
        openapi_extra={
            "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
        },
    )
    async def import_partners(caller: Caller, request: Request, key: IdempotencyKey = None) -> Response:
        """Record a CSV list (operators): each line is reported for itself, and a repeat changes nothing."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "text/csv":
            raise ProblemError(415, "MEDIA_TYPE_UNSUPPORTED", "send the list as text/csv")
        content = await bounded_body(request, platform.limits.import_bytes_max)
        once = repeatable(caller, "POST /v1/partners:import", key, content)
        answer = await run_in_threadpool(handlers.import_partners, platform, caller, content, once)
        return JSONResponse(answer.body, answer.status)

    return here
