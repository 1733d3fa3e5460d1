"""Disk and memory as Linux tells of them, in and out of a container, and where nothing is told."""

import shutil
from collections import namedtuple
from decimal import Decimal
from pathlib import Path

import pytest

from stakactl.adapters.alerts.usage import MachineUsage
from stakactl.domain.alerts import Words
from stakactl.errors import DiskError
from stakactl.operations.ports.alerts import Usage

GIB = 1024**3
_Disk = namedtuple("_Disk", "total used free")


class Linux:
    """Files as the kernel writes them, under a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.cgroups = folder / "proc", folder / "cgroup"
        (self.proc / "self").mkdir(parents=True)
        self.cgroups.mkdir()

    def memory(self, total_kib: int, available_kib: int) -> None:
        text = f"MemTotal:  {total_kib} kB\nMemFree:  1 kB\nMemAvailable:  {available_kib} kB\n"
        (self.proc / "meminfo").write_text(text + "HugePages_Total:       0\n")

    def lives_in(self, path: str) -> None:
        (self.proc / "self" / "cgroup").write_text(f"4:memory:/old/way\n0::{path}\n")

    def limit(self, path: str, limit: int | str, used: int, cache: int = 0) -> None:
        group = self.cgroups / path.lstrip("/")
        group.mkdir(parents=True, exist_ok=True)
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "memory.current").write_text(f"{used}\n")
        (group / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\n")

    def usage(self) -> Usage | None:
        return MachineUsage(Path("/"), self.proc, self.cgroups).memory()


@pytest.fixture
def linux(tmp_path: Path) -> Linux:
    return Linux(tmp_path)


def test_a_machine_without_limits(linux: Linux) -> None:
    linux.memory(16 * 1024**2, 4 * 1024**2)
    linux.lives_in("/user.slice")
    linux.limit("/user.slice", "max", 3 * GIB)
    words = Words("of 16.0 GiB of this machine", "de 16,0 Gio de cette machine")
    assert linux.usage() == Usage(Decimal("75.0"), words)


def test_a_container_that_may_use_a_part(linux: Linux) -> None:
    linux.memory(64 * 1024**2, 60 * 1024**2)
    linux.lives_in("/")
    linux.limit("/", GIB, GIB * 9 // 10)
    used = linux.usage()
    assert used is not None
    assert (str(used.percent), used.of.en) == (
        "90.0",
        "of the limit of 1.0 GiB of this container or service",
    )


def test_a_cache_that_would_be_given_back_is_not_in_use(linux: Linux) -> None:
    linux.lives_in("/")
    linux.limit("/", GIB, GIB, cache=GIB // 2)
    used = linux.usage()
    assert used is not None
    assert used.percent == 50


def test_the_nearest_limit_of_all_above_counts(linux: Linux) -> None:
    linux.memory(64 * 1024**2, 32 * 1024**2)
    linux.lives_in("/system.slice/stakactl.service")
    linux.limit("/system.slice/stakactl.service", 4 * GIB, GIB)
    linux.limit("/system.slice", 2 * GIB, 2 * GIB * 3 // 4)
    used = linux.usage()
    assert used is not None
    assert used.percent == 75


@pytest.mark.parametrize("path", ["/../../outside", "/gone", ""])
def test_a_group_that_cannot_be_seen_from_here(linux: Linux, path: str) -> None:
    linux.lives_in(path)
    linux.limit("/", 2 * GIB, GIB)
    used = linux.usage()
    assert used is not None
    assert used.percent == 50


@pytest.mark.parametrize("text", ["", "MemTotal: none\n", "MemTotal: 0 kB\nMemAvailable: 0 kB\n"])
def test_where_nothing_is_told(linux: Linux, text: str) -> None:
    assert linux.usage() is None
    (linux.proc / "meminfo").write_text(text)
    assert linux.usage() is None


def test_this_machine(tmp_path: Path) -> None:
    usage = MachineUsage(tmp_path / "not" / "yet").disk()
    assert 0 <= usage.percent <= 100
    assert usage.of.en.endswith(f"free at {tmp_path}")
    memory = MachineUsage(tmp_path).memory()
    assert memory is None or 0 < memory.percent <= 100


def test_what_is_kept_for_root_is_in_use_for_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _Disk(total=100 * GIB, used=80 * GIB, free=15 * GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk)
    free = Words(f"15.0 GiB free at {tmp_path}", f"15,0 Gio libres sur {tmp_path}")
    assert MachineUsage(tmp_path).disk() == Usage(Decimal("84.2"), free)


def test_a_disk_that_cannot_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    with pytest.raises(DiskError, match="Input/output error"):
        MachineUsage(tmp_path).disk()
