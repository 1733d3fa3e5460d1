"""What a backup holds, and which of them are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.runs import Mode

#: Of the file's layout; a newer one is not read.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside a backup: its rows (0 where it is no table) and the SHA-256 of its bytes."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `schema` is the revision its rows were read from; `warnings`
    name what could not be put in."""

    created_at: datetime
    version: str
    schema: str
    store_id: str
    account_id: str | None
    mode: Mode | None
    parts: Mapping[str, Part]
    warnings: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that lies in the home; `manifest` is None where it cannot be read."""

    name: str
    bytes: int
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class RestoredFrom:
    """What a restored store remembers of the backup: its name, when it was made, and when it was
    restored."""

    backup: str
    made_at: datetime
    restored_at: datetime


def expired(names: Sequence[str], keep: int) -> tuple[str, ...]:
    """The oldest of our backups beyond `keep`; their names sort by time."""
    return tuple(sorted(names)[: max(0, len(names) - keep)])
