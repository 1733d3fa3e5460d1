"""PDFs in a bucket: Amazon S3, or anything that speaks its protocol behind an `endpoint_url`.

Every PUT carries `If-None-Match: *`, so that no PDF is ever overwritten, whoever else writes. No
ACL is ever sent: buckets with enforced ownership refuse them, and the bucket decides who reads.
boto3 is heavy and imported at the first use.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date
from threading import Lock
from typing import Any, cast

from stakactl.adapters.storage.keys import check_key
from stakactl.adapters.storage.s3_client import S3Access, open_client
from stakactl.adapters.storage.s3_errors import (
    Refusal,
    code_and_status,
    not_found,
    refusal,
    translate,
)
from stakactl.adapters.storage.s3_reading import described, listed, versions
from stakactl.adapters.storage.s3_writing import (
    changed_meanwhile,
    copy_in_place,
    lock,
    metadata,
    without_object_lock,
)
from stakactl.errors import StorageConflict, StorageError
from stakactl.operations.ports import SignedLink, StoredObject

#: How often a PUT is made again when another one for the same key is under way (409).
CONFLICT_ATTEMPTS = 5


class S3InvoiceStore:
    """An InvoiceStore in one bucket.

    Without keys the usual chain of AWS applies (environment, profile, role of the machine). With
    an `endpoint_url` the store is "S3-compatible": path-style addresses, checksums only where the
    protocol demands them, and no encryption header once the store said that it cannot encrypt
    (MinIO without a KMS answers 501). `object_lock` (GOVERNANCE, COMPLIANCE) locks what has a
    `retain_until`.
    """

    def __init__(
        self,
        bucket: str,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        max_attempts: int = 4,
        object_lock: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bucket = bucket
        self._endpoint_url = endpoint_url
        self._access = S3Access(
            region=region,
            endpoint_url=endpoint_url,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            session_token=session_token,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            max_attempts=max_attempts,
        )
        self._object_lock = object_lock
        self._pause = pause
        self._opening = Lock()
        self._opened: Any = None
        self._encryption = {"ServerSideEncryption": "AES256"}

    def put_if_absent(self, key: str, pdf: bytes, retain_until: date | None = None) -> None:
        check_key(key)
        for attempt in range(CONFLICT_ATTEMPTS):
            if attempt:
                self._pause(0.1 * 2**attempt)
            answer = self._put(key, pdf, retain_until)
            if answer is None:
                return
            if answer is Refusal.EXISTS:
                stored = self.get(key)
                if stored == pdf:
                    return
                if stored is not None:
                    raise StorageConflict(
                        f"{self._place(key)} holds other bytes than the PDF to be stored; "
                        "nothing was overwritten",
                        hint="compare the object with the invoice",
                    )
                # It was removed between the two requests: put it again.
        raise StorageError(
            f"cannot store {self._place(key)}: others keep writing the same key",
            hint="run the command again",
        )

    def get(self, key: str) -> bytes | None:
        return self._get(key)

    def head(self, key: str) -> StoredObject | None:
        check_key(key)
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except Exception as error:
            if not_found(error) and self._get(key, Range="bytes=0-0") is None:
                # An answer to HEAD has no body: only GET tells a key from a bucket that is gone.
                return None
            raise self._translated(error, "look at", key) from None
        return described(key, answer)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        check_key(f"{prefix}x")
        try:
            yield from listed(self._client, self._bucket, prefix)
        except Exception as error:
            raise self._translated(error, "list", prefix) from None

    def older_versions(self, key: str) -> list[str]:
        check_key(key)
        try:
            return versions(self._client, self._bucket, key)
        except Exception as error:
            if refusal(error) is Refusal.NOT_IMPLEMENTED:
                return []
            raise self._translated(error, "list the versions of", key) from None

    def get_version(self, key: str, version: str) -> bytes | None:
        return self._get(key, VersionId=version)

    def supersede(
        self, key: str, pdf: bytes, current: StoredObject, retain_until: date | None = None
    ) -> bool:
        """Only in a bucket whose versioning is on, and over that very object (`If-Match`)."""
        check_key(key)
        try:
            state = self._client.get_bucket_versioning(Bucket=self._bucket)
            if state.get("Status") != "Enabled":
                return False
            self._send(key, pdf, retain_until, IfMatch=current.fingerprint)
        except Exception as error:
            if refusal(error) in (Refusal.EXISTS, Refusal.CONFLICT, Refusal.NO_SUCH_KEY):
                raise changed_meanwhile(self._place(key), "restored") from None
            raise self._translated(error, "restore", key) from None
        return True

    @property
    def has_classes(self) -> bool:
        return True

    def change_class(self, current: StoredObject, storage_class: str) -> None:
        check_key(current.key)
        try:
            copy_in_place(self._client, self._bucket, current, storage_class)
        except Exception as error:
            if refusal(error) in (Refusal.EXISTS, Refusal.CONFLICT, Refusal.NO_SUCH_KEY):
                raise changed_meanwhile(self._place(current.key), "moved") from None
            raise self._translated(error, "move", current.key) from None

    def link(self, key: str, seconds: int) -> SignedLink:
        check_key(key)
        wanted = {"Bucket": self._bucket, "Key": key}
        try:
            url = self._client.generate_presigned_url(
                "get_object", Params=wanted, ExpiresIn=seconds
            )
        except Exception as error:
            raise self._translated(error, "sign a link to", key) from None
        return SignedLink(url, seconds)

    def location(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def close(self) -> None:
        """Give the connections back."""
        if self._opened is not None:
            self._opened.close()

    def _get(self, key: str, **which: str) -> bytes | None:
        check_key(key)
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, **which)
            with answer["Body"] as body:
                return cast(bytes, body.read())
        except Exception as error:
            if refusal(error) is Refusal.NO_SUCH_KEY:
                return None
            raise self._translated(error, "read", key) from None

    def _put(self, key: str, pdf: bytes, retain_until: date | None) -> Refusal | None:
        """None when the object is stored, else why the store did not take it."""
        try:
            self._send(key, pdf, retain_until, IfNoneMatch="*")
        except Exception as error:
            reason = refusal(error)
            if reason in (Refusal.EXISTS, Refusal.CONFLICT):
                return reason
            raise self._translated(error, "store", key) from None
        return None

    def _send(self, key: str, pdf: bytes, retain_until: date | None, **condition: str) -> None:
        """One conditional PUT; once more without encryption where the store cannot encrypt."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=pdf,
                ContentType="application/pdf",
                Metadata=metadata(pdf, retain_until),
                **condition,
                **lock(self._object_lock, pdf, retain_until),
                **self._encryption,
            )
        except Exception as error:
            if self._object_lock and code_and_status(error)[0] == "InvalidRequest":
                raise without_object_lock(self._place(key)) from None
            unable = refusal(error) is Refusal.NOT_IMPLEMENTED
            if not (unable and self._endpoint_url and self._encryption):
                raise
            self._encryption = {}
            self._send(key, pdf, retain_until, **condition)

    @property
    def _client(self) -> Any:
        with self._opening:  # many threads may come first, and building one takes its time
            if self._opened is None:
                self._opened = open_client(self._access)
            return self._opened

    def _place(self, key: str) -> str:
        endpoint = (self._endpoint_url or "").rpartition("@")[2]  # never a user and password
        return self.location(key) + (f" at {endpoint}" if endpoint else "")

    def _translated(self, error: Exception, doing: str, key: str) -> Exception:
        return translate(error, doing, self._place(key), self._bucket)
