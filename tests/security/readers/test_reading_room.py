"""The room answers for every document, and one document never costs another its answer."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.facts import ReadStatus
from services.kit.limits import Limits
from services.validator.readers.reading_room import ReadingRoom
from services.validator.readers.refusals import Refused
from services.validator.readers.rendering import PNG_SIGNATURE
from tests.corpora.readers.build import FOLDER
from tests.corpora.readers.pdf_writing import object_stream, objects, stream, write

INVOICE = (FOLDER / "accept/invoice.pdf").read_bytes()


def unseen_laughs() -> bytes:
    """Nested forms whose resources lie in an object stream, where the survey does not follow them."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources %d 0 R"
    numbered = objects(b"/X Do", resources=b"/XObject<</X 6 0 R>>")
    packed = {}
    for level in range(8):
        numbered[6 + level] = stream(b"/X Do " * 30, form % (20 + level))
        packed[20 + level] = b"<</XObject<</X %d 0 R>>>>" % (7 + level)
    numbered[14] = stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    numbered[30] = object_stream(packed)
    return _with_xref_stream(write(numbered), packed)


def _with_xref_stream(content: bytes, packed: dict[int, bytes]) -> bytes:
    """Append a revision whose cross-reference stream knows the packed objects."""
    previous = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    start = len(content)
    first, count = min(packed), len(packed)
    rows = b"".join(bytes((2, 0, 30, index)) for index in range(count))
    head = b"/Type/XRef/W[1 2 1]/Index[%d %d]/Size 40/Root 1 0 R/Prev %d" % (first, count, previous)
    return content + b"40 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(rows, head), start)


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    limits = Limits(read_seconds_max=2, read_cpu_seconds_max=10, read_memory_bytes_max=512 << 20)
    with ReadingRoom(limits) as started:
        yield started


def test_what_the_survey_cannot_see_ends_at_the_limits_of_the_process(room: ReadingRoom) -> None:
    facts = room.read(unseen_laughs(), "laughs.pdf")
    assert facts.status is ReadStatus.REJECTED
    assert facts.reason in {"timeout", "resource_limit"}
    assert room.read(INVOICE, "invoice.pdf").status is ReadStatus.READ


def test_neighbors_of_an_attack_get_the_answers_they_get_alone(room: ReadingRoom) -> None:
    alone = room.read(INVOICE, "invoice.pdf")
    documents = [unseen_laughs() if number == 3 else INVOICE for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda content: room.read(content, "invoice.pdf"), documents))
    assert [answer == alone for answer in answers] == [number != 3 for number in range(12)]


def test_a_document_over_its_bytes_is_not_even_sent() -> None:
    room = ReadingRoom(Limits(document_bytes_max=100))
    assert room.read(b"%PDF-" + bytes(100), "a.pdf").reason == "resource_limit"
    room.close()


def test_an_answer_that_is_too_long_is_a_refusal() -> None:
    with ReadingRoom(Limits(read_result_bytes_max=300)) as room:
        assert room.read(INVOICE, "invoice.pdf").reason == "resource_limit"


def test_a_page_is_drawn_in_the_room(room: ReadingRoom) -> None:
    assert room.render(INVOICE, 1, 1.0, ((10, 10, 50, 20),)).startswith(PNG_SIGNATURE)


@pytest.mark.parametrize(("content", "reason"), [(b"", "unsupported_type"), (b"%PDF-1.7\n", "corrupt")])
def test_what_cannot_be_drawn_is_refused_by_name(room: ReadingRoom, content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        room.render(content)
    assert refused.value.reason == reason


def test_a_drawing_that_takes_too_long_is_refused(room: ReadingRoom) -> None:
    with pytest.raises(Refused) as refused:
        room.render(unseen_laughs())
    assert refused.value.reason in {"timeout", "resource_limit"}


def test_the_answer_does_not_depend_on_the_child(room: ReadingRoom) -> None:
    with ReadingRoom(Limits(read_documents_per_child_max=1)) as fresh_each_time:
        for name in ("invoice.pdf", "attachments.eml", "photo.jpg", "javascript.pdf"):
            content = (FOLDER / "accept" / name).read_bytes()
            answers = {fresh_each_time.read(content, name).model_dump_json() for _ in range(2)}
            assert answers == {room.read(content, name).model_dump_json()}


@pytest.mark.skipif(sys.platform != "linux", reason="memory of a child is read from /proc")
def test_500_documents_leave_the_memory_of_a_child_flat() -> None:
    limits = Limits(read_children_count=1, read_documents_per_child_max=10_000, read_ocr_pages_max=0)
    contents = [
        (path.read_bytes(), path.name)
        for path in sorted((FOLDER / "accept").iterdir())
        if path.name not in {"owner_password_only.pdf", "deep_array.pdf"}
    ]
    with ReadingRoom(limits) as room:

        def read(count: int) -> None:
            for number in range(count):
                room.read(*contents[number % len(contents)])

        read(150)
        before = _resident_below(os.getpid())
        read(500)
        assert _resident_below(os.getpid()) - before < 24 << 20


def _resident_below(process: int) -> int:
    """Resident bytes of all processes started, directly or not, by `process`."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = (int(after_name[1]), int(after_name[21]))
    below = {process}
    while more := {child for child, (parent, _) in parents.items() if parent in below} - below:
        below |= more
    return sum(parents[one][1] for one in below - {process} if one in parents) * os.sysconf("SC_PAGE_SIZE")
