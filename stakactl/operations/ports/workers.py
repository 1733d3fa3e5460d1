"""Who does the work that can be done anywhere: rendering a PDF, putting one into the store.

A step is a function of a module, its task and its result are plain values: nothing of them knows
the database, so that they travel to another process, or to another machine behind this same port.
Numbers are taken and records are written by whoever gives the tasks out.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from stakactl.operations.ports.invoices import InvoiceRenderer, InvoiceStore, PdfSpool

Task = TypeVar("Task")
Result = TypeVar("Result")


class PdfDesk(Protocol):
    """What a step works with, wherever it runs. Used by several threads at a time."""

    @property
    def renderer(self) -> InvoiceRenderer: ...
    @property
    def spool(self) -> PdfSpool: ...
    @property
    def store(self) -> InvoiceStore: ...


class Executor(Protocol):
    def map(
        self,
        step: Callable[[PdfDesk, Task], Result],
        tasks: Iterable[Task],
        *,
        waits: bool = False,
        stop: Callable[[Result], bool] | None = None,
    ) -> Iterator[Result]:
        """`step(desk, task)` of all tasks, in their order; tasks are taken a few ahead.

        A step that `waits` for something far is done by several threads of each process. After a
        result that `stop` is true of nothing further is begun, and what was not has no result;
        the first task goes alone then, so that a service that is down is asked once. What a step
        raises is raised here. Two maps may be interlaced, one feeding the other.
        """


class Workers(Protocol):
    def start(self, tasks: int, processes: int | None = None) -> AbstractContextManager[Executor]:
        """An executor for about so many tasks, on so many processes.

        None: one per core, or this one alone for fewer tasks than it takes to make up for starting
        others. Leaving the context ends the processes, at once when an exception leaves it.
        """
