"""Pages of documents as pictures, with the places of findings outlined, by links that live a few minutes.

The page lists where findings point; the picture itself opens with the link alone, so that a browser can show it.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field

from schemas.base import Contract, Instant
from schemas.claims import ClaimView
from schemas.facts import Box, PageSize
from schemas.ids import ClaimId, Sha256
from services.intake import queries
from services.intake.queries.access import sees_all
from services.kit.http import PROBLEM_RESPONSES, Caller, ProblemError, authenticated
from services.kit.keys import Principal, Scope
from services.kit.links import LinkInvalid, LinkSigner
from services.kit.platform import Platform
from services.kit.sandbox import SandboxUnavailable
from services.validator.queries import document_facts
from services.validator.readers.reading_room import ReadingRoom
from services.validator.readers.refusals import Refused

STAFF, PARTNER = "staff", "partner"
_ROLE = {STAFF: "reviewer", PARTNER: "incentives_user"}
_SCALE = 2.0
_EXPIRES_MAX = 2**33
_bearer = HTTPBearer(auto_error=False, description="An API key; a signed link needs none.")
PageNumber = Annotated[int, Field(ge=1, le=100_000)]


class Mark(Contract):
    """A place on a page and the finding that points to it; the box is in points of the page as displayed."""

    code: str
    box: Box


class PagePicture(Contract):
    """One page: its size in points, where findings point, and a link to its picture that is good until `expires_at`."""

    page: int
    size: PageSize
    marks: tuple[Mark, ...]
    href: str
    expires_at: Instant


class PagePictures(Contract):
    """All pages of a document."""

    items: tuple[PagePicture, ...]


def router(platform: Platform, room: ReadingRoom) -> APIRouter:
    """The routes, bound to the platform and to the room where pages are drawn."""
    routes = APIRouter(prefix="/v1", tags=["claims"], responses=PROBLEM_RESPONSES)
    signer = LinkSigner(platform)

    @routes.get(
        "/claims/{claim_id}/documents/{sha256}/pages", operation_id="list_pages", response_model=PagePictures
    )
    def list_pages(caller: Caller, claim_id: ClaimId, sha256: Sha256) -> PagePictures:
        """The pages of a document with short-lived links to their pictures, once the document was read."""
        return _pages(platform, signer, caller, claim_id, sha256)

    @routes.get(
        "/claims/{claim_id}/documents/{sha256}/pages/{page}",
        operation_id="show_page",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}, "description": "The page with its marks outlined."}},
    )
    def show_page(
        request: Request,
        claim_id: ClaimId,
        sha256: Sha256,
        page: PageNumber,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        audience: Annotated[str, Query(pattern="^(staff|partner)$")] = PARTNER,
        expires: Annotated[int, Query(ge=0, le=_EXPIRES_MAX)] = 0,
        token: Annotated[str | None, Query(max_length=64, pattern="^[0-9a-f]{64}$")] = None,
    ) -> Response:
        """A page as a picture, opened by a signed link or by a key."""
        reader = _linked(signer, _path(claim_id, sha256, page), audience, expires, token)
        return _picture(platform, room, reader or authenticated(request, given), claim_id, sha256, page)

    return routes


def _path(claim_id: str, sha256: str, page: int) -> str:
    return f"/v1/claims/{claim_id}/documents/{sha256}/pages/{page}"


def _linked(
    signer: LinkSigner, path: str, audience: str, expires: int, token: str | None
) -> Principal | None:
    """Who opens a link: whoever it was made for could see the claim. None without a link."""
    if token is None:
        return None
    try:
        signer.check(path, {"audience": audience}, expires, token)
    except LinkInvalid as error:
        raise ProblemError(401, error.code, str(error), headers={"WWW-Authenticate": "Bearer"}) from None
    return Principal("link", "link", frozenset({_ROLE[audience]}), (Scope("*"),))


def _pages(
    platform: Platform, signer: LinkSigner, caller: Principal, claim_id: str, sha256: str
) -> PagePictures:
    claim = queries.view(platform, caller, claim_id)
    queries.document(platform, caller, claim_id, sha256).stream.close()
    with platform.database.read() as tx:
        sizes = document_facts(tx, caller, sha256).page_sizes
    audience = STAFF if sees_all(caller) else PARTNER
    # Whole seconds, because that is what a link can say.
    now = datetime.fromtimestamp(int(platform.clock.now().timestamp()), UTC)
    expires_at = now + timedelta(seconds=platform.limits.picture_link_seconds_max)

    def picture(page: int, size: PageSize) -> PagePicture:
        path = _path(claim_id, sha256, page)
        asked = {
            "audience": audience,
            "expires": str(int(expires_at.timestamp())),
            "token": signer.token(path, {"audience": audience}, expires_at),
        }
        return PagePicture(
            page=page,
            size=size,
            marks=_marks(claim, sha256, page),
            href=f"{path}?{urlencode(asked)}",
            expires_at=expires_at,
        )

    return PagePictures(items=tuple(picture(page, size) for page, size in enumerate(sizes, start=1)))


def _marks(claim: ClaimView, sha256: str, page: int) -> tuple[Mark, ...]:
    findings = () if claim.decision is None else claim.decision.findings
    return tuple(
        Mark(code=finding.printed_code, box=place.box)
        for finding in findings
        for place in finding.evidence
        if place.document_sha256 == sha256 and place.page == page and place.box is not None
    )


def _picture(
    platform: Platform, room: ReadingRoom, reader: Principal, claim_id: str, sha256: str, page: int
) -> Response:
    claim = queries.view(platform, reader, claim_id)
    with queries.document(platform, reader, claim_id, sha256).stream as stream:
        content = stream.read(platform.limits.document_bytes_max)
    try:
        drawn = room.render(content, page, _SCALE, [mark.box for mark in _marks(claim, sha256, page)])
    except Refused as refused:
        detail = f"this page cannot be shown ({refused.reason}): download the document instead"
        raise ProblemError(422, "PAGE_NOT_SHOWN", detail) from None
    except SandboxUnavailable:
        raise ProblemError(503, "DRAWING_UNAVAILABLE", "pages cannot be drawn just now: try again") from None
    return Response(drawn, media_type="image/png")
