"""Hides MinIO/S3. Relies on plain put, get, range, stat, list and remove: no conditional writes, no tags."""

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import InvalidResponseError, MinioException, S3Error
from urllib3.exceptions import HTTPError

from schemas.events import ObjectRef
from services.kit.config import Settings, SettingsInvalid
from services.kit.objects import CHUNK_BYTES, ObjectDamaged, ObjectMissing, ObjectStoreUnavailable, object_key

T = TypeVar("T")
# Each retry would be told on stderr; what comes of it is told by the error that this module raises.
logging.getLogger("urllib3").setLevel(logging.ERROR)
PART_BYTES = 16 * CHUNK_BYTES
CONNECT_SECONDS_MAX = 3
ANSWER_SECONDS_MAX = 30
_REFUSED = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"})
_MISSING = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})


class S3Store:
    """Objects in one bucket of MinIO or any S3 server, under keys made of their SHA-256."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    @classmethod
    def from_settings(cls, settings: Settings) -> "S3Store":
        """Build the client. Raises SettingsInvalid when the address or the keys are incomplete."""
        parts = urlsplit(settings.s3_endpoint or "")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SettingsInvalid("COOP_S3_ENDPOINT must be a URL such as http://127.0.0.1:9000")
        if settings.s3_access_key is None or settings.s3_secret_key is None:
            raise SettingsInvalid(
                "COOP_S3_ACCESS_KEY and COOP_S3_SECRET_KEY are both needed with COOP_S3_ENDPOINT"
            )
        pool = urllib3.PoolManager(
            maxsize=10,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS_MAX, read=ANSWER_SECONDS_MAX),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
        )
        client = Minio(
            parts.netloc,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=parts.scheme == "https",
            region=settings.s3_region,
            http_client=pool,
        )
        return cls(client, settings.s3_bucket)

    def make_bucket(self) -> None:
        """Make the bucket when it is not there."""

        def make() -> None:
            if not self._client.bucket_exists(self.bucket):
                self._client.make_bucket(self.bucket)

        self._asked("the bucket", make)

    def put_file(self, path: Path, sha256: str) -> ObjectRef:
        """Send the file, in parts when it is large; an object that is already there stays."""
        found = self.stat(sha256)
        if found is not None:
            return found
        count = path.stat().st_size
        with path.open("rb") as stream:
            self._put(sha256, stream, count)
        return self._ref(sha256, count)

    def put_bytes(self, content: bytes) -> ObjectRef:
        """Send `content` under its own SHA-256."""
        sha256 = hashlib.sha256(content).hexdigest()
        if self.stat(sha256) is None:
            self._put(sha256, io.BytesIO(content), len(content))
        return self._ref(sha256, len(content))

    def get(self, sha256: str) -> bytes:
        """Return the bytes, checked against their name."""
        with self.open(sha256) as stream:
            content = stream.read()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ObjectDamaged(f"object {sha256} does not have the bytes it is named by")
        return content

    def open(self, sha256: str) -> BinaryIO:
        """Return the body as a stream; closing it gives the connection back."""
        return self._stream(sha256, 0, 0)

    def get_range(self, sha256: str, start: int, count: int) -> bytes:
        """Return `count` bytes from `start`."""
        with self._stream(sha256, start, count) as stream:
            return stream.read()

    def stat(self, sha256: str) -> ObjectRef | None:
        """Return where the object lies, or None."""
        try:
            found = self._asked(sha256, lambda: self._client.stat_object(self.bucket, object_key(sha256)))
        except ObjectMissing:
            return None
        return self._ref(sha256, found.size or 0)

    def listed(self) -> Iterator[str]:
        """Yield the SHA-256 of every object."""
        found = self._asked("the list", lambda: list(self._client.list_objects(self.bucket, recursive=True)))
        for entry in found:
            name = (entry.object_name or "").rpartition("/")[2]
            if len(name) == 64:
                yield name

    def remove(self, sha256: str) -> None:
        """Forget the object."""
        self._asked(sha256, lambda: self._client.remove_object(self.bucket, object_key(sha256)))

    def presigned_get(self, sha256: str, file_name: str, seconds: int) -> str | None:
        """A signed address that downloads the object as an attachment and dies after `seconds`."""
        plain = "".join(
            letter if (letter.isascii() and letter.isalnum()) or letter in "._-" else "_"
            for letter in file_name
        )
        disposition = {"response-content-disposition": f'attachment; filename="{plain}"'}
        return self._asked(
            sha256,
            lambda: self._client.presigned_get_object(
                self.bucket,
                object_key(sha256),
                timedelta(seconds=seconds),
                response_headers=cast(Any, disposition),
            ),
        )

    def abort_dead_uploads(self, before: datetime) -> int:
        """End multipart uploads that were begun before `before` and never finished; returns how many."""
        # The client has no public call for this; its own are what its multipart upload uses.
        client: Any = self._client

        def abort() -> int:
            listed = client._list_multipart_uploads(self.bucket)
            dead = [upload for upload in listed.uploads if upload.initiated_time < before]
            for upload in dead:
                client._abort_multipart_upload(self.bucket, upload.object_name, upload.upload_id)
            return len(dead)

        return self._asked("the uploads", abort)

    def ping(self) -> None:
        """Raise when the bucket does not answer, or is not there."""
        if not self._asked("the bucket", lambda: self._client.bucket_exists(self.bucket)):
            raise ObjectStoreUnavailable(
                f"the object store has no bucket {self.bucket!r}; make it, or set COOP_S3_BUCKET"
            )

    def _put(self, sha256: str, stream: BinaryIO, count: int) -> None:
        def put() -> None:
            stream.seek(0)
            self._client.put_object(self.bucket, object_key(sha256), stream, count, part_size=PART_BYTES)

        self._asked(sha256, put)

    def _stream(self, sha256: str, start: int, count: int) -> BinaryIO:
        answer = self._asked(
            sha256,
            lambda: self._client.get_object(self.bucket, object_key(sha256), offset=start, length=count),
        )
        return cast(BinaryIO, _Body(answer))

    def _ref(self, sha256: str, count: int) -> ObjectRef:
        return ObjectRef(bucket=self.bucket, key=object_key(sha256), sha256=sha256, bytes=count)

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except S3Error as error:
            if error.code in _MISSING:
                raise ObjectMissing(f"no object {what}") from None
            if error.code in _REFUSED:
                raise ObjectStoreUnavailable(
                    f"the object store refuses the keys: mend COOP_S3_ACCESS_KEY and COOP_S3_SECRET_KEY ({error.code})"
                ) from None
            raise ObjectStoreUnavailable(f"the object store answered {error.code} for {what}") from error
        except InvalidResponseError as error:
            # Some servers name the character set in the type of an error, and the client then gives up on its XML.
            if any(f"<Code>{code}</Code>" in str(error) for code in _MISSING):
                raise ObjectMissing(f"no object {what}") from None
            raise ObjectStoreUnavailable("the object store gave an answer that is none of S3") from error
        except (MinioException, HTTPError, OSError) as error:
            raise ObjectStoreUnavailable(
                f"the object store does not answer: {type(error).__name__}"
            ) from error


class _Body(io.RawIOBase):
    """An S3 answer as a readable stream."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = cast(bytes, self._answer.read(len(buffer)))
        except (HTTPError, OSError) as error:
            raise ObjectStoreUnavailable(f"the object store broke off: {type(error).__name__}") from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._answer.close()
            self._answer.release_conn()
        super().close()
