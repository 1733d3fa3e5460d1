"""Ctrl-C and a full disk in the middle of the night: told clearly, kept, and a rerun finishes."""

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stakactl.demo.offline_stripe import faults
from tests.cli.homes import (
    Project,
    assert_clear,
    envelope,
    expected_invoices,
    finish,
    interrupt,
    start,
    wait_until,
)

KIB = 1024


def _numbers(project: Project) -> list[int]:
    invoices = project.run("invoices", "list", "--limit", "1000", "-o", "json")
    return sorted(int(item["number"][-6:]) for item in envelope(invoices)["items"])


def _finish_the_night(project: Project) -> None:
    """A rerun ends as an undisturbed night does: numbers without a gap, one mail for each."""
    result = project.run("nightly", "--yes", "-o", "json")
    assert_clear(result, 1)
    assert envelope(result)["outcome"] == "findings"
    numbers = _numbers(project)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == expected_invoices()
    assert len(list(project.home.rglob("*.eml"))) == len(numbers)
    assert len(list(project.home.rglob("*.pdf"))) == len(numbers)
    assert project.count("run_lock") == 0
    again = envelope(project.run("nightly", "--yes", "-o", "json"))["summary"]
    assert (again["invoices_issued"], again["mails_sent"], again["repaired"]) == (0, 0, 0)


MOMENTS: dict[str, Callable[[Project], object]] = {
    "sync": lambda project: len(project.stripe.requests) > 4,
    "reconcile": lambda project: project.count("changes"),
    "invoices": lambda project: project.count("invoices"),
    "mail": lambda project: list(project.home.rglob("*.eml")),
}


#: CPython ends by the signal itself where Ctrl-C met it inside exec() of a text (dataclasses do
#: that while they are imported), also when the interruption was handled; a shell says 130 to both.
INTERRUPTED = {130, -signal.SIGINT}


@pytest.mark.parametrize(
    "stage",
    [
        "sync",
        pytest.param("reconcile", marks=pytest.mark.soak),
        "invoices",
        pytest.param("mail", marks=pytest.mark.soak),
    ],
)
def test_ctrl_c_keeps_what_was_done(stage: str, project: Project) -> None:
    project.stripe.faults.add(faults.latency(0.02), times=None)
    process = start(project.folder, "nightly", "--yes")
    wait_until(lambda: MOMENTS[stage](project))
    interrupt(process)
    ended = finish(process, seconds=10)
    assert ended.returncode in INTERRUPTED, ended.stderr
    assert ended.stderr.startswith("Error: Interrupted; what was done is kept.\nHint: ")
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert project.count("run_lock") == 0
    runs = envelope(project.run("runs", "list", "-o", "json"))["items"]
    assert runs[0]["command"] == "nightly"
    assert runs[0]["outcome"] in ("error", "interrupted")
    project.stripe.faults.clear()
    _finish_the_night(project)


def test_ctrl_c_is_one_json_object(project: Project) -> None:
    project.stripe.faults.add(faults.latency(0.05), times=None)
    process = start(project.folder, "sync", "-o", "json")
    wait_until(lambda: len(project.stripe.requests) > 1)
    interrupt(process)
    ended = finish(process, seconds=10)
    assert ended.returncode in INTERRUPTED
    assert ended.stderr == ""
    assert re.search(r'"code": "interrupted"', ended.stdout)


# -- a full disk


@pytest.fixture
def small_disk(project: Project, tmp_path: Path) -> Iterator[Path]:
    """The project's home on a file system of its own, of 8 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("NO SMALL DISK: mounting a tmpfs needs root")
    try:
        project.home.rename(project.folder / "moved")
        subprocess.run(["cp", "-a", str(project.folder / "moved"), str(disk / "var")], check=True)
        project.home.symlink_to(disk / "var")
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, room: int) -> Path:
    """Leave `room` bytes."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * (found.f_bavail * found.f_frsize - room))
    return ballast


@pytest.mark.parametrize(
    "room_kib",
    [
        0,
        pytest.param(700, marks=pytest.mark.soak),
        pytest.param(1200, marks=pytest.mark.soak),
        2300,
        pytest.param(2800, marks=pytest.mark.soak),
    ],
)
def test_no_room_is_4_and_a_rerun_finishes(
    room_kib: int, project: Project, small_disk: Path
) -> None:
    ballast = _fill(small_disk, room_kib * KIB)
    ended = finish(start(project.folder, "nightly", "--yes"))
    text = ended.stdout + ended.stderr
    assert ended.returncode in (4, 6), text
    assert re.search(r"full|No space left", re.sub(r"\s+", " ", text)), text
    assert "Traceback" not in text
    assert "A bug in stakactl" not in text
    ballast.unlink()
    _finish_the_night(project)


def test_a_full_disk_takes_no_half_of_an_import(project: Project, small_disk: Path) -> None:
    rows = project.folder / "many.ndjson"
    text = (project.folder / "orders.ndjson").read_text(encoding="utf-8")
    rows.write_text(re.sub(r'"CMD-', '"MORE-', text), encoding="utf-8")
    before = project.count("orders")
    ballast = _fill(small_disk, 60 * KIB)
    result = project.run("orders", "import", "many.ndjson")
    assert_clear(result, 4, "disk", "full", "Hint: free some space")
    assert project.count("orders") == before
    ballast.unlink()
    assert_clear(project.run("orders", "import", "many.ndjson"), 0)
    assert project.count("orders") == 2 * before


def test_a_file_size_limit_is_no_traceback(project: Project) -> None:
    """What a quota feels like where no small disk can be mounted."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200 * KIB, 200 * KIB))

    process = subprocess.Popen(
        [sys.executable, "-m", "stakactl", "sync"],
        cwd=project.folder, preexec_fn=limit,  # noqa: PLW1509
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    ended = finish(process)
    assert ended.returncode == 4, ended
    assert "Traceback" not in ended.stderr
    assert_clear(project.run("sync"), 0)


def test_a_settings_file_that_does_not_fit_is_not_left_half_written(
    project: Project, small_disk: Path
) -> None:
    (small_disk / "shop.env").write_text((project.folder / ".env").read_text())
    ballast = _fill(small_disk, 0)
    ended = finish(start(small_disk, "init", "--from", "shop.env"))
    assert ended.returncode == 4, ended.stderr
    assert "No space left" in ended.stderr
    assert sorted(path.name for path in small_disk.iterdir()) == ["ballast", "shop.env", "var"]
    ballast.unlink()
