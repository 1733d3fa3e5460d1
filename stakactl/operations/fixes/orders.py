"""Changes of an order's fields.

The Stripe objects of the order are fetched again, classified and planned again; the change is
made only if it is still the same, and only while the order still holds what was seen.
"""

from datetime import timedelta

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.fixes import plan_fix
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import classify
from stakactl.operations.compare import context_of
from stakactl.operations.events import read_case_again
from stakactl.operations.fixes.application import lives_in_application, write_to_application
from stakactl.operations.ports import Ports
from stakactl.operations.sync_orders import refresh_order

#: So long ago Stripe may have been read for an order to be given up by what it said.
READ_WITHIN = timedelta(hours=1)
_GIVEN_UP = frozenset({str(OrderStatus.EXPIRED), str(OrderStatus.FAILED)})


def apply_to_order(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    refresh_order(ports, planned.target_id)
    case = ports.cases.case(planned.target_id)
    if case is None:
        return None
    read_case_again(ports, case)
    fresh = ports.cases.case(planned.target_id)
    again = None if fresh is None else _plan_again(ports, fresh, planned.finding_id)
    if again is None or again.effect != planned.effect or not _may_be_made(ports, again):
        return None
    if lives_in_application(ports, again):
        return write_to_application(ports, again, run_id)
    return again if ports.orders.apply(again, run_id, ports.clock.now()) else None


def _may_be_made(ports: Ports, change: Change) -> bool:
    """An order is given up only where Stripe was read lately: its customer may have begun anew in
    a session that nobody here knows of."""
    if change.after.get("status") not in _GIVEN_UP:
        return True
    known_until = ports.mirror.known_until()
    return known_until is not None and ports.clock.now() - known_until < READ_WITHIN


def _plan_again(ports: Ports, case: Case, finding_id: str) -> Change | None:
    for finding in classify(case, context_of(ports)):
        if finding.finding_id == finding_id:
            return plan_fix(finding, case)
    return None
