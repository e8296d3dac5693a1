"""Travel and conferences: limits by person and conference need to know both (R-51)."""

from services.rules.caps import is_unlimited
from services.validator.core.inputs import CheckInputs
from services.validator.core.remarks import Remark


def check_people(inputs: CheckInputs) -> tuple[Remark, ...]:
    """LINE_PERSON_MISSING and LINE_CONFERENCE_MISSING where a limit is counted by them; TRAVEL_PEOPLE_OVER."""
    manifest, pack = inputs.manifest, inputs.pack
    activity = pack.activities.get(manifest.activity)
    if activity is None or not pack.lists(manifest.program):
        return ()
    families = pack.families_of(manifest.program)
    by_person: set[str] = set()
    by_conference: set[str] = set()
    for cap in activity.caps:
        if is_unlimited(cap, families):
            continue
        kinds = set(cap.applies_to or activity.eligible)
        by_person |= kinds if "person" in cap.units or cap.unit == "attendees" else set()
        by_conference |= kinds if "conference" in cap.units else set()
    remarks = []
    if any(line.kind in by_person and not line.person for line in manifest.lines):
        remarks.append(Remark("LINE_PERSON_MISSING"))
    if any(line.kind in by_conference and not line.conference for line in manifest.lines):
        remarks.append(Remark("LINE_CONFERENCE_MISSING"))
    people = {" ".join(line.person.split()).casefold() for line in manifest.lines if line.person}
    if pack.travel is not None and len(people) > pack.travel.people_max:
        params = {"people": len(people), "max": pack.travel.people_max}
        remarks.append(
            Remark("TRAVEL_PEOPLE_OVER", params, None, (), f"<= {pack.travel.people_max}", str(len(people)))
        )
    return tuple(remarks)
