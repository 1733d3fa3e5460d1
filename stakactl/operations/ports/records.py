"""What runs did and found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Outcome, Run


@dataclass(frozen=True, slots=True)
class Look:
    """One look at everything; a run may look several times. `look_id` is unique."""

    look_id: str
    run_id: str
    began: datetime


class FindingLog(Protocol):
    def known(self, before_run: str) -> set[str]:
        """Ids of the unresolved findings that runs other than `before_run` recorded first."""

    def record(self, findings: Sequence[Finding], look: Look, at: datetime) -> list[Finding]:
        """Remember a part of what a look finds. Returned with when they were first and last seen,
        as new where no earlier run saw them, else as persisting; historical ones stay it. One that
        was resolved and is back begins anew."""

    def standing(self, look: Look) -> Iterator[Finding]:
        """What a look found, most urgent and oldest first, streamed."""

    def close(self, finding_ids: Iterable[str], look: Look, at: datetime) -> None:
        """Repaired ones stand no more, unless that look found them still."""

    def resolve(self, look: Look, at: datetime) -> None:
        """Known findings that a complete look did not find are resolved; those that another run
        saw since it began are left alone."""

    def resolved_by(self, run_id: str, limit: int) -> tuple[int, list[Finding]]:
        """How many findings of earlier runs were gone when this run looked, not counting those
        that it repaired; and the most urgent of them."""


class ChangeLog(Protocol):
    def record(
        self,
        change: Change,
        run_id: str,
        at: datetime,
        state: ChangeState,
        intent_id: int | None = None,
    ) -> int:
        """Append a row for a change that is not made in our own order book (`OrderBook.apply`
        writes its own); returns its `change_id`. `intent_id` is the row that this one ends."""

    def unfinished(self, target: ChangeTarget) -> list[RecordedChange]:
        """Intents that no row ends: a run died in between. Oldest first."""

    def find(self, run_id: str | None = None, limit: int | None = 50) -> list[RecordedChange]:
        """Newest first; all of them with a `limit` of None."""


class RunLog(Protocol):
    def start(self, run_id: str, command: str, at: datetime) -> None: ...

    def note(self, run_id: str, summary: dict[str, str | int]) -> None:
        """What a run that goes on has to tell so far: a killed one leaves it behind."""

    def finish(
        self, run_id: str, outcome: Outcome, summary: dict[str, str | int], at: datetime
    ) -> None: ...

    def get(self, run_id: str) -> Run | None: ...

    def find(self, limit: int = 50) -> list[Run]:
        """Newest first."""
