"""Intake over SQLite, and over every dialect where the database is the subject."""

from pathlib import Path

import pytest

from services.kit.database import Database
from tests.integration.intake.house import House, build_house


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """An intake over SQLite."""
    return build_house(sqlite_database, tmp_path)


@pytest.fixture
def house_on_each(database: Database, tmp_path: Path) -> House:
    """An intake over each dialect."""
    return build_house(database, tmp_path)
