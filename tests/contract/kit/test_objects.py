"""The object store port, on every adapter."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit.config import Settings
from services.kit.objects import (
    FolderStore,
    ObjectDamaged,
    ObjectMissing,
    ObjectStore,
    ObjectStoreUnavailable,
    file_sha256,
)
from services.kit.objects_s3 import S3Store
from tests import servers

MISSING = "0" * 64


def s3_settings(endpoint: str, bucket: str = "coop-test", secret: str = servers.S3_SECRET) -> Settings:
    return Settings(
        s3_endpoint=endpoint,
        s3_access_key=servers.S3_KEY,
        s3_secret_key=secret,
        s3_bucket=bucket,
        _env_file=None,
    )


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield FolderStore(tmp_path / "objects")
        return
    server = request.getfixturevalue("s3_server")
    s3 = S3Store.from_settings(
        s3_settings(server.url, bucket=f"test-{tmp_path.name[:40].lower().replace('_', '-')}")
    )
    s3.make_bucket()
    yield s3


class TestObjectStore:
    def test_what_was_put_is_read_back_under_its_sha256(self, store: ObjectStore) -> None:
        ref = store.put_bytes(b"an invoice")
        assert ref.sha256 == hashlib.sha256(b"an invoice").hexdigest()
        assert ref.bytes == 10
        assert store.get(ref.sha256) == b"an invoice"
        assert store.stat(ref.sha256) == ref

    def test_putting_the_same_bytes_twice_changes_nothing(self, store: ObjectStore) -> None:
        assert store.put_bytes(b"twice") == store.put_bytes(b"twice")
        assert list(store.listed()) == [hashlib.sha256(b"twice").hexdigest()]

    def test_a_file_larger_than_one_part_arrives_whole(self, store: ObjectStore, tmp_path: Path) -> None:
        path = tmp_path / "large.bin"
        path.write_bytes(bytes(range(256)) * 4096 * 20)
        ref = store.put_file(path, file_sha256(path))
        with store.open(ref.sha256) as stream:
            assert hashlib.file_digest(stream, "sha256").hexdigest() == ref.sha256

    def test_a_range_is_just_those_bytes(self, store: ObjectStore) -> None:
        ref = store.put_bytes(b"0123456789")
        assert store.get_range(ref.sha256, 3, 4) == b"3456"

    def test_what_was_never_put_is_missing(self, store: ObjectStore) -> None:
        assert store.stat(MISSING) is None
        with pytest.raises(ObjectMissing):
            store.get(MISSING)
        with pytest.raises(ObjectMissing):
            store.open(MISSING)

    def test_what_was_removed_is_missing_and_removing_again_is_fine(self, store: ObjectStore) -> None:
        ref = store.put_bytes(b"gone")
        store.remove(ref.sha256)
        store.remove(ref.sha256)
        assert store.stat(ref.sha256) is None
        assert list(store.listed()) == []

    def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        ref = store.put_bytes(b"")
        assert store.get(ref.sha256) == b""

    def test_a_store_that_is_there_answers_the_ping(self, store: ObjectStore) -> None:
        store.ping()


def test_bytes_changed_on_disk_are_never_handed_out(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    ref = store.put_bytes(b"honest")
    (tmp_path / ref.key).write_bytes(b"forged")
    with pytest.raises(ObjectDamaged):
        store.get(ref.sha256)


@pytest.mark.s3
class TestS3Only:
    def test_a_missing_bucket_fails_the_ping_and_names_it(self, s3_server: servers.Server) -> None:
        store = S3Store.from_settings(s3_settings(s3_server.url, bucket="never-made"))
        with pytest.raises(ObjectStoreUnavailable, match="never-made"):
            store.ping()

    def test_a_wrong_secret_fails_the_ping(self, s3_server: servers.Server) -> None:
        store = S3Store.from_settings(s3_settings(s3_server.url, secret="not-the-one"))
        with pytest.raises(ObjectStoreUnavailable):
            store.ping()

    def test_a_signed_address_downloads_as_an_attachment(self, s3_server: servers.Server) -> None:
        store = S3Store.from_settings(s3_settings(s3_server.url, bucket="signed"))
        store.make_bucket()
        ref = store.put_bytes(b"an invoice")
        address = store.presigned_get(ref.sha256, 'inv"oice\n.pdf', 60)
        assert address is not None
        assert "X-Amz-Expires=60" in address
        assert "inv_oice_.pdf" in address


def test_an_endpoint_that_nobody_listens_on_is_unavailable() -> None:
    store = S3Store.from_settings(s3_settings(f"http://127.0.0.1:{servers.free_port()}"))
    with pytest.raises(ObjectStoreUnavailable):
        store.ping()
