"""Progress of long work on stderr: a bar on a terminal, one line per minute elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from stakactl.output.text import clean

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

_LINE_EVERY_S = 60.0


class _Stage(Protocol):
    def advance(self, count: int = 1) -> None: ...


class _SilentStage:
    def advance(self, count: int = 1) -> None:
        pass


class Silent:
    """Says nothing: `--quiet`, and wherever nobody watches."""

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[_SilentStage]:
        yield _SilentStage()


class ConsoleProgress:
    """Stages may nest and may be advanced from several threads.

    `clock` counts seconds and only has to be monotonic.
    """

    def __init__(
        self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._bars: Bars | None = None
        self._open_stages = 0

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[_Stage]:
        if not self._stream.isatty():
            yield _LineStage(clean(title), total, self._stream, self._clock)
            return
        bars = self._started()
        task = bars.add_task(clean(title), total=total)
        try:
            yield _BarStage(lambda count: bars.advance(task, count))
        finally:
            bars.remove_task(task)
            self._stopped()

    def _started(self) -> "Bars":
        if self._bars is None:
            self._bars = _make_bars(self._stream)
        self._open_stages += 1
        if self._open_stages == 1:
            self._bars.start()
        return self._bars

    def _stopped(self) -> None:
        self._open_stages -= 1
        if self._open_stages == 0 and self._bars is not None:
            self._bars.stop()
            self._bars = None


class _BarStage:
    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance

    def advance(self, count: int = 1) -> None:
        self._advance(count)


class _LineStage:
    """Nothing in the first minute: short work needs no words in cron's mail."""

    def __init__(
        self, title: str, total: int | None, stream: TextIO, clock: Callable[[], float]
    ) -> None:
        self._title = title
        self._total = total
        self._stream = stream
        self._clock = clock
        self._lock = threading.Lock()
        self._done = 0
        self._started_s = clock()
        self._next_line_s = self._started_s + _LINE_EVERY_S

    def advance(self, count: int = 1) -> None:
        with self._lock:
            self._done += count
            now_s = self._clock()
            if now_s < self._next_line_s:
                return
            self._next_line_s = now_s + _LINE_EVERY_S
            of = f" of {self._total} ({self._done * 100 // self._total} %)" if self._total else ""
            taken_s = now_s - self._started_s
            pace = _rate(self._done / taken_s) + self._left(taken_s)
            self._stream.write(
                f"{self._title}: {self._done}{of} after {round(taken_s / 60)} min, {pace}\n"
            )
            self._stream.flush()

    def _left(self, taken_s: float) -> str:
        if not self._total or not self._done:
            return ""
        left_s = max(0, self._total - self._done) * taken_s / self._done
        return f", {max(1, round(left_s / 60))} min left"


def _rate(per_second: float) -> str:
    """In the unit that has figures before the point."""
    return f"{per_second:,.0f}/s" if per_second >= 1 else f"{per_second * 60:,.0f}/min"


def _make_bars(stream: TextIO) -> "Bars":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    from stakactl.output.tables import make_console

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(_rate(task.speed) if task.speed else "", style="progress.data.speed")

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left", style="dim"),
        TimeRemainingColumn(),
        console=make_console(stream),
        transient=True,
    )
