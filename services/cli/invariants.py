"""Everything that must hold in an instance, as `coop verify` and the demo ask for it."""

from services.kit.platform import Platform
from services.ledger.queries.verification import verify
from services.validator import queries as validator


def broken_invariants(platform: Platform) -> list[str]:
    """Return what does not hold, one sentence each, the ledger's first; an empty list for a sound instance."""
    broken = [f"{problem.code} at {problem.where}: {problem.detail}" for problem in verify(platform.database)]
    decision = validator.first_broken_decision(platform.database)
    if decision is not None:
        broken.append(f"DECISION_CHANGED at {decision}")
    return broken
