"""The lines of a what-if timeline: read strictly, each refusal with a code and what to do."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from schemas.base import Period
from schemas.money import AmountInvalid, Money
from services.ledger.core.refusals import Refused
from services.ledger.handlers.payments import PaymentState
from services.rules.periods import Month

_NAME = re.compile(r"[^/\x00-\x1f\ud800-\udfff]{1,100}")
_YEARS = range(1990, 2200)
_YEAR = re.compile(r"\d{4}")


class BadLine(Refused):
    """The line is no command: not JSON, a key is missing, or a value cannot be read."""

    code = "BAD_LINE"


class TimeBackwards(Refused):
    """The line lies before the one above it."""

    code = "TIME_BACKWARDS"


@dataclass(frozen=True)
class Line:
    """One line of a timeline as read from JSON. Every reading method raises BadLine."""

    number: int
    values: dict[str, Any]

    def text(self, key: str, default: str | None = None) -> str:
        """A text without a slash, which account ids are parted by."""
        value = self.values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value == default and default is not None:
            return default
        if not isinstance(value, str) or not _NAME.fullmatch(value.strip()):
            raise BadLine(f"{key} must be a text of at most 100 characters without a slash")
        return value.strip()

    def money(self, key: str = "amount", *, currency: str | None = None) -> Money:
        """An amount in the currency of the line, or of what the line is about."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise BadLine(f'{key} must be a decimal text such as "1250.00"')
        try:
            return Money.of(value, str(self.values.get("currency") or currency or ""))
        except AmountInvalid as error:
            raise BadLine(f"{key}: {error}") from None

    def month(self, key: str = "month") -> Month:
        """A month, YYYY-MM."""
        try:
            return Month.parse(self.text(key))
        except ValueError as error:
            raise BadLine(str(error)) from None

    def period(self, key: str) -> Period:
        """A period of days, start/end; a list of the two days does as well."""
        value = self.values.get(key)
        if isinstance(value, list) and len(value) == 2:
            value = "/".join(map(str, value))
        if isinstance(value, dict):
            value = f"{value.get('start')}/{value.get('end')}"
        try:
            return Period.parse(str(value))
        except ValueError as error:
            raise BadLine(f"{key}: {error}") from None

    def months(self, key: str) -> tuple[Month, Month]:
        """The first and last month of a plan: start/end in days or months, one month, or a calendar year."""
        value = str(self.values.get(key))
        if _YEAR.fullmatch(value):
            value = f"{value}-01/{value}-12"
        first, _, last = value.partition("/")
        try:
            months = _month(first), _month(last or first)
        except ValueError:
            raise BadLine(f"{key} must be a period such as 2022-01-01/2022-06-30, not {value!r}") from None
        if months[1] < months[0]:
            raise BadLine(f"{key} ends before it starts")
        return months

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.values.get(key)
        if not isinstance(value, bool):
            raise BadLine(f"{key} must be true or false")
        return value

    def payment_state(self) -> PaymentState:
        """What a payment system says: sent, failed or reversed, under `state` (or `status`, `result`)."""
        value = next((self.values[key] for key in ("state", "status", "result") if key in self.values), None)
        try:
            return PaymentState(str(value).removeprefix("payment."))
        except ValueError:
            raise BadLine(f"state must be sent, failed or reversed, not {value!r}") from None

    def about_payout(self) -> "Line":
        """What a line says of a payout: its id, the payout as the answer tells it, or the same keys beside."""
        given = self.values.get("payout")
        if isinstance(given, dict):
            return Line(self.number, given)
        if isinstance(given, str):
            return Line(self.number, {**self.values, "id": given})
        return Line(self.number, {name: value for name, value in self.values.items() if name != "id"})

    def moment(self, key: str) -> date | datetime:
        """An instant, or a day that stands for its first instant in the zone of the pack."""
        value = self.values.get(key)
        if not isinstance(value, str):
            raise BadLine(f"{key} must be an instant such as 2020-02-14T23:59:59-08:00, or a day")
        try:
            day = date.fromisoformat(value) if len(value) == len("2020-02-14") else None
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise BadLine(f"{key}: {value!r} is neither an instant nor a day") from None
        if instant.year not in _YEARS:
            raise BadLine(f"{key}: the year must lie from {_YEARS[0]} to {_YEARS[-1]}")
        if day is not None:
            return day
        if instant.tzinfo is None:
            raise BadLine(f"{key}: {value!r} has no zone: write it as 2020-02-14T23:59:59-08:00")
        return instant


def _month(text: str) -> Month:
    return Month.parse(text) if len(text) == len("2022-04") else Month.of(date.fromisoformat(text))


def read_lines(lines: Iterable[str]) -> Iterator[tuple[int, Line | BadLine]]:
    """Yield each line that is not blank with its number, counted from 1."""
    for number, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        try:
            values = json.loads(text, parse_float=_as_written)
        except (ValueError, RecursionError) as error:
            yield number, BadLine(f"the line is not JSON: {error}")
            continue
        if isinstance(values, dict):
            yield number, Line(number, values)
        else:
            yield number, BadLine("a line is one JSON object")


def _as_written(text: str) -> str:
    # A number with decimals is kept as the text it was written as: no binary fraction comes near money.
    return text
