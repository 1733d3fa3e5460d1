"""`storage.*` and `s3.*` against moto's S3: each check broken once, and no other with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.storage.folder_inspector import LocalPdfFolderInspector
from stakactl.domain.checks import CheckState
from stakactl.operations.ports.inspection.storage import ObjectLock, RoundTrip
from stakactl.operations.validate.storage import CHECKS
from tests.adapters.storage.scripted_http import Answer, s3_error, scripted
from tests.buckets import SECRET, Buckets
from tests.contracts.bucket_inspector import Bucket
from tests.fakes_inspection import FakeBucketInspector
from tests.validation import Results, inspection, run


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def buckets(s3_endpoint: str) -> Iterator[Buckets]:
    buckets = Buckets(s3_endpoint)
    yield buckets
    buckets.close()


def check(buckets: Buckets, bucket: Bucket, *, probe: bool = True, **expected: Any) -> Results:
    seen = buckets.inspector(buckets.make(bucket), **expected)
    results = run(CHECKS, inspection(bucket=seen, pdf_folder=None), probe=probe)
    assert SECRET not in results.text
    return results


def test_everything_is_well(buckets: Buckets) -> None:
    results = check(buckets, Bucket())
    assert results.ids(CheckState.FAILED, CheckState.UNKNOWN) == []
    assert results.ids(CheckState.SKIPPED) == ["storage.folder"]


def test_nothing_is_written_without_a_probe(buckets: Buckets) -> None:
    results = check(buckets, Bucket(), probe=False)
    assert results.ids(CheckState.SKIPPED) == ["storage.folder", "s3.round_trip", "s3.unsigned"]


@pytest.mark.parametrize(
    ("bucket", "broken", "words"),
    [
        (Bucket(region="eu-west-3"), "s3.region", "set AWS_REGION=eu-west-3"),
        (Bucket(blocks=("BlockPublicAcls",)), "s3.public_access", "BlockPublicPolicy is off"),
        (Bucket(public_policy=True), "s3.public_access", "it makes the bucket public"),
        (Bucket(public_acl=True), "s3.public_access", "it grants READ to everybody"),
        (Bucket(versioning=""), "s3.versioning", "put-bucket-versioning"),
        (Bucket(versioning="Suspended"), "s3.versioning", "off"),
    ],
)
def test_a_bucket_that_is_not_well(
    buckets: Buckets, bucket: Bucket, broken: str, words: str
) -> None:
    results = check(buckets, bucket, probe=False)
    assert results.failed == [broken]
    assert words in results.told(broken)


def test_only_the_leak_is_told(buckets: Buckets) -> None:
    states = check(buckets, Bucket(public_acl=True), probe=False).states("s3.public_access")
    assert states == [CheckState.OK, CheckState.OK, CheckState.FAILED]


def test_a_bucket_that_is_not_there(buckets: Buckets) -> None:
    results = check(buckets, Bucket(exists=False))
    assert results.failed == ["s3.bucket"]
    assert results.ids(CheckState.OK) == ["s3.reachable", "s3.credentials", "s3.link_lifetime"]
    assert "s3.round_trip" in results.ids(CheckState.UNKNOWN)


@pytest.mark.parametrize(
    ("answer", "broken", "good"),
    [
        (Answer(raw=b""), "s3.reachable", []),
        (s3_error(400, "AuthorizationHeaderMalformed"), "s3.region", ["s3.reachable"]),
        (
            s3_error(403, "SignatureDoesNotMatch"),
            "s3.credentials",
            ["s3.reachable"],
        ),
    ],
)
def test_what_stands_in_the_way_fails_alone(
    buckets: Buckets, answer: Answer, broken: str, good: list[str]
) -> None:
    with scripted(answer) as server:
        seen = buckets.inspector("invoices", endpoint=server.url)
        results = run(CHECKS, inspection(bucket=seen, pdf_folder=None), probe=True)
    assert results.failed == [broken]
    assert results.ids(CheckState.OK) == [*good, "s3.link_lifetime"]


def test_what_may_not_be_asked_is_unknown(buckets: Buckets) -> None:
    listed = Answer(200, b"<ListBucketResult></ListBucketResult>")
    with scripted(listed, Answer(), s3_error(403, "AccessDenied")) as server:
        seen = buckets.inspector("invoices", endpoint=server.url)
        results = run(CHECKS, inspection(bucket=seen, pdf_folder=None), probe=True)
    assert results.failed == []
    assert results.ids(CheckState.UNKNOWN) == [
        f"s3.{name}"
        for name in ("region", "public_access", "versioning", "object_lock", "encryption")
    ]
    assert "s3:GetBucketPolicyStatus" in results.told("s3.public_access")
    assert "locked for years" in results.told("s3.round_trip")


@pytest.mark.parametrize(
    ("lock", "skips"),
    [
        (ObjectLock(enabled=True), []),
        (ObjectLock(True, "COMPLIANCE", "3650 days"), ["s3.round_trip", "s3.unsigned"]),
    ],
)
def test_what_could_not_be_deleted_is_not_written(
    buckets: Buckets, lock: ObjectLock, skips: list[str]
) -> None:
    results = check(buckets, Bucket(lock=lock))
    assert results.failed == []
    assert results.ids(CheckState.SKIPPED) == ["storage.folder", *skips]
    assert ("COMPLIANCE for 3650 days" in results.told("s3.object_lock")) is bool(skips)


def test_pdfs_are_to_be_locked_where_nothing_can_be(buckets: Buckets) -> None:
    results = check(buckets, Bucket(), probe=False, locks=True)
    assert results.failed == ["s3.object_lock"]
    assert "S3_OBJECT_LOCK=off" in results.told("s3.object_lock")
    lock = ObjectLock(enabled=True)
    assert check(buckets, Bucket(lock=lock), probe=False, locks=True).failed == []


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"link_seconds": 2_592_000}, "7 days"),
        ({"link_seconds": 604_800, "temporary": True}, "temporary credentials"),
    ],
)
def test_links_that_end_before_they_should(
    buckets: Buckets, expected: dict[str, Any], words: str
) -> None:
    results = check(buckets, Bucket(), probe=False, **expected)
    assert results.failed == ["s3.link_lifetime"]
    assert words in results.told("s3.link_lifetime")


@pytest.mark.parametrize("seconds", [None, 604_800])
def test_links_that_live_as_long_as_s3_allows(buckets: Buckets, seconds: int | None) -> None:
    assert check(buckets, Bucket(), probe=False, link_seconds=seconds).failed == []


@pytest.mark.parametrize(
    ("trip", "broken"),
    [
        (RoundTrip("key", False, True, 403), "s3.round_trip"),
        (RoundTrip("key", True, False, 403), "s3.round_trip"),
        (RoundTrip("key", True, True, 200), "s3.unsigned"),
    ],
)
def test_a_probe_that_comes_back_otherwise(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch, trip: RoundTrip, broken: str
) -> None:
    monkeypatch.setattr(FakeBucketInspector, "round_trip", lambda self: trip)
    seen = FakeBucketInspector(Bucket(), buckets.inspector("invoices").expectations)
    results = run(CHECKS, inspection(bucket=seen, pdf_folder=None), probe=True)
    assert results.failed == [broken]


def test_a_folder(tmp_path: Path) -> None:
    folder = LocalPdfFolderInspector(tmp_path / "invoices")
    looked_at = inspection(bucket=None, pdf_folder=folder)
    assert run(CHECKS, looked_at).ids(CheckState.OK) == ["storage.folder"]
    (tmp_path / "invoices").touch()
    results = run(CHECKS, looked_at)
    assert results.failed == ["storage.folder"]
    assert set(results.states("s3.bucket")) == {CheckState.SKIPPED}
