"""Metrics the activity asks for, and what the claim states of itself (R-36, R-47, R-65, R-80)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from schemas.base import Period
from services.rules.activities import Activity, Metric
from services.rules.expressions import Value, holds
from services.rules.pack import RulePack
from services.rules.wording import Term
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark
from services.validator.core.values import as_number, day_of, place, sure, value_of


def _activities(pack: RulePack, activity_id: str, components: tuple[str, ...]) -> tuple[Activity, ...]:
    """The activity, and for a composite one the components it used."""
    activity = pack.activities.get(activity_id)
    if activity is None:
        return ()
    used = [pack.activity(one) for one in components if one in activity.composite_of]
    return (activity, *used)


def _required(metric: Metric, line_kinds: frozenset[str]) -> bool:
    return metric.required and (
        metric.unless_expense_kind is None or metric.unless_expense_kind not in line_kinds
    )


def _stated(metric: Metric, inputs: CheckInputs) -> str | None:
    """What the claim states for a metric; a metric that is a list of people may stand in `attendees`."""
    given = inputs.manifest.metrics.get(metric.id, "").strip()
    if given:
        return given
    if metric.unit == "list" and inputs.manifest.attendees:
        return ", ".join(inputs.manifest.attendees)
    if metric.id == "attendees" and inputs.manifest.attendees:
        return str(len(inputs.manifest.attendees))
    return None


def number_stated(text: str | None) -> Decimal | None:
    """The number a metric states, with blanks between digits allowed; None for words."""
    if text is None:
        return None
    try:
        number = Decimal("".join(text.split()))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def check_metrics(inputs: CheckInputs) -> tuple[Remark, ...]:
    """METRIC_MISSING for a value that was not stated, METRIC_INVALID for one that is no number or over its bound."""
    line_kinds = frozenset(line.kind for line in inputs.manifest.lines)
    remarks: list[Remark] = []
    seen: set[str] = set()
    for activity in _activities(inputs.pack, inputs.manifest.activity, inputs.manifest.components):
        for metric in activity.metrics:
            if metric.id in seen:
                continue
            seen.add(metric.id)
            stated = _stated(metric, inputs)
            label = Term(metric.id, metric.label.texts)
            if stated is None:
                # A text that a document must show is there once the document is.
                backed = metric.unit == "text" and metric.report_kind is not None
                if _required(metric, line_kinds) and not backed:
                    remarks.append(Remark("METRIC_MISSING", {"metric": label}))
            elif metric.unit in {"people", "count", "money"}:
                remarks += _number_remarks(metric, stated, inputs)
    return tuple(remarks)


def _number_remarks(metric: Metric, stated: str, inputs: CheckInputs) -> list[Remark]:
    label = Term(metric.id, metric.label.texts)
    number = number_stated(stated)
    whole = metric.unit in {"people", "count"}
    if number is None or number < 0 or (whole and number != number.to_integral_value()):
        return [Remark("METRIC_INVALID", {"metric": label, "value": stated}, actual=stated)]
    bound = number_stated(inputs.manifest.metrics.get(metric.max)) if metric.max else None
    if bound is not None and number > bound:
        params = {"metric": label, "value": stated}
        return [Remark("METRIC_INVALID", params, expected=f"≤ {bound}", actual=stated)]
    return []


def check_report_metrics(inputs: CheckInputs) -> tuple[Remark, ...]:
    """POE_METRIC_MISMATCH where a report shows another number than the one typed (R-36)."""
    remarks = []
    for document in inputs.documents:
        for name, typed in sorted(inputs.manifest.metrics.items()):
            read, stated = value_of(document, f"metric_{name}"), number_stated(typed)
            shown = as_number(read)
            if read is None or stated is None or shown is None or not sure(read) or shown == stated:
                continue
            remarks.append(
                Remark(
                    "POE_METRIC_MISMATCH",
                    {"typed": typed, "read": read.raw, "file": document.file},
                    evidence=(place(document, read),),
                    expected=typed,
                    actual=read.value,
                )
            )
    return tuple(remarks)


def check_declarations(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DECLARATION_MISSING for each declaration of the pack that the claim does not make (R-65)."""
    remarks = []
    for declaration in inputs.pack.declarations:
        if declaration not in inputs.manifest.declarations:
            described = inputs.pack.declaration_texts.get(declaration)
            label = Term(declaration, described.texts) if described else declaration
            remarks.append(Remark("DECLARATION_MISSING", {"declaration": label}))
    return tuple(remarks)


def check_cross(inputs: CheckInputs) -> tuple[Remark, ...]:
    """CROSS_CHECK_FAILED for each comparison of the activity that is known to be false."""
    activity = inputs.pack.activities.get(inputs.manifest.activity)
    if activity is None:
        return ()
    values = _cross_values(inputs)
    return tuple(
        Remark("CROSS_CHECK_FAILED", {"check": comparison.text}, expected=comparison.text)
        for comparison in activity.comparisons
        if holds(comparison, values) is False
    )


def _cross_values(inputs: CheckInputs) -> Mapping[str, Value]:
    manifest = inputs.manifest
    values: dict[str, Value] = {
        "claimed": Decimal(manifest.claimed_amount),
        "usage_period": manifest.usage_period,
        "activity_start": manifest.activity_start,
        "activity_end": manifest.activity_end,
    }
    if manifest.activity_start <= manifest.activity_end:
        values["activity"] = Period(start=manifest.activity_start, end=manifest.activity_end)
    for name, text in manifest.metrics.items():
        number = number_stated(text)
        if number is not None:
            values[name] = number
    if manifest.attendees:
        values["attendees"] = Decimal(len(manifest.attendees))
    completed = _completion_date(inputs)
    if completed is not None:
        values["completion_date"] = completed
    return values


def _completion_date(inputs: CheckInputs) -> date | None:
    days = [day for document in inputs.documents if (day := day_of(document, "completion_date")) is not None]
    return max(days, default=None)
