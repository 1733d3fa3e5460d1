"""`kill -9` while documents are issued, credited, cancelled and stored, of the command itself or of
its workers; then one rerun: numbers without a gap, each PDF stored once, hashes right."""

import hashlib
import os
import pty
import random
import shutil
import signal
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from stakactl.domain.invoicing import Invoice
from stakactl.operations.ports import InvoiceFilter
from tests.cli.homes import wait_until
from tests.faults.demos import ROOT, Demo, points

SEED = 20261126
GENERATE = ("invoices", "generate", "--demo", "--yes", "--since", "2020-01-01", "--workers", "2")
UPLOAD = ("invoices", "upload", "--demo", "--yes", "--workers", "2")
KILLED, WORKER_LOST = -9, 4
#: Places for the soak, over the whole of a command.
PLACES = 12


def documents(demo: Demo) -> list[Invoice]:
    """All of them, checked: what must hold once everything is finished."""
    with demo.store() as store:
        found = store.invoices.find(InvoiceFilter(limit=10_000))
    series = defaultdict(list)
    for document in found:
        series[document.number.rpartition("-")[0]].append(document.number)
        pdf = (demo.home / document.object_key).read_bytes()
        assert hashlib.sha256(pdf).hexdigest() == document.sha256, document.number
    for prefix, numbers in series.items():
        assert sorted(numbers) == [f"{prefix}-{n:06d}" for n in range(1, len(numbers) + 1)]
    assert len(list((demo.home / "invoices").rglob("*.pdf"))) == len(found)
    assert not list((demo.home / "spool").glob("*.pdf")), "the spool is not empty"
    return found


@dataclass(frozen=True)
class Stage:
    """A home before a command, and how many documents there are after it."""

    demo: Demo
    command: tuple[str, ...]
    after: int
    points: int


def undisturbed(demo: Demo, command: tuple[str, ...], folder: Path) -> Stage:
    copy = demo.copy(folder)
    result = copy.killed(0, *command)
    assert result.returncode == 0, result.stderr
    return Stage(demo, command, len(documents(copy)), points(result))


@pytest.fixture(scope="session")
def to_issue(seeded: Demo, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    demo = seeded.copy(tmp_path_factory.mktemp("to-issue"))
    assert demo.run("sync", "--demo").returncode == 0
    return undisturbed(demo, GENERATE, tmp_path_factory.mktemp("issued"))


@pytest.fixture(scope="session")
def to_upload(to_issue: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Everything is issued, and waits: the folder of the PDFs could not be made."""
    demo = to_issue.demo.copy(tmp_path_factory.mktemp("to-upload"))
    (demo.home / "invoices").touch()
    assert demo.run(*GENERATE).returncode == 6
    (demo.home / "invoices").unlink()
    assert len(list((demo.home / "spool").glob("*.pdf"))) == to_issue.after
    return undisturbed(demo, UPLOAD, tmp_path_factory.mktemp("uploaded"))


@pytest.fixture(scope="session")
def to_credit(to_issue: Stage, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    demo = to_issue.demo.copy(tmp_path_factory.mktemp("to-credit"))
    assert demo.run(*GENERATE).returncode == 0
    return demo


def place(stage: Stage, number: int, of: int) -> int:
    """A point in one of so many equal parts."""
    share = stage.points // of
    return 1 + number * share + random.Random(SEED + number).randrange(share)


SAMPLE = [PLACES // 2]
REST = [
    pytest.param(number, marks=pytest.mark.soak) for number in range(PLACES) if number not in SAMPLE
]


@pytest.mark.soak
@pytest.mark.parametrize("number", range(PLACES))
def test_generate_is_killed(number: int, to_issue: Stage, tmp_path: Path) -> None:
    killed_and_rerun(to_issue, place(to_issue, number, PLACES), tmp_path)


@pytest.mark.parametrize("number", [*SAMPLE, *REST])
def test_upload_is_killed(number: int, to_upload: Stage, tmp_path: Path) -> None:
    killed_and_rerun(to_upload, place(to_upload, number, PLACES), tmp_path)


def killed_and_rerun(stage: Stage, point: int, folder: Path) -> None:
    demo = stage.demo.copy(folder)
    assert demo.killed(point, *stage.command).returncode == KILLED, f"not killed at {point}"
    rerun = demo.run(*stage.command)
    assert rerun.returncode == 0, f"killed at {point}: {rerun.stderr}"
    assert len(documents(demo)) == stage.after, f"killed at {point}"
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "point", [23, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 2, 3, 8, 40, 61, 90))]
)
def test_workers_are_killed(point: int, to_issue: Stage, tmp_path: Path) -> None:
    """The command ends clearly; the workers' half-done PDFs are made and stored by the next."""
    demo = to_issue.demo.copy(tmp_path)
    lost = demo.killed(0, *to_issue.command, worker_at=point)
    assert lost.returncode == WORKER_LOST, lost.stderr
    assert "a worker process ended" in lost.stderr
    assert "Traceback" not in lost.stderr
    assert demo.run(*to_issue.command).returncode == 0
    assert len(documents(demo)) == to_issue.after


@pytest.mark.parametrize(
    "seen",
    ["spool/*.pdf", pytest.param("stakactl.db-wal", marks=pytest.mark.soak)],
    ids=["working", "starting"],
)
def test_ctrl_c_in_a_terminal_ends_all_processes(
    seen: str, to_issue: Stage, tmp_path: Path
) -> None:
    """SIGINT reaches every process of the terminal; one of them answers."""
    demo = to_issue.demo.copy(tmp_path)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(demo.folder)
        environment = {**os.environ, "PYTHONPATH": ROOT, "TERM": "xterm", "COLUMNS": "80"}
        command = [sys.executable, "-m", "stakactl", *to_issue.command]
        os.execve(sys.executable, command, environment)  # noqa: S606
    wait_until(lambda: list(demo.home.glob(seen)))
    os.write(terminal, b"\x03")
    shown = _rest_of(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in {130, -signal.SIGINT}, shown
    assert "Interrupted; what was done is kept." in shown
    assert "Traceback" not in shown
    wait_until(lambda: not _session(pid), seconds=10)
    assert demo.run(*to_issue.command).returncode == 0
    assert len(documents(demo)) == to_issue.after


def _rest_of(terminal: int) -> str:
    said = b""
    with suppress(OSError):  # the other end is closed
        while more := os.read(terminal, 65536):
            said += more
    os.close(terminal)
    return said.decode()


def _session(leader: int) -> list[str]:
    """Processes of a terminal's session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, session = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append((stat.parent / "cmdline").read_text(encoding="utf-8"))
    return found


CREDIT = ("invoices", "credit", "NUMBER", "--demo", "--yes", "--amount", "1.00")
CANCEL = ("invoices", "cancel", "NUMBER", "--demo", "--yes")


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (CREDIT, 3),
        *(
            pytest.param(command, part, marks=pytest.mark.soak)
            for command in (CREDIT, CANCEL)
            for part in range(8)
            if (command, part) != (CREDIT, 3)
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else str(value),
)
def test_a_credit_note_is_killed(
    command: tuple[str, ...], part: int, to_credit: Demo, tmp_path: Path
) -> None:
    """Once its number is taken the note stands, and the next upload finishes it; before, nothing
    has happened and the command is typed again."""
    first = min(invoice.number for invoice in documents(to_credit))
    typed = tuple(first if word == "NUMBER" else word for word in command)
    stage = undisturbed(to_credit, typed, tmp_path / "undisturbed")
    demo = to_credit.copy(tmp_path / "killed")
    point = place(stage, part, 8)
    assert demo.killed(point, *typed).returncode == KILLED, f"not killed at {point}"
    with demo.store() as store:
        taken = any(each.is_credit_note for each in store.invoices.unfinished())
        taken |= any(each.is_credit_note for each in store.invoices.find(InvoiceFilter(limit=999)))
    if not taken:
        assert demo.run(*typed).returncode == 0
    assert demo.run(*UPLOAD).returncode == 0
    notes = [each for each in documents(demo) if each.is_credit_note]
    assert [note.number.rpartition("-")[2] for note in notes] == ["000001"]
    with demo.store() as store:
        cancelled = store.invoices.get(first)
    assert cancelled is not None
    assert (cancelled.moments.cancelled_at is not None) is (command is CANCEL)


def test_control_a_pdf_of_other_bytes_is_noticed(to_credit: Demo, tmp_path: Path) -> None:
    demo = to_credit.copy(tmp_path)
    pdf = next((demo.home / "invoices").rglob("*.pdf"))
    pdf.write_bytes(pdf.read_bytes() + b" ")
    with pytest.raises(AssertionError):
        documents(demo)
