"""What stands beside a PDF in a bucket: its SHA-256, how long it must be kept, and the lock.

Metadata is ASCII and holds nothing about a person: whoever may list a bucket may read it.
"""

import base64
import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from stakactl.errors import StorageConflict, StorageError
from stakactl.operations.ports import StoredObject

#: What a copy loses unless it is said again.
_SAID_AGAIN = (
    *("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"),
    *("ObjectLockMode", "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus"),
)


def metadata(pdf: bytes, retain_until: date | None) -> dict[str, str]:
    """`x-amz-meta-sha256`, and `x-amz-meta-retain-until` as an ISO date."""
    kept = {} if retain_until is None else {"retain-until": retain_until.isoformat()}
    return {"sha256": hashlib.sha256(pdf).hexdigest(), **kept}


def lock(mode: str | None, pdf: bytes, retain_until: date | None) -> dict[str, Any]:
    """The parameters of a PUT that locks, {} for one that does not: to the end of the day, and
    with the checksum that S3 demands of such a PUT."""
    if mode is None or retain_until is None:
        return {}
    ends = datetime.combine(retain_until + timedelta(days=1), time(), UTC)
    digest = hashlib.md5(pdf, usedforsecurity=False).digest()
    return {
        "ObjectLockMode": mode,
        "ObjectLockRetainUntilDate": ends,
        "ContentMD5": base64.b64encode(digest).decode(),
    }


def copy_in_place(client: Any, bucket: str, current: StoredObject, storage_class: str) -> None:
    """The object onto itself, as long as it is `current`: its metadata and tags come along by
    themselves, how it is encrypted and locked does not.

    Raises the client's errors, and StorageConflict where it is another object by now.
    """
    seen = client.head_object(Bucket=bucket, Key=current.key)
    if seen["ETag"] != current.fingerprint:
        raise changed_meanwhile(f"s3://{bucket}/{current.key}", "moved")
    if seen.get("StorageClass") == storage_class:
        return  # another run was first; S3 refuses a copy that changes nothing
    client.copy_object(
        Bucket=bucket,
        Key=current.key,
        CopySource={"Bucket": bucket, "Key": current.key},
        CopySourceIfMatch=current.fingerprint,
        StorageClass=storage_class,
        MetadataDirective="COPY",
        TaggingDirective="COPY",
        **{name: seen[name] for name in _SAID_AGAIN if seen.get(name)},
    )


def changed_meanwhile(place: str, done: str) -> StorageConflict:
    return StorageConflict(
        f"{place} was changed meanwhile; nothing was {done}", hint="run the command again"
    )


def without_object_lock(place: str) -> StorageError:
    return StorageError(
        f"cannot store {place}: the bucket has no Object Lock, and S3_OBJECT_LOCK is set",
        hint="use a bucket that was made with Object Lock, or set S3_OBJECT_LOCK=off",
    )
