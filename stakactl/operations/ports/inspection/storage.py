"""What `config validate` asks the place of the PDFs: a folder, or a bucket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PdfFolder:
    path: str
    exists: bool
    is_folder: bool
    writable: bool


class PdfFolderInspector(Protocol):
    def look(self) -> PdfFolder: ...


@dataclass(frozen=True, slots=True)
class BucketExpectations:
    """What the settings say. `temporary`: the credentials end by themselves. `locks`: each PDF
    is to be locked."""

    bucket: str
    link_seconds: int | None
    temporary: bool
    locks: bool = False


class Hurdle(StrEnum):
    """What stands between us and the objects of the bucket, in the order in which one meets it."""

    NETWORK = "network"
    REGION = "region"
    CREDENTIALS = "credentials"
    BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class BucketAccess:
    """`hurdle` is None where the bucket was listed. `region` is where the bucket lies, "" where
    the store does not say; `wanted_region` is that of the settings, "" where none is set."""

    hurdle: Hurdle | None = None
    message: str = ""
    hint: str = ""
    region: str = ""
    wanted_region: str = ""


@dataclass(frozen=True, slots=True)
class Untold:
    """The store does not say: we may not ask, or it does not know the question."""

    reason: str


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """`mode` is that of the default retention: "" when there is none."""

    enabled: bool
    mode: str = ""  # GOVERNANCE | COMPLIANCE
    period: str = ""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A probe that was put, looked at, fetched by a signed link and deleted again.

    `unsigned_status` is what the same address answered without its signature.
    """

    key: str
    bytes_fetched: bool
    metadata_kept: bool
    unsigned_status: int


class BucketInspector(Protocol):
    """Only reads, but for `round_trip`. Raises StorageError."""

    @property
    def expectations(self) -> BucketExpectations: ...

    def access(self) -> BucketAccess:
        """Asks for the list of one object."""

    def missing_blocks(self) -> tuple[str, ...] | Untold:
        """Which of the four switches of Block Public Access are off."""

    def has_public_policy(self) -> bool | Untold: ...

    def public_grants(self) -> tuple[str, ...] | Untold:
        """What the ACL grants to everybody."""

    def versioning(self) -> str | Untold:
        """Enabled | Suspended | "" (never was on)."""

    def object_lock(self) -> ObjectLock | Untold: ...

    def encryption(self) -> str | Untold:
        """The algorithm that the bucket encrypts with by default, "" when it does not."""

    def round_trip(self) -> RoundTrip:
        """Writes one object and deletes it for good, every version of it."""
