"""Running the checks of one area over real or faked services."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from stakactl.domain.checks import CheckResult, CheckState
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.checks import Check
from stakactl.operations.validate.running import Running, run_checks


def inspection(**services: Any) -> Inspection:
    """An inspection of these services only."""
    return cast(Inspection, SimpleNamespace(**services))


def run(checks: Sequence[Check], looked_at: Inspection, *, probe: bool = False) -> "Results":
    return Results(run_checks(checks, looked_at, Running(timeout_seconds=30, probe=probe)))


class Results:
    def __init__(self, results: Sequence[CheckResult]) -> None:
        self.all = results

    def ids(self, *states: CheckState) -> list[str]:
        """The checks with a verdict of one of these states, each once, in order."""
        return list(dict.fromkeys(each.id for each in self.all if each.verdict.state in states))

    @property
    def failed(self) -> list[str]:
        return self.ids(CheckState.FAILED)

    def states(self, id: str) -> list[CheckState]:
        return [each.verdict.state for each in self.all if each.id == id]

    def told(self, id: str) -> str:
        """Everything a check says, on one line."""
        parts = [
            part
            for each in self.all
            if each.id == id
            for part in (each.verdict.subject, each.verdict.seen, each.verdict.hint)
        ]
        assert parts, id
        return " | ".join(part for part in parts if part)

    @property
    def text(self) -> str:
        return repr(self.all)
