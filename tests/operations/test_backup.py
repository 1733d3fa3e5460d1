"""A backup brings every row back, on either database, and no flipped byte goes unseen."""

import random
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.command import downgrade
from sqlalchemy import select, text

from stakactl.adapters.database.dump import SqlStoreDump
from stakactl.adapters.database.schema import HEAD, alembic_config
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables import all_tables
from stakactl.adapters.storage.backup_files import FileBackupFolder
from stakactl.domain.backups import RestoredFrom, expired
from stakactl.domain.runs import Outcome
from stakactl.errors import (
    BackupDamaged,
    DiskError,
    LockHeld,
    NotFound,
    Refused,
    ServiceError,
    StoreForeign,
    StoreOutdated,
)
from stakactl.operations.backup import create_backup, restore_backup, verify_backups
from stakactl.operations.maintenance import raise_maintenance
from stakactl.operations.nightly import nightly
from stakactl.output.progress import Silent
from tests.builders import NOW
from tests.operations.workshop import StandingClock, Workshop, sale, workshop_on

Rows = dict[str, list[tuple[object, ...]]]


@dataclass
class Bench:
    """A `BackupPorts` on real files and the store at `url`."""

    url: str
    folder: Path
    clock: StandingClock = field(default_factory=StandingClock)
    progress: Silent = field(default_factory=Silent)
    backups_kept: int = 3
    surroundings: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)

    @property
    def store_dump(self) -> SqlStoreDump:
        return SqlStoreDump(self.url)

    @property
    def backups(self) -> FileBackupFolder:
        return FileBackupFolder(self.folder)


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Bench:
    return Bench(database_url, tmp_path / "backups")


@contextmanager
def working(url: str) -> Iterator[Workshop]:
    with workshop_on(url) as shop:
        yield shop


def fill(url: str) -> Rows:
    """A night's work, with something in as many tables as it takes; the rows of all."""
    with working(url) as shop:
        shop.take(*(sale(number) for number in range(1, 6)))
        nightly(shop)
        raise_maintenance(shop, "deploying é", "ops", timedelta(hours=1))
        return contents(url)


def contents(url: str) -> Rows:
    store = Store.open(url)
    with store.database.read() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in all_tables().sorted_tables
            if not table.name.startswith(("figure", "buyer"))  # added up from the others
        }
    store.close()
    return found


def restored_contents(url: str) -> Rows:
    """Without the mark of the restore, which froze it."""
    found = contents(url)
    (mark,) = found["restores"]
    assert mark[4] is None
    return found | {"restores": []}


def test_every_row_comes_back_on_either_database(
    bench: Bench, empty_database_url: str, tmp_path: Path
) -> None:
    before = fill(bench.url)
    assert sum(bool(rows) for rows in before.values()) > 12
    report = create_backup(bench)
    other = Bench(empty_database_url, bench.folder)
    restored = restore_backup(other, report.backup.name, replace=False)
    assert restored_contents(other.url) == before
    assert restored.rows["invoices"] == 5


def test_numbers_and_ids_go_on_behind_it(bench: Bench, empty_database_url: str) -> None:
    fill(bench.url)
    name = create_backup(bench).backup.name
    restore_backup(Bench(empty_database_url, bench.folder), name, replace=False)
    with working(empty_database_url) as shop:
        shop.maintenance.swap(shop.maintenance.last(), None)
        shop.restores.thaw([], "run_1", NOW)
        shop.take(*(sale(number) for number in range(1, 9)))
        nightly(shop)
        numbers = sorted(invoice.number for invoice in shop.invoices.find())
    assert numbers == [f"FACT-2026-{number:06d}" for number in range(1, 9)]


def test_a_flipped_byte_is_seen_wherever_it_is(bench: Bench) -> None:
    fill(bench.url)
    name = create_backup(bench).backup.name
    paths = sorted(bench.folder.iterdir())
    whole = {path: path.read_bytes() for path in paths}
    places = [(path, place) for path, content in whole.items() for place in range(len(content))]
    for path, place in random.Random(7).sample(places, 100):
        content = bytearray(whole[path])
        content[place] ^= 1 << (place % 8)
        path.write_bytes(content)
        report = verify_backups(bench, [name])
        assert report.outcome is Outcome.FINDINGS, (path, place)
        with pytest.raises(BackupDamaged):
            restore_backup(bench, name, replace=True)
        path.write_bytes(whole[path])
    assert verify_backups(bench, []).outcome is Outcome.OK


def test_a_cut_or_lost_file_is_damage(bench: Bench) -> None:
    name = create_backup(bench).backup.name
    path = bench.folder / f"{name}.zip"
    path.write_bytes(path.read_bytes()[:-30])
    assert verify_backups(bench, [name]).checked[0].damage
    assert bench.backups.find()[0].manifest is None
    (bench.folder / f"{name}.zip.sha256").unlink()
    assert verify_backups(bench, [name]).checked[0].damage
    with pytest.raises(NotFound):
        verify_backups(bench, ["nope"])


def test_they_are_their_owners_alone(bench: Bench) -> None:
    create_backup(bench)
    assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in bench.folder.iterdir()} == {0o600}


def test_the_oldest_go_and_nothing_else(bench: Bench) -> None:
    bench.folder.mkdir()
    (bench.folder / "mine.zip").write_bytes(b"")
    names = []
    for _ in range(5):
        names.append(create_backup(bench).backup.name)
        bench.clock.move(seconds=1)
    assert [each.name for each in bench.backups.find()] == [*names[:1:-1], "mine"]
    assert expired(names, 9) == ()


def test_a_store_with_something_in_it_is_refused(bench: Bench) -> None:
    before = fill(bench.url)
    name = create_backup(bench).backup.name
    with pytest.raises(Refused, match="not empty") as caught:
        restore_backup(bench, name, replace=False)
    assert "--replace" in str(caught.value.hint)
    assert contents(bench.url) == before


def test_replacing_loses_what_came_later(bench: Bench) -> None:
    before = fill(bench.url)
    name = create_backup(bench).backup.name
    with working(bench.url) as shop:
        shop.orders.import_orders([sale(90).order])
    assert contents(bench.url) != before
    restore_backup(bench, name, replace=True)
    assert restored_contents(bench.url) == before


def test_a_run_at_work_is_not_pulled_from_under(bench: Bench) -> None:
    before = fill(bench.url)
    name = create_backup(bench).backup.name
    with working(bench.url) as shop, shop.lock.hold("run_1", "nightly"), pytest.raises(LockHeld):
        restore_backup(bench, name, replace=True)
    assert contents(bench.url) == before


def test_tables_of_somebody_else_are_refused(bench: Bench, empty_database_url: str) -> None:
    name = create_backup(bench).backup.name
    other = Bench(empty_database_url, bench.folder)
    restore_backup(other, name, replace=False)
    store = Store.open(other.url)
    with store.database.write() as connection:
        connection.execute(text("DROP TABLE stakactl_version"))
    store.close()
    with pytest.raises(StoreForeign):
        restore_backup(other, name, replace=True)


def test_a_restore_that_fails_changes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fill(bench.url)
    name = create_backup(bench).backup.name
    reading = bench.backups.reading

    @contextmanager
    def cut(self: FileBackupFolder, wanted: str) -> Iterator[object]:
        with reading(wanted) as reader:
            lines = reader.lines
            broken = {"tables/outbox.ndjson": iter(['{"mail_id": '])}
            monkeypatch.setattr(reader, "lines", lambda part: broken.get(part) or lines(part))
            yield reader

    monkeypatch.setattr(FileBackupFolder, "reading", cut)
    with pytest.raises(BackupDamaged, match="outbox"):
        restore_backup(bench, name, replace=True)
    assert contents(bench.url) == before


def test_what_cannot_be_read_beside_the_store_is_told(bench: Bench) -> None:
    def fails() -> Iterator[str]:
        raise ServiceError("Stripe is down")

    bench.surroundings = {"settings.env": lambda: ["A=1"], "stripe/prices.ndjson": fails}
    report = create_backup(bench)
    assert report.warnings == ("stripe/prices.ndjson is not in it: Stripe is down",)
    with bench.backups.reading(report.backup.name) as reader:
        assert list(reader.lines("settings.env")) == ["A=1"]


def test_a_newer_schema_is_not_read(bench: Bench, empty_database_url: str) -> None:
    dump = SqlStoreDump(empty_database_url)
    with pytest.raises(StoreOutdated, match="newer"):
        dump.restore("9999", (), RestoredFrom("stakactl-1", NOW, NOW), replace=False)


def test_a_disk_that_takes_nothing(bench: Bench) -> None:
    bench.folder.parent.joinpath("backups").write_text("in the way")
    with pytest.raises(DiskError):
        create_backup(bench)


def test_the_schema_is_noted(bench: Bench) -> None:
    manifest = create_backup(bench).backup.manifest
    assert manifest is not None
    assert manifest.schema == HEAD


def test_a_backup_of_an_older_schema_is_brought_up(bench: Bench, empty_database_url: str) -> None:
    before = fill(bench.url)
    store = Store.open(bench.url)
    with store.database.write() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        downgrade(config, "0003")
    store.close()
    report = create_backup(bench)
    assert report.backup.manifest is not None
    assert report.backup.manifest.schema == "0003"
    other = Bench(empty_database_url, bench.folder)
    restore_backup(other, report.backup.name, replace=False)
    assert restored_contents(other.url) == before | {"maintenance": []}
