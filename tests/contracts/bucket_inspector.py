"""What every BucketInspector promises, real or fake, of a bucket that a test sets up."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from stakactl.operations.ports.inspection.storage import BucketInspector, Hurdle, ObjectLock

ALL_BLOCKS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


UNLOCKED = ObjectLock(enabled=False)


@dataclass(frozen=True)
class Bucket:
    """How a bucket is set up."""

    exists: bool = True
    region: str = "us-east-1"
    blocks: tuple[str, ...] = ALL_BLOCKS
    public_policy: bool = False
    public_acl: bool = False
    versioning: str = "Enabled"
    lock: ObjectLock = UNLOCKED
    encryption: str = "AES256"


class OpenBucket(Protocol):
    def __call__(self, bucket: Bucket, /) -> BucketInspector:
        """An inspector whose settings say region us-east-1."""


class BucketInspectorContract:
    @pytest.fixture
    def open_bucket(self) -> OpenBucket:
        raise NotImplementedError

    def test_a_sound_bucket(self, open_bucket: OpenBucket) -> None:
        seen = open_bucket(Bucket())
        access = seen.access()
        assert (access.hurdle, access.region, access.wanted_region) == (
            None,
            "us-east-1",
            "us-east-1",
        )
        assert seen.missing_blocks() == ()
        assert seen.has_public_policy() is False
        assert seen.public_grants() == ()
        assert seen.versioning() == "Enabled"
        assert seen.object_lock() == UNLOCKED
        assert seen.encryption() == "AES256"

    def test_a_bucket_of_which_nothing_is_set(self, open_bucket: OpenBucket) -> None:
        seen = open_bucket(Bucket(blocks=(), versioning="", encryption=""))
        assert seen.missing_blocks() == ALL_BLOCKS
        assert (seen.versioning(), seen.encryption()) == ("", "")

    def test_a_bucket_that_is_not_there(self, open_bucket: OpenBucket) -> None:
        access = open_bucket(Bucket(exists=False)).access()
        assert access.hurdle is Hurdle.BUCKET
        assert "does not exist" in access.message

    def test_a_bucket_elsewhere(self, open_bucket: OpenBucket) -> None:
        assert open_bucket(Bucket(region="eu-west-3")).access().region == "eu-west-3"

    def test_what_makes_a_bucket_public(self, open_bucket: OpenBucket) -> None:
        seen = open_bucket(Bucket(blocks=ALL_BLOCKS[:2], public_policy=True, public_acl=True))
        assert seen.missing_blocks() == ALL_BLOCKS[2:]
        assert seen.has_public_policy() is True
        assert seen.public_grants() == ("READ to everybody",)

    @pytest.mark.parametrize(
        "lock", [ObjectLock(enabled=True), ObjectLock(True, "COMPLIANCE", "3650 days")]
    )
    def test_what_is_locked(self, open_bucket: OpenBucket, lock: ObjectLock) -> None:
        assert open_bucket(Bucket(lock=lock)).object_lock() == lock

    def test_a_probe_goes_round(self, open_bucket: OpenBucket) -> None:
        trip = open_bucket(Bucket()).round_trip()
        assert trip.key.startswith("invoices/stakactl-probe-")
        assert (trip.bytes_fetched, trip.metadata_kept) == (True, True)
        assert trip.unsigned_status == 403
