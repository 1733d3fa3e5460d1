"""What runs did and found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Outcome, Run


class FindingLog(Protocol):
    def known(self, before_run: str) -> set[str]:
        """Ids of the unresolved findings that runs other than `before_run` recorded first."""

    def record(
        self, findings: Iterable[Finding], run_id: str, at: datetime, *, complete: bool
    ) -> None:
        """Remember what was found and when it was first and last seen. With `complete` (nothing
        was filtered out or unreadable) known findings that are not among them are resolved."""


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

    def finish(
        self, run_id: str, outcome: Outcome, summary: dict[str, str | int], at: datetime
    ) -> None: ...

    def get(self, run_id: str) -> Run | None: ...

    def find(self, limit: int = 50) -> list[Run]:
        """Newest first."""
