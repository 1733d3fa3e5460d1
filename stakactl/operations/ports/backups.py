"""Backups: the store as texts, and the files they become."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from stakactl.domain.backups import Backup, Manifest, RestoredFrom
from stakactl.domain.plans import StoreIdentity
from stakactl.domain.runs import Mode
from stakactl.operations.ports.system import Clock, Progress

#: The rows of a table, each as one line of JSON without its line break.
Lines = Iterator[str]


@dataclass(frozen=True, slots=True)
class StoreContents:
    """Every row of the store as it was at one moment. `tables` is read once, each table's lines
    before the next table."""

    schema: str
    identity: StoreIdentity
    mode: Mode | None
    tables: Iterable[tuple[str, Lines]]


class StoreDump(Protocol):
    def reading(self) -> AbstractContextManager[StoreContents]:
        """The store at one moment, while the context lasts. Schemas of older versions too."""

    def restore(
        self,
        schema: str,
        tables: Iterable[tuple[str, Lines]],
        origin: RestoredFrom,
        *,
        replace: bool,
    ) -> Mapping[str, int]:
        """Fill a missing or empty store with these rows, and bring it up to this version's schema;
        with `replace` a store of ours loses all it holds first. All of it or nothing: the same
        transaction freezes the store (`RestoreBook`) and makes the mails that wait in it unknown.
        The rows of each table that the backup held. Raises Refused, LockHeld, StoreForeign or
        StoreOutdated."""


class BackupFolder(Protocol):
    """Backups in the home, for their owner only. Raises DiskError."""

    def writing(self, name: str) -> "AbstractContextManager[BackupWriter]":
        """A new backup, which is there once the context ends well, or not at all."""

    def find(self) -> list[Backup]:
        """All of them, newest first."""

    def reading(self, name: str) -> "AbstractContextManager[BackupReader]":
        """A backup of the folder by its name, or any file by its path. Raises NotFound."""

    def remove(self, name: str) -> None: ...


class BackupWriter(Protocol):
    def add(self, name: str, lines: Iterable[str]) -> None:
        """Another part; a line each."""

    def finish(self, manifest: Manifest) -> Backup:
        """Close it with a manifest, whose `parts` are those that were added."""


class BackupReader(Protocol):
    """Raises BackupDamaged where the file is not as it was written."""

    @property
    def manifest(self) -> Manifest: ...

    def check(self) -> None:
        """Compare every byte with what was written."""

    def lines(self, name: str) -> Lines: ...


class BackupPorts(Protocol):
    """What making and restoring backups asks for; a store that cannot be opened does not matter."""

    @property
    def clock(self) -> Clock: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def store_dump(self) -> StoreDump: ...
    @property
    def backups(self) -> BackupFolder: ...
    @property
    def backups_kept(self) -> int:
        """How many stay."""

    @property
    def surroundings(self) -> Mapping[str, Callable[[], Iterable[str]]]:
        """What a backup holds besides the store: the name of a part → its lines."""
