"""The same intake as in the integration tests."""

from tests.integration.intake.conftest import house, house_on_each

__all__ = ["house", "house_on_each"]
