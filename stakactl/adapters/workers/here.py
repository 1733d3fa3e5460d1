"""This process as an executor: for few tasks, which would not make up for starting others."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from stakactl.adapters.workers.threads import in_turn, side_by_side
from stakactl.operations.ports import PdfDesk

Task = TypeVar("Task")
Result = TypeVar("Result")


class Here:
    """An Executor whose steps work at the desk of this process."""

    def __init__(self, desk: PdfDesk) -> None:
        self._desk = desk

    def map(
        self,
        step: Callable[[PdfDesk, Task], Result],
        tasks: Iterable[Task],
        *,
        waits: bool = False,
        stop: Callable[[Result], bool] | None = None,
    ) -> Iterator[Result]:
        waiting = iter(tasks)
        if not waits:
            yield from in_turn(step, self._desk, waiting, stop)
            return
        for result in in_turn(step, self._desk, islice(waiting, 1), None):
            yield result
            if stop is not None and stop(result):
                return
        yield from side_by_side(step, self._desk, waiting, stop)
