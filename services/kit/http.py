"""Hides what all HTTP routes share: who calls, one shape for every failure, repeated requests, paging."""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.engine import Connection
from starlette.exceptions import HTTPException

from schemas.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemItem
from services.kit import keys, tracing
from services.kit.keys import KeyInvalid, Principal
from services.kit.platform import Platform
from services.kit.tables import answers

log = structlog.get_logger(__name__)
T = TypeVar("T")
CORRELATION_HEADER = "X-Correlation-Id"
TRACE_HEADER = "traceparent"
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class ProblemError(Exception):
    """A refusal that reaches the caller as a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        items: tuple[ProblemItem, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.items = items
        self.headers = headers or {}


def not_found(what: str = "this") -> ProblemError:
    """What does not exist, and what is not yours: the same answer (R-5)."""
    return ProblemError(404, "NOT_FOUND", f"{what} does not exist, or is not yours to see")


def forbidden(detail: str) -> ProblemError:
    """The caller is known but has no role for this act."""
    return ProblemError(403, "ROLE_MISSING", detail)


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
    for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
}
"""Given to every router, so that OpenAPI names every failure."""

_bearer = HTTPBearer(auto_error=False, description="An API key: `Authorization: Bearer coop_…`")


def platform_of(request: Request) -> Platform:
    """The platform the application was built with."""
    platform: Platform = request.app.state.platform
    return platform


def authenticated(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Principal:
    """The caller, known by a bearer key. Raises ProblemError 401."""
    if given is None:
        raise ProblemError(
            401,
            "KEY_MISSING",
            "send your key as 'Authorization: Bearer coop_…'; an operator issues keys with 'coop keys issue'",
            headers={"WWW-Authenticate": "Bearer"},
        )
    try:
        with platform_of(request).database.read() as tx:
            return keys.authenticate(tx, given.credentials)
    except KeyInvalid as error:
        raise ProblemError(401, error.code, str(error), headers={"WWW-Authenticate": "Bearer"}) from None


Caller = Annotated[Principal, Depends(authenticated)]


def require(caller: Principal, *roles: str) -> None:
    """Refuse a caller that has none of the roles. Raises ProblemError 403."""
    if not caller.has(*roles):
        raise forbidden(f"this needs one of the roles {', '.join(sorted(roles))}")


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="Your own name for this request: sent again with the same body it gives the same answer.",
    ),
]


@dataclass(frozen=True)
class Repeatable:
    """One POST as it can be repeated: the caller, the route, its key and the hash of its body."""

    key_id: str
    route: str
    idempotency_key: str | None
    body_sha256: str

    def earlier_answer(self, tx: Connection) -> tuple[int, Any] | None:
        """Return status and body of the answer given before, if any. Raises ProblemError 409 for another body."""
        if self.idempotency_key is None:
            return None
        row = tx.execute(
            sa.select(answers.c.body_sha256, answers.c.status, answers.c.answer).where(
                answers.c.key_id == self.key_id,
                answers.c.route == self.route,
                answers.c.idempotency_key == self.idempotency_key,
            )
        ).first()
        if row is None:
            return None
        if row.body_sha256 != self.body_sha256:
            raise ProblemError(
                409,
                "IDEMPOTENCY_KEY_REUSED",
                "this Idempotency-Key was used for another request; take a new key for a new request",
            )
        return row.status, json.loads(row.answer)

    def record(self, tx: Connection, status: int, answer: Any, now: datetime) -> None:
        """Keep the answer in the transaction of its effect. Raises IntegrityError when another request was first."""
        if self.idempotency_key is None:
            return
        tx.execute(
            sa.insert(answers).values(
                key_id=self.key_id,
                route=self.route,
                idempotency_key=self.idempotency_key,
                body_sha256=self.body_sha256,
                status=status,
                answer=json.dumps(answer),
                answered_at=now,
            )
        )


def body_sha256(content: bytes) -> str:
    """The hash that tells two bodies apart."""
    return hashlib.sha256(content).hexdigest()


def encode_cursor(*parts: str | int) -> str:
    """Write a paging cursor that callers need not understand."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """Read a paging cursor. Raises ProblemError 400."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        parts = None
    if not isinstance(parts, list):
        raise ProblemError(400, "CURSOR_INVALID", "the cursor is not one of ours; start without it")
    return parts


Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
PageRows = Annotated[int, Query(ge=1, le=200, alias="limit", description="Rows per page.")]


def problem_items(error: ValidationError | RequestValidationError) -> tuple[ProblemItem, ...]:
    """Return each thing that is wrong with its place."""
    return tuple(
        ProblemItem(
            where=".".join(str(part) for part in found["loc"]) or "body",
            code=found["type"].upper(),
            detail=found["msg"],
        )
        for found in error.errors()
    )


def validated(model: type[T], content: bytes, what: str) -> T:
    """Read JSON into `model`. Raises ProblemError 422 naming each wrong field."""
    try:
        return TypeAdapter(model).validate_json(content)
    except ValidationError as error:
        raise ProblemError(
            422, "BODY_INVALID", f"{what} is not valid; see items", problem_items(error)
        ) from None


def build_app(platform: Platform, *, title: str) -> FastAPI:
    """Return an application whose every failure has one shape and every answer a correlation id."""
    app = FastAPI(title=title, version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.state.platform = platform
    app.middleware("http")(_guard)
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    request.state.correlation_id = secrets.token_hex(8)
    traceparent = tracing.enter(request.headers.get(TRACE_HEADER))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        correlation_id=request.state.correlation_id, traceparent=traceparent
    )
    try:
        response = await call_next(request)
    except Exception:  # whatever fails inside, the caller gets the one shape and an id to ask with
        log.exception("request_failed", method=request.method, path=request.url.path)
        response = _render(
            request,
            ProblemError(500, "INTERNAL_ERROR", "something failed on our side; try again, or tell us the id"),
        )
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[CORRELATION_HEADER] = request.state.correlation_id
    response.headers[TRACE_HEADER] = traceparent
    return response


def _render(request: Request, error: ProblemError) -> JSONResponse:
    problem = Problem(
        type=f"urn:coop:problem:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.detail,
        instance=request.url.path,
        correlation_id=getattr(request.state, "correlation_id", ""),
        items=error.items,
    )
    return JSONResponse(problem.model_dump(mode="json"), error.status, error.headers, PROBLEM_MEDIA_TYPE)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return _render(request, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _render(
        request,
        ProblemError(422, "REQUEST_INVALID", "the request is not valid; see items", problem_items(error)),
    )


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name
    detail = {404: "there is nothing at this address", 405: "this address does not take that method"}.get(
        error.status_code, str(error.detail)
    )
    return _render(request, ProblemError(error.status_code, code, detail, headers=dict(error.headers or {})))
