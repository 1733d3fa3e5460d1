"""BucketInspector: what `config validate` asks the bucket; each question needs a right of its own.

A question that we may not ask, or that an S3-compatible store does not know, is `Untold`: nothing
is concluded from it.
"""

import hashlib
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, TypeVar

from stakactl.adapters.storage.s3 import S3InvoiceStore
from stakactl.adapters.storage.s3_client import S3Access, open_client
from stakactl.adapters.storage.s3_errors import code_and_status, hurdle, translate
from stakactl.errors import StorageError
from stakactl.operations.ports.inspection.storage import (
    BucketAccess,
    BucketExpectations,
    Hurdle,
    ObjectLock,
    RoundTrip,
    Untold,
)

T = TypeVar("T")

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_EVERYBODY = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "everybody with an AWS account",
}
_NOT_ALLOWED = frozenset({"AccessDenied", "AllAccessDisabled", "403"})
_NOT_KNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "XNotImplemented", "501", "405"})
_CHECK_PLACE = "check the network, the proxy, and the endpoint (MINIO_ENDPOINT, MINIO_PORT)"
_PROBE = b"%PDF-1.4\n% stakactl config validate --probe\n"
_LINK_SECONDS = 60


class S3BucketInspector:
    """Safe from many threads."""

    def __init__(
        self, access: S3Access, expectations: BucketExpectations, *, timeout_seconds: float
    ) -> None:
        self._access = replace(
            access, connect_timeout=timeout_seconds, read_timeout=timeout_seconds, max_attempts=2
        )
        self._expectations = expectations
        self._bucket = expectations.bucket
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._opened: Any = None

    @property
    def expectations(self) -> BucketExpectations:
        return self._expectations

    def access(self) -> BucketAccess:
        wanted = self._access.region or ""
        try:
            self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1, Prefix="invoices/")
        except Exception as error:
            told = self._translated(error, "list")
            if not isinstance(told, StorageError):
                raise
            stage = hurdle(error)
            hint = _CHECK_PLACE if stage is Hurdle.NETWORK else told.hint or ""
            return BucketAccess(stage, told.message, hint, "", wanted)
        return BucketAccess(region=self._region(), wanted_region=wanted)

    def _region(self) -> str:
        try:
            return str(self._client.head_bucket(Bucket=self._bucket).get("BucketRegion") or "")
        except Exception as error:
            if isinstance(self._translated(error, "look at"), StorageError):
                return ""
            raise

    def missing_blocks(self) -> tuple[str, ...] | Untold:
        def read() -> tuple[str, ...]:
            answer = self._client.get_public_access_block(Bucket=self._bucket)
            switches = answer.get("PublicAccessBlockConfiguration", {})
            return tuple(name for name in _BLOCKS if not switches.get(name))

        return self._asked(
            "s3:GetBucketPublicAccessBlock",
            read,
            absent=("NoSuchPublicAccessBlockConfiguration", _BLOCKS),
        )

    def has_public_policy(self) -> bool | Untold:
        def read() -> bool:
            answer = self._client.get_bucket_policy_status(Bucket=self._bucket)
            return bool(answer["PolicyStatus"]["IsPublic"])

        return self._asked("s3:GetBucketPolicyStatus", read, absent=("NoSuchBucketPolicy", False))

    def public_grants(self) -> tuple[str, ...] | Untold:
        def read() -> tuple[str, ...]:
            grants = self._client.get_bucket_acl(Bucket=self._bucket).get("Grants", ())
            named = ((_EVERYBODY.get(g["Grantee"].get("URI", "")), g["Permission"]) for g in grants)
            return tuple(f"{permission} to {who}" for who, permission in named if who)

        return self._asked("s3:GetBucketAcl", read)

    def versioning(self) -> str | Untold:
        def read() -> str:
            return str(self._client.get_bucket_versioning(Bucket=self._bucket).get("Status") or "")

        return self._asked("s3:GetBucketVersioning", read)

    def object_lock(self) -> ObjectLock | Untold:
        """A store that does not know the question locks nothing."""

        def read() -> ObjectLock:
            answer = self._client.get_object_lock_configuration(Bucket=self._bucket)
            lock = answer.get("ObjectLockConfiguration", {})
            retention = lock.get("Rule", {}).get("DefaultRetention", {})
            spans = ((retention.get(unit) or 0, unit.lower()) for unit in ("Years", "Days"))
            period = next((f"{count} {unit}" for count, unit in spans if count), "")
            enabled = lock.get("ObjectLockEnabled") == "Enabled"
            return ObjectLock(enabled, retention.get("Mode") or "", period)

        nothing = ObjectLock(enabled=False)
        return self._asked(
            "s3:GetBucketObjectLockConfiguration",
            read,
            absent=("ObjectLockConfigurationNotFoundError", nothing),
            not_known=nothing,
        )

    def encryption(self) -> str | Untold:
        def read() -> str:
            answer = self._client.get_bucket_encryption(Bucket=self._bucket)
            rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
            return str(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])

        return self._asked(
            "s3:GetEncryptionConfiguration",
            read,
            absent=("ServerSideEncryptionConfigurationNotFoundError", ""),
        )

    def round_trip(self) -> RoundTrip:
        key = f"invoices/stakactl-probe-{uuid.uuid4().hex}.pdf"
        store = S3InvoiceStore(self._bucket, **asdict(self._access))
        try:
            store.put_if_absent(key, _PROBE)
            try:
                seen = store.head(key)
                link = self._client.generate_presigned_url(
                    "get_object",
                    Params={"Bucket": self._bucket, "Key": key},
                    ExpiresIn=_LINK_SECONDS,
                )
                status, content = self._fetch(link)
                unsigned_status, _ = self._fetch(link.partition("?")[0])
            finally:
                self._delete(key)
        finally:
            store.close()
        kept = seen is not None and seen.sha256 == hashlib.sha256(_PROBE).hexdigest()
        return RoundTrip(key, status == 200 and content == _PROBE, kept, unsigned_status)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._opened is None:
                self._opened = open_client(self._access)
            return self._opened

    def _asked(
        self,
        right: str,
        read: Callable[[], T],
        *,
        absent: tuple[str, T] | None = None,
        not_known: T | None = None,
    ) -> T | Untold:
        """The answer; that of `absent` when the store says by this code that nothing is set."""
        try:
            return read()
        except Exception as error:
            code, status = code_and_status(error)
            if absent is not None and code == absent[0]:
                return absent[1]
            if code in _NOT_ALLOWED:
                return Untold(f"the credentials may not ask: they lack {right}")
            if code in _NOT_KNOWN or str(status) in _NOT_KNOWN:
                return (
                    Untold("this store does not know the question")
                    if not_known is None
                    else (not_known)
                )
            raise self._translated(error, f"ask {right} of") from None

    def _fetch(self, url: str) -> tuple[int, bytes]:
        """Status and content, as a customer's browser gets them; no redirect is followed."""
        import requests

        try:
            answer = requests.get(
                url,
                timeout=self._timeout,
                allow_redirects=False,
                verify=os.environ.get("AWS_CA_BUNDLE") or True,
            )
        except requests.RequestException as error:
            reason = type(error).__name__  # its text holds the signature
            raise StorageError(
                f"a signed link to {self._place} could not be fetched: {reason}",
                hint="check the network, and whether customers reach the store at this address",
            ) from None
        return answer.status_code, answer.content

    def _delete(self, key: str) -> None:
        """Every version, so that nothing stays where versioning is on."""
        try:
            kept = self._client.list_object_versions(Bucket=self._bucket, Prefix=key)
            versions = [each["VersionId"] for each in kept.get("Versions", ())]
        except Exception as error:
            if not isinstance(self._translated(error, "list"), StorageError):
                raise
            versions = []
        try:
            for which in [{"VersionId": version} for version in versions] or [{}]:
                self._client.delete_object(Bucket=self._bucket, Key=key, **which)
        except Exception as error:
            told = self._translated(error, "delete the probe from")
            if not isinstance(told, StorageError):
                raise
            raise StorageError(
                f"{told.message}; {key} is left there",
                hint="the credentials need s3:DeleteObject (s3:DeleteObjectVersion where "
                "versioning is on) for the probe; delete the object by hand",
            ) from None

    @property
    def _place(self) -> str:
        return f"s3://{self._bucket}"

    def _translated(self, error: Exception, doing: str) -> Exception:
        return translate(error, doing, self._place, self._bucket)
