"""Runs: what one invocation did, how it ended, and which exit code that means."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stakactl.errors import ExitCode


class Mode(StrEnum):
    """Which Stripe the store is bound to; the demo is an offline one with a store of its own."""

    LIVE = "live"
    TEST = "test"
    DEMO = "demo"


class Outcome(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FINDINGS = "findings"
    INCOMPLETE = "incomplete"
    PARTIAL = "partial"
    REFUSED = "refused"
    LOCKED = "locked"
    ERROR = "error"

    @property
    def exit_code(self) -> ExitCode:
        return _EXIT_CODES[self]


_EXIT_CODES = {
    Outcome.OK: ExitCode.OK,
    Outcome.PENDING: ExitCode.OK,
    Outcome.FINDINGS: ExitCode.FINDINGS,
    Outcome.INCOMPLETE: ExitCode.INCOMPLETE,
    Outcome.PARTIAL: ExitCode.PARTIAL,
    Outcome.REFUSED: ExitCode.REFUSED,
    Outcome.LOCKED: ExitCode.LOCKED,
    Outcome.ERROR: ExitCode.BUG,
}

#: Worst first; `worst` picks the first that occurs.
_SEVERITY = (
    Outcome.ERROR,
    Outcome.INCOMPLETE,
    Outcome.PARTIAL,
    Outcome.LOCKED,
    Outcome.REFUSED,
    Outcome.FINDINGS,
    Outcome.PENDING,
    Outcome.OK,
)


def worst(outcomes: list[Outcome]) -> Outcome:
    """The outcome of a run of several stages: 70, 3, 4, 6, 5, 1, 0 in this order."""
    return next((outcome for outcome in _SEVERITY if outcome in outcomes), Outcome.OK)


@dataclass(frozen=True, slots=True)
class Run:
    """One recorded invocation. `outcome` is None while it runs or when it was killed."""

    run_id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome | None
    summary: dict[str, str | int]
