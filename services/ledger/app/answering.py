"""Answering an act once: a repeated request gets its first answer; what the ledger refuses is a problem document."""

from collections.abc import Callable
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from services.kit.http import ProblemError, Repeatable
from services.kit.platform import Platform
from services.ledger.handlers.refusals import Refused


def answered(platform: Platform, once: Repeatable, act: Callable[[], BaseModel]) -> Response:
    """Answer a repeated request as before. Every act is done once by its own key: acting twice would do no harm.

    Raises ProblemError 409 with the code of a refusal.
    """
    earlier = _earlier(platform, once)
    if earlier is not None:
        return JSONResponse(earlier[1], earlier[0])
    try:
        answer = act().model_dump(mode="json")
    except Refused as refusal:
        raise ProblemError(409, refusal.code, str(refusal)) from None
    try:
        with platform.database.write() as tx:
            once.record(tx, 200, answer, platform.clock.now())
    except IntegrityError:
        earlier = _earlier(platform, once)
        if earlier is not None:
            return JSONResponse(earlier[1], earlier[0])
    return JSONResponse(answer)


def _earlier(platform: Platform, once: Repeatable) -> tuple[int, Any] | None:
    with platform.database.read() as tx:
        return once.earlier_answer(tx)
