"""The validator over HTTP: the decisions about a claim, and what was read from a document."""

from typing import Annotated

from fastapi import APIRouter, Path

from schemas.decisions import Decision
from schemas.facts import DocumentFacts
from services.kit.http import PROBLEM_RESPONSES, Caller
from services.kit.platform import Platform
from services.validator import queries

ClaimPath = Annotated[str, Path(max_length=40, description="The claim's id.")]
Sha256Path = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the document's bytes.")]


def router(platform: Platform) -> APIRouter:
    """Return the routes of the validator, bound to `platform`."""
    routes = APIRouter(prefix="/v1", tags=["decisions"], responses=PROBLEM_RESPONSES)

    @routes.get("/claims/{claim_id}/decisions", summary="Every machine decision about a claim, oldest first")
    def decisions(claim_id: ClaimPath, caller: Caller) -> tuple[Decision, ...]:
        """A partner sees the findings meant for partners; reviewers see all."""
        with platform.database.read() as tx:
            return queries.decision_history(tx, caller, claim_id)

    @routes.get("/documents/{sha256}/facts", summary="What was read from a document, with places")
    def facts(sha256: Sha256Path, caller: Caller) -> DocumentFacts:
        """Each value with its page, box, method and confidence."""
        with platform.database.read() as tx:
            return queries.document_facts(tx, caller, sha256)

    return routes
