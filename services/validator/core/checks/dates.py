"""Activity dates inside the usage period: as the manifest states them and as the documents show them.

The manifest's word is not enough (R-33): the days on which the documents say that the work was done count as the
activity's days too. Days that only tell when a paper was written (an issue date, a signature) are held against
what they can show: a cost is invoiced when or after it arises, and before it is claimed (R-76).
"""

from datetime import date

from schemas.base import Period
from schemas.facts import Fact
from services.rules.periods import is_usage_period, label
from services.validator.core.checks.deadline import window_of
from services.validator.core.inputs import CheckedDocument, CheckInputs
from services.validator.core.remarks import Remark
from services.validator.core.values import (
    CSR,
    as_day,
    is_csr,
    is_invoice,
    place,
    service_period_of,
    sure,
    value_of,
)

ADVANCE_BOOKING_KINDS = frozenset({"registration_fee", "facility_equipment_rental"})
"""Space and rooms are booked ahead of the event; such an invoice may be older than the activity."""

PROOF_DATES = ("sent_on", "taken_on", "shown_date", "event_date", "execution_date")
"""Fields in which a proof of execution shows when it happened."""


def activity_outside(start: date, end: date, usage: Period) -> Remark | None:
    """DATE_RANGE_REVERSED, or DATE_ACTIVITY_OUTSIDE_USAGE unless both days lie in the usage period (R-33)."""
    if end < start:
        return Remark(
            "DATE_RANGE_REVERSED", {"start": start, "end": end}, expected=f">= {start}", actual=str(end)
        )
    return None if start in usage and end in usage else _outside_usage(Period(start=start, end=end), usage)


def _outside_usage(days: Period, usage: Period) -> Remark:
    params = {"start": days.start, "end": days.end, "u0": usage.start, "u1": usage.end}
    return Remark("DATE_ACTIVITY_OUTSIDE_USAGE", params, expected=str(usage), actual=str(days))


def check_activity(inputs: CheckInputs) -> tuple[Remark, ...]:
    """The manifest's own days (R-33)."""
    found = activity_outside(
        inputs.manifest.activity_start, inputs.manifest.activity_end, inputs.usage_period
    )
    return (found,) if found else ()


def check_documented_activity(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DATE_ACTIVITY_OUTSIDE_USAGE where a document says that the work was done outside the usage period (R-33)."""
    remarks = []
    for document in inputs.documents:
        shown = _documented(document)
        if shown is None:
            continue
        days, places = shown
        if days.start in inputs.usage_period and days.end in inputs.usage_period:
            continue
        remark = _outside_usage(days, inputs.usage_period)
        remarks.append(
            Remark(
                remark.code,
                {**remark.params, "file": document.file},
                evidence=tuple(place(document, fact) for fact in places),
                expected=remark.expected,
                actual=remark.actual,
            )
        )
    return tuple(remarks)


def _documented(document: CheckedDocument) -> tuple[Period, tuple[Fact, ...]] | None:
    """When the work was done, as the document itself says."""
    if is_invoice(document):
        found = service_period_of(document)
        return found if found and all(sure(fact) for fact in found[1]) else None
    if is_csr(document):
        first, last = value_of(document, "activity_start"), value_of(document, "activity_end")
        start, end = as_day(first), as_day(last)
        if first and last and start and end and start <= end and sure(first) and sure(last):
            return Period(start=start, end=end), (first, last)
    return None


def check_invoice_dates(inputs: CheckInputs) -> tuple[Remark, ...]:
    """INV_DATE_OUTSIDE for the issue date, INV_SERVICE_OUTSIDE_ACTIVITY for the service period (R-33, R-76)."""
    remarks = []
    for document in inputs.documents:
        if not is_invoice(document):
            continue
        issued = value_of(document, "issue_date")
        if sure(issued) and issued is not None:
            remarks += _issue_date_remarks(inputs, document, issued)
        remarks += _service_remarks(inputs, document)
    return tuple(remarks)


def _issue_date_remarks(inputs: CheckInputs, document: CheckedDocument, issued: Fact) -> list[Remark]:
    day, activity = as_day(issued), inputs.activity_period
    if day is None:
        return []
    window = window_of(inputs)
    latest = inputs.received_on if window is None else min(inputs.received_on, window.last_day)
    usage = inputs.usage_period
    earliest = min(inputs.manifest.activity_start, inputs.manifest.activity_end)
    booked_ahead = document.received.note.strip() and any(
        line.kind in ADVANCE_BOOKING_KINDS for line in inputs.manifest.lines
    )
    if day < earliest and not booked_ahead:
        expected = f">= {earliest}"
    elif day > latest:
        expected = f"<= {latest}"
    elif day > usage.end and activity is not None and service_period_of(document) is None:
        # Written after the usage period and silent about when the work was done: nothing shows that it fell inside.
        expected = f"<= {usage.end}"
    else:
        return []
    params = {"date": day, "start": inputs.manifest.activity_start, "end": inputs.manifest.activity_end}
    return [
        Remark(
            "INV_DATE_OUTSIDE",
            {**params, "file": document.file},
            evidence=(place(document, issued),),
            expected=expected,
            actual=day.isoformat(),
        )
    ]


def _service_remarks(inputs: CheckInputs, document: CheckedDocument) -> list[Remark]:
    found, activity = service_period_of(document), inputs.activity_period
    if found is None or activity is None or not all(sure(fact) for fact in found[1]):
        return []
    days, places = found
    if days.start <= activity.end and activity.start <= days.end:
        return []
    params = {"start": days.start, "end": days.end, "a0": activity.start, "a1": activity.end}
    return [
        Remark(
            "INV_SERVICE_OUTSIDE_ACTIVITY",
            {**params, "file": document.file},
            evidence=tuple(place(document, fact) for fact in places),
            expected=str(activity),
            actual=str(days),
        )
    ]


def check_proof_dates(inputs: CheckInputs) -> tuple[Remark, ...]:
    """POE_DATE_OUTSIDE for a visible date outside the activity; DATE_POE_OUTSIDE_CAMPAIGN where a campaign is named."""
    remarks = []
    for document in inputs.documents:
        if is_invoice(document) or document.received.kind == CSR:
            continue
        for field in PROOF_DATES:
            shown = value_of(document, field)
            day = as_day(shown)
            if shown is None or day is None or not sure(shown):
                continue
            remarks += _proof_date_remarks(inputs, document, shown, day)
    return tuple(remarks)


def _proof_date_remarks(
    inputs: CheckInputs, document: CheckedDocument, shown: Fact, day: date
) -> list[Remark]:
    campaign, activity = inputs.manifest.campaign, inputs.activity_period
    evidence = (place(document, shown),)
    if campaign is not None and execution_outside(day, campaign):
        params = {"date": day, "start": campaign.start, "end": campaign.end, "file": document.file}
        return [
            Remark(
                "DATE_POE_OUTSIDE_CAMPAIGN",
                params,
                evidence=evidence,
                expected=str(campaign),
                actual=str(day),
            )
        ]
    family = inputs.pack.document_kinds.get(document.received.kind)
    # A report is written when all is over; what it must not be is older than the activity.
    written_after = family is not None and family.family in {"metric", "plan"}
    if activity is None or day in activity or (written_after and activity.end < day <= inputs.received_on):
        return []
    if family is not None and family.family == "plan" and day < activity.start:
        return []
    params = {"date": day, "start": activity.start, "end": activity.end, "file": document.file}
    return [Remark("POE_DATE_OUTSIDE", params, evidence=evidence, expected=str(activity), actual=str(day))]


def execution_outside(day: date, campaign: Period) -> bool:
    """Whether a proof's day is not in the campaign (R-45)."""
    return day not in campaign


def check_campaign(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DATE_POE_OUTSIDE_CAMPAIGN where the activity itself does not touch the campaign it belongs to (R-45)."""
    campaign, activity = inputs.manifest.campaign, inputs.activity_period
    if campaign is None or activity is None:
        return ()
    if campaign.start <= activity.start and activity.end <= campaign.end:
        return ()
    params = {"date": activity.start, "start": campaign.start, "end": campaign.end}
    return (Remark("DATE_POE_OUTSIDE_CAMPAIGN", params, expected=str(campaign), actual=str(activity)),)


def check_period_label(inputs: CheckInputs) -> tuple[Remark, ...]:
    """PERIOD_LABEL_MISMATCH where a document prints a label that does not fit the days (R-10, C1)."""
    if not is_usage_period(inputs.pack, inputs.usage_period):
        return ()
    computed = label(inputs.pack, inputs.usage_period)
    remarks = []
    for document in inputs.documents:
        printed = value_of(document, "period_label")
        if printed is None or printed.value is None:
            continue
        if "".join(printed.value.upper().split()) != computed:
            remarks.append(
                Remark(
                    "PERIOD_LABEL_MISMATCH",
                    {"label": printed.value},
                    evidence=(place(document, printed),),
                    expected=computed,
                    actual=printed.value,
                )
            )
    return tuple(remarks)


def check_usage_period(inputs: CheckInputs) -> tuple[Remark, ...]:
    """USAGE_PERIOD_UNKNOWN where the stated days are no period of the pack's calendar (R-10)."""
    if is_usage_period(inputs.pack, inputs.usage_period):
        return ()
    return (
        Remark("USAGE_PERIOD_UNKNOWN", {"period": str(inputs.usage_period)}, actual=str(inputs.usage_period)),
    )
