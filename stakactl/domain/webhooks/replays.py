"""What became of the events of a replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Event

#: Stripe keeps events for 30 days (https://docs.stripe.com/api/events).
FEED_REACHES_BACK = timedelta(days=30)
#: An application that refuses so many in a row refuses all of them.
GIVE_UP_AFTER = 3


class ReplayState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One event; None where Stripe has it no more. `reason` says why it is not done."""

    event_id: str
    event: Event | None
    state: ReplayState
    reason: str | None = None


def outcome_of(steps: Sequence[Replayed]) -> Outcome:
    """Partial where something was done and something not; incomplete where nothing was."""
    states = {step.state for step in steps}
    if not states & {ReplayState.FAILED, ReplayState.SKIPPED, ReplayState.MISSING}:
        return Outcome.OK
    good = states & {ReplayState.DONE, ReplayState.PLANNED}
    return Outcome.PARTIAL if good else Outcome.INCOMPLETE


def gives_up(steps: Sequence[Replayed]) -> bool:
    """Whether the last events failed one after the other."""
    last = steps[-GIVE_UP_AFTER:]
    return len(last) == GIVE_UP_AFTER and all(step.state is ReplayState.FAILED for step in last)
