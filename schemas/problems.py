"""One shape for every failure over HTTP: RFC 9457 problem details with a stable code."""

from schemas.base import Contract

PROBLEM_MEDIA_TYPE = "application/problem+json"


class ProblemItem(Contract):
    """One field or file that is wrong."""

    where: str
    code: str
    detail: str


class Problem(Contract):
    """`code` is stable and for machines; `detail` tells the person what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str | None = None
    correlation_id: str
    items: tuple[ProblemItem, ...] = ()
