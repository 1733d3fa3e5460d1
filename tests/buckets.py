"""Buckets of moto's S3 server, set up as a test wants them, and inspectors of them."""

import json
import uuid
from typing import Any

from stakactl.adapters.storage.s3_client import S3Access, open_client
from stakactl.adapters.storage.s3_inspector import S3BucketInspector
from stakactl.operations.ports.inspection.storage import BucketExpectations
from tests.contracts.bucket_inspector import Bucket

SECRET = "secret-sentinel-of-the-bucket"


class Buckets:
    """Makes buckets on one server, and closes what it opened."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._opened: list[Any] = []
        self._clients: dict[str, Any] = {}

    def access(self, region: str | None = "us-east-1", endpoint: str = "") -> S3Access:
        return S3Access(region, endpoint or self._endpoint, "AKIASENTINEL", SECRET)

    def client(self, region: str = "us-east-1") -> Any:
        if region not in self._clients:
            self._clients[region] = open_client(self.access(region))
            self._opened.append(self._clients[region])
        return self._clients[region]

    def inspector(self, name: str, *, endpoint: str = "", **expected: Any) -> S3BucketInspector:
        expectations = BucketExpectations(
            name,
            expected.get("link_seconds", 3600),
            expected.get("temporary", False),
            expected.get("locks", False),
        )
        inspector = S3BucketInspector(
            self.access(endpoint=endpoint), expectations, timeout_seconds=5
        )
        if not endpoint:
            inspector._opened = self.client()  # to build one takes 0.1 s
        self._opened.append(inspector)
        return inspector

    def make(self, bucket: Bucket) -> str:
        """The name of a new bucket."""
        name = f"invoices-{uuid.uuid4().hex[:12]}"
        if bucket.exists:
            self._set_up(name, bucket)
        return name

    def _set_up(self, name: str, bucket: Bucket) -> None:
        client = self.client(bucket.region)
        elsewhere = bucket.region != "us-east-1"
        place = {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
        client.create_bucket(
            Bucket=name,
            ObjectLockEnabledForBucket=bucket.lock.enabled,
            **(place if elsewhere else {}),
            **({"ACL": "public-read"} if bucket.public_acl else {}),
        )
        if bucket.blocks:
            switches = dict.fromkeys(bucket.blocks, True)
            client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=switches)
        if bucket.public_policy:
            statement = {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{name}/*",
            }
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
        if bucket.versioning and not bucket.lock.enabled:
            client.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": bucket.versioning}
            )
        if bucket.lock.mode:
            rule = {"DefaultRetention": {"Mode": bucket.lock.mode, "Days": 3650}}
            client.put_object_lock_configuration(
                Bucket=name,
                ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
            )
        if bucket.encryption:
            default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": bucket.encryption}}
            client.put_bucket_encryption(
                Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]}
            )

    def close(self) -> None:
        for each in self._opened:
            each.close()
