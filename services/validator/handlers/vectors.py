"""Examples of claim rules, run by the checks themselves."""

from services.validator.core.vectors import claim_runners

__all__ = ["claim_runners"]
