"""The reject corpus gives its exact reasons, the accept corpus its members."""

import csv
import os
from pathlib import Path

import pytest

from services.intake.core.container import ContainerLimits, members
from services.intake.core.inflate import CHUNK_BYTES, inflate
from services.intake.core.refusals import ContainerReason, ContainerRefused
from tests.corpora.intake import build
from tests.corpora.intake.drafts import Draft, zipped

CORPUS = Path(build.__file__).parent
REASONS = {
    row["file"]: row["reason"]
    for row in csv.DictReader((CORPUS / "reasons.csv").read_text(encoding="utf-8").splitlines())
}
LIMITS = ContainerLimits(
    members_max=40,
    directory_bytes_max=40_000,
    member_bytes_max=200_000,
    unpacked_bytes_max=400_000,
    ratio_max=100,
    ratio_from_bytes=100_000,
)


def unpack(content: bytes, limits: ContainerLimits = LIMITS) -> dict[str, bytes]:
    def read_at(offset: int, count: int) -> bytes:
        assert offset >= 0
        return content[offset : offset + count]

    return {
        member.name: b"".join(inflate(read_at, member)) for member in members(read_at, len(content), limits)
    }


@pytest.mark.parametrize("file", sorted(REASONS))
def test_a_bad_container_is_refused_for_exactly_its_reason(file: str) -> None:
    with pytest.raises(ContainerRefused) as refused:
        unpack((CORPUS / "reject" / file).read_bytes())
    assert refused.value.reason.value == REASONS[file]
    assert refused.value.code == f"BUNDLE_{REASONS[file].upper()}"
    assert refused.value.what_to_do


@pytest.mark.parametrize("path", sorted((CORPUS / "accept").iterdir()), ids=lambda path: path.stem)
def test_a_sound_container_gives_the_bytes_of_every_file(path: Path) -> None:
    found = unpack(path.read_bytes())
    if path.stem == "office_words_in_a_folder":
        assert set(found) == {"claim.json", "office/mimetype.pdf"}
    assert found["claim.json"] == b"{}"
    assert all(
        content in (b"%PDF-1.4\n%%EOF\n", b"") for name, content in found.items() if name != "claim.json"
    )


@pytest.mark.parametrize(
    "stem", ["name_utf8", "name_utf8_unmarked", "name_decomposed", "name_cp437", "name_unicode_path"]
)
def test_one_name_is_read_the_same_however_it_was_written(stem: str) -> None:
    assert "fakturå.pdf" in unpack((CORPUS / "accept" / f"{stem}.zip").read_bytes())


def test_every_reason_has_a_file_that_is_refused_for_it() -> None:
    assert {str(reason) for reason in ContainerReason} == set(REASONS.values())


def test_the_committed_corpus_is_all_that_the_builder_names() -> None:
    assert {path.stem for path in (CORPUS / "accept").iterdir()} == set(build.ACCEPT)
    assert {path.stem for path in (CORPUS / "reject").iterdir()} == set(build.REJECT)
    assert {f"{name}.zip": reason for name, (reason, _) in build.REJECT.items()} == REASONS


def test_a_lie_about_the_size_is_found_before_a_byte_is_handed_on() -> None:
    content = build.REJECT["more_than_declared"][1]

    def read_at(offset: int, count: int) -> bytes:
        return content[offset : offset + count]

    (_, lying) = members(read_at, len(content), LIMITS)
    with pytest.raises(ContainerRefused) as refused:
        next(inflate(read_at, lying))
    assert refused.value.reason is ContainerReason.SIZE_MISMATCH


def test_content_comes_in_chunks_whatever_it_unpacks_to() -> None:
    content = zipped([Draft(b"a.pdf", bytes(3 * CHUNK_BYTES))])

    def read_at(offset: int, count: int) -> bytes:
        return content[offset : offset + count]

    roomy = ContainerLimits(10, 10_000, 1 << 24, 1 << 24, 5000, 1 << 24)
    (large,) = members(read_at, len(content), roomy)
    assert {len(chunk) <= CHUNK_BYTES for chunk in inflate(read_at, large)} == {True}


@pytest.mark.skipif("COOP_DATA" not in os.environ, reason="COOP_DATA names no folder of shared documents")
def test_the_shared_hostile_containers_are_refused_for_the_reasons_of_their_table() -> None:
    folder = Path(os.environ["COOP_DATA"]) / "hostile"
    limits = ContainerLimits(200, 200_000, 300 << 20, 300 << 20, 200, 10 << 20)
    with (folder / "manifest.csv").open(encoding="utf-8") as table:
        expected = {
            row["file"]: row["expect"] for row in csv.DictReader(table) if row["file"].startswith("zip/")
        }
    assert expected
    for file, expect in expected.items():
        with pytest.raises(ContainerRefused) as refused:
            unpack((folder / file).read_bytes(), limits)
        verdict, _, word = expect.partition(":")
        if verdict == "flag":
            assert refused.value.reason is ContainerReason.PREFIX_BYTES
        else:
            assert (file, refused.value.reason.value) == (file, word)
