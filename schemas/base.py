"""The one base of every contract: strict, frozen, nothing extra."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

SCHEMA_ROOT = "urn:coop:schema:"


class Contract(BaseModel):
    """A value that crosses a boundary: immutable, validated strictly, refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ser_json_inf_nan="strings")


def _utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


# Strict mode refuses text for instants and dates outside JSON; contracts are built from both.
Instant = Annotated[
    AwareDatetime, Field(strict=False), PlainSerializer(_utc_text, return_type=str, when_used="json")
]
"""A moment with a zone; written as UTC with a trailing Z."""

Day = Annotated[date, Field(strict=False)]
"""A calendar day, meaningful in the time zone of the rule pack."""


class Period(Contract):
    """Days `start` to `end`, both included (R-11). Written as `{"start": …, "end": …}`."""

    start: Day
    end: Day

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.end < self.start:
            raise ValueError(f"the period ends ({self.end}) before it starts ({self.start})")
        return self

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read `start/end` (ISO 8601 interval of days). Raises ValueError."""
        start, separator, end = text.partition("/")
        if not separator:
            raise ValueError(f"{text!r} is not a period: write it as 2019-07-01/2019-12-31")
        return cls(start=date.fromisoformat(start), end=date.fromisoformat(end))
