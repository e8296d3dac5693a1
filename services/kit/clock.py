"""Hides where the time comes from; nothing else in the product asks what time it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class ClockInvalid(ValueError):
    """The clock setting names no clock."""

    code = "CLOCK_INVALID"


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FileClock:
    """An instant kept in a file, so that several processes share one simulated day."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the instant in the file. Raises ClockInvalid when it holds none."""
        try:
            return parse_instant(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise ClockInvalid(f"the clock file {self._path.name} holds no instant: {error}") from None

    def move_to(self, instant: datetime) -> None:
        """Set the instant that all processes see, replacing the file in one step."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(instant.astimezone(UTC).isoformat(), encoding="ascii")
        fresh.replace(self._path)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._instant = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock was last moved to."""
        return self._instant

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant`. Raises ClockInvalid when that lies in the past."""
        if instant < self._instant:
            raise ClockInvalid(f"the clock stands at {self._instant.isoformat()} and does not go back")
        self._instant = instant.astimezone(UTC)


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with a zone, as UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: write it as 2020-02-14T23:59:59-08:00")
    return instant.astimezone(UTC)


def clock_named(setting: str) -> Clock:
    """Return the clock that a setting names: `system`, or `file:PATH`. Raises ClockInvalid."""
    if setting == "system":
        return SystemClock()
    kind, _, path = setting.partition(":")
    if kind == "file" and path:
        return FileClock(Path(path))
    raise ClockInvalid(f"clock {setting!r} is neither 'system' nor 'file:PATH'")
