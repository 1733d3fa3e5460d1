"""The record that every run leaves, whatever becomes of it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.runs import Outcome
from stakactl.operations.ports import Ports


def new_run_id(now: datetime) -> str:
    """Sortable by time and unique: 20261121T031502Z-9f86d0."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(slots=True)
class RunRecorder:
    """What a run tells about itself before it ends."""

    run_id: str
    started_at: datetime
    outcome: Outcome = Outcome.ERROR
    summary: dict[str, str | int] = field(default_factory=dict)

    def ended(self, outcome: Outcome, **summary: str | int) -> None:
        self.outcome = outcome
        self.summary.update(summary)


@contextmanager
def recorded_run(ports: Ports, command: str, *, locked: bool = False) -> Iterator[RunRecorder]:
    """Record the start and the end of a run, under the run lock when `locked`.

    A run that raises is recorded as an error; one that is killed stays without an end.
    """
    started_at = ports.clock.now()
    run = RunRecorder(new_run_id(started_at), started_at)
    with ports.lock.hold(run.run_id, command) if locked else nullcontext():
        ports.runs.start(run.run_id, command, started_at)
        try:
            yield run
        finally:
            ports.runs.finish(run.run_id, run.outcome, run.summary, ports.clock.now())
