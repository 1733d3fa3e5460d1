"""Making one step of a rollback: recorded before it begins and after it ended."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from stakactl.domain.rollback import Rollback, Step, StepRecord, StepState
from stakactl.errors import ServiceError
from stakactl.operations.ports.rollback import RollbackPorts


@dataclass(slots=True)
class Making:
    """A step under way. `record` is what is recorded of it, `note` what it says at its end."""

    ports: RollbackPorts
    rollback_id: str
    record: StepRecord
    note: str = ""

    def remember(self, ids: Iterable[str]) -> None:
        """What the step is about, before anything is done to it."""
        self.keep(replace(self.record, ids=(*self.record.ids, *ids)))

    def keep(self, record: StepRecord) -> None:
        self.ports.rollbacks.note(self.rollback_id, record)
        self.record = record


@contextmanager
def making(ports: RollbackPorts, rollback: Rollback, step: Step) -> Iterator[Making]:
    """A service that fails makes the step failed; whatever kills the program leaves it begun."""
    before = rollback.record(step) or StepRecord(step)
    made = Making(ports, rollback.rollback_id, before)
    begun_at = before.begun_at or ports.clock.now()
    made.keep(replace(before, state=StepState.BEGUN, begun_at=begun_at, note=""))
    state = StepState.DONE
    try:
        yield made
    except ServiceError as error:
        state, made.note = StepState.FAILED, error.message
    ended_at = ports.clock.now()
    made.keep(replace(made.record, state=state, ended_at=ended_at, note=made.note))
