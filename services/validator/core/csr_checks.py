"""Checks of a Certification Service Report on its values (R-55, R-35): sums, hours, dates, signature.

Each check answers with issues; what they are called, how severe they are and how they are worded is the vocabulary's
matter. A check whose values are absent or doubtful does not run: a doubtful value is its own finding.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from statistics import median

from schemas.base import Period
from schemas.facts import Fact, Row
from schemas.money import AmountInvalid, exponent

HOURS_PER_DAY_MAX = Decimal(24)
HOURS_PER_DAY_USUAL_MAX = Decimal(10)
RATE_OUTLIER_TIMES = Decimal(3)
RATE_OUTLIER_ROWS_MIN = 4


@dataclass(frozen=True)
class Issue:
    """One thing that a report says wrong: the code, the values of its text, the places, and what was expected."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Fact, ...] = ()
    expected: str | None = None
    actual: str | None = None


def check_csr(
    facts: Mapping[str, Fact],
    rows: Sequence[Row],
    other_costs: Sequence[Row] = (),
    *,
    currency: str,
    activity: Period | None = None,
    submitted_on: date | None = None,
) -> tuple[Issue, ...]:
    """Return every issue of a report, in the order of the form."""
    return (
        *row_arithmetic(rows, currency),
        *hours_per_day(rows),
        *work_dates(rows, activity),
        *rate_outliers(rows),
        *totals(facts, rows, other_costs),
        *signature(facts, rows),
        *signing_date(facts, activity, submitted_on),
    )


def row_arithmetic(rows: Sequence[Row], currency: str) -> tuple[Issue, ...]:
    """`amount` is hours × rate, rounded half up to the minor unit; CSR_ROW_ARITHMETIC for each row that is not."""
    step = _step(currency)
    issues = []
    for number, row in enumerate(rows, start=1):
        hours, rate, amount = (_decimal(row.get(column)) for column in ("hours", "hourly_rate", "amount"))
        if hours is None or rate is None or amount is None:
            continue
        expected = (hours * rate).quantize(step, ROUND_HALF_UP)
        if amount != expected:
            params = {
                "n": str(number),
                "hours": str(hours),
                "rate": str(rate),
                "expected": str(expected),
                "amount": str(amount),
            }
            issues.append(Issue("CSR_ROW_ARITHMETIC", params, (row["amount"],), str(expected), str(amount)))
    return tuple(issues)


def totals(
    facts: Mapping[str, Fact], rows: Sequence[Row], other_costs: Sequence[Row] = ()
) -> tuple[Issue, ...]:
    """CSR_TOTAL_MISMATCH for each printed total that is not the sum of what stands above it.

    `total` is held against the printed part totals, so that one wrong part is one issue; without them, against rows.
    """
    labour, other = _sum(rows) if rows else None, _sum(other_costs)
    printed = {name: _decimal(facts.get(name)) for name in ("total_labour", "total_other", "total")}
    expected = {"total_labour": labour, "total_other": other}
    parts = [printed["total_labour"] if printed["total_labour"] is not None else labour]
    parts.append(printed["total_other"] if printed["total_other"] is not None else other)
    if None not in parts:
        expected["total"] = sum((part for part in parts if part is not None), Decimal(0))
    issues = []
    for name, stated in printed.items():
        added = expected.get(name)
        if stated is not None and added is not None and stated != added:
            params = {"field": name, "sum": str(added), "total": str(stated)}
            issues.append(Issue("CSR_TOTAL_MISMATCH", params, (facts[name],), str(added), str(stated)))
    return tuple(issues)


@dataclass(frozen=True)
class Stretch:
    """Consecutive days in which a person must have worked at least `hours`, whatever day they fell on."""

    days: Period
    hours: Decimal
    rows: tuple[int, ...]

    @property
    def hours_per_day(self) -> Decimal:
        return self.hours / ((self.days.end - self.days.start).days + 1)


def densest_stretch(work: Sequence[tuple[Period, Decimal]]) -> Stretch | None:
    """Return the stretch with the most hours per day.

    Rows give hours for a range of days. They can be spread so that no day has more than h hours exactly when no
    stretch of days holds rows with more than h hours per day; so the densest stretch is the least possible peak.
    """
    densest: Stretch | None = None
    for start in sorted({days.start for days, _ in work}):
        inside = sorted((days.end, index) for index, (days, _) in enumerate(work) if days.start >= start)
        hours, members = Decimal(0), []
        for position, (end, index) in enumerate(inside):
            hours += work[index][1]
            members.append(index)
            if position + 1 < len(inside) and inside[position + 1][0] == end:
                continue
            stretch = Stretch(Period(start=start, end=end), hours, tuple(sorted(members)))
            if densest is None or stretch.hours_per_day > densest.hours_per_day:
                densest = stretch
    return densest


def hours_per_day(rows: Sequence[Row]) -> tuple[Issue, ...]:
    """CSR_HOURS_IMPOSSIBLE over 24 hours a day of one person or for no hours at all, CSR_HOURS_HIGH over 10."""
    people: dict[str, list[tuple[Period, Decimal, Fact]]] = defaultdict(list)
    names: dict[str, str] = {}
    issues = []
    for row in rows:
        person, hours, days = row.get("person_or_role"), _decimal(row.get("hours")), _days(row)
        if person is None or person.value is None or hours is None:
            continue
        if hours <= 0:
            params = {"hours": str(hours), "person": person.value}
            issues.append(Issue("CSR_HOURS_IMPOSSIBLE", params, (row["hours"],), "> 0", str(hours)))
            continue
        if days is None:
            continue
        key = " ".join(person.value.casefold().split())
        names.setdefault(key, person.value)
        people[key].append((days, hours, row["hours"]))
    for key, work in people.items():
        stretch = densest_stretch([(days, hours) for days, hours, _ in work])
        if stretch is None or stretch.hours_per_day <= HOURS_PER_DAY_USUAL_MAX:
            continue
        impossible = stretch.hours_per_day > HOURS_PER_DAY_MAX
        limit = HOURS_PER_DAY_MAX if impossible else HOURS_PER_DAY_USUAL_MAX
        peak = _plain(stretch.hours_per_day)
        params = {
            "hours": peak,
            "person": names[key],
            "start": str(stretch.days.start),
            "end": str(stretch.days.end),
        }
        code = "CSR_HOURS_IMPOSSIBLE" if impossible else "CSR_HOURS_HIGH"
        issues.append(
            Issue(code, params, tuple(work[index][2] for index in stretch.rows), f"≤ {limit}", peak)
        )
    return tuple(issues)


def work_dates(rows: Sequence[Row], activity: Period | None) -> tuple[Issue, ...]:
    """CSR_DATES_OUTSIDE_ACTIVITY for each row whose days are not all in the activity; DATE_RANGE_REVERSED."""
    issues = []
    for number, row in enumerate(rows, start=1):
        first, last = _day(row.get("work_date_from")), _day(row.get("work_date_to"))
        places = tuple(row[column] for column in ("work_date_from", "work_date_to") if column in row)
        if first is not None and last is not None and last < first:
            issues.append(Issue("DATE_RANGE_REVERSED", {"n": str(number)}, places, f"≥ {first}", str(last)))
            continue
        first, last = first or last, last or first
        if activity is None or first is None or last is None or (first in activity and last in activity):
            continue
        params = {
            "n": str(number),
            "start": str(first),
            "end": str(last),
            "a0": str(activity.start),
            "a1": str(activity.end),
        }
        issues.append(Issue("CSR_DATES_OUTSIDE_ACTIVITY", params, places, str(activity), f"{first}/{last}"))
    return tuple(issues)


def rate_outliers(rows: Sequence[Row]) -> tuple[Issue, ...]:
    """CSR_RATE_OUTLIER for a rate over three times the median of at least four rows."""
    rates = [
        (number, rate, row["hourly_rate"])
        for number, row in enumerate(rows, start=1)
        if (rate := _decimal(row.get("hourly_rate"))) is not None
    ]
    if len(rates) < RATE_OUTLIER_ROWS_MIN:
        return ()
    middle = median(rate for _, rate, _ in rates)
    return tuple(
        Issue(
            "CSR_RATE_OUTLIER",
            {"n": str(number), "rate": str(rate), "median": _plain(middle)},
            (place,),
            f"≤ {_plain(middle * RATE_OUTLIER_TIMES)}",
            str(rate),
        )
        for number, rate, place in rates
        if rate > middle * RATE_OUTLIER_TIMES
    )


def signature(facts: Mapping[str, Fact], rows: Sequence[Row] = ()) -> tuple[Issue, ...]:
    """CSR_SIGNATURE_MISSING without a signature; CSR_SIGNER_IS_ROW_PERSON when the signer is one of the rows.

    A signature that reading could not judge (ambiguous, a scan) is no missing one.
    """
    issues = []
    signed = facts.get("signature")
    if signed is None or (signed.value is None and not signed.ambiguous):
        places = (facts["signer_name"],) if "signer_name" in facts else ()
        issues.append(Issue("CSR_SIGNATURE_MISSING", {}, places))
    signer = facts.get("signer_name")
    if signer is not None and signer.value is not None:
        people = tuple(
            person
            for row in rows
            if (person := row.get("person_or_role")) and _same_person(signer.value, person.value)
        )
        if people:
            issues.append(Issue("CSR_SIGNER_IS_ROW_PERSON", {"person": signer.value}, (signer, *people)))
    return tuple(issues)


def signing_date(
    facts: Mapping[str, Fact], activity: Period | None = None, submitted_on: date | None = None
) -> tuple[Issue, ...]:
    """CSR_UNDATED without a date; CSR_SIGNED_EARLY before the activity ended; CSR_SIGNED_LATE after submission."""
    printed = facts.get("signed_on")
    if printed is None:
        places = (facts["signature"],) if "signature" in facts else ()
        return (Issue("CSR_UNDATED", {}, places),)
    signed_on = _day(printed)
    if signed_on is None:
        return ()
    issues = []
    if activity is not None and signed_on < activity.end:
        params = {"date": str(signed_on), "end": str(activity.end)}
        issues.append(Issue("CSR_SIGNED_EARLY", params, (printed,), f"≥ {activity.end}", str(signed_on)))
    if submitted_on is not None and signed_on > submitted_on:
        params = {"date": str(signed_on), "received": str(submitted_on)}
        issues.append(Issue("CSR_SIGNED_LATE", params, (printed,), f"≤ {submitted_on}", str(signed_on)))
    return tuple(issues)


def _step(currency: str) -> Decimal:
    try:
        return Decimal(1).scaleb(-exponent(currency))
    except AmountInvalid:
        return Decimal("0.01")


def _decimal(fact: Fact | None) -> Decimal | None:
    if fact is None or fact.value is None:
        return None
    try:
        return Decimal(fact.value)
    except InvalidOperation:
        return None


def _day(fact: Fact | None) -> date | None:
    if fact is None or fact.value is None:
        return None
    try:
        return date.fromisoformat(fact.value)
    except ValueError:
        return None


def _days(row: Row) -> Period | None:
    first, last = _day(row.get("work_date_from")), _day(row.get("work_date_to"))
    first, last = first or last, last or first
    return Period(start=first, end=last) if first is not None and last is not None and first <= last else None


def _sum(rows: Sequence[Row]) -> Decimal | None:
    """The sum of the amounts, or None when one of them is absent or doubtful."""
    amounts = [_decimal(row.get("amount")) for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _same_person(signer: str, person: str | None) -> bool:
    return person is not None and " ".join(signer.casefold().split()) == " ".join(person.casefold().split())


def _plain(number: Decimal) -> str:
    """Two decimals at most, no trailing zeros, no exponent."""
    return format(number.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize(), "f")
