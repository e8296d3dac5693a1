"""Each document of the corpus gets exactly its answer, in a child and without one."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.facts import DocumentFacts, ReadStatus
from services.validator.readers.reading import read_document
from services.validator.readers.reading_room import ReadingRoom
from tests.corpora.readers.build import FOLDER, LIMITS, documents

FILE_FLAGS = frozenset(
    {
        "active_content",
        "attachment_name_unsafe",
        "embedded_files",
        "encrypted",
        "extension_mismatch",
        "incremental_update",
        "no_content",
        "no_ocr",
        "polyglot",
        "too_small",
        "trailing_data",
        "xfa",
    }
)
EXPECTED = dict(
    line.split("\t") for line in (FOLDER / "expected.tsv").read_text(encoding="utf-8").splitlines() if line
)


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    with ReadingRoom(LIMITS) as started:
        yield started


def check(path: str, facts: DocumentFacts) -> None:
    if path.startswith("reject/"):
        assert (facts.status, facts.reason) == (ReadStatus.REJECTED, EXPECTED[path])
        assert not facts.facts
    else:
        assert (facts.status, facts.reason) == (ReadStatus.READ, None)
        assert ",".join(sorted(FILE_FLAGS.intersection(facts.flags))) == EXPECTED[path]
        assert facts.pages >= 1


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_document_gets_its_answer_from_the_room(path: str, room: ReadingRoom) -> None:
    check(path, room.read((FOLDER / path).read_bytes(), path))


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_a_child_adds_and_loses_nothing(path: str, room: ReadingRoom) -> None:
    content = (FOLDER / path).read_bytes()
    assert room.read(content, path) == read_document(content, file_name=path, limits=LIMITS)


def test_the_corpus_is_what_its_builder_names() -> None:
    assert {path: expected for path, (expected, _) in documents().items()} == EXPECTED
    present = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*ject/*")}
    present |= {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("accept/*")}
    assert present == set(EXPECTED)


hostile = Path(os.environ.get("COOP_DATA", "")) / "hostile"


@pytest.mark.skipif(not os.environ.get("COOP_DATA"), reason="COOP_DATA names no folder of documents")
def test_every_attack_of_the_collection_ends_as_its_manifest_says() -> None:
    with (hostile / "manifest.csv").open(encoding="utf-8", newline="") as listed:
        rows = [row for row in csv.DictReader(listed) if not row["file"].endswith(".zip")]
    wrong = {}
    with ReadingRoom() as room:
        for row in rows:
            facts = room.read((hostile / row["file"]).read_bytes(), row["file"])
            if not as_expected(facts, *row["expect"].partition(":")[::2]):
                wrong[row["file"]] = (row["expect"], facts.reason, facts.flags)
        assert (
            room.read((FOLDER / "accept/invoice.pdf").read_bytes(), "invoice.pdf").status is ReadStatus.READ
        )
    assert wrong == {}


def as_expected(facts: DocumentFacts, verb: str, word: str) -> bool:
    if verb == "reject":
        return facts.reason == word
    if verb == "flag":
        return facts.status is ReadStatus.READ and word in facts.flags
    if verb == "accept_sanitise_name":
        return not any("/" in (fact.value or "") for fact in facts.facts.values())
    return facts.status is ReadStatus.READ or verb == "accept_or_reject_quickly"
