"""How many processes some work is worth on this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stakactl.adapters.workers.here import Here
from stakactl.operations.ports import Executor, PdfDesk

#: Below, starting processes (half a second of a core each) takes longer than they save.
FEW = 200
#: At the end of a chunk of requests to the store most threads are idle, so that long ones are
#: better; short ones are recorded sooner, and of few tasks each process gets its share.
SHORTEST, LONGEST = 16, 128
CHUNKS_EACH = 16


class LocalWorkers:
    """Workers on this machine: `here` is the desk of this process, `open_desk` opens that of
    another one."""

    def __init__(self, here: PdfDesk, open_desk: Callable[[], PdfDesk]) -> None:
        self._here = here
        self._open_desk = open_desk

    @contextmanager
    def start(self, tasks: int, processes: int | None = None) -> Iterator[Executor]:
        wanted = processes or (_cores() if tasks >= FEW else 1)
        count = min(wanted, tasks)
        if count <= 1:
            yield Here(self._here)
            return
        from stakactl.adapters.workers.processes import Processes

        chunk = min(LONGEST, max(SHORTEST, tasks // (count * CHUNKS_EACH)))
        with Processes(self._open_desk, count, chunk) as executor:
            yield executor


def _cores() -> int:
    """Those that this process may use, as a container or taskset limits them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
