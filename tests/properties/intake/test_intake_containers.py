"""Whatever the bytes are: a container is unpacked to what was put in, or refused by a reason; never anything else."""

import contextlib
import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from services.intake.core import names
from services.intake.core.bundle import unwrapped
from services.intake.core.container import ContainerLimits, members
from services.intake.core.files import Content, check
from services.intake.core.inflate import inflate
from services.intake.core.refusals import ContainerRefused
from tests.corpora.intake import build

LIMITS = ContainerLimits(50, 60_000, 300_000, 500_000, 200, 100_000)
PARTS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12).map(lambda part: f"x{part}x")
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
FILES = st.dictionaries(NAMES, st.binary(max_size=2000), min_size=1, max_size=6)


def unpack(content: bytes) -> dict[str, bytes]:
    def read_at(offset: int, count: int) -> bytes:
        assert offset >= 0
        assert count >= 0
        return content[offset : offset + count]

    found = members(read_at, len(content), LIMITS)
    return {member.name: b"".join(inflate(read_at, member)) for member in found}


@given(files=FILES, method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_what_a_usual_tool_packs_is_unpacked_to_the_same_bytes(files: dict[str, bytes], method: int) -> None:
    normal = {}
    for name, content in files.items():
        normal[names.decoded(name.encode(), names.FLAG_UTF8, {})] = content
    with contextlib.suppress(ContainerRefused):
        names.refuse_collisions(list(normal))
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, content in normal.items():
                archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
        assert unpack(target.getvalue()) == normal
        return
    assert len({names.collision_key(name) for name in normal}) < len(normal) or any(
        f"{names.collision_key(other)}/" in f"{names.collision_key(name)}/"
        for name in normal
        for other in normal
    )


@given(
    base=st.sampled_from(sorted(build.ACCEPT)),
    edits=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 60),
    more=st.binary(max_size=8),
)
def test_a_damaged_container_is_refused_or_still_sound(
    base: str, edits: list[tuple[int, int]], cut: int, more: bytes
) -> None:
    damaged = bytearray(build.ACCEPT[base])
    for place, value in edits:
        damaged[place % len(damaged)] = value
    content = bytes(damaged[: len(damaged) - cut] + more)
    with contextlib.suppress(ContainerRefused):
        found = unpack(content)
        assert sum(map(len, found.values())) <= LIMITS.unpacked_bytes_max
        assert all(names.refusal(name) is None for name in found)


@given(content=st.binary(max_size=600))
def test_random_bytes_are_never_more_than_refused(content: bytes) -> None:
    with contextlib.suppress(ContainerRefused):
        unpack(content)


@given(found=st.lists(NAMES, min_size=1, max_size=8, unique=True), folder=st.sampled_from(["", "claims/"]))
def test_unwrapping_keeps_every_member_once(found: list[str], folder: str) -> None:
    listed = [f"{folder}{name}" for name in [*found, "claim.json"]]
    assert sorted(unwrapped(listed).values()) == sorted(set(listed))
    assert unwrapped(listed)["claim.json"] == f"{folder}claim.json"


@given(name=st.text(max_size=30), head=st.binary(max_size=300), sniffed=st.text(max_size=20))
def test_the_look_at_a_file_never_fails(name: str, head: bytes, sniffed: str) -> None:
    found = check(Content(name, len(head), head, sniffed), 1000)
    assert found.media_type or not sniffed
