"""Routes around a payout: what the next run would pay, what became of it, and whose profile is complete."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from services.kit.http import (
    Caller,
    IdempotencyKey,
    ProblemError,
    Repeatable,
    body_sha256,
    not_found,
    require,
    validated,
)
from services.kit.platform import Platform
from services.ledger.app.answering import answered
from services.ledger.app.bodies import (
    PaymentAnswer,
    PaymentOrder,
    PayoutPreview,
    ProfileAnswer,
    ProfileOrder,
    WithheldView,
    bounded_body,
    json_body,
    payout_view,
)
from services.ledger.handlers.payments import PaymentReport, PaymentState, report_payment, set_profile
from services.ledger.handlers.previews import preview
from services.ledger.queries import statements

PAYING_ROLES = ("payment_operations",)
PREVIEW_DAYS_MAX = 400


def routes(platform: Platform) -> APIRouter:
    """Return the routes of payment systems."""
    here = APIRouter(tags=["payments"])
    _preview_route(here, platform)

    @here.post(
        "/payouts/{payout_id}/payments",
        operation_id="report_payment",
        response_model=PaymentAnswer,
        openapi_extra=json_body(PaymentOrder),
    )
    async def report(
        request: Request, caller: Caller, payout_id: str, key: IdempotencyKey = None
    ) -> Response:
        """Say what became of a payout: sent, failed or reversed. What did not arrive is paid by the next run."""
        require(caller, *PAYING_ROLES)
        content = await bounded_body(
            request, platform.limits.request_json_bytes_max, "request_json_bytes_max"
        )
        order = validated(PaymentOrder, content, "the report")
        once = Repeatable(caller.key_id, f"POST /v1/payouts/{payout_id}/payments", key, body_sha256(content))

        def act() -> PaymentAnswer:
            with platform.database.write() as tx:
                found = statements.payout(tx, payout_id)
                if found is None or not caller.may_see(found.partner, found.location, found.program):
                    raise not_found("the payout")
                told = PaymentReport(payout_id, PaymentState(order.state), order.reference, order.reason)
                fresh = report_payment(tx, platform.packs, told, now=platform.clock.now())
            return PaymentAnswer(
                payout_id=payout_id, state=order.state, status="created" if fresh else "exists"
            )

        return await run_in_threadpool(answered, platform, once, act)

    @here.post(
        "/profiles",
        operation_id="set_profile",
        response_model=ProfileAnswer,
        openapi_extra=json_body(ProfileOrder),
    )
    async def profile(request: Request, caller: Caller, key: IdempotencyKey = None) -> Response:
        """Say whether bank and tax details of a partner are complete; while they are not, nothing is paid (R-69)."""
        require(caller, *PAYING_ROLES)
        content = await bounded_body(
            request, platform.limits.request_json_bytes_max, "request_json_bytes_max"
        )
        order = validated(ProfileOrder, content, "the profile")
        once = Repeatable(caller.key_id, "POST /v1/profiles", key, body_sha256(content))

        def act() -> ProfileAnswer:
            if not caller.may_see(order.partner_id, "*", "*"):
                raise not_found(f"partner {order.partner_id}")
            now = platform.clock.now()
            with platform.database.write() as tx:
                fresh = set_profile(tx, platform.packs, order.partner_id, complete=order.complete, now=now)
            status = "created" if fresh else "exists"
            return ProfileAnswer(partner_id=order.partner_id, complete=order.complete, status=status)

        return await run_in_threadpool(answered, platform, once, act)

    return here


def _preview_route(here: APIRouter, platform: Platform) -> None:
    @here.get("/payouts:preview", operation_id="preview_payouts")
    def preview_payouts(
        caller: Caller, on: Annotated[date, Query(description="The last pay day to be shown.")]
    ) -> PayoutPreview:
        """What the runs up to and on a day would pay, and withhold, from what is recorded now; nothing is kept."""
        require(caller, *PAYING_ROLES, "operator")
        now = platform.clock.now()
        if on > now.date() + timedelta(days=PREVIEW_DAYS_MAX):
            raise ProblemError(
                422, "DAY_TOO_FAR", f"a preview reaches {PREVIEW_DAYS_MAX} days; name an earlier day"
            )
        found = preview(platform.database, platform.packs, on, now=now)
        return PayoutPreview(
            payouts=tuple(
                payout_view(row, "upcoming")
                for row in found.payouts
                if caller.may_see(row.partner, row.location, row.program)
            ),
            withheld=tuple(
                WithheldView(
                    partner_id=row.partner,
                    location=row.location,
                    program=row.program,
                    since=row.pay_day,
                    forfeits_at=row.forfeits_at,
                )
                for row in found.withheld
                if caller.may_see(row.partner, row.location, row.program)
            ),
        )
