"""Where the days of a sample fall: inside its usage period, and before the claim was sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.base import Period

DAYS_BEFORE_RECEIPT = 9
SPAN_DAYS_MIN = 28
MINUTES_APART = 7


class UsagePeriodTooYoung(ValueError):
    """Too little of the usage period has passed for an activity that is finished and invoiced."""

    code = "USAGE_PERIOD_TOO_YOUNG"

    def __init__(self, usage: Period, received_at: datetime) -> None:
        super().__init__(
            f"Of the usage period {usage} less than {SPAN_DAYS_MIN + DAYS_BEFORE_RECEIPT} days had passed at "
            f"{received_at.isoformat()}: take the usage period before it, whose claim window is still open."
        )


@dataclass(frozen=True)
class Timing:
    """A usage period, when the first bundle is received, and (where known) the instant the window closes."""

    usage: Period
    received_at: datetime
    closes_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None:
            raise ValueError("received_at is an instant with its zone")
        if self._span_days < SPAN_DAYS_MIN:
            raise UsagePeriodTooYoung(self.usage, self.received_at)

    @property
    def _span_days(self) -> int:
        last = min(self.usage.end, self.received_at.date() - timedelta(days=DAYS_BEFORE_RECEIPT))
        return (last - self.usage.start).days

    def activity(self, first_percent: int, last_percent: int) -> Period:
        """The days between two shares of the part of the usage period that has passed."""
        start = self.usage.start + timedelta(days=self._span_days * first_percent // 100)
        return Period(
            start=start, end=self.usage.start + timedelta(days=self._span_days * last_percent // 100)
        )

    def receipt(self, order: int) -> datetime:
        """When the bundle with this place in the order is received."""
        return self.received_at + timedelta(minutes=MINUTES_APART * order)


def working_day_after(day: date, days: int) -> date:
    """The day `days` later, or the Monday after it; at most two days further on."""
    later = day + timedelta(days=days)
    return later + timedelta(days=max(0, 7 - later.weekday()) if later.weekday() > 4 else 0)
