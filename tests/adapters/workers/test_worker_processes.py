"""Executors: what both promise, and what only processes can do wrong."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.workers.here import Here
from stakactl.adapters.workers.local import FEW, LocalWorkers
from stakactl.adapters.workers.processes import Processes
from stakactl.adapters.workers.threads import THREADS
from stakactl.errors import ImportRejected, StakactlError, StorageError, WorkerError
from stakactl.operations.ports import Executor
from tests.adapters.workers import steps
from tests.adapters.workers.steps import Bench
from tests.cli.homes import ROOT, wait_until

SECRET = "sentinel-of-the-bucket"
CHUNK = 16


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Two processes for all tests of this file."""
    desk = partial(Bench, tmp_path_factory.mktemp("bench"), SECRET)
    with Processes(desk, 2, CHUNK) as executor:
        yield executor


@pytest.fixture(params=["here", "processes"])
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Executor:
    if request.param == "here":
        return Here(Bench(tmp_path))
    found: Executor = request.getfixturevalue("processes")
    return found


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("count", [0, 1, 200])
def test_every_task_has_its_result_in_order(executor: Executor, count: int, waits: bool) -> None:
    results = list(executor.map(steps.double, range(count), waits=waits))
    assert results == [2 * number for number in range(count)]


@pytest.mark.parametrize("waits", [False, True])
def test_tasks_are_taken_a_few_ahead(executor: Executor, waits: bool) -> None:
    """Of a million only a window is ever in memory."""
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number

    results = executor.map(steps.double, tasks(), waits=waits)
    for seen, _ in zip(range(500), results, strict=False):
        assert taken - seen <= 2 * 2 * CHUNK + 2 * THREADS


def test_two_maps_feed_each_other(executor: Executor) -> None:
    first = executor.map(steps.double, range(100))
    assert list(executor.map(steps.double, first, waits=True)) == [4 * n for n in range(100)]


def test_after_a_stop_nothing_further_is_begun(executor: Executor) -> None:
    tasks = iter(range(5_000))
    results = list(executor.map(steps.double, tasks, waits=True, stop=steps.always))
    assert results == [0], "the first one goes alone"
    assert next(tasks) == 1


def test_a_stop_in_the_middle_lets_end_what_is_under_way(executor: Executor) -> None:
    tasks = iter(range(5_000))
    results = list(executor.map(steps.same, tasks, waits=True, stop=steps.is_three))
    assert results == sorted(results)
    assert {0, 1, 2, 3} <= set(results)
    assert next(tasks) <= 2 * 2 * CHUNK + 1


@pytest.mark.parametrize("waits", [False, True])
def test_what_a_step_raises_is_raised(executor: Executor, waits: bool) -> None:
    with pytest.raises(StorageError) as caught:
        list(executor.map(steps.fail_at_five, range(20), waits=waits))
    assert (caught.value.message, caught.value.hint) == ("five", "take six")


def _errors() -> list[StakactlError]:
    kinds: list[type[StakactlError]] = [StakactlError]
    for kind in kinds:
        kinds += [each for each in kind.__subclasses__() if each.__module__ == "stakactl.errors"]
    plain = [kind("what", hint="do") for kind in kinds if kind is not ImportRejected]
    return [*plain, ImportRejected("what", ("line 1", "line 2"), hint="do")]


def test_every_error_survives_the_way(processes: Processes) -> None:
    for error in _errors():
        again = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (type(again), str(again), vars(again)) == (type(error), "what", vars(error))
    with pytest.raises(ImportRejected) as caught:
        list(processes.map(steps.raise_it, [_errors()[-1]]))
    assert caught.value.problems == ("line 1", "line 2")


def test_all_processes_work_and_this_one_does_not(processes: Processes) -> None:
    found = set(processes.map(steps.meet, range(400)))
    assert len(found) == 2
    assert os.getpid() not in found


def test_no_secret_is_on_a_command_line(processes: Processes) -> None:
    for pid in set(processes.map(steps.meet, range(100))):
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert b"multiprocessing" in command
        assert SECRET.encode() not in command


def test_a_desk_that_cannot_be_opened_is_told_in_its_own_words() -> None:
    unopenable: Callable[[], Any] = steps.Unopenable
    with (
        pytest.raises(StorageError, match="no such bucket"),
        Processes(unopenable, 1, CHUNK) as executor,
    ):
        list(executor.map(steps.double, range(3)))


def test_a_worker_that_is_killed_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkerError, match="worker process ended") as caught,
        Processes(partial(Bench, tmp_path), 2, CHUNK) as executor,
    ):
        list(executor.map(steps.die_at_five, range(40)))
    assert "run the command again" in (caught.value.hint or "")


def test_an_exception_ends_workers_that_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stakactl.adapters.workers.processes.GRACE", 0.1)
    _interrupt_when(lambda: len(_pids(tmp_path)) == 2)
    with (
        pytest.raises(KeyboardInterrupt),
        Processes(partial(Bench, tmp_path), 2, 1) as executor,
    ):
        next(executor.map(steps.hang, range(4), waits=True))
    assert not any(map(_runs, _pids(tmp_path)))


def _interrupt_when(condition: Callable[[], bool]) -> None:
    """Ctrl-C in this process, from another thread, once something is so."""

    def wait() -> None:
        wait_until(condition)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait).start()


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.workers.orphaning", str(tmp_path)], cwd=ROOT
    )
    wait_until(lambda: len(_pids(tmp_path)) == 2, seconds=60)
    assert all(map(_runs, _pids(tmp_path)))
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(_runs, _pids(tmp_path))))


def _pids(folder: Path) -> list[int]:
    return [int(path.name[4:]) for path in folder.glob("pid-*")]


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    ("tasks", "wanted", "kind"),
    [
        (FEW - 1, None, Here),
        (0, 4, Here),
        (1, 4, Here),
        (10_000, 1, Here),
        (2, 2, Processes),
    ],
)
def test_processes_are_started_where_they_pay(
    tasks: int, wanted: int | None, kind: type, tmp_path: Path
) -> None:
    desk = Bench(tmp_path)
    with LocalWorkers(desk, lambda: desk).start(tasks, wanted) as executor:
        assert isinstance(executor, kind)


def test_many_tasks_get_a_process_for_each_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Bench(tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    with LocalWorkers(desk, lambda: desk).start(FEW) as executor:
        assert isinstance(executor, Processes)
        assert executor._processes == 3
