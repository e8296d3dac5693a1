"""The claim fits the catalog: program, activity, category and sub-type are ones the pack knows (R-32, R-34, R-78)."""

from services.validator.core.checks.presence import activity_term
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark


def check_catalog(inputs: CheckInputs) -> tuple[Remark, ...]:
    """PROGRAM_NOT_CLAIMABLE, ACTIVITY_UNKNOWN, ACTIVITY_NOT_OFFERED, CATEGORY_MISMATCH."""
    manifest, pack = inputs.manifest, inputs.pack
    program = manifest.program
    if not pack.lists(manifest.program) or not pack.program(manifest.program).claimable:
        return (Remark("PROGRAM_NOT_CLAIMABLE", {"program": program}, actual=manifest.program),)
    if manifest.activity not in pack.activities:
        expected = " | ".join(sorted(pack.activities))
        return (
            Remark(
                "ACTIVITY_UNKNOWN", {"activity": manifest.activity}, None, (), expected, manifest.activity
            ),
        )
    activity = activity_term(pack, manifest.activity)
    if not pack.offers(manifest.activity, manifest.program):
        params = {"activity": activity, "program": program}
        return (Remark("ACTIVITY_NOT_OFFERED", params, actual=manifest.activity),)
    belongs = pack.activity(manifest.activity).category
    if manifest.category is not None and manifest.category != belongs:
        params = {"category": manifest.category, "activity": activity}
        return (Remark("CATEGORY_MISMATCH", params, None, (), belongs, manifest.category),)
    return ()
