"""Hides where bytes are kept. Objects are named by their SHA-256, so writing one twice changes nothing."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from schemas.events import ObjectRef

CHUNK_BYTES = 1024 * 1024


class ObjectMissing(LookupError):
    """No object has this SHA-256."""

    code = "OBJECT_MISSING"


class ObjectDamaged(RuntimeError):
    """The stored bytes do not have the SHA-256 they are named by."""

    code = "OBJECT_DAMAGED"


class ObjectStoreUnavailable(RuntimeError):
    """The object store does not answer now; trying again later is right."""

    code = "OBJECT_STORE_UNAVAILABLE"


class ObjectStore(Protocol):
    """Keeps bytes by their SHA-256."""

    bucket: str

    def put_file(self, path: Path, sha256: str) -> ObjectRef:
        """Keep the file's bytes. Raises ObjectStoreUnavailable."""
        ...

    def put_bytes(self, content: bytes) -> ObjectRef:
        """Keep `content`. Raises ObjectStoreUnavailable."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the bytes, checked against their name. Raises ObjectMissing, ObjectDamaged."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Return the bytes as a stream to be closed by the caller. Raises ObjectMissing."""
        ...

    def get_range(self, sha256: str, start: int, count: int) -> bytes:
        """Return `count` bytes from `start`. Raises ObjectMissing."""
        ...

    def stat(self, sha256: str) -> ObjectRef | None:
        """Return where the object lies, or None."""
        ...

    def listed(self) -> Iterator[str]:
        """Yield the SHA-256 of every object."""
        ...

    def remove(self, sha256: str) -> None:
        """Forget the object; fine when it is not there."""
        ...

    def presigned_get(self, sha256: str, file_name: str, seconds: int) -> str | None:
        """A short-lived address to download from, or None where the store cannot make one."""
        ...

    def ping(self) -> None:
        """Raise ObjectStoreUnavailable when the store does not answer."""
        ...


def object_key(sha256: str) -> str:
    """The key of an object: spread over folders by the first bytes of its name."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class FolderStore:
    """Objects as files below one folder; the embedded store."""

    bucket = "folder"

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put_file(self, path: Path, sha256: str) -> ObjectRef:
        """Copy the file in; it becomes visible in one step, after it is on disk."""
        target = self._path(sha256)
        if not target.exists():
            with path.open("rb") as source:
                self._write(target, source)
        return self._ref(sha256, target)

    def put_bytes(self, content: bytes) -> ObjectRef:
        """Keep `content` under its own SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._path(sha256)
        if not target.exists():
            self._write(target, content)
        return self._ref(sha256, target)

    def get(self, sha256: str) -> bytes:
        """Return the bytes, checked against their name."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise ObjectMissing(f"no object {sha256}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ObjectDamaged(f"object {sha256} was changed on disk")
        return content

    def open(self, sha256: str) -> BinaryIO:
        """Open the object's file."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(f"no object {sha256}") from None

    def get_range(self, sha256: str, start: int, count: int) -> bytes:
        """Return `count` bytes from `start`."""
        with self.open(sha256) as stream:
            stream.seek(start)
            return stream.read(count)

    def stat(self, sha256: str) -> ObjectRef | None:
        """Return where the object lies, or None."""
        target = self._path(sha256)
        return self._ref(sha256, target) if target.exists() else None

    def listed(self) -> Iterator[str]:
        """Yield the SHA-256 of every object."""
        for path in sorted(self._root.glob("??/??/*")):
            if len(path.name) == 64:
                yield path.name

    def remove(self, sha256: str) -> None:
        """Forget the object."""
        self._path(sha256).unlink(missing_ok=True)

    def presigned_get(self, sha256: str, file_name: str, seconds: int) -> str | None:
        """A folder has no addresses of its own."""
        return None

    def ping(self) -> None:
        """Raise when the folder is gone."""
        if not self._root.is_dir():
            raise ObjectStoreUnavailable(f"the folder of the object store is gone: {self._root.name}")

    def _path(self, sha256: str) -> Path:
        return self._root / object_key(sha256)

    def _ref(self, sha256: str, target: Path) -> ObjectRef:
        return ObjectRef(
            bucket=self.bucket, key=object_key(sha256), sha256=sha256, bytes=target.stat().st_size
        )

    def _write(self, target: Path, source: BinaryIO | bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.{os.getpid()}.{id(source)}.new")
        try:
            with fresh.open("wb") as stream:
                if isinstance(source, bytes):
                    stream.write(source)
                else:
                    shutil.copyfileobj(source, stream, CHUNK_BYTES)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(target)
        except BaseException:
            with suppress(OSError):
                fresh.unlink()
            raise
