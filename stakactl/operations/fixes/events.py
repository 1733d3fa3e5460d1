"""Events that took no effect: their objects are read again, and what they lead to.

What that says about an order is found by the next look at it. Nothing is mailed.
"""

from stakactl.domain.changes import Change, ChangeState
from stakactl.operations.events import Sought, read_effect
from stakactl.operations.ports import Ports


def apply_event(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when another run was quicker. Raises StripeError."""
    event = ports.events.get(planned.target_id)
    if event is None or ports.events.is_processed(event.id):
        return None
    sought = Sought()
    read_effect(ports, [event], sought)
    if sought.errors:
        raise sought.errors[0]
    ports.changes.record(planned, run_id, ports.clock.now(), ChangeState.DONE)
    ports.events.mark_processed([event.id], ports.clock.now())
    return planned
