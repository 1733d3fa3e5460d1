"""How many processes some work is worth on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stakactl.adapters.workers.here import Here
from stakactl.operations.ports import Executor, PdfDesk

#: Below, starting processes takes longer than they save.
FEW = 48
#: A chunk's last requests to the store leave most threads idle, so that long ones are better; a
#: stop or a crash costs at most this many results for each process, and so does memory.
MAX_CHUNK = 128
MIN_CHUNK = 8
#: Chunks for each process, so that all of them end at about the same time.
CHUNKS = 4


class LocalWorkers:
    """Workers on this machine: `here` is the desk of this process, `open_desk` opens that of
    another one."""

    def __init__(self, here: PdfDesk, open_desk: Callable[[], PdfDesk]) -> None:
        self._here = here
        self._open_desk = open_desk

    @contextmanager
    def start(self, tasks: int, processes: int | None = None) -> Iterator[Executor]:
        count = min(processes or _cores(), max(1, tasks // MIN_CHUNK))
        if count == 1 or tasks < FEW:
            yield Here(self._here)
            return
        from stakactl.adapters.workers.processes import Processes

        chunk = min(MAX_CHUNK, max(MIN_CHUNK, tasks // (count * CHUNKS)))
        with Processes(self._open_desk, count, chunk) as executor:
            yield executor


def _cores() -> int:
    """Those that this process may use, as a container or taskset limits them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
