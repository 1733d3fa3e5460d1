"""A rollback: what was done to hold everything, and what brings it back.

Each step is recorded before it begins and after it ended, so that whoever types the command again
after a crash goes on where it stopped, and knows the time of which events are missing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """In the order in which they are made: first the way out, then the way back."""

    DISABLE_ENDPOINTS = "disable endpoints"
    MAINTENANCE_ON = "maintenance on"
    BACKUP = "backup"
    NOTICE = "customer notice"
    ENABLE_ENDPOINTS = "enable endpoints"
    EVENTS = "events of the gap"
    MAINTENANCE_OFF = "maintenance off"
    RECONCILE = "reconcile"


#: Without the notice, which customers get only where somebody asks for it.
WAY_OUT = (Step.DISABLE_ENDPOINTS, Step.MAINTENANCE_ON, Step.BACKUP)
WAY_BACK = (Step.ENABLE_ENDPOINTS, Step.EVENTS, Step.MAINTENANCE_OFF, Step.RECONCILE)
_WHOLE_WAY_OUT = (*WAY_OUT, Step.NOTICE)
_ORDER = (*_WHOLE_WAY_OUT, *WAY_BACK)
#: Without its counterpart a step of the way back has nothing to do.
COUNTERPARTS = {
    Step.ENABLE_ENDPOINTS: Step.DISABLE_ENDPOINTS,
    Step.EVENTS: Step.DISABLE_ENDPOINTS,
    Step.MAINTENANCE_OFF: Step.MAINTENANCE_ON,
}


class StepState(StrEnum):
    PLANNED = "planned"
    BEGUN = "begun"  # it was being made when the program died
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """`ids` is what the step is about: the endpoints that were enabled, the events that were
    sent. `note` says for a person what came of it."""

    step: Step
    state: StepState = StepState.PLANNED
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollback:
    """`ended_at` is None until everything is back."""

    rollback_id: str
    reason: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepRecord, ...]

    def record(self, step: Step) -> StepRecord | None:
        """None where the step was not wanted."""
        return next((each for each in self.steps if each.step is step), None)

    @property
    def gap_began(self) -> datetime | None:
        """From when on Stripe's events may not have been delivered; None where they all were."""
        record = self.record(Step.DISABLE_ENDPOINTS)
        return record.begun_at if record else None

    def with_record(self, record: StepRecord) -> "Rollback":
        """With the step's record in place of what stood there."""
        others = [each for each in self.steps if each.step is not record.step]
        steps = sorted([*others, record], key=lambda each: _ORDER.index(each.step))
        return replace(self, steps=tuple(steps))

    @property
    def is_on_its_way_back(self) -> bool:
        return self.ended_at is None and any(each.step in WAY_BACK for each in self.steps)

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """What the way out still lacks."""
        return tuple(
            each.step
            for each in self.steps
            if each.step in _WHOLE_WAY_OUT and each.state is not StepState.DONE
        )


def way_back(rollback: Rollback) -> tuple[Step, ...]:
    """The steps that bring back what this rollback did, those that are done left out."""
    wanted = {each.step for each in rollback.steps}
    needed = (s for s in WAY_BACK if s not in COUNTERPARTS or COUNTERPARTS[s] in wanted)
    done = {each.step for each in rollback.steps if each.state is StepState.DONE}
    return tuple(step for step in needed if step not in done)


def planned(wanted: Iterable[Step]) -> tuple[StepRecord, ...]:
    """The steps of the way out that are wanted, in their order."""
    chosen = frozenset(wanted)
    return tuple(StepRecord(step) for step in _WHOLE_WAY_OUT if step in chosen)
