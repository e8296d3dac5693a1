"""An act over HTTP happens once: its effect and its answer commit together, and a repeat gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from schemas.base import Contract
from services.intake.handlers.refusals import REFUSALS, as_problem
from services.kit.http import ProblemError, Repeatable
from services.kit.platform import Platform


@dataclass(frozen=True)
class Answer:
    """What the caller gets: a status and a JSON value."""

    status: int
    body: Any


def earlier(platform: Platform, request: Repeatable) -> Answer | None:
    """Return the answer given before to the same request. Raises ProblemError 409 for another body."""
    with platform.database.read() as tx:
        found = request.earlier_answer(tx)
    return None if found is None else Answer(*found)


def once(
    platform: Platform, request: Repeatable, status: int, act: Callable[[Connection], Contract]
) -> Answer:
    """Run `act` in one transaction with its answer, unless it ran before. Raises ProblemError."""
    try:
        with platform.database.write() as tx:
            found = request.earlier_answer(tx)
            if found is not None:
                return Answer(*found)
            body = act(tx).model_dump(mode="json")
            request.record(tx, status, body, platform.clock.now())
    except REFUSALS as error:
        raise as_problem(error) from None
    except IntegrityError:
        # Another transaction committed the same row between our look and our write.
        known = earlier(platform, request)
        if known is None:
            raise ProblemError(
                409,
                "CHANGED_MEANWHILE",
                "somebody recorded the same thing at this moment: look again, then repeat",
            ) from None
        return known
    return Answer(status, body)
