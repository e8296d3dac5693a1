"""Documents and bundles as they lie on the disk of whoever calls the command."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from schemas.facts import DocumentFacts, ReadStatus
from services.cli.output import Unusable
from services.intake.handlers.receiving import Received, Upload, UploadedFile, received, unpacked_files
from services.intake.handlers.refusals import BundleRefused, ContainerRefused
from services.kit.limits import Limits
from services.validator.readers.version import ENGINE_VERSION

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_HARMLESS_HERE = frozenset({"case_collision"})


def contents_of(path: Path) -> bytes:
    """The bytes of a file. Raises Unusable when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unusable("FILE_UNREADABLE", f"{path} cannot be read: {error.strerror}") from None


def answers_for_itself(path: Path, content: bytes, limits: Limits) -> DocumentFacts | None:
    """What a zip says of itself: sound, or refused with the reason; None for everything that is no zip."""
    if not content.startswith(_ZIP):
        return None
    flags: tuple[str, ...] = ()
    reason = None
    with tempfile.TemporaryDirectory(prefix="coop-") as folder:
        try:
            unpacked_files(path, Path(folder), limits)
        except ContainerRefused as refused:
            reason = str(refused.reason)
    if reason in _HARMLESS_HERE:
        # Names that collide are refused where they would become claims; to read, each member still is itself.
        flags, reason = (reason,), None
    return DocumentFacts(
        sha256=hashlib.sha256(content).hexdigest(),
        media_type="application/zip",
        status=ReadStatus.READ if reason is None else ReadStatus.REJECTED,
        reason=reason,
        kind="bundle" if reason is None else None,
        flags=flags,
        engine=ENGINE_VERSION,
    )


@contextmanager
def bundle_at(path: Path, limits: Limits, at: datetime) -> Iterator[Received]:
    """The bundle in a folder or a zip, checked as a whole like an upload.

    Raises Unusable for a path that holds none, ContainerRefused or BundleRefused for one that is unsound.
    """
    if not path.exists():
        raise Unusable("BUNDLE_MISSING", f"there is no file or folder {path}")
    with tempfile.TemporaryDirectory(prefix="coop-") as folder:
        if path.is_dir():
            upload = Upload(received_at=at, body_sha256="", parts=parts_of(path))
        else:
            upload = Upload(received_at=at, body_sha256="", container=path)
        try:
            found = received(upload, Path(folder), limits)
        except ContainerRefused as refused:
            raise Unusable(refused.code, str(refused)) from None
        except BundleRefused as refused:
            told = "; ".join(f"{fault.where}: {fault.detail}" for fault in refused.faults)
            raise Unusable(refused.code, told) from None
        yield found


def parts_of(folder: Path) -> tuple[UploadedFile, ...]:
    """The files of a bundle folder, as parts of an upload. Raises Unusable for an empty folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        raise Unusable(
            "BUNDLE_EMPTY", f"the folder {folder} is empty: put claim.json and the documents in it"
        )
    return tuple(UploadedFile(path.relative_to(folder).as_posix(), path, None) for path in files)
