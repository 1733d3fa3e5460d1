"""What a bucket says of its objects without giving their bytes: HEAD, lists, versions.

1,000 objects per request: a list costs a thousandth of one HEAD per object.
"""

from collections.abc import Iterator
from typing import Any

from stakactl.domain.storage_classes import STANDARD
from stakactl.errors import StorageError
from stakactl.operations.ports import StoredObject

#: Storage classes whose objects must be restored before they can be read.
_ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


def described(key: str, answer: dict[str, Any]) -> StoredObject:
    """An answer to HEAD."""
    return StoredObject(
        key,
        answer["ContentLength"],
        answer["ETag"],
        answer.get("Metadata", {}).get("sha256"),
        archived=_is_archived(answer) and "Restore" not in answer,
        storage_class=storage_class(answer),
    )


def listed(client: Any, bucket: str, prefix: str) -> Iterator[StoredObject]:
    """Every object below the prefix. StorageError when the list is cut, is none, or comes in
    another order than S3's."""
    previous = ""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        if page.get("IsTruncated", True) and not page.get("NextContinuationToken"):
            raise StorageError(
                f"s3://{bucket}/{prefix} was not listed to its end",
                hint="is there really an S3 store behind this endpoint?",
            )
        for entry in page.get("Contents", ()):
            if entry["Key"] <= previous:
                raise StorageError(
                    f"s3://{bucket}/{prefix} is not listed in the order of its keys",
                    hint="S3 Express and some compatible stores do not sort: use a general "
                    "purpose bucket",
                )
            previous = entry["Key"]
            yield StoredObject(
                previous,
                entry["Size"],
                entry["ETag"],
                archived=_is_archived(entry),
                storage_class=storage_class(entry),
            )


def versions(client: Any, bucket: str, key: str) -> list[str]:
    """The versions of one key that are not the current one, newest first."""
    answer = client.list_object_versions(Bucket=bucket, Prefix=key)
    older = [v for v in answer.get("Versions", ()) if v["Key"] == key and not v["IsLatest"]]
    older.sort(key=lambda version: version["LastModified"], reverse=True)
    return [version["VersionId"] for version in older]


def storage_class(description: dict[str, Any]) -> str:
    """HEAD leaves out the class that is the default, some compatible stores do in lists too."""
    return description.get("StorageClass") or STANDARD


def _is_archived(description: dict[str, Any]) -> bool:
    return description.get("StorageClass") in _ARCHIVED
