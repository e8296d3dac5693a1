"""All SQL of intake: its tables, and the statements over partners, claims and plans."""

from services.intake.store.tables import metadata

__all__ = ["metadata"]
