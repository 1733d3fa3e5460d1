"""Changes of an order's fields.

The Stripe objects of the order are fetched again, classified and planned again; the change is
made only if it is still the same, and only while the order still holds what was seen.
"""

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import classify
from stakactl.operations.compare import context_of
from stakactl.operations.events import read_case_again
from stakactl.operations.fixes.application import lives_in_application, write_to_application
from stakactl.operations.ports import Ports
from stakactl.operations.sync_orders import refresh_order


def apply_to_order(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    refresh_order(ports, planned.target_id)
    case = ports.cases.case(planned.target_id)
    if case is None:
        return None
    read_case_again(ports, case)
    fresh = ports.cases.case(planned.target_id)
    again = None if fresh is None else _plan_again(ports, fresh, planned.finding_id)
    if again is None or again.effect != planned.effect:
        return None
    if lives_in_application(ports, again):
        return write_to_application(ports, again, run_id)
    return again if ports.orders.apply(again, run_id, ports.clock.now()) else None


def _plan_again(ports: Ports, case: Case, finding_id: str) -> Change | None:
    for finding in classify(case, context_of(ports)):
        if finding.finding_id == finding_id:
            return plan_fix(finding, case)
    return None
