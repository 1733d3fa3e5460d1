"""Running checks: every reading as soon as those before it are done, all at once otherwise.

Threads, because each reading waits for another service; daemons, so that a service that never
answers cannot keep the program from ending when the time is over.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stakactl.domain.checks import CheckResult, CheckState, Verdict, failed, skipped, unknown
from stakactl.errors import StakactlError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading


@dataclass(frozen=True, slots=True)
class Running:
    """`timeout_seconds` for everything together."""

    timeout_seconds: float
    offline: bool = False
    probe: bool = False


_Outcome = tuple[Reading[Any], object, BaseException | None]


class _Answers:
    """What each reading gave, or why it gave nothing."""

    def __init__(self) -> None:
        self.values: dict[Reading[Any], object] = {}
        self.failures: dict[Reading[Any], StakactlError] = {}
        self.left_out: dict[Reading[Any], str] = {}
        self.inherited: set[Reading[Any]] = set()

    def is_done(self, reading: Reading[Any]) -> bool:
        return reading in self.values or self.is_lost(reading)

    def is_lost(self, reading: Reading[Any]) -> bool:
        return reading in self.failures or reading in self.left_out

    def note(self, reading: Reading[Any], value: object, error: BaseException | None) -> None:
        if error is None:
            self.values[reading] = value
        elif isinstance(error, NotWanted):
            self.left_out[reading] = str(error)
        elif isinstance(error, StakactlError):
            self.failures[reading] = error
        else:
            raise error

    def inherit(self, reading: Reading[Any]) -> bool:
        """Lose a reading with one that it needs."""
        for before in reading.after:
            if before in self.failures:
                self.failures[reading] = self.failures[before]
                self.inherited.add(reading)
                return True
            if before in self.left_out:
                self.left_out[reading] = self.left_out[before]
                return True
        return False


def run_checks(
    checks: Sequence[Check],
    inspection: Inspection,
    running: Running,
    *,
    advance: Callable[[], object] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> list[CheckResult]:
    """Every check, in the order given; `advance` is called for each reading that is done."""
    answers = _Answers()
    needed = needed_readings(checks)
    for reading in needed:
        if running.offline and not reading.local:
            answers.left_out[reading] = "it asks a service, and --offline was given"
        elif reading.write and not running.probe:
            answers.left_out[reading] = "it writes, which only --probe does"
    _read(needed, inspection, answers, running, advance, clock)
    return _told_once(
        [
            CheckResult(check.id, check.title, check.severity, verdict)
            for check in checks
            for verdict in _judge(check, answers)
        ]
    )


def needed_readings(checks: Iterable[Check]) -> list[Reading[Any]]:
    """All readings of the checks and those before them, each once."""
    found: dict[Reading[Any], None] = {}

    def add(reading: Reading[Any]) -> None:
        for before in reading.after:
            add(before)
        found[reading] = None

    for check in checks:
        for reading in check.reads:
            add(reading)
    return list(found)


def _read(
    readings: Sequence[Reading[Any]],
    inspection: Inspection,
    answers: _Answers,
    running: Running,
    advance: Callable[[], object],
    clock: Callable[[], float],
) -> None:
    outcomes: queue.Queue[_Outcome] = queue.Queue()
    waiting = [reading for reading in readings if not answers.is_done(reading)]
    under_way: set[Reading[Any]] = set()
    ends_at = clock() + running.timeout_seconds
    while waiting or under_way:
        waiting = [reading for reading in waiting if not answers.inherit(reading)]
        ready = [each for each in waiting if all(b in answers.values for b in each.after)]
        for reading in ready:
            waiting.remove(reading)
            under_way.add(reading)
            _start(reading, inspection, Found(dict(answers.values)), outcomes)
        if not under_way:
            continue
        try:
            reading, value, error = outcomes.get(timeout=max(0.0, ends_at - clock()))
        except queue.Empty:
            for late in (*under_way, *waiting):
                answers.failures[late] = _too_late(late, running.timeout_seconds)
            return
        under_way.discard(reading)
        answers.note(reading, value, error)
        advance()


def _start(
    reading: Reading[Any], inspection: Inspection, found: Found, outcomes: queue.Queue[_Outcome]
) -> None:
    def work() -> None:
        try:
            outcomes.put((reading, reading.read(inspection, found), None))
        except BaseException as error:
            outcomes.put((reading, None, error))

    threading.Thread(target=work, daemon=True, name=f"reading {reading.title}").start()


def _too_late(reading: Reading[Any], seconds: float) -> StakactlError:
    return StakactlError(
        f"{reading.title}: no answer within {seconds:g} s", hint="wait longer: --timeout"
    )


def _judge(check: Check, answers: _Answers) -> Iterator[Verdict]:
    for reading in check.reads:
        if reading in answers.left_out:
            yield skipped(answers.left_out[reading])
            return
    for reading in check.reads:
        if reading in answers.failures:
            error = answers.failures[reading]
            is_own = reading is check.answers_for and reading not in answers.inherited
            tell = failed if is_own else unknown
            yield tell(error.message, error.hint or "")
            return
    verdicts = check.judge(Found(answers.values))
    yield from [verdicts] if isinstance(verdicts, Verdict) else verdicts


def _told_once(results: Sequence[CheckResult]) -> list[CheckResult]:
    """One error can be in the way of many checks: those that failed tell it, else the first that
    knows nothing because of it; the others name that one."""
    told: dict[tuple[str, str], CheckResult] = {}
    for state in (CheckState.FAILED, CheckState.UNKNOWN):
        for result in results:
            if result.verdict.state is state and result.verdict.hint:
                told.setdefault((result.verdict.seen, result.verdict.hint), result)

    def shortened(result: CheckResult) -> CheckResult:
        verdict = result.verdict
        teller = told.get((verdict.seen, verdict.hint), result)
        if verdict.state is not CheckState.UNKNOWN or teller.id == result.id:
            return result
        reason = "failed" if teller.is_broken else "is not known"
        seen = f"not known, because {teller.id} {reason}"
        return replace(result, verdict=unknown(seen, subject=verdict.subject))

    return [shortened(result) for result in results]
