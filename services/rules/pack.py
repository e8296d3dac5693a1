"""From texts to a rule pack: `extends` resolved, every key and reference checked, each refusal with its place."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from services.rules.activities import Activity
from services.rules.pack_model import ActivityUnknown, NoPackInForce, ProgramUnknown, RulePack, pack_in_force
from services.rules.pack_text import Marked, PackInvalid, read_marked, reason_of

__all__ = [
    "ActivityUnknown",
    "NoPackInForce",
    "PackInvalid",
    "ProgramUnknown",
    "RulePack",
    "load_pack",
    "pack_in_force",
]

EXTENDS_MAX = 8
Path = tuple[int | str, ...]
Problem = tuple[Path, str]

CLAIM_VALUES = frozenset(
    {"claimed", "usage_period", "activity", "attendees", "completion_date", "activity_start", "activity_end"}
)
"""What a cross-check may name besides the metrics of its activity."""


def file_of(pack_id: str) -> str:
    """The file a pack is known by in messages."""
    return f"{pack_id}/pack.yaml"


def _merged(texts: Mapping[str, str], pack_id: str) -> Marked:
    """The marked values of a pack laid over those it extends. Raises PackInvalid."""
    chain: list[Marked] = []
    seen: list[str] = []
    wanted, place = pack_id, (file_of(pack_id), 1)
    while True:
        if wanted in seen:
            raise PackInvalid(*place, f"extends goes in a circle: {' > '.join([*seen, wanted])}")
        if wanted not in texts:
            raise PackInvalid(*place, f"there is no pack {wanted!r}")
        if len(seen) == EXTENDS_MAX:
            raise PackInvalid(*place, f"extends more than {EXTENDS_MAX} packs")
        seen.append(wanted)
        top = read_marked(file_of(wanted), texts[wanted])
        chain.append(top)
        assert isinstance(top.value, dict)
        named = top.value.get("id")
        if named is None:
            raise PackInvalid(top.file, 1, "the key 'id' is missing")
        if named.value != wanted:
            raise PackInvalid(
                named.file, named.line, f"the id is {named.value!r}, but the pack is called {wanted!r}"
            )
        parent = top.value.get("extends")
        if parent is None:
            break
        if not isinstance(parent.value, str):
            raise PackInvalid(parent.file, parent.line, "extends names one pack")
        wanted, place = parent.value, (parent.file, parent.line)
    whole = chain.pop().without_nulls()
    while chain:
        whole = whole.merged(chain.pop())
    return whole.without_nulls()


def _program_problems(pack: RulePack) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for place, program in enumerate(pack.programs):
        path: Path = ("programs", place)
        for name in program.names:
            owner = taken.setdefault(" ".join(name.split()).casefold(), program.id)
            if owner != program.id:
                yield (path, f"{name!r} already names the program {owner}")
        if program.requires_plan and pack.plan is None:
            yield (path, f"{program.id} requires a plan, but the pack has no plan block")
        if pack.pays != "split" and program.claimable:
            yield (path, f"{program.id} pays the whole earning, so it cannot be claimable too")
        if pack.pays == "split" and pack.split_for(program.id) is None:
            yield (path, f"{program.id} has no split")
    if not pack.programs:
        yield (("programs",), "a pack has at least one program")
    if pack.pays != "split" and (pack.split is not None or pack.plan is None):
        yield (("pays",), "a pack that pays by plan has a plan block and no split")
    if pack.threshold is not None:
        for name in pack.threshold.by_program:
            if not pack.lists(name):
                yield (("threshold", "by_program", name), f"{name!r} is no program of the pack")
    for family in pack.family_parents:
        if family in pack.families_within([pack.family_parents[family]]):
            yield (("family_parents", family), f"the family {family!r} lies within itself")


def _unknown(path: Path, names: object, known: Mapping[str, object], what: str) -> Iterator[Problem]:
    assert isinstance(names, tuple | frozenset)
    for name in sorted(names):
        if name not in known:
            yield (path, f"{name!r} is no {what} of the pack")


def _activity_problems(pack: RulePack, activity_id: str, activity: Activity) -> Iterator[Problem]:
    path: Path = ("activities", activity_id)
    if activity.category not in pack.categories:
        yield ((*path, "category"), f"{activity.category!r} is no category of the pack")
    documents = pack.document_kinds
    yield from _unknown((*path, "evidence"), activity.evidence.kinds, documents, "document kind")
    yield from _unknown((*path, "content_on"), tuple(activity.content_on), documents, "document kind")
    yield from _unknown(
        (*path, "alternatives"), tuple(activity.alternatives.values()), documents, "document kind"
    )
    yield from _unknown(
        (*path, "financial_evidence_override"),
        activity.financial_evidence_override,
        documents,
        "document kind",
    )
    yield from _unknown((*path, "eligible"), activity.eligible, pack.expense_kinds, "expense kind")
    yield from _unknown((*path, "composite_of"), activity.composite_of, pack.activities, "activity")
    tests = set(activity.content_tests) | {test for tests in activity.content_on.values() for test in tests}
    yield from _unknown((*path, "content_tests"), frozenset(tests), pack.content_texts, "content test")
    if (activity.evidence.inherit is not None) != bool(activity.composite_of):
        yield ((*path, "evidence"), "inherit: used_components and composite_of go together")
    for place, cap in enumerate(activity.caps):
        yield from _unknown(
            (*path, "caps", place), cap.applies_to, dict.fromkeys(activity.eligible), "payable expense"
        )
        if activity.cap(cap.id) is not cap:
            yield ((*path, "caps", place), f"the cap {cap.id} stands here twice")
    metrics = {metric.id: metric for metric in activity.metrics}
    for place, metric in enumerate(activity.metrics):
        if metric.report_kind is not None and metric.report_kind not in documents:
            yield ((*path, "metrics", place), f"{metric.report_kind!r} is no document kind of the pack")
        if metric.max is not None and metric.max not in metrics:
            yield ((*path, "metrics", place), f"{metric.max!r} is no metric of the activity")
    for place, comparison in enumerate(activity.comparisons):
        for name in sorted(comparison.names - metrics.keys() - CLAIM_VALUES):
            yield (
                (*path, "cross_checks", place),
                f"{name!r} is neither a metric of the activity nor a value of a claim",
            )


def _problems(pack: RulePack) -> Iterator[Problem]:
    """Everything that contradicts something else in the pack."""
    yield from _program_problems(pack)
    yield from _unknown(("evidence_extra",), pack.evidence_extra, pack.document_kinds, "document kind")
    yield from _unknown(
        ("financial_evidence",), pack.financial_evidence, pack.document_kinds, "document kind"
    )
    yield from _unknown(("never_payable",), pack.never_payable, pack.expense_kinds, "expense kind")
    yield from _unknown(("tax_payable_on",), pack.tax_payable_on, pack.expense_kinds, "expense kind")
    yield from _unknown(("declarations",), pack.declarations, pack.declaration_texts, "declaration text")
    for activity_id, activity in pack.activities.items():
        yield from _activity_problems(pack, activity_id, activity)


def load_pack(texts: Mapping[str, str], pack_id: str) -> RulePack:
    """Build the pack `pack_id` from the texts of all packs by id. Raises PackInvalid with file, line and reason.

    `extends`: maps merge, lists and scalars replace, null deletes.
    """
    whole = _merged(texts, pack_id)
    try:
        pack = RulePack.model_validate(whole.plain())
    except ValidationError as invalid:
        errors = sorted(
            ((whole.at(error["loc"]), reason_of(error)) for error in invalid.errors()),
            key=lambda found: (found[0].file != file_of(pack_id), found[0].line),
        )
        place, reason = errors[0]
        raise PackInvalid(place.file, place.line, reason) from None
    for path, reason in _problems(pack):
        place = whole.at(path)
        raise PackInvalid(place.file, place.line, reason)
    return pack
