"""Document presence: financial evidence, the evidence of the activity, notes (R-35, R-36, R-46)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.base import Contract
from schemas.findings import Texts
from services.rules.activities import Activity, Condition, DocumentKind, ExpenseKind
from services.rules.pack import RulePack
from services.rules.wording import Term
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark
from services.validator.core.values import place


@dataclass(frozen=True)
class Claimed:
    """What the evidence rules look at: which kinds of documents are there, and what the claim says."""

    documents: frozenset[str]
    forms: frozenset[str] = frozenset()
    line_kinds: frozenset[str] | None = None
    sub_type: str | None = None
    components: tuple[str, ...] = ()
    unit_origin: str | None = None
    content_missing: frozenset[str] = frozenset()


class Need(Contract):
    """Document kinds of which one is needed, and whether one is there; `forms` narrows how it may come."""

    any_of: tuple[str, ...]
    met: bool
    forms: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind that is asked for when none is there."""
        return self.any_of[0]


def claimed(inputs: CheckInputs) -> Claimed:
    """What the claim brings, with the kinds of its documents as declared."""
    manifest = inputs.manifest
    kinds = frozenset(document.received.kind for document in inputs.documents)
    return Claimed(
        documents=kinds,
        line_kinds=frozenset(line.kind for line in manifest.lines),
        sub_type=manifest.sub_type,
        components=manifest.components,
        unit_origin=manifest.unit_origin,
        content_missing=content_missing(inputs),
    )


def content_missing(inputs: CheckInputs) -> frozenset[str]:
    """Kinds of documents of which none shows the content that the activity asks for, as far as words were read.

    A document that could not be read for words counts as showing it: what was not read accuses nobody.
    """
    missing: set[str] = set()
    by_kind: dict[str, list[bool]] = {}
    for document in inputs.documents:
        shown = not any(flag.startswith("content_missing:") for flag in document.facts.flags)
        by_kind.setdefault(document.received.kind, []).append(shown)
    for kind, shown_on in by_kind.items():
        if not any(shown_on):
            missing.add(kind)
    return frozenset(missing)


def _applies(condition: Condition, claim: Claimed) -> bool:
    if condition.expense_kind is not None:
        return claim.line_kinds is not None and condition.expense_kind in claim.line_kinds
    if condition.content_missing_on:
        return set(condition.content_missing_on) <= claim.content_missing
    if condition.unit_origin is not None:
        return condition.unit_origin == claim.unit_origin
    return condition.sub_type == claim.sub_type


def _need(pack: RulePack, activity: Activity, claim: Claimed, kind: str) -> Need:
    """A needed kind: it may come as itself or in one of the forms it accepts; a sub-type narrows the forms."""
    described: DocumentKind | None = pack.document_kinds.get(kind)
    forms = described.accepts if described else ()
    if claim.sub_type is not None:
        forms = activity.sub_types.get(claim.sub_type, {}).get(kind, forms)
    met = kind in claim.documents or not claim.documents.isdisjoint(forms)
    return Need(any_of=(kind,), met=met, forms=forms)


def evidence_needs(pack: RulePack, activity: Activity, claim: Claimed) -> tuple[Need, ...]:
    """Every document that the activity's evidence tree asks of this claim (R-36), in the order of the pack."""
    tree = activity.evidence
    needs = [_need(pack, activity, claim, kind) for kind in tree.all_of]
    if tree.any_of:
        met = any(_need(pack, activity, claim, kind).met for kind in tree.any_of)
        needs.append(Need(any_of=tree.any_of, met=met))
    for further in tree.when:
        if _applies(further.if_, claim):
            needs += [_need(pack, activity, claim, kind) for kind in further.then.all_of]
    needs += _set_needs(pack, activity, claim)
    if tree.inherit == "used_components":
        for component in claim.components:
            if component in activity.composite_of:
                needs += evidence_needs(pack, pack.activity(component), claim)
    needs += [_need(pack, activity, claim, kind) for kind in _report_kinds(activity, claim)]
    needs += [_need(pack, activity, claim, kind) for kind in pack.evidence_extra]
    return tuple(dict.fromkeys(needs))


def _set_needs(pack: RulePack, activity: Activity, claim: Claimed) -> list[Need]:
    """Of several sets, the one whose condition holds; where none says which, any complete set will do."""
    sets = activity.evidence.any_of_sets
    chosen = [one for one in sets if one.when is None or _applies(one.when, claim)]
    if not sets:
        return []
    if len(chosen) == 1:
        return [_need(pack, activity, claim, kind) for kind in chosen[0].all_of]
    if any(all(_need(pack, activity, claim, kind).met for kind in one.all_of) for one in chosen or sets):
        return []
    return [_need(pack, activity, claim, kind) for kind in (chosen or sets)[0].all_of]


def _report_kinds(activity: Activity, claim: Claimed) -> Iterator[str]:
    """Documents that back a metric (R-36)."""
    for metric in activity.metrics:
        excused = claim.line_kinds is not None and metric.unless_expense_kind in claim.line_kinds
        if metric.required and metric.report_kind is not None and not excused:
            yield metric.report_kind


def financial_kinds(pack: RulePack, activity: Activity | None) -> tuple[str, ...]:
    """Of these kinds one document is always needed (R-35)."""
    if activity is not None and activity.financial_evidence_override:
        return activity.financial_evidence_override
    return pack.financial_evidence


def financial_need(pack: RulePack, activity: Activity | None, documents: Iterable[str]) -> Need:
    """An invoice or a service report (R-35); a kind that an activity's own evidence names counts as well."""
    kinds = financial_kinds(pack, activity)
    return Need(any_of=kinds, met=not set(kinds).isdisjoint(documents))


def _term(term_id: str, described: DocumentKind | Activity | ExpenseKind | None) -> Term:
    if described is None:
        return Term(term_id, Texts(en=term_id, sv=term_id, fr=term_id))
    return Term(term_id, described.label.texts)


def kind_term(pack: RulePack, kind: str) -> Term:
    """The words for a document kind, or its id where the pack has none."""
    return _term(kind, pack.document_kinds.get(kind))


def activity_term(pack: RulePack, activity_id: str) -> Term:
    """The words for an activity, or its id where the pack has none."""
    return _term(activity_id, pack.activities.get(activity_id))


def expense_term(pack: RulePack, kind: str) -> Term:
    """The words for an expense kind, or its id where the pack has none."""
    return _term(kind, pack.expense_kinds.get(kind))


def missing_financial(
    pack: RulePack, activity_id: str | None, documents: Iterable[str]
) -> tuple[Remark, ...]:
    """DOC_FINANCIAL_MISSING without an invoice or a service report (R-35)."""
    activity = pack.activities.get(activity_id) if activity_id is not None else None
    need = financial_need(pack, activity, documents)
    return () if need.met else (Remark("DOC_FINANCIAL_MISSING", expected=" | ".join(need.any_of)),)


def missing_evidence(pack: RulePack, activity_id: str, claim: Claimed) -> tuple[Remark, ...]:
    """One DOC_MISSING for each kind that the activity's evidence lacks (R-36).

    A kind that also counts as financial evidence is left to R-35 while there is none at all. What the evidence
    depends on must be said: COMPONENT_MISSING, UNIT_ORIGIN_MISSING, SUB_TYPE_MISSING.
    """
    activity = pack.activities.get(activity_id)
    if activity is None:
        return ()
    label = activity_term(pack, activity_id)
    financial = financial_need(pack, activity, claim.documents)
    remarks = []
    for need in evidence_needs(pack, activity, claim):
        if need.met or (not financial.met and need.kind in financial.any_of):
            continue
        params = {"kind": kind_term(pack, need.kind), "activity": label}
        expected = " | ".join(need.forms or need.any_of)
        remarks.append(Remark("DOC_MISSING", params, expected=expected))
    if activity.evidence.inherit and not set(claim.components) & set(activity.composite_of):
        remarks.append(
            Remark("COMPONENT_MISSING", {"activity": label}, expected=" | ".join(activity.composite_of))
        )
    return tuple(remarks)


def missing_choices(pack: RulePack, activity_id: str, claim: Claimed) -> tuple[Remark, ...]:
    """SUB_TYPE_MISSING and UNIT_ORIGIN_MISSING: choices on which the evidence depends (R-36)."""
    activity = pack.activities.get(activity_id)
    if activity is None:
        return ()
    remarks = []
    if activity.sub_types and claim.sub_type not in activity.sub_types:
        forms = ", ".join(activity.sub_types)
        params = {"activity": activity_term(pack, activity_id), "list": forms}
        remarks.append(Remark("SUB_TYPE_MISSING", params, None, (), forms, claim.sub_type))
    origins = [one.when.unit_origin for one in activity.evidence.any_of_sets if one.when is not None]
    if any(origins) and claim.unit_origin not in origins:
        expected = " | ".join(origin for origin in origins if origin)
        remarks.append(Remark("UNIT_ORIGIN_MISSING", {}, None, (), expected, claim.unit_origin))
    return tuple(remarks)


def check_documents(inputs: CheckInputs) -> tuple[Remark, ...]:
    """Financial evidence, the activity's documents, and the choices they depend on (R-35, R-36)."""
    claim, activity = claimed(inputs), inputs.manifest.activity
    return (
        *missing_financial(inputs.pack, activity, claim.documents),
        *missing_evidence(inputs.pack, activity, claim),
        *missing_choices(inputs.pack, activity, claim),
    )


def note_missing(optional: bool, note: str) -> bool:
    """Whether an optional proof document lacks its explanatory note (R-46)."""
    return optional and not note.strip()


def _named_kinds(pack: RulePack, activity: Activity) -> set[str]:
    """Every kind that an activity's evidence and metrics speak of, and the forms it may come in."""
    kinds = set(activity.evidence.kinds) | set(activity.alternatives.values())
    kinds |= {metric.report_kind for metric in activity.metrics if metric.report_kind is not None}
    forms = {
        form for kind in kinds if kind in pack.document_kinds for form in pack.document_kinds[kind].accepts
    }
    return kinds | forms


def check_notes(inputs: CheckInputs) -> tuple[Remark, ...]:
    """DOC_NOTE_MISSING for a document that no rule of the activity asks for and that has no note (R-46)."""
    pack = inputs.pack
    activity = pack.activities.get(inputs.manifest.activity)
    claim = claimed(inputs)
    asked: set[str] = set(financial_kinds(pack, activity)) | set(pack.proof_of_payment_kinds)
    asked |= {kind for kind, one in pack.document_kinds.items() if one.family == "financial"}
    if activity is not None:
        for need in evidence_needs(pack, activity, claim):
            asked |= {*need.any_of, *need.forms}
        for part in (
            activity,
            *(pack.activities[one] for one in activity.composite_of if one in pack.activities),
        ):
            asked |= _named_kinds(pack, part)
    return tuple(
        Remark("DOC_NOTE_MISSING", {"file": document.file}, evidence=(place(document),))
        for document in inputs.documents
        if note_missing(document.received.kind not in asked, document.received.note)
    )
