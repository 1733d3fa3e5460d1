"""Several processes of this machine as an executor, each with a desk of its own.

They are started afresh (spawn), so that they share neither the database's connections nor threads
with this one, and get their settings through a pipe, never on a command line. Tasks travel in
chunks. Leaving by an exception, Ctrl-C too, ends them: each finishes the task in hand, and is
killed when that takes too long.
"""

import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from stakactl.adapters.workers.child import begin, do_chunk
from stakactl.errors import WorkerError
from stakactl.operations.ports import PdfDesk

#: Seconds that workers have to finish the task in hand.
GRACE = 3.0
#: Chunks on their way, for each process: one that it does and one that waits for it.
AHEAD = 2
#: Tasks of a chunk whose steps do not wait: the processor is busy to its end.
SHORT = 8

Task = TypeVar("Task")
Result = TypeVar("Result")


class Processes:
    """An Executor. `open_desk` is called once in each process and must survive pickling; `chunk`
    are the tasks of one message where steps wait for something."""

    def __init__(self, open_desk: Callable[[], PdfDesk], processes: int, chunk: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._ending = context.Event()
        self._processes = processes
        self._chunk = chunk
        self._pool = ProcessPoolExecutor(
            processes, mp_context=context, initializer=begin, initargs=(open_desk, self._ending)
        )

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._pool.shutdown()
        else:
            self._give_up()

    def map(
        self,
        step: Callable[[PdfDesk, Task], Result],
        tasks: Iterable[Task],
        *,
        waits: bool = False,
        stop: Callable[[Result], bool] | None = None,
    ) -> Iterator[Result]:
        do = partial(do_chunk, step, waits=waits, stop=stop)
        waiting = iter(tasks)
        under_way: deque[Future[list[Result]]] = deque()
        stopped = False
        size, ahead = (1, 1) if stop is not None else (self._size(waits), self._ahead)
        while not stopped and (chunk := list(islice(waiting, size))):
            under_way.append(self._submit(do, chunk))
            while len(under_way) >= ahead:
                for result in _result(under_way.popleft()):
                    stopped = stopped or (stop is not None and stop(result))
                    yield result
                size, ahead = self._size(waits), self._ahead
        while under_way:
            yield from _result(under_way.popleft())

    @property
    def _ahead(self) -> int:
        return AHEAD * self._processes

    def _size(self, waits: bool) -> int:
        return self._chunk if waits else SHORT

    def _submit(self, do: Callable[[list[Task]], list[Result]], chunk: list[Task]) -> Any:
        """The first ones start the processes: a Ctrl-C meanwhile is not theirs."""
        with _translated(), _ctrl_c_later():
            return self._pool.submit(do, chunk)

    def _give_up(self) -> None:
        self._ending.set()
        children = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + GRACE
        for child in children:
            child.join(max(0.0, deadline - time.monotonic()))
            child.kill()
        for child in children:
            child.join()


def _result(future: "Future[list[Result]]") -> list[Result]:
    with _translated():
        return future.result()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise WorkerError(
            "a worker process ended in the middle of its work (was it killed, for want of memory?)",
            hint="run the command again, with --workers 1 where memory is short; nothing is lost",
        ) from None


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """What is started meanwhile never gets SIGINT; this process gets it at the end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
