"""Orders that the application no longer has: their payments have no order any more."""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.reconciliation.payments import amount_paid, session_of


def deleted_findings(case: Case) -> Iterator[Finding]:
    """A payment that was not given back and that no other order records: an application may have
    made the order anew. What was never paid may be deleted."""
    for payment in case.payments:
        if case.is_given_back(payment) or payment.id in case.claimants:
            continue
        session = session_of(case, payment)
        yield Finding(
            Discrepancy.ORPHAN_PAYMENT,
            since=payment.created_at,
            expected=f"order {case.order.order_id}",
            seen=f"{amount_paid(case, payment)} received, the application deleted its order",
            hint="restore the order in the application, or refund in Stripe's dashboard",
            order_id=case.order.order_id,
            session_id=session.id if session else case.order.stripe_session_id,
            payment_intent_id=payment.id,
        )
