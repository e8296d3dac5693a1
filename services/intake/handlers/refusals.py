"""How the refusals of the core reach a caller: one problem document for each, with a stable code."""

from schemas.problems import ProblemItem
from services.intake.core.admission import ClaimRefused
from services.intake.core.bundle import BundleRefused, Fault
from services.intake.core.life import ActRefused
from services.intake.core.refusals import ContainerReason, ContainerRefused
from services.intake.store.claims import ClaimChanged
from services.kit.http import ProblemError
from services.kit.objects import ObjectStoreUnavailable

REFUSALS = (ContainerRefused, BundleRefused, ClaimRefused, ActRefused, ClaimChanged, ObjectStoreUnavailable)
_TOO_LARGE = frozenset({ContainerReason.TOO_LARGE_UNCOMPRESSED, ContainerReason.TOO_MANY_MEMBERS})


def as_problem(error: Exception) -> ProblemError:
    """Return the problem for one of `REFUSALS`."""
    if isinstance(error, ContainerRefused):
        status = 413 if error.reason in _TOO_LARGE else 422
        items = (
            (ProblemItem(where=error.member, code=error.code, detail=error.what_to_do),)
            if error.member
            else ()
        )
        return ProblemError(status, error.code, str(error), items)
    if isinstance(error, BundleRefused | ClaimRefused):
        return faulty(error.code, str(error), error.faults)
    if isinstance(error, ObjectStoreUnavailable):
        return ProblemError(
            503, error.code, "documents cannot be stored just now: send the same again in a minute"
        )
    if isinstance(error, ActRefused | ClaimChanged):
        return ProblemError(409, error.code, str(error))
    raise error


def faulty(code: str, detail: str, faults: tuple[Fault, ...]) -> ProblemError:
    """A 422 that names every fault; a single fault gives its own code to the whole."""
    items = tuple(ProblemItem(where=fault.where, code=fault.code, detail=fault.detail) for fault in faults)
    codes = {fault.code for fault in faults}
    if len(codes) == 1:
        return ProblemError(422, codes.pop(), faults[0].detail if len(faults) == 1 else detail, items)
    return ProblemError(422, code, detail, items)
