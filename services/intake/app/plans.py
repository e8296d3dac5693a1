"""Routes over approved plans and their limits."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from services.intake import handlers, queries
from services.intake.app.bodies import BoundedRoute, repeatable
from services.intake.core.orders import LimitOrder, PlanId, PlanOrder, PlanPage, PlanView
from services.kit.http import Caller, Cursor, IdempotencyKey, PageRows
from services.kit.platform import Platform


def routes(platform: Platform) -> APIRouter:
    """Return the routes over plans."""
    here = APIRouter(tags=["plans"], route_class=BoundedRoute)

    @here.get("/plans", operation_id="list_plans")
    def list_plans(
        caller: Caller, cursor: Cursor = None, rows: PageRows = platform.limits.page_rows_default
    ) -> PlanPage:
        """Plans you may see."""
        return queries.plan_list(platform, caller, cursor=cursor, rows=rows)

    @here.get("/plans/{plan}", operation_id="get_plan")
    def get_plan(caller: Caller, plan: PlanId) -> PlanView:
        """One plan with the limit recorded last."""
        return queries.plan(platform, caller, plan)

    @here.post("/plans", operation_id="record_plan", status_code=201, response_model=PlanView)
    def record_plan(caller: Caller, order: PlanOrder, key: IdempotencyKey = None) -> Response:
        """Record an approved plan (operators)."""
        answer = handlers.record_plan(
            platform, caller, order, repeatable(caller, "POST /v1/plans", key, order)
        )
        return JSONResponse(answer.body, answer.status)

    @here.post("/plans/{plan}/limit", operation_id="raise_plan_limit", response_model=PlanView)
    def raise_plan_limit(
        caller: Caller, plan: PlanId, order: LimitOrder, key: IdempotencyKey = None
    ) -> Response:
        """Raise a plan's limit (operators); it counts from the month after."""
        once = repeatable(caller, f"POST /v1/plans/{plan}/limit", key, order)
        answer = handlers.raise_limit(platform, caller, plan, order, once)
        return JSONResponse(answer.body, answer.status)

    return here
