"""Hides how a request is followed over HTTP and events: the `traceparent` of W3C Trace Context, one hop at a time."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SHAPE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_current: ContextVar[str | None] = ContextVar("coop_traceparent", default=None)


def current() -> str | None:
    """The traceparent of what is being done now, or None outside any request or event."""
    return _current.get()


def next_hop(traceparent: str | None) -> str:
    """A new span in the trace that `traceparent` names; a new trace when it is absent or malformed."""
    found = _SHAPE.fullmatch(traceparent or "")
    sound = (
        found is not None
        and not (traceparent or "").startswith("ff")
        and set(found.group(1)) != {"0"}
        and set(found.group(2)) != {"0"}
        and (found.group(4) is None or not (traceparent or "").startswith("00"))
    )
    trace, flags = (
        (found.group(1), found.group(3)) if found is not None and sound else (secrets.token_hex(16), "01")
    )
    return f"00-{trace}-{secrets.token_hex(8)}-{flags}"


def enter(traceparent: str | None) -> str:
    """Begin a hop for the rest of this context (a request); returns its traceparent."""
    hop = next_hop(traceparent)
    _current.set(hop)
    return hop


@contextmanager
def hop(traceparent: str | None) -> Iterator[str]:
    """Do something as one hop of the trace that `traceparent` names."""
    token = _current.set(next_hop(traceparent))
    try:
        yield _current.get() or ""
    finally:
        _current.reset(token)
