"""The record that every run leaves, whatever becomes of it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.runs import Outcome
from stakactl.errors import Refused
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


def refuse_in_maintenance(ports: Ports, command: str) -> None:
    """Raise Refused while the flag stands."""
    flag = ports.maintenance.last()
    if flag is None or not flag.stands(ports.clock.now()):
        return
    until = (
        f"until {flag.until:%Y-%m-%d %H:%M} UTC" if flag.until else f"for the rollback {flag.owner}"
    )
    raise Refused(
        f"maintenance is on {until} ({flag.reason}): {command} changes nothing now",
        hint="stakactl rollback resume ends it"
        if flag.owner
        else "stakactl maintenance off ends it",
    )


def refuse_frozen(ports: Ports, command: str) -> None:
    """Raise Refused in a restored store that was not compared with what was issued since."""
    restore = ports.restores.frozen()
    if restore is not None:
        raise Refused(
            f"the store was restored from a backup of {restore.made_at:%Y-%m-%d %H:%M} UTC and may "
            f"not know its last invoice numbers: {command} waits",
            hint="stakactl backup thaw compares them with the stored PDFs",
        )


@contextmanager
def recorded_run(
    ports: Ports,
    command: str,
    *,
    locked: bool = False,
    in_maintenance: bool = False,
    issues: bool = False,
) -> Iterator[RunRecorder]:
    """Record the start and the end of a run, under the run lock when `locked`.

    A run that raises is recorded as an error; one that is killed stays without an end. Refused
    during maintenance unless `in_maintenance`: it changes nothing, or belongs to the procedure.
    One that `issues` numbers, or mails that a restore may have forgotten, is refused after a
    restore until `backup thaw`.
    """
    started_at = ports.clock.now()
    run = RunRecorder(new_run_id(started_at), started_at)
    with ports.lock.hold(run.run_id, command) if locked else nullcontext():
        if not in_maintenance:
            refuse_in_maintenance(ports, command)
        if issues:
            refuse_frozen(ports, command)
        ports.runs.start(run.run_id, command, started_at)
        try:
            yield run
        finally:
            ports.runs.finish(run.run_id, run.outcome, run.summary, ports.clock.now())
