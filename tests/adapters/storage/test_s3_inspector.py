"""The inspector of the bucket and its fake keep the same promises; refusals are told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stakactl.adapters.storage.folder_inspector import LocalPdfFolderInspector
from stakactl.errors import StorageError
from stakactl.operations.ports.inspection.storage import (
    BucketExpectations,
    BucketInspector,
    Hurdle,
    ObjectLock,
    PdfFolder,
    Untold,
)
from tests.adapters.storage.scripted_http import Answer, s3_error, scripted
from tests.buckets import SECRET, Buckets
from tests.contracts.bucket_inspector import Bucket, BucketInspectorContract, OpenBucket
from tests.fakes_inspection import FakeBucketInspector


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def buckets(s3_endpoint: str) -> Iterator[Buckets]:
    buckets = Buckets(s3_endpoint)
    yield buckets
    buckets.close()


class TestS3BucketInspector(BucketInspectorContract):
    @pytest.fixture
    def open_bucket(self, buckets: Buckets) -> OpenBucket:
        return lambda bucket: buckets.inspector(buckets.make(bucket))


class TestFakeBucketInspector(BucketInspectorContract):
    @pytest.fixture
    def open_bucket(self) -> OpenBucket:
        def open_bucket(bucket: Bucket) -> BucketInspector:
            return FakeBucketInspector(bucket, BucketExpectations("invoices", None, False))

        return open_bucket


@pytest.mark.parametrize("versioning", ["", "Enabled"])
def test_nothing_is_left_of_a_probe(buckets: Buckets, versioning: str) -> None:
    name = buckets.make(Bucket(versioning=versioning))
    buckets.inspector(name).round_trip()
    left = buckets.client().list_object_versions(Bucket=name)
    assert "Versions" not in left
    assert "DeleteMarkers" not in left


@pytest.mark.parametrize(
    ("answer", "hurdle"),
    [
        (s3_error(403, "InvalidAccessKeyId", SECRET), Hurdle.CREDENTIALS),
        (s3_error(403, "SignatureDoesNotMatch"), Hurdle.CREDENTIALS),
        (s3_error(403, "AccessDenied"), Hurdle.CREDENTIALS),
        (s3_error(403, "RequestTimeTooSkewed"), Hurdle.CREDENTIALS),
        (s3_error(404, "NoSuchBucket"), Hurdle.BUCKET),
        (s3_error(400, "AuthorizationHeaderMalformed"), Hurdle.REGION),
        (Answer(200, b"<html>"), Hurdle.NETWORK),
        (Answer(raw=b""), Hurdle.NETWORK),
    ],
)
def test_where_the_way_ends(buckets: Buckets, answer: Answer, hurdle: Hurdle) -> None:
    with scripted(answer) as server:
        access = buckets.inspector("invoices", endpoint=server.url).access()
    assert access.hurdle is hurdle
    assert "s3://invoices" in access.message
    assert SECRET not in repr(access)


def test_what_may_not_be_asked_is_untold(buckets: Buckets) -> None:
    with scripted(s3_error(403, "AccessDenied")) as server:
        seen = buckets.inspector("invoices", endpoint=server.url)
        blocks, lock = seen.missing_blocks(), seen.object_lock()
    assert isinstance(blocks, Untold)
    assert "s3:GetBucketPublicAccessBlock" in blocks.reason
    assert isinstance(lock, Untold)


def test_what_a_compatible_store_does_not_know_is_untold(buckets: Buckets) -> None:
    with scripted(s3_error(501, "NotImplemented")) as server:
        seen = buckets.inspector("invoices", endpoint=server.url)
        assert isinstance(seen.versioning(), Untold)
        assert isinstance(seen.public_grants(), Untold)
        assert seen.object_lock() == ObjectLock(enabled=False)


def test_a_question_that_fails_is_an_error(buckets: Buckets) -> None:
    with scripted(s3_error(500, "InternalError")) as server:
        seen = buckets.inspector("invoices", endpoint=server.url)
        with pytest.raises(StorageError, match="s3:GetBucketVersioning"):
            seen.versioning()


def test_the_folder_of_the_pdfs(tmp_path: Path) -> None:
    folder = tmp_path / "invoices"
    inspector = LocalPdfFolderInspector(folder)
    assert inspector.look() == PdfFolder(str(folder), False, True, True)
    folder.mkdir()
    assert inspector.look() == PdfFolder(str(folder), True, True, True)
    folder.rmdir()
    folder.touch()
    assert not inspector.look().is_folder
