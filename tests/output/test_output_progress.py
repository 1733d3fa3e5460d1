"""Progress: a bar on a terminal, one line per minute elsewhere, nothing when silent."""

import io
from typing import TYPE_CHECKING

import pytest

from stakactl.output.progress import ConsoleProgress, Silent

if TYPE_CHECKING:
    from stakactl.operations.ports import Progress

    _conform: tuple[Progress, Progress] = (ConsoleProgress(), Silent())


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_line_per_minute_without_a_terminal() -> None:
    stream, clock = io.StringIO(), _Seconds()
    with ConsoleProgress(stream, clock=clock).stage("Reading \x1b[31msessions", 1000) as stage:
        for _ in range(10):
            clock.now += 29
            stage.advance(50)
    assert stream.getvalue().splitlines() == [
        "Reading [31msessions: 150 of 1000 (15 %) after 1 min, 2/s, 8 min left",
        "Reading [31msessions: 300 of 1000 (30 %) after 3 min, 2/s, 7 min left",
        "Reading [31msessions: 450 of 1000 (45 %) after 4 min, 2/s, 5 min left",
    ]


def test_slow_work_is_counted_by_the_minute() -> None:
    stream, clock = io.StringIO(), _Seconds()
    with ConsoleProgress(stream, clock=clock).stage("Reading") as stage:
        clock.now += 120
        stage.advance(6)
    assert stream.getvalue() == "Reading: 6 after 2 min, 3/min\n"


def test_short_work_says_nothing() -> None:
    stream = io.StringIO()
    with ConsoleProgress(stream, clock=_Seconds()).stage("Reading") as stage:
        stage.advance()
    assert stream.getvalue() == ""


def test_stages_nest_on_a_terminal_and_leave_nothing_behind() -> None:
    stream = _Terminal()
    progress = ConsoleProgress(stream)
    with progress.stage("Night [/] \x1b[31m", 2) as outer:
        with progress.stage("Reading", None) as inner:
            inner.advance(3)
        outer.advance()
    assert "Night [/]" in stream.getvalue()
    assert "\x1b[31mx" not in stream.getvalue()
    with progress.stage("Again", 1) as stage:
        stage.advance()


def test_an_error_ends_the_bar() -> None:
    progress = ConsoleProgress(_Terminal())
    with pytest.raises(ValueError, match="x"), progress.stage("Reading"):
        raise ValueError("x")
    with progress.stage("Again"):
        pass


def test_silent_is_silent() -> None:
    with Silent().stage("Reading", 3) as stage:
        stage.advance(2)
