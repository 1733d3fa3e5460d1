"""The client of boto3 as everything that talks to the bucket wants it.

boto3 is heavy: this imports it when it is called.
"""

from dataclasses import dataclass, field
from typing import Any

#: Kept open, so that as many threads find one of their own.
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class S3Access:
    """Without keys the usual chain of AWS applies. With an `endpoint_url` the store is
    "S3-compatible": path-style addresses, and checksums only where the protocol demands them."""

    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    connect_timeout: float = 5
    read_timeout: float = 20
    max_attempts: int = 4

    @property
    def is_compatible(self) -> bool:
        return self.endpoint_url is not None


def open_client(access: S3Access) -> Any:
    """A client that signs with SigV4 and goes where `access` says, whatever the environment."""
    import boto3
    from botocore.config import Config
    from botocore.handlers import add_expect_header

    compatible = access.is_compatible
    checksums = "when_required" if compatible else "when_supported"
    config = Config(
        signature_version="s3v4",
        connect_timeout=access.connect_timeout,
        read_timeout=access.read_timeout,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": access.max_attempts},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        ignore_configured_endpoint_urls=True,
        s3={
            "addressing_style": "path" if compatible else "auto",
            "payload_signing_enabled": compatible,  # what checksums do for AWS
        },
    )
    session = boto3.session.Session(
        region_name=access.region or ("us-east-1" if compatible else None),
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        aws_session_token=access.session_token,
    )
    client = session.client("s3", endpoint_url=access.endpoint_url, config=config)
    # "May I send it?" is for large bodies: with a PDF it doubles the time on the way.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    return client
