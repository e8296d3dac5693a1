"""Hides how an event is named, written and read back; the ids of events are derived, never drawn."""

import hashlib
import json
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from schemas.base import Contract
from schemas.events import EVENT_DATA, Envelope, EventTypeUnknown, schema_uri
from services.kit import tracing


class EventInvalid(RuntimeError):
    """A message is no event of the published schemas."""

    code = "EVENT_INVALID"


def event_id(source: str, event_type: str, key: str) -> str:
    """The id of a fact: the same source, type and business key give the same id for ever."""
    digest = hashlib.sha256("\x00".join((source, event_type, key)).encode()).hexdigest()
    return f"evt_{digest[:32]}"


def new_event(
    event_type: str,
    data: Contract,
    *,
    source: str,
    subject: str,
    partner_id: str,
    key: str,
    at: datetime,
    traceparent: str | None = None,
) -> Envelope[Any]:
    """Wrap `data` in its envelope, as part of the trace at hand. Raises EventTypeUnknown for an unpublished type."""
    model = _model(event_type)
    return Envelope[model](  # type: ignore[valid-type]
        id=event_id(source, event_type, key),
        source=f"/coop/{source}",
        type=event_type,
        time=at,
        subject=subject,
        dataschema=schema_uri(event_type),
        partnerid=partner_id,
        traceparent=traceparent or tracing.current(),
        data=data,
    )


def to_json(event: Envelope[Any]) -> str:
    """The whole event as JSON text."""
    return event.model_dump_json()


def from_json(text: str | bytes) -> Envelope[Any]:
    """Read a whole event back, validated against its type's schema. Raises EventInvalid."""
    try:
        return _validated(json.loads(text))
    except ValueError as error:
        raise EventInvalid(f"not JSON: {error}") from None


def from_parts(attributes: dict[str, Any], body: bytes) -> Envelope[Any]:
    """Read an event whose data came apart from its attributes (binary mode). Raises EventInvalid."""
    try:
        return _validated({**attributes, "data": json.loads(body)})
    except ValueError as error:
        raise EventInvalid(f"not JSON: {error}") from None


def _validated(plain: Any) -> Envelope[Any]:
    try:
        event: Envelope[Any] = Envelope[_model(plain["type"])].model_validate(plain, strict=False)  # type: ignore[misc]
    except (ValidationError, EventTypeUnknown, KeyError, TypeError) as error:
        raise EventInvalid(_brief(error)) from None
    return event


def matches(pattern: str, event_type: str) -> bool:
    """Tell whether a subscription (`coop.claim.decided.v1` or `coop.ledger.*`) takes an event type."""
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def _model(event_type: str) -> type[Contract]:
    try:
        return EVENT_DATA[event_type]
    except KeyError:
        raise EventTypeUnknown(f"no published schema for event type {event_type!r}") from None


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"
