"""The one Alembic history; each table belongs to one service, told by its prefix."""
