"""What a look found, however much it is.

Few findings are held; of many, the log in the store keeps them and reads them back in order, so
that a first run over years of history stays flat in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import overload

from stakactl.domain.findings import Finding, FindingState, FixState
from stakactl.operations.ports import FindingLog, Look, Ports

#: Findings are recorded in batches of this size.
BATCH = 1000
#: So many are held in memory; more are read back from the log.
HELD = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class StandingFindings(Sequence[Finding]):
    """The findings of a look, read from the log whenever they are asked for.

    `first` come before them; those in `skipped` were not repaired after all.
    """

    log: FindingLog
    look: Look
    size: int
    first: tuple[Finding, ...] = ()
    skipped: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Finding]:
        return chain(self.first, _marked(self.log.standing(self.look), self.skipped))

    def __len__(self) -> int:
        return len(self.first) + self.size

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(len(self))))
        return next(islice(self, range(len(self))[index], None))


def after(
    first: tuple[Finding, ...], standing: Sequence[Finding], skipped: Iterable[str] = ()
) -> Sequence[Finding]:
    """`first`, then what stands; `skipped` are marked as such."""
    marked = frozenset(skipped)
    if isinstance(standing, StandingFindings):
        return replace(standing, first=first, skipped=marked)
    return (*first, *_marked(standing, marked))


def _marked(findings: Iterable[Finding], skipped: frozenset[str]) -> Iterator[Finding]:
    for finding in findings:
        was_skipped = skipped and finding.finding_id in skipped
        yield replace(finding, fix=FixState.SKIPPED) if was_skipped else finding


@dataclass(slots=True)
class Collector:
    """Takes the findings of one look one by one and records them in batches."""

    ports: Ports
    look: Look
    count: int = 0
    standing: int = 0
    breaking: int = 0
    _batch: list[Finding] = field(default_factory=list)
    _held: list[Finding] | None = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.count += 1
        if finding.state is not FindingState.HISTORICAL:
            self.standing += 1
            self.breaking += not finding.is_pending
        self._batch.append(finding)
        if len(self._batch) >= BATCH:
            self._record()

    def finish(self) -> Sequence[Finding]:
        """Everything that was found, most urgent first."""
        self._record()
        if self._held is None:
            return StandingFindings(self.ports.findings, self.look, self.count)
        return tuple(sorted(self._held, key=_urgency))

    def _record(self) -> None:
        if not self._batch:
            return
        stated = self.ports.findings.record(self._batch, self.look, self.ports.clock.now())
        self._batch = []
        if self._held is not None:
            self._held += stated
            if len(self._held) > HELD:
                self._held = None


def _urgency(finding: Finding) -> tuple[int, object, str]:
    return finding.discrepancy.priority, finding.since, finding.finding_id
