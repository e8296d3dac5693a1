"""The uploaded bytes on disk: unpacked member by member, hashed, and looked at from outside, never read."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.bundle import MANIFEST_NAME
from services.intake.core import files
from services.intake.core.bundle import BundleRefused, Fault, Stored, name_faults, unwrapped
from services.intake.core.container import ContainerLimits, members
from services.intake.core.inflate import inflate
from services.intake.handlers.sniffing import sniffed
from services.kit.limits import Limits

_READ_BYTES = 1024 * 1024
_SNIFFED_BYTES = 64 * 1024
_DIRECTORY_BYTES_PER_MEMBER = 1024


@dataclass(frozen=True)
class UploadedFile:
    """One part of a multipart upload, spooled to `path`."""

    name: str
    path: Path
    declared: str | None


@dataclass(frozen=True)
class Upload:
    """A whole upload on disk: one zip, or the parts of a form. `received_at` is when its last byte was read."""

    received_at: datetime
    body_sha256: str
    container: Path | None = None
    parts: tuple[UploadedFile, ...] = ()


@dataclass(frozen=True)
class ReceivedFile:
    """One file as it lies on disk, with what was found out about it."""

    path: Path
    stored: Stored


@dataclass(frozen=True)
class Received:
    """A bundle on disk: the bytes of its manifest, and its other files by name."""

    manifest: bytes
    files: Mapping[str, ReceivedFile]


def container_limits(limits: Limits) -> ContainerLimits:
    """The bounds of a container, from the product's limits."""
    return ContainerLimits(
        members_max=limits.upload_entries_max,
        directory_bytes_max=limits.upload_entries_max * _DIRECTORY_BYTES_PER_MEMBER,
        member_bytes_max=limits.upload_unpacked_bytes_max,
        unpacked_bytes_max=limits.upload_unpacked_bytes_max,
        ratio_max=limits.upload_ratio_max,
        ratio_from_bytes=limits.upload_ratio_from_bytes,
    )


def received(upload: Upload, folder: Path, limits: Limits) -> Received:
    """Unpack and look at an upload. Raises ContainerRefused or BundleRefused; then nothing was stored."""
    if upload.container is not None:
        found = unpacked_files(upload.container, folder, limits)
    else:
        if faults := name_faults(part.name for part in upload.parts):
            raise BundleRefused(faults)
        found = {part.name: (part.path, part.declared) for part in upload.parts}
    if MANIFEST_NAME not in found:
        detail = f"the bundle has no {MANIFEST_NAME}: add the manifest at its top"
        raise BundleRefused((Fault(MANIFEST_NAME, "MANIFEST_MISSING", detail),))
    manifest_path, _ = found.pop(MANIFEST_NAME)
    if manifest_path.stat().st_size > limits.manifest_bytes_max:
        detail = f"the manifest is larger than {limits.manifest_bytes_max} bytes"
        raise BundleRefused((Fault(MANIFEST_NAME, "MANIFEST_TOO_LARGE", detail),))
    return Received(
        manifest_path.read_bytes(),
        {name: _looked_at(name, path, declared, limits) for name, (path, declared) in found.items()},
    )


def unpacked_files(container: Path, folder: Path, limits: Limits) -> dict[str, tuple[Path, str | None]]:
    """Write every member to a numbered file, as names never become paths; by name. Raises ContainerRefused."""
    found: dict[str, tuple[Path, str | None]] = {}
    with container.open("rb") as stream:

        def read_at(offset: int, count: int) -> bytes:
            stream.seek(offset)
            return stream.read(count)

        listed = {
            member.name: member
            for member in members(read_at, container.stat().st_size, container_limits(limits))
        }
        for number, (name, member_name) in enumerate(unwrapped(listed).items()):
            path = folder / f"{number:04d}"
            with path.open("wb") as unpacked:
                for chunk in inflate(read_at, listed[member_name]):
                    unpacked.write(chunk)
            found[name] = (path, None)
    return found


def _looked_at(name: str, path: Path, declared: str | None, limits: Limits) -> ReceivedFile:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        head = stream.read(_SNIFFED_BYTES)
        digest.update(head)
        while chunk := stream.read(_READ_BYTES):
            digest.update(chunk)
    size_bytes = path.stat().st_size
    content = files.Content(name, size_bytes, head[: files.HEAD_BYTES], sniffed(head), declared)
    checked = files.check(content, limits.document_bytes_max)
    problem = None if checked.problem is None else str(checked.problem)
    return ReceivedFile(path, Stored(digest.hexdigest(), size_bytes, checked.media_type, problem))


def parts_sha256(parts: Iterable[UploadedFile]) -> str:
    """The hash that tells two multipart uploads apart: names and contents, whatever the boundary."""
    digest = hashlib.sha256()
    for part in sorted(parts, key=lambda part: part.name):
        digest.update(f"{part.name}\0{part.declared}\0{_file_sha256(part.path)}\n".encode())
    return digest.hexdigest()


def _file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
