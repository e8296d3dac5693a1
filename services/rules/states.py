"""The states of claims and plans by the names people see (R-22, R-25, R-30, R-31, C9, C20)."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.claims import ClaimAct, ClaimState, TransitionNotAllowed, after
from schemas.findings import Texts

STATE_TEXTS: dict[ClaimState, Texts] = {
    ClaimState.EDITING: Texts(en="Editing", sv="Under redigering", fr="En cours de modification"),
    ClaimState.SUBMITTED: Texts(en="Submitted", sv="Skickad", fr="Envoyée"),
    ClaimState.UNDER_REVIEW: Texts(en="Under review", sv="Under granskning", fr="En cours d’examen"),
    ClaimState.ACTION_REQUIRED: Texts(en="Action required", sv="Åtgärd krävs", fr="Action requise"),
    ClaimState.APPROVED: Texts(en="Approved", sv="Godkänd", fr="Approuvée"),
    ClaimState.REJECTED: Texts(en="Rejected", sv="Avslagen", fr="Rejetée"),
    ClaimState.DISPUTED: Texts(en="Disputed", sv="Bestridd", fr="Contestée"),
    ClaimState.WITHDRAWN: Texts(en="Withdrawn", sv="Återtagen", fr="Retirée"),
}
"""The words of the glossary for each state."""

PARTNER_ACTION_REQUIRED = Texts(
    en="Partner action required", sv="Åtgärd krävs av partner", fr="Action du partenaire requise"
)
"""The label of Action required after a dispute; the state is the same (C20)."""


def state_texts(state: ClaimState, *, after_dispute: bool = False) -> Texts:
    """What people call a state."""
    if state is ClaimState.ACTION_REQUIRED and after_dispute:
        return PARTNER_ACTION_REQUIRED
    return STATE_TEXTS[state]


def state_named(name: str) -> ClaimState:
    """The state by its id or its English name. Raises ValueError."""
    folded = name.strip().casefold()
    for state, texts in STATE_TEXTS.items():
        if folded in {state.value, texts.en.casefold()}:
            return state
    if folded == PARTNER_ACTION_REQUIRED.en.casefold():
        return ClaimState.ACTION_REQUIRED
    raise ValueError(f"{name!r} is no state of a claim")


class PlanAccess(StrEnum):
    """Whether a plan may be changed."""

    ALLOWED = "ALLOWED"
    LOCKED = "LOCKED"


@dataclass(frozen=True)
class PlanChange:
    """The answer to an attempt to change a plan, and the state it is in afterwards."""

    access: PlanAccess
    state: ClaimState


def change_plan(state: ClaimState) -> PlanChange:
    """A submitted plan is locked; it opens again only when a reviewer has set Action required (R-22, C9)."""
    if state is ClaimState.EDITING:
        return PlanChange(PlanAccess.ALLOWED, state)
    try:
        return PlanChange(PlanAccess.ALLOWED, after(state, ClaimAct.EDIT))
    except TransitionNotAllowed:
        return PlanChange(PlanAccess.LOCKED, state)
