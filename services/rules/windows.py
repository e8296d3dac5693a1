"""Claim windows as half-open instants in the zone of the pack (R-12 to R-15, C2, C3, C7, C24)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from schemas.base import Period
from schemas.findings import Texts
from services.rules.pack import RulePack
from services.rules.pack_terms import Label, OpensAfter
from services.rules.periods import preceding_period

# The formats of the glossary, with the weekday in front: a deadline is remembered by it.
_DEADLINE_FORMATS = {
    "en": "EEE d MMM yyyy, HH:mm",
    "sv": "EEE yyyy-MM-dd HH:mm",
    "fr": "EEE dd/MM/yyyy HH:mm",
}
LANGUAGES = ("en", "sv", "fr")


class WindowStatus(StrEnum):
    """Where an instant lies with regard to a window."""

    TOO_EARLY = "TOO_EARLY"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


class WindowUnknown(ValueError):
    """The window rests on a day that is not known yet, such as the payment of the invoice."""

    code = "WINDOW_UNKNOWN"


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which `day` begins in `zone`; where a clock change skips midnight, the day's first instant."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def deadline_texts(closes_at: datetime, zone: ZoneInfo, zone_label: Label) -> Texts:
    """The last minute before `closes_at` with its zone (C2): "Fri 14 Feb 2020, 23:59 US Pacific"."""
    minute = (closes_at - timedelta(minutes=1)).astimezone(zone)
    written = {
        language: format_datetime(minute, _DEADLINE_FORMATS[language], locale=language)
        for language in LANGUAGES
    }
    return Texts(
        en=f"{written['en']} {zone_label.en}",
        sv=f"{written['sv']} {zone_label.sv}",
        fr=f"{written['fr']} {zone_label.fr}",
    )


@dataclass(frozen=True)
class ClaimWindow:
    """Days `first_day` to `last_day`, both counting; as instants `opens_at <= received < closes_at` (UTC)."""

    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    zone: ZoneInfo
    zone_label: Label

    def status(self, instant: datetime) -> WindowStatus:
        """Whether a claim received at `instant` is too early, in time, or late."""
        if instant < self.opens_at:
            return WindowStatus.TOO_EARLY
        return WindowStatus.OPEN if instant < self.closes_at else WindowStatus.CLOSED

    def days_left(self, instant: datetime) -> int:
        """How many days remain after the day of `instant`: 0 on the last day, negative when closed."""
        return (self.last_day - instant.astimezone(self.zone).date()).days

    @property
    def deadline_texts(self) -> Texts:
        """The deadline in words, in the three languages."""
        return deadline_texts(self.closes_at, self.zone, self.zone_label)

    @property
    def deadline_text(self) -> str:
        """The deadline in English words."""
        return self.deadline_texts.en


def _last_day(pack: RulePack, usage: Period, activity_end: date | None, paid_on: date | None) -> date:
    closes = pack.claim_window.closes
    if closes.usage_end_plus_days is not None:
        last = usage.end + timedelta(days=closes.usage_end_plus_days)
    elif activity_end is None:
        raise WindowUnknown("the claim window ends by the activity: state the end of the activity")
    elif closes.activity_end_plus_days is not None:
        last = activity_end + timedelta(days=closes.activity_end_plus_days)
    else:
        assert closes.activity_end_and_payment_plus_days is not None
        # Both must have happened, so the later of the two starts the clock; unpaid cost starts none.
        if paid_on is None:
            raise WindowUnknown("the claim window ends by activity and payment: state the day of payment")
        last = max(activity_end, paid_on) + timedelta(days=closes.activity_end_and_payment_plus_days)
    return last if closes.inclusive else last - timedelta(days=1)


def _first_day(pack: RulePack, usage: Period) -> date:
    opens = pack.claim_window.opens
    if isinstance(opens, OpensAfter):
        return usage.start + timedelta(days=opens.usage_start_plus_days)
    if opens == "previous_window_end_plus_1":
        return _last_day(pack, preceding_period(pack, usage), None, None) + timedelta(days=1)
    return usage.start


def claim_window(
    pack: RulePack, usage: Period, *, activity_end: date | None = None, paid_on: date | None = None
) -> ClaimWindow:
    """The window in which claims for a usage period are taken (R-13, R-14). Raises WindowUnknown."""
    first, last = _first_day(pack, usage), _last_day(pack, usage, activity_end, paid_on)
    return ClaimWindow(
        first_day=first,
        last_day=last,
        opens_at=midnight(first, pack.zone),
        closes_at=midnight(last + timedelta(days=1), pack.zone),
        zone=pack.zone,
        zone_label=pack.timezone_label,
    )


def is_near(pack: RulePack, window: ClaimWindow, instant: datetime) -> bool:
    """Whether the window is open and so near its end that people are warned (C3, R-62)."""
    return (
        window.status(instant) is WindowStatus.OPEN
        and window.days_left(instant) <= pack.claim_window.near_days
    )


def evidence_closes_on(pack: RulePack, usage: Period) -> date | None:
    """The last day by which evidence must be approved (R-15); None where the pack knows no such day."""
    if pack.evidence_close is None:
        return None
    return usage.end + timedelta(days=pack.evidence_close.usage_end_plus_days)


def dispute_closes_at(pack: RulePack, decided_at: datetime) -> datetime | None:
    """Until when (half-open) a rejection can be disputed. None means no limit."""
    if pack.dispute_limit is None:
        return None
    last = pack.local_day(decided_at) + timedelta(days=pack.dispute_limit.days_after_decision)
    return midnight(last + timedelta(days=1), pack.zone)


def revision_closes_at(pack: RulePack, asked_at: datetime) -> datetime | None:
    """Until when (half-open) a corrected revision is taken after a reviewer or a finding asked for it.

    The claim window no longer counts for it: the first revision's receipt decided that. None means no limit.
    """
    if pack.revision_limit is None:
        return None
    last = pack.local_day(asked_at) + timedelta(days=pack.revision_limit.days_after_request)
    return midnight(last + timedelta(days=1), pack.zone)
