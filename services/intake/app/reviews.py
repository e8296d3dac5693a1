"""Routes of reviewers: what waits for them, who has it on the desk, and what they decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from schemas.base import Day
from schemas.claims import ReviewDecision
from schemas.ids import ClaimId, PartnerId
from services.intake import handlers, queries
from services.intake.app.bodies import BoundedRoute, repeatable
from services.intake.core.orders import ActAnswer, CheckoutAnswer, ReleaseOrder, ReviewPage
from services.kit.http import Caller, Cursor, IdempotencyKey, PageRows
from services.kit.platform import Platform


def routes(platform: Platform) -> APIRouter:
    """Return the routes of reviewers."""
    here = APIRouter(tags=["reviews"], route_class=BoundedRoute)
    here.include_router(_desk(platform))

    @here.get("/reviews", operation_id="list_reviews")
    def list_reviews(
        caller: Caller,
        cursor: Cursor = None,
        rows: PageRows = platform.limits.page_rows_default,
        mine: Annotated[bool, Query(description="Only what you have checked out.")] = False,
        due: Annotated[Day | None, Query(description="Only what is due on or before this day.")] = None,
        clean: Annotated[bool, Query(description="Only claims without any remark.")] = False,
        disputes: Annotated[bool, Query(description="Only disputed claims.")] = False,
        program: Annotated[str | None, Query(max_length=200, description="Id, name or alias.")] = None,
        partner: Annotated[PartnerId | None, Query(description="Only claims of this partner.")] = None,
    ) -> ReviewPage:
        """Claims that can be decided: disputes, then clean ones, then those with remarks; oldest first."""
        return queries.reviews(
            platform,
            caller,
            cursor=cursor,
            rows=rows,
            mine=mine,
            due_by=due,
            clean=clean,
            disputes=disputes,
            program=program,
            partner_id=partner,
        )

    @here.post("/claims/{claim_id}/decision", operation_id="decide_claim", response_model=ActAnswer)
    def decide_claim(
        caller: Caller, claim_id: ClaimId, order: ReviewDecision, key: IdempotencyKey = None
    ) -> Response:
        """Approve (whole, or less with a reason), ask or reject, naming the revision you saw."""
        once = repeatable(caller, f"POST /v1/claims/{claim_id}/decision", key, order)
        answer = handlers.decide(platform, caller, claim_id, order, once)
        return JSONResponse(answer.body, answer.status)

    return here


def _desk(platform: Platform) -> APIRouter:
    here = APIRouter(route_class=BoundedRoute)

    @here.post("/reviews/next", operation_id="next_review", response_model=CheckoutAnswer)
    def next_review(caller: Caller, key: IdempotencyKey = None) -> Response:
        """Check out what matters most: overdue claims first, then clean ones, then by receipt."""
        answer = handlers.next_review(platform, caller, repeatable(caller, "POST /v1/reviews/next", key, b""))
        return JSONResponse(answer.body, answer.status)

    @here.post("/reviews/{claim_id}/claim", operation_id="claim_review", response_model=CheckoutAnswer)
    def claim_review(caller: Caller, claim_id: ClaimId, key: IdempotencyKey = None) -> Response:
        """Check a claim out, so that nobody else decides it meanwhile; claiming it again prolongs your time."""
        once = repeatable(caller, f"POST /v1/reviews/{claim_id}/claim", key, b"")
        answer = handlers.claim_review(platform, caller, claim_id, once)
        return JSONResponse(answer.body, answer.status)

    @here.post("/reviews/{claim_id}/release", operation_id="release_review", response_model=CheckoutAnswer)
    def release_review(
        caller: Caller, claim_id: ClaimId, order: ReleaseOrder, key: IdempotencyKey = None
    ) -> Response:
        """Give your check-out back, by its number."""
        once = repeatable(caller, f"POST /v1/reviews/{claim_id}/release", key, order)
        answer = handlers.release_review(platform, caller, claim_id, order, once)
        return JSONResponse(answer.body, answer.status)

    return here
