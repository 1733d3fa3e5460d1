"""One process's share of the work: tasks in their order, one after the other or several at a time.

Nothing is begun after a result that `stop` is true of, or once `ending` says so.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from stakactl.operations.ports import PdfDesk

#: Requests to the store at a time. More of them only wait for each other: each costs the process
#: a millisecond or two of the thirty that an answer takes.
THREADS = 12

Task = TypeVar("Task")
Result = TypeVar("Result")


def never() -> bool:
    return False


def in_turn(
    step: Callable[[PdfDesk, Task], Result],
    desk: PdfDesk,
    tasks: Iterable[Task],
    stop: Callable[[Result], bool] | None,
    ending: Callable[[], bool] = never,
) -> Iterator[Result]:
    for task in tasks:
        if ending():
            return
        result = step(desk, task)
        yield result
        if stop is not None and stop(result):
            return


def side_by_side(
    step: Callable[[PdfDesk, Task], Result],
    desk: PdfDesk,
    tasks: Iterable[Task],
    stop: Callable[[Result], bool] | None,
    ending: Callable[[], bool] = never,
) -> Iterator[Result]:
    """In several threads; tasks are taken in the caller's, one for each thread ahead."""
    stopped = Event()

    def do(task: Task) -> list[Result]:
        if stopped.is_set() or ending():
            return []
        result = step(desk, task)
        if stop is not None and stop(result):
            stopped.set()
        return [result]

    under_way: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for task in tasks:
                under_way.append(pool.submit(do, task))
                if len(under_way) >= 2 * THREADS:
                    yield from under_way.popleft().result()
                if stopped.is_set():
                    break
            while under_way:
                yield from under_way.popleft().result()
        finally:
            stopped.set()  # where an exception came, or whoever reads this has gone
