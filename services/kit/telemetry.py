"""Hides how logs are written: one line each, without keys, account numbers or anything that forges a line."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_KEY = re.compile(r"coop_(?:live|demo)_[0-9a-z]+_[0-9a-z]+(?:_[0-9a-f]+)?")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_URL_PASSWORD = re.compile(r"(\w+://[^\s:/@]+):[^\s@/]+@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_SECRET_NAMES = frozenset({"authorization", "password", "secret", "key", "token"})
VALUE_CHARS_MAX = 2000


def redact(text: str) -> str:
    """Return `text` without keys, passwords and account numbers, on one line, cut to a bounded length."""
    text = _KEY.sub("coop_***", text)
    text = _URL_PASSWORD.sub(r"\1:***@", text)
    text = _IBAN.sub(lambda found: f"{found.group()[:4]}***", text)
    return _CONTROL.sub(" ", text)[:VALUE_CHARS_MAX]


class _Stderr:
    """The standard error of the moment: what stands there at the start may be replaced and closed later."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name in _SECRET_NAMES:
            event[name] = "***"
        elif isinstance(value, str) and name != "exception":
            event[name] = redact(value)
        elif name == "exception":
            event[name] = "\n".join(redact(line) for line in str(value).splitlines())
    return event


def configure(*, level: str, as_json: bool) -> None:
    """Set logging up, once, in `main()`; everything goes to stderr."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(_Stderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
