"""The ledger over HTTP: `/v1/earnings`, `/v1/balances`, `/v1/funds`, `/v1/statements`, `/v1/payouts`, `/v1/ledger/events` and what belongs to them."""

from fastapi import APIRouter

from services.kit.http import PROBLEM_RESPONSES
from services.kit.platform import Platform
from services.ledger.app import earnings, exports, payments, reads


def router(platform: Platform) -> APIRouter:
    """Return all routes of the ledger, bound to `platform`."""
    routes = APIRouter(prefix="/v1", responses=PROBLEM_RESPONSES)
    # Named paths stand before those with a parameter.
    for part in (earnings, payments, exports, reads):
        routes.include_router(part.routes(platform))
    return routes
