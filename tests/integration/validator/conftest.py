"""A validator over SQLite, and over every dialect where the database is the subject."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from services.kit.database import Database
from services.kit.limits import Limits
from services.validator.readers.reading_room import ReadingRoom
from tests.integration.validator.desk import Desk, build_desk


@pytest.fixture(autouse=True)
def logs_of_this_test() -> Iterator[None]:
    """A command run in a test before leaves its logs going to that test's closed stream; start and end without."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def room() -> Iterator[ReadingRoom]:
    """Where documents are really read, in children that are started once; pictures are looked at, not recognized."""
    with ReadingRoom(Limits(read_ocr_pages_max=0)) as opened:
        yield opened


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path, room: ReadingRoom) -> Desk:
    """A validator over SQLite."""
    return build_desk(sqlite_database, tmp_path, room)


@pytest.fixture
def desk_on_each(database: Database, tmp_path: Path, room: ReadingRoom) -> Desk:
    """A validator over each dialect."""
    return build_desk(database, tmp_path, room)
