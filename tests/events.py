"""Events for tests that need some event, no matter which."""

from datetime import UTC, datetime
from typing import Any

from schemas.events import CLAIM_WITHDRAWN, PLAN_LIMIT_RAISED, ClaimWithdrawn, Envelope, PlanLimitRaised
from schemas.money import Money
from services.kit.events import new_event

AT = datetime(2020, 1, 1, tzinfo=UTC)


def withdrawn(key: str) -> Envelope[Any]:
    """A claim.withdrawn event whose id is derived from `key`."""
    claim = ClaimWithdrawn(
        claim_id="clm_" + "0" * 26,
        revision=1,
        partner_id="P-1",
        location="L-1",
        program="csp-indirect-reseller",
        actor=f"partner {key}",
        withdrawn_at=AT,
    )
    return new_event(CLAIM_WITHDRAWN, claim, source="test", subject=key, partner_id="P-1", key=key, at=AT)


def limit_raised(key: str) -> Envelope[Any]:
    """A plan.limit_raised event whose id is derived from `key`."""
    raised = PlanLimitRaised(plan="PL-1", partner_id="P-1", limit=Money.of("10000.00", "USD"), recorded_at=AT)
    return new_event(PLAN_LIMIT_RAISED, raised, source="test", subject=key, partner_id="P-1", key=key, at=AT)
