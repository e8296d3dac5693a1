"""Intake over HTTP: `/v1/claims`, `/v1/reviews`, `/v1/partners` and `/v1/plans`."""

from fastapi import APIRouter

from services.intake.app import claims, partners, plans, reviews
from services.kit.http import PROBLEM_RESPONSES
from services.kit.platform import Platform


def router(platform: Platform) -> APIRouter:
    """Return all routes of intake, bound to `platform`."""
    routes = APIRouter(prefix="/v1", responses=PROBLEM_RESPONSES)
    for part in (claims, reviews, partners, plans):
        routes.include_router(part.routes(platform))
    return routes
