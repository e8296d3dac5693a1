"""Routes of reviewers: what waits for them, and what they decide."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from schemas.claims import ReviewDecision
from schemas.ids import ClaimId
from services.intake import handlers, queries
from services.intake.app.bodies import BoundedRoute, repeatable
from services.intake.core.orders import ActAnswer, ReviewPage
from services.kit.http import Caller, Cursor, IdempotencyKey, PageRows
from services.kit.platform import Platform


def routes(platform: Platform) -> APIRouter:
    """Return the routes of reviewers."""
    here = APIRouter(tags=["reviews"], route_class=BoundedRoute)

    @here.get("/reviews", operation_id="list_reviews")
    def list_reviews(
        caller: Caller, cursor: Cursor = None, rows: PageRows = platform.limits.page_rows_default
    ) -> ReviewPage:
        """Claims that can be decided: disputes, then clean ones, then those with remarks; oldest first."""
        return queries.reviews(platform, caller, cursor=cursor, rows=rows)

    @here.post("/claims/{claim_id}/decision", operation_id="decide_claim", response_model=ActAnswer)
    def decide_claim(
        caller: Caller, claim_id: ClaimId, order: ReviewDecision, key: IdempotencyKey = None
    ) -> Response:
        """Approve (whole, or less with a reason), ask or reject, naming the revision you saw."""
        once = repeatable(caller, f"POST /v1/claims/{claim_id}/decision", key, order)
        answer = handlers.decide(platform, caller, claim_id, order, once)
        return JSONResponse(answer.body, answer.status)

    return here
