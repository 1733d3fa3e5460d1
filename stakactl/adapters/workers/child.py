"""What runs in a worker process: it opens its desk once and does the chunks it is given.

Ctrl-C reaches every process of a terminal; only the parent answers it. A worker whose parent was
killed ends at once: what it had under way is done again by the next run.
"""

import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing import connection, parent_process
from typing import Any, Protocol, TypeVar

from stakactl.adapters.workers.threads import in_turn, side_by_side
from stakactl.operations.ports import PdfDesk

Task = TypeVar("Task")
Result = TypeVar("Result")


class Ending(Protocol):
    """An event that the parent sets when it wants no more results."""

    def is_set(self) -> bool: ...


class _Worker:
    """The state of this process; the desk is opened by the first chunk, where errors are told."""

    def __init__(self, open_desk: Callable[[], PdfDesk], ending: Ending) -> None:
        self.ending = ending
        self._open_desk = open_desk
        self._desk: PdfDesk | None = None

    @property
    def desk(self) -> PdfDesk:
        if self._desk is None:
            self._desk = self._open_desk()
            gc.freeze()
        return self._desk


_worker: _Worker


def begin(open_desk: Callable[[], PdfDesk], ending: Ending) -> None:
    """Called once, when the process has started."""
    global _worker  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = _Worker(open_desk, ending)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def do_chunk(
    step: Callable[[PdfDesk, Task], Result],
    tasks: Sequence[Task],
    *,
    waits: bool,
    stop: Callable[[Result], bool] | None,
) -> list[Result]:
    """The results in the order of the tasks, without those that were not begun."""
    run: Any = side_by_side if waits and len(tasks) > 1 else in_turn
    return list(run(step, _worker.desk, tasks, stop, _worker.ending.is_set))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
