"""Recognition and comparison happen in confined children with bounds of their own; what they cannot do is not done."""

from collections.abc import Iterator

import pytest

from schemas.facts import ReadStatus
from services.kit.limits import Limits
from services.validator.readers import ocr
from services.validator.readers.reading import read_document
from services.validator.readers.reading_room import ReadingRoom
from services.validator.readers.refusals import Refused
from tests.corpora.readers.build import FOLDER
from tests.unit.ocr.drawings import encoded, invoice, screen

with_engine = pytest.mark.skipif(not ocr.is_available(), reason="no engine for recognition is installed")


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(Limits(read_children_count=1)) as started:
        yield started


@with_engine
def test_a_picture_is_recognized_in_the_child_as_it_is_here(room: ReadingRoom) -> None:
    content = encoded(invoice())
    facts = room.read(content, "invoice.png")
    assert facts.facts["total_gross"].value == "1440.00"
    assert facts == read_document(content, file_name="invoice.png", engine=ocr.engine())


@with_engine
def test_what_exceeds_the_bounds_of_recognition_is_still_read() -> None:
    content = encoded(invoice())
    with ReadingRoom(Limits(read_ocr_memory_bytes_max=1 << 20)) as starved:
        facts = starved.read(content, "invoice.png")
        assert (facts.status, facts.flags) == (ReadStatus.READ, ("no_ocr",))
        assert starved.read((FOLDER / "accept/invoice.pdf").read_bytes(), "invoice.pdf").kind is not None


def test_no_pages_for_recognition_turns_it_off() -> None:
    with ReadingRoom(Limits(read_ocr_pages_max=0)) as room:
        assert "no_ocr" in room.read(encoded(invoice()), "invoice.png").flags


def test_pictures_are_compared_in_the_room(room: ReadingRoom) -> None:
    one, other = encoded(screen(1)), encoded(screen(2))
    assert room.compare(one, encoded(screen(1), "JPEG", quality=80)).verdict == "same"
    assert room.compare(one, other).verdict == "different"


def test_a_hostile_picture_is_refused_and_the_next_comparison_works(room: ReadingRoom) -> None:
    one = encoded(screen(1))
    bomb = next(
        path for path in sorted(FOLDER.glob("reject/*")) if "pixel" in path.name or "bomb" in path.name
    )
    with pytest.raises(Refused):
        room.compare(one, bomb.read_bytes())
    assert room.compare(one, one).verdict == "same"
