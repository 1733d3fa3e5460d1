"""A few threads that work for one consumer, as fast as it takes what they find.

Tasks lie in lanes, one per endpoint. A lane never gets more workers than its rate limit feeds, and
the lane with the fewest is served first, so that no endpoint waits behind a busy one. Results go
through a short buffer: when it is full the workers wait, so memory stays flat. When the consumer
stops, by an exception, Ctrl-C or because it wants no more, the workers stop at their next step.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Results that may wait for the consumer, for each worker.
_BUFFER_PER_WORKER = 2


class Stopped(Exception):
    """Nobody wants the result any more."""


class Crew(Generic[Task, Result]):
    """Serves one `run`. `work` handles a task in a thread of the crew's; it may `emit` results and
    `add` tasks. `leaving` runs at the end of each thread."""

    def __init__(
        self,
        work: "Callable[[Task, Crew[Task, Result]], None]",
        *,
        workers: int,
        workers_per_lane: int,
        leaving: Callable[[], None] = lambda: None,
    ) -> None:
        self._work = work
        self._leaving = leaving
        self._limit = workers
        self._lane_limit = workers_per_lane
        lock = threading.Lock()
        self._lock = lock
        self._task_added = threading.Condition(lock)
        self._result_added = threading.Condition(lock)
        self._result_taken = threading.Condition(lock)
        self._waiting: dict[str, deque[Task]] = {}
        self._busy: dict[str, int] = {}
        self._unfinished = 0
        self._threads = 0
        self._results: deque[Result] = deque()
        self._failure: BaseException | None = None
        self._feeding = True
        self._stopped = False

    def run(self, tasks: Iterable[tuple[str, Task]]) -> Iterator[Result]:
        """The results of all tasks, until there is no task left. What a worker stumbles over
        (`work` should not raise) is raised here."""
        try:
            for lane, task in tasks:
                self.add(lane, task)
            with self._lock:
                self._feeding = False
                self._task_added.notify_all()
            while True:
                with self._lock:
                    while not self._results and self._failure is None and self._unfinished:
                        self._result_added.wait()
                    if self._failure is not None:
                        raise self._failure
                    if not self._results:
                        return
                    result = self._results.popleft()
                    self._result_taken.notify()
                yield result
        finally:
            self._stop()

    # -- for `work`

    def is_stopped(self) -> bool:
        return self._stopped

    def add(self, lane: str, task: Task) -> None:
        with self._lock:
            self._waiting.setdefault(lane, deque()).append(task)
            self._busy.setdefault(lane, 0)
            self._unfinished += 1
            if self._threads < self._limit and self._threads < self._unfinished:
                self._threads += 1
                threading.Thread(target=self._serve, name="stripe-reader", daemon=True).start()
            self._task_added.notify()

    def spare(self, lane: str) -> int:
        """How many workers would be free to begin another task of the lane now."""
        with self._lock:
            used = self._busy[lane] + len(self._waiting[lane])
            return max(0, min(self._lane_limit - used, self._limit - self._unfinished))

    def emit(self, result: Result) -> None:
        """Hand a result to the consumer, when there is room. Raises Stopped without consumer."""
        with self._lock:
            while len(self._results) >= self._limit * _BUFFER_PER_WORKER and not self._stopped:
                self._result_taken.wait()
            if self._stopped:
                raise Stopped
            self._results.append(result)
            self._result_added.notify()

    # -- threads

    def _serve(self) -> None:
        try:
            while (taken := self._take()) is not None:
                lane, task = taken
                try:
                    self._work(task, self)
                finally:
                    self._finished(lane)
        except Stopped:
            pass
        except BaseException as error:
            with self._lock:
                self._failure = error
                self._result_added.notify()
        finally:
            self._leaving()

    def _take(self) -> tuple[str, Task] | None:
        with self._lock:
            while not self._stopped:
                lane = self._next_lane()
                if lane is not None:
                    self._busy[lane] += 1
                    return lane, self._waiting[lane].popleft()
                if not self._unfinished and not self._feeding:
                    return None
                self._task_added.wait()
        return None

    def _next_lane(self) -> str | None:
        open_lanes = (
            lane
            for lane, tasks in self._waiting.items()
            if tasks and self._busy[lane] < self._lane_limit
        )
        return min(open_lanes, key=self._busy.__getitem__, default=None)

    def _finished(self, lane: str) -> None:
        with self._lock:
            self._busy[lane] -= 1
            self._unfinished -= 1
            # A lane may take a worker again, or there is nothing left to do for all of them.
            self._task_added.notify_all()
            if not self._unfinished:
                self._result_added.notify()

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            self._results.clear()
            for tasks in self._waiting.values():
                tasks.clear()
            for condition in (self._task_added, self._result_added, self._result_taken):
                condition.notify_all()
