"""The bucket store against moto's S3 over real HTTP, and what it sends."""

import base64
import hashlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from stakactl.adapters.storage.s3 import S3InvoiceStore
from stakactl.errors import StorageError
from stakactl.operations.ports import InvoiceStore
from tests.contracts.invoice_store import (
    KEY,
    PDF,
    ClassedStoreContract,
    InvoiceStoreContract,
    VersionedStoreContract,
)

SECRET = "secret-sentinel-abc123"
OK = AWSResponse("https://x", 200, {}, SimpleNamespace(stream=lambda: [b""]))


@pytest.fixture
def store(s3_endpoint: str) -> Iterator[S3InvoiceStore]:
    store = _store(_new_bucket(), endpoint_url=s3_endpoint)
    store._client.create_bucket(Bucket=store._bucket)
    yield store
    store.close()


def _new_bucket() -> str:
    return f"invoices-{uuid.uuid4().hex[:12]}"


def _store(bucket: str, **settings: Any) -> S3InvoiceStore:
    return S3InvoiceStore(
        bucket,
        **{
            "access_key_id": "AKIASENTINEL",
            "secret_access_key": SECRET,
            "max_attempts": 1,
            "connect_timeout": 2,
            "read_timeout": 5,
            **settings,
        },
    )


class TestS3InvoiceStore(InvoiceStoreContract):
    """moto answers 412 to a PUT with `If-None-Match: *` on an existing key, as S3 does."""

    @pytest.fixture
    def store(self, store: S3InvoiceStore) -> S3InvoiceStore:
        return store


class TestS3ClassedStore(ClassedStoreContract):
    @pytest.fixture
    def store(self, store: S3InvoiceStore) -> S3InvoiceStore:
        return store

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        assert isinstance(store, S3InvoiceStore)
        store._client.put_object(Bucket=store._bucket, Key=key, Body=content)


class TestS3VersionedStore(VersionedStoreContract):
    @pytest.fixture
    def store(self, store: S3InvoiceStore) -> S3InvoiceStore:
        store._client.put_bucket_versioning(
            Bucket=store._bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        return store

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        assert isinstance(store, S3InvoiceStore)
        store._client.put_object(Bucket=store._bucket, Key=key, Body=content)

    def delete(self, store: InvoiceStore, key: str) -> None:
        assert isinstance(store, S3InvoiceStore)
        store._client.delete_object(Bucket=store._bucket, Key=key)


def test_a_bucket_whose_versioning_is_off_again_keeps_what_lies_there(
    store: S3InvoiceStore,
) -> None:
    for status in ("Enabled", "Suspended"):
        store._client.put_bucket_versioning(
            Bucket=store._bucket, VersioningConfiguration={"Status": status}
        )
        if status == "Enabled":
            store.put_if_absent(KEY, PDF)
            store._client.put_object(Bucket=store._bucket, Key=KEY, Body=b"broken")
    current = store.head(KEY)
    assert current is not None
    assert not store.supersede(KEY, PDF, current)
    assert store.get(KEY) == b"broken"


def test_a_long_list_is_read_page_by_page(store: S3InvoiceStore) -> None:
    keys = sorted(f"invoices/c{number}/1.pdf" for number in range(7))
    for key in keys:
        store._client.put_object(Bucket=store._bucket, Key=key, Body=PDF)
    requests = Requests(store)
    store._client.meta.events.register(
        "before-parameter-build.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=3)
    )
    assert [seen.key for seen in store.listing("invoices/")] == keys
    assert [method for method, *_ in requests.seen] == ["GET"] * 3


class Requests:
    """Every request that leaves, by botocore's event hook."""

    def __init__(self, store: S3InvoiceStore, answer: AWSResponse | None = None) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self._answer = answer
        store._client.meta.events.register("before-send.s3", self._record)

    def _record(self, request: Any, **_: Any) -> AWSResponse | None:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        self.seen.append((request.method, request.url, headers))
        return self._answer

    def puts(self) -> list[dict[str, str]]:
        return [headers for method, _, headers in self.seen if method == "PUT"]


def test_what_a_compatible_store_is_sent(store: S3InvoiceStore, s3_endpoint: str) -> None:
    requests = Requests(store)
    store.put_if_absent(KEY, PDF)
    store.put_if_absent(KEY, PDF)
    with pytest.raises(StorageError):
        store.put_if_absent(KEY, b"other")
    store.get(KEY)
    assert len(requests.puts()) == 3
    for headers in requests.puts():
        assert headers["if-none-match"] == "*"
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 ")
        assert "if-none-match" in headers["authorization"]
        assert headers["x-amz-server-side-encryption"] == "AES256"
        assert headers["content-type"] == "application/pdf"
        assert not any("acl" in name or "grant" in name for name in headers)
        assert not any("checksum" in name or "tagging" in name for name in headers)
    put = requests.puts()[0]
    digest = hashlib.sha256(PDF).hexdigest()
    assert put["x-amz-content-sha256"] == digest  # the payload is signed
    assert {n: v for n, v in put.items() if n.startswith("x-amz-meta")} == {
        "x-amz-meta-sha256": digest
    }
    assert all(url == f"{s3_endpoint}/{store._bucket}/{KEY}" for _, url, _ in requests.seen), (
        "path style"
    )
    assert not any(SECRET in value for *_, headers in requests.seen for value in headers.values())


def test_what_amazon_is_sent() -> None:
    store = _store("the-bucket", region="eu-west-3")
    requests = Requests(store, OK)
    store.put_if_absent(KEY, PDF)
    store.close()
    ((method, url, headers),) = requests.seen
    assert (method, url) == ("PUT", f"https://the-bucket.s3.eu-west-3.amazonaws.com/{KEY}")
    assert headers["if-none-match"] == "*"
    assert "/eu-west-3/s3/aws4_request" in headers["authorization"]
    assert headers["x-amz-sdk-checksum-algorithm"] == "CRC32"
    assert headers["x-amz-server-side-encryption"] == "AES256"
    assert not any("acl" in name or "grant" in name for name in headers)


def test_how_long_it_must_be_kept_stands_beside_it_and_nothing_is_locked_unasked(
    store: S3InvoiceStore,
) -> None:
    requests = Requests(store)
    store.put_if_absent(KEY, PDF, date(2036, 12, 31))
    (headers,) = requests.puts()
    assert headers["x-amz-meta-retain-until"] == "2036-12-31"
    assert not any("object-lock" in name for name in headers)
    seen = store._client.head_object(Bucket=store._bucket, Key=KEY)
    assert seen["Metadata"] == {
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "retain-until": "2036-12-31",
    }


def test_a_lock_lasts_to_the_end_of_the_last_day(s3_endpoint: str) -> None:
    store = _store(_new_bucket(), endpoint_url=s3_endpoint, object_lock="GOVERNANCE")
    store._client.create_bucket(Bucket=store._bucket, ObjectLockEnabledForBucket=True)
    requests = Requests(store)
    store.put_if_absent(KEY, PDF, date(2036, 12, 31))
    store.put_if_absent(KEY, PDF, date(2036, 12, 31))
    headers = requests.puts()[0]
    assert headers["x-amz-object-lock-mode"] == "GOVERNANCE"
    assert headers["x-amz-object-lock-retain-until-date"].startswith("2037-01-01T00:00:00")
    assert headers["content-md5"] == base64.b64encode(hashlib.md5(PDF).digest()).decode()  # noqa: S324
    assert headers["if-none-match"] == "*"
    (kept,) = store._client.list_object_versions(Bucket=store._bucket)["Versions"]
    with pytest.raises(ClientError, match="AccessDenied"):
        store._client.delete_object(Bucket=store._bucket, Key=KEY, VersionId=kept["VersionId"])
    store.close()


def test_a_bucket_without_object_lock_says_so(store: S3InvoiceStore, s3_endpoint: str) -> None:
    locking = _store(store._bucket, endpoint_url=s3_endpoint, object_lock="COMPLIANCE")
    with pytest.raises(StorageError, match="has no Object Lock") as got:
        locking.put_if_absent(KEY, PDF, date(2036, 12, 31))
    assert "S3_OBJECT_LOCK=off" in (got.value.hint or "")
    assert store.get(KEY) is None
    locking.close()


def test_a_move_keeps_metadata_tags_and_encryption(store: S3InvoiceStore) -> None:
    store.put_if_absent(KEY, PDF, date(2036, 12, 31))
    tags = [{"Key": "department", "Value": "books"}]
    client, place = store._client, {"Bucket": store._bucket, "Key": KEY}
    client.put_object_tagging(**place, Tagging={"TagSet": tags})
    before = client.head_object(**place)
    (current,) = store.listing("invoices/")
    requests = Requests(store)
    store.change_class(current, "STANDARD_IA")
    after = client.head_object(**place)
    for kept in ("ETag", "ContentLength", "ContentType", "Metadata", "ServerSideEncryption"):
        assert after[kept] == before[kept] != ""
    assert after["StorageClass"] == "STANDARD_IA"
    assert client.get_object_tagging(**place)["TagSet"] == tags
    (copy,) = requests.puts()
    assert copy["x-amz-copy-source-if-match"] == current.fingerprint
    assert copy["x-amz-metadata-directive"] == copy["x-amz-tagging-directive"] == "COPY"
    assert copy["x-amz-server-side-encryption"] == "AES256"
    assert copy["authorization"].startswith("AWS4-HMAC-SHA256 ")
    assert not any("acl" in name or "grant" in name for name in copy)


def test_a_locked_object_stays_locked_where_it_is_moved(s3_endpoint: str) -> None:
    store = _store(_new_bucket(), endpoint_url=s3_endpoint, object_lock="GOVERNANCE")
    store._client.create_bucket(Bucket=store._bucket, ObjectLockEnabledForBucket=True)
    store.put_if_absent(KEY, PDF, date(2036, 12, 31))
    (current,) = store.listing("invoices/")
    # moto wants of a copy, which has no body, what S3 wants of an upload
    store._client.meta.events.register(
        "before-sign.s3.CopyObject",
        lambda request, **_: request.headers.add_header("x-amz-sdk-checksum-algorithm", "CRC32"),
    )
    requests = Requests(store)
    store.change_class(current, "GLACIER_IR")
    (copy,) = requests.puts()
    assert copy["x-amz-object-lock-mode"] == "GOVERNANCE"
    assert copy["x-amz-object-lock-retain-until-date"].startswith("2037-01-01T00:00:00")
    store.close()


def test_the_environment_cannot_redirect_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    store = _store("the-bucket", region="eu-west-3")
    requests = Requests(store, OK)
    store.put_if_absent(KEY, PDF)
    store.close()
    assert requests.seen[0][1].startswith("https://the-bucket.s3.eu-west-3.amazonaws.com/")


def test_retries_and_timeouts_are_pinned() -> None:
    store = _store("the-bucket", region="eu-west-3", max_attempts=3)
    config = store._client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    assert config.signature_version == "s3v4"
    store.close()


def test_a_missing_bucket_says_which_and_what_to_do(s3_endpoint: str) -> None:
    store = _store("nowhere-at-all", endpoint_url=s3_endpoint)
    for put in (True, False):
        with pytest.raises(StorageError, match="the bucket 'nowhere-at-all' does not exist") as got:
            store.put_if_absent(KEY, PDF) if put else store.get(KEY)
        assert f"s3://nowhere-at-all/{KEY}" in got.value.message
        assert "AWS_S3_BUCKET" in (got.value.hint or "")
    store.close()


def test_boto3_is_imported_at_the_first_use_only() -> None:
    code = (
        "import sys; from stakactl.adapters.storage.s3 import S3InvoiceStore;"
        "S3InvoiceStore('bucket').close();"
        "sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
