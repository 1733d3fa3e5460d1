"""Backups of stakactl's own store: make, verify, restore.

A backup counts only after every byte of it was read again, so making one ends with verifying it;
only then older ones are removed. A restore is compared with the backup row by row count.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from stakactl import __version__
from stakactl.domain.backups import Backup, Manifest, RestoredFrom, expired
from stakactl.domain.runs import Outcome
from stakactl.errors import BackupDamaged, NotFound, ServiceError
from stakactl.operations.ports.backups import BackupPorts, BackupReader, Lines

_TABLES = "tables/"
_PREFIX = "stakactl-"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made and verified; `removed` are those that it pushed out."""

    backup: Backup
    removed: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.backup.manifest.warnings if self.backup.manifest else ()


@dataclass(frozen=True, slots=True)
class Verified:
    """`damage` is what is wrong with it, None where every byte is as it was written."""

    name: str
    manifest: Manifest | None
    damage: str | None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    checked: tuple[Verified, ...]

    @property
    def outcome(self) -> Outcome:
        sound = all(each.damage is None for each in self.checked)
        return Outcome.OK if sound else Outcome.FINDINGS


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """`rows` per table of the store as it is now."""

    manifest: Manifest
    rows: dict[str, int]


def create_backup(ports: BackupPorts) -> BackupReport:
    """Make one, read it again, and remove what is older than the newest `backups_kept`."""
    name = _name(ports.clock.now())
    with ports.store_dump.reading() as contents, ports.backups.writing(name) as backup:
        warnings = []
        with ports.progress.stage("Backing up") as stage:
            for table, lines in contents.tables:
                backup.add(f"{_TABLES}{table}.ndjson", lines)
                stage.advance()
            for part, read in ports.surroundings.items():
                try:
                    backup.add(part, list(read()))
                except ServiceError as error:
                    warnings.append(f"{part} is not in it: {error.message}")
        made = backup.finish(
            Manifest(
                created_at=ports.clock.now(),
                version=__version__,
                schema=contents.schema,
                store_id=contents.identity.store_id,
                account_id=contents.identity.account_id,
                mode=contents.mode,
                parts={},
                warnings=tuple(warnings),
            )
        )
    with ports.backups.reading(name) as reader:
        reader.check()
    return BackupReport(made, _remove_expired(ports))


def _name(now: datetime) -> str:
    """Names sort by time."""
    return f"{_PREFIX}{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z"


def _remove_expired(ports: BackupPorts) -> tuple[str, ...]:
    ours = [each.name for each in ports.backups.find() if each.name.startswith(_PREFIX)]
    removed = expired(ours, ports.backups_kept)
    for name in removed:
        ports.backups.remove(name)
    return removed


def verify_backups(ports: BackupPorts, names: Sequence[str]) -> VerifyReport:
    """Read every byte of those named, or of all; changes nothing."""
    wanted = list(names) or [each.name for each in ports.backups.find()]
    if not wanted:
        raise NotFound("there is no backup", hint="stakactl backup create")
    with ports.progress.stage("Verifying", len(wanted)) as stage:
        checked = []
        for name in wanted:
            checked.append(_verified(ports, name))
            stage.advance()
    return VerifyReport(tuple(checked))


def _verified(ports: BackupPorts, name: str) -> Verified:
    try:
        with ports.backups.reading(name) as reader:
            reader.check()
            return Verified(name, reader.manifest, None)
    except BackupDamaged as error:
        return Verified(name, None, error.message)


@contextmanager
def sound_backup(ports: BackupPorts, name: str) -> Iterator[BackupReader]:
    """A backup whose every byte was read; raises BackupDamaged."""
    with ports.backups.reading(name) as reader:
        reader.check()
        yield reader


def restore_backup(ports: BackupPorts, name: str, *, replace: bool) -> RestoreReport:
    """Fill the store with a sound backup; see `StoreDump.restore` for what it refuses. It is
    frozen until `thaw` has compared it with the stored PDFs."""
    with sound_backup(ports, name) as reader:
        manifest = reader.manifest
        origin = RestoredFrom(_shown(name), manifest.created_at, ports.clock.now())
        dump = ports.store_dump
        rows = dict(dump.restore(manifest.schema, _tables(reader), origin, replace=replace))
    for table, part in _parts(manifest).items():
        if rows.get(table, 0) != part:
            raise BackupDamaged(f"{table} has {rows.get(table, 0)} rows instead of {part}")
    return RestoreReport(manifest, rows)


def _shown(name: str) -> str:
    """A path without its folders."""
    return name.replace("\\", "/").rpartition("/")[2].removesuffix(".zip")


def _tables(reader: BackupReader) -> Iterator[tuple[str, Lines]]:
    for table in _parts(reader.manifest):
        yield table, reader.lines(f"{_TABLES}{table}.ndjson")


def _parts(manifest: Manifest) -> dict[str, int]:
    """Rows by table, in the order in which they were written."""
    return {
        name.removeprefix(_TABLES).removesuffix(".ndjson"): part.rows
        for name, part in manifest.parts.items()
        if name.startswith(_TABLES)
    }
