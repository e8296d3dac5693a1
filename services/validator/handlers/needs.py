"""What an activity asks for, and which of it a claim brings: for the page of a check, and before money is spent."""

from schemas.base import Contract
from schemas.findings import Texts
from services.rules.activities import Activity
from services.rules.wording import Term
from services.validator.core.checks.presence import claimed, evidence_needs, financial_need, kind_term
from services.validator.core.inputs import CheckInputs


class NeededDocument(Contract):
    """One demand: a document of any of these kinds. `forms` are other kinds that may stand in for it."""

    any_of: tuple[str, ...]
    labels: tuple[Texts, ...]
    forms: tuple[str, ...] = ()
    there: bool


class NeededMetric(Contract):
    """A value that the claim states; `report_kind` is the document that must show it."""

    id: str
    unit: str
    label: Texts
    required: bool
    report_kind: str | None = None


def needed_documents(inputs: CheckInputs) -> tuple[NeededDocument, ...]:
    """The checklist of the activity: financial evidence first, then the evidence tree (R-35, R-36)."""
    pack = inputs.pack
    activity = pack.activities.get(inputs.manifest.activity)
    if activity is None:
        return ()
    claim = claimed(inputs)
    financial = financial_need(pack, activity, claim.documents)
    needs = (
        financial,
        *(need for need in evidence_needs(pack, activity, claim) if need.any_of != financial.any_of),
    )
    return tuple(
        NeededDocument(
            any_of=need.any_of,
            labels=tuple(kind_term(pack, kind).texts for kind in need.any_of),
            forms=need.forms,
            there=need.met,
        )
        for need in needs
    )


def needed_metrics(inputs: CheckInputs) -> tuple[NeededMetric, ...]:
    """What the activity and its used components want to be stated, each once (R-36)."""
    pack, manifest = inputs.pack, inputs.manifest
    activity = pack.activities.get(manifest.activity)
    if activity is None:
        return ()
    parts: list[Activity] = [activity]
    parts += [pack.activity(one) for one in manifest.components if one in activity.composite_of]
    found = {metric.id: metric for part in reversed(parts) for metric in part.metrics}
    return tuple(
        NeededMetric(
            id=metric.id,
            unit=metric.unit,
            label=Term(metric.id, metric.label.texts).texts,
            required=metric.required,
            report_kind=metric.report_kind,
        )
        for metric in found.values()
    )
