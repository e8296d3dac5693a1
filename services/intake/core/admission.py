"""Whether a claim may be taken in at all: its program, period and activity exist in the pack that judges it.

A passed deadline, missing evidence or a wrong amount is not tested here: those are findings, and the claim is taken.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.bundle import Manifest
from schemas.ids import Code
from services.intake.core.bundle import Fault
from services.rules.pack import ActivityUnknown, RulePack
from services.rules.periods import earning_period, is_usage_period, usage_period
from services.rules.windows import (
    ClaimWindow,
    claim_window,
    deadline_texts,
    dispute_closes_at,
    revision_closes_at,
)

YEARS = range(1990, 2200)
"""The years in which a claim's dates may lie."""


class ClaimRefused(ValueError):
    """The claim cannot be taken in as it is; nothing is kept. `faults` names every reason."""

    code: Code = "CLAIM_NOT_ADMITTED"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("the claim cannot be taken in; see items")


@dataclass(frozen=True)
class Admitted:
    """A claim that may be taken in, with the window that its first receipt is judged by."""

    program: str
    pack: RulePack
    window: ClaimWindow


def admitted(manifest: Manifest, pack: RulePack, *, is_enrolled: bool) -> Admitted:
    """Return the program's id and the claim window. Raises ClaimRefused with every fault."""
    program = pack.program(manifest.program)
    # Calendars are only asked about days they can count from.
    faults = _date_faults(manifest)
    if faults:
        raise ClaimRefused(tuple(faults))
    if not is_enrolled:
        detail = f"{manifest.partner_id} at {manifest.location} is not enrolled in {program.name}: ask the program owner"
        faults.append(Fault("program", "NOT_ENROLLED", detail))
    if program.requires_plan:
        detail = f"{program.name} pays by an approved plan and takes no claims"
        faults.append(Fault("program", "PROGRAM_REQUIRES_PLAN", detail))
    elif not program.claimable:
        faults.append(Fault("program", "PROGRAM_NOT_CLAIMABLE", f"{program.name} has no co-op claims"))
    if not is_usage_period(pack, manifest.usage_period):
        nearest = usage_period(pack, earning_period(pack, manifest.usage_period.start))
        detail = (
            f"{manifest.usage_period} is no usage period of {pack.id}: use {earning_period(pack, manifest.usage_period.start)}"
            f" or the next, {nearest}"
        )
        faults.append(Fault("usage_period", "USAGE_PERIOD_UNKNOWN", detail))
    faults.extend(_activity_faults(manifest, pack, program.claimable))
    if manifest.claimed_minor <= 0:
        faults.append(Fault("claimed_amount", "AMOUNT_NOT_POSITIVE", "claim an amount of more than zero"))
    if faults:
        raise ClaimRefused(tuple(faults))
    # Where the window also waits for a payment that is not read yet, the earliest possible deadline is shown.
    window = claim_window(
        pack, manifest.usage_period, activity_end=manifest.activity_end, paid_on=manifest.activity_end
    )
    return Admitted(program.id, pack, window)


def _date_faults(manifest: Manifest) -> list[Fault]:
    days = {
        "usage_period": manifest.usage_period.end,
        "activity_start": manifest.activity_start,
        "activity_end": manifest.activity_end,
    }
    if manifest.campaign is not None:
        days["campaign"] = manifest.campaign.end
    return [
        Fault(
            field,
            "DATE_OUT_OF_RANGE",
            f"{day} is not in the years {YEARS.start} to {YEARS.stop - 1}: correct the date",
        )
        for field, day in days.items()
        if day.year not in YEARS
    ]


def _activity_faults(manifest: Manifest, pack: RulePack, claimable: bool) -> list[Fault]:
    try:
        activity = pack.activity(manifest.activity)
    except ActivityUnknown as error:
        return [Fault("activity", error.code, str(error))]
    if claimable and not pack.offers(manifest.activity, manifest.program):
        detail = f"{manifest.activity} is not open to {manifest.program}"
        return [Fault("activity", "ACTIVITY_NOT_OFFERED", detail)]
    if manifest.category not in (None, activity.category):
        detail = f"{manifest.activity} belongs to the category {activity.category}"
        return [Fault("category", "CATEGORY_MISMATCH", detail)]
    return []


def identity_faults(manifest: Manifest, program: str, known: dict[str, object]) -> tuple[Fault, ...]:
    """What a revision may not change: whose claim it is, for which program, period and currency (R-40, R-77)."""
    said: dict[str, object] = {
        "partner_id": manifest.partner_id,
        "location": manifest.location,
        "program": program,
        "usage_period": manifest.usage_period,
        "currency": manifest.currency,
    }
    return tuple(
        Fault(
            field,
            "CLAIM_IDENTITY_CHANGED",
            f"it was {known[field]}: withdraw this claim and send a new one to change it",
        )
        for field in said
        if said[field] != known[field]
    )


def dispute_overdue(pack: RulePack, decided_at: datetime, now: datetime) -> str | None:
    """Return the time limit in words when a rejection told at `decided_at` is disputed too late, else None."""
    return _passed(pack, dispute_closes_at(pack, decided_at), now)


def revision_overdue(pack: RulePack, asked_at: datetime, now: datetime) -> str | None:
    """Return the time limit in words when a revision asked for at `asked_at` comes too late, else None."""
    return _passed(pack, revision_closes_at(pack, asked_at), now)


def _passed(pack: RulePack, closes_at: datetime | None, now: datetime) -> str | None:
    if closes_at is None or now < closes_at:
        return None
    return deadline_texts(closes_at, pack.zone, pack.timezone_label).en
