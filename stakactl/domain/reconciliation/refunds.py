"""Whether the order knows what was refunded and what is disputed."""

from collections.abc import Iterator
from itertools import accumulate

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.orders import SETTLED
from stakactl.domain.reconciliation.context import Context
from stakactl.domain.stripe_objects import Refund


def succeeded_refunds(case: Case) -> list[Refund]:
    return [refund for refund in case.refunds if refund.status == "succeeded"]


def refund_findings(case: Case, context: Context) -> Iterator[Finding]:
    """Compare the sum of succeeded refunds with what the order says was refunded.

    An order that is partially refunded without saying how much is taken at its word.
    """
    known = case.order.known_refunded
    if known is None or case.order.status not in SETTLED or not case.payments:
        return
    refunds = succeeded_refunds(case)
    running = [0, *accumulate(refund.amount.minor for refund in refunds)]
    if running[-1] == known.minor:
        return
    failed = next((r for r in reversed(case.refunds) if r.status in {"failed", "canceled"}), None)
    if known.minor > running[-1] and failed is not None:
        yield _refund_failed(case, failed, running[-1])
    elif known.minor in running:
        first_unknown = refunds[running.index(known.minor)]
        yield _refund_finding(
            case,
            Discrepancy.REFUND_NOT_RECORDED,
            first_unknown,
            running[-1],
            "stakactl reconcile --fix records it",
        )
    elif not _is_under_way(case, known.minor, running[-1]):
        yield _refund_finding(
            case,
            Discrepancy.REFUND_TOTAL_MISMATCH,
            refunds[-1] if refunds else None,
            running[-1],
            "compare the refunds in Stripe's dashboard with the application's",
        )


def _is_under_way(case: Case, known_minor: int, succeeded_minor: int) -> bool:
    """Whether refunds that Stripe still works on make up the difference."""
    pending = [r.amount.minor for r in case.refunds if r.status in {"pending", "requires_action"}]
    return bool(pending) and succeeded_minor < known_minor <= succeeded_minor + sum(pending)


def _refund_failed(case: Case, failed: Refund, succeeded_minor: int) -> Finding:
    return _refund_finding(
        case,
        Discrepancy.REFUND_FAILED,
        failed,
        succeeded_minor,
        "the customer did not get the money: refund again another way, or correct the order",
    )


def _refund_finding(
    case: Case, discrepancy: Discrepancy, refund: Refund | None, succeeded_minor: int, hint: str
) -> Finding:
    currency = case.order.amount.currency
    known = case.order.known_refunded or Money.zero(currency)
    return Finding(
        discrepancy,
        since=refund.created_at if refund else case.order.created_at,
        expected=f"{Money(succeeded_minor, currency)} refunded",
        seen=f"order {case.order.status} with {known}",
        hint=hint,
        order_id=case.order.order_id,
        session_id=case.order.stripe_session_id,
        payment_intent_id=case.payments[0].id,
        refs={"refund": refund.id} if refund else {},
    )


def dispute_findings(case: Case, context: Context) -> Iterator[Finding]:
    """The latest dispute, when the order does not know of it or of how it ended."""
    if not case.disputes:
        return
    dispute, recorded = case.disputes[-1], case.order.dispute_status
    if dispute.status == recorded or (recorded is None and not dispute.is_open):
        return
    outcome = recorded is not None
    yield Finding(
        Discrepancy.DISPUTE_OUTCOME if outcome else Discrepancy.DISPUTE_UNKNOWN,
        since=dispute.created_at,
        expected=f"dispute {dispute.status} recorded",
        seen=f"dispute {recorded} recorded" if outcome else "no dispute recorded",
        hint="stakactl reconcile --fix records it; answer the dispute in Stripe's dashboard",
        order_id=case.order.order_id,
        session_id=case.order.stripe_session_id,
        payment_intent_id=dispute.payment_intent_id,
        refs={"dispute": dispute.id},
    )
