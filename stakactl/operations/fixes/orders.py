"""Changes of an order's fields.

The Stripe objects of the order are fetched again, classified and planned again; the change is
made only if it is still the same, and only while the order still holds what was seen.
"""

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import classify
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.operations.compare import context_of
from stakactl.operations.ports import Ports


def apply_to_order(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    case = ports.cases.case(planned.target_id)
    if case is None:
        return None
    _refetch(ports, case)
    fresh = ports.cases.case(planned.target_id)
    again = None if fresh is None else _plan_again(ports, fresh, planned.finding_id)
    if again is None or again.effect != planned.effect:
        return None
    return again if ports.orders.apply(again, run_id, ports.clock.now()) else None


def _refetch(ports: Ports, case: Case) -> None:
    """Read the case's Stripe objects again, as they are now."""
    wanted = [
        *((StripeKind.CHECKOUT_SESSION, session.id) for session in case.sessions),
        *((StripeKind.PAYMENT_INTENT, intent.id) for intent in case.intents),
        *((StripeKind.CHARGE, charge.id) for charge in case.charges),
        *((StripeKind.REFUND, refund.id) for refund in case.refunds),
        *((StripeKind.DISPUTE, dispute.id) for dispute in case.disputes),
        *((StripeKind.INVOICE, invoice.id) for invoice in case.stripe_invoices),
    ]
    for kind, object_id in wanted:
        found = ports.stripe.retrieve(kind, object_id)
        if isinstance(found, Absence):
            ports.mirror.mark_absent(kind, object_id, found)
        else:
            ports.mirror.upsert([found])


def _plan_again(ports: Ports, case: Case, finding_id: str) -> Change | None:
    for finding in classify(case, context_of(ports)):
        if finding.finding_id == finding_id:
            return plan_fix(finding, case)
    return None
