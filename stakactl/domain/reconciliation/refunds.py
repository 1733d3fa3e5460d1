"""Whether the order knows what was refunded and what is disputed."""

from collections.abc import Iterator
from itertools import accumulate

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.orders import SETTLED
from stakactl.domain.reconciliation.context import Context
from stakactl.domain.reconciliation.payments import amount_paid
from stakactl.domain.stripe_objects import Refund

_WAITING = frozenset({"pending", "requires_action"})


def succeeded_refunds(case: Case) -> list[Refund]:
    """The succeeded refunds of the payments that count."""
    return [refund for refund in case.payment_refunds if refund.status == "succeeded"]


def refunded_so_far(case: Case) -> list[int] | None:
    """Running sums of the succeeded refunds in the order's currency, from zero on. What only
    returned an excess, so that the order's amount was kept, is not counted.

    None where a part was refunded in another currency: how much of the order that is, nobody
    told us. All of it is the whole order.
    """
    refunds = succeeded_refunds(case)
    if all(refund.amount.currency == case.order.amount.currency for refund in refunds):
        excess = case.excess_returned(amount_paid(case, case.payments[0])) if refunds else 0
        sums = accumulate(refund.amount.minor for refund in refunds)
        return [0, *(max(0, total - excess) for total in sums)]
    return [0, case.order.amount.minor] if all(map(case.is_given_back, case.payments)) else None


def refund_findings(case: Case, context: Context) -> Iterator[Finding]:
    """Compare the sum of succeeded refunds with what the order says was refunded."""
    known = case.order.known_refunded
    if case.order.status not in SETTLED or not case.payments:
        return
    refunds = succeeded_refunds(case)
    running = refunded_so_far(case)
    if known is None:
        yield from _sum_not_told(case, refunds, running)
        return
    if running is None:
        yield from _refunded_abroad(case, refunds, known)
        return
    returned = sum(refund.amount.minor for refund in refunds)
    if known.minor in {running[-1], returned} or _is_under_way(case, known.minor, running[-1]):
        return
    failed = _last_failed(case)
    if known.minor > running[-1] and failed is not None:
        yield _refund_failed(case, failed, running[-1])
    elif known.minor in running:
        recorded = len(running) - running[::-1].index(known.minor)
        first_unknown = refunds[recorded - 1]
        yield _not_recorded(case, first_unknown, running[-1])
    else:
        yield _total_mismatch(case, refunds[-1] if refunds else None, running[-1])


def _sum_not_told(
    case: Case, refunds: list[Refund], running: list[int] | None
) -> Iterator[Finding]:
    """An order that is refunded in part without saying how much is taken at its word: it may be
    any part, but neither nothing nor all."""
    if refunds:
        if running is not None and running[-1] >= case.order.amount.minor:
            yield _not_recorded(case, refunds[-1], running[-1])
    elif not any(refund.status in _WAITING for refund in case.payment_refunds):
        failed = _last_failed(case)
        yield _refund_failed(case, failed, 0) if failed else _total_mismatch(case, None, 0)


def _last_failed(case: Case) -> Refund | None:
    failed = (r for r in reversed(case.payment_refunds) if r.status in {"failed", "canceled"})
    return next(failed, None)


def _refunded_abroad(case: Case, refunds: list[Refund], known: Money) -> Iterator[Finding]:
    """Parts refunded in the customer's currency: an order that says a part is taken at its word."""
    if 0 < known.minor < case.order.amount.minor:
        return
    amounts = " + ".join(str(refund.amount) for refund in refunds)
    yield Finding(
        Discrepancy.REFUND_TOTAL_MISMATCH,
        since=refunds[-1].created_at,
        expected=f"{amounts} refunded",
        seen=f"order {case.order.status} with {known}",
        hint="it was refunded in another currency: record in the application how much that is",
        order_id=case.order.order_id,
        session_id=case.order.stripe_session_id,
        payment_intent_id=case.payments[0].id,
        refs={"refund": refunds[-1].id},
    )


def _is_under_way(case: Case, known_minor: int, succeeded_minor: int) -> bool:
    """Whether refunds that Stripe still works on make up the difference."""
    pending = [r.amount.minor for r in case.payment_refunds if r.status in _WAITING]
    return bool(pending) and succeeded_minor < known_minor <= succeeded_minor + sum(pending)


def _not_recorded(case: Case, refund: Refund, succeeded_minor: int) -> Finding:
    return _refund_finding(
        case,
        Discrepancy.REFUND_NOT_RECORDED,
        refund,
        succeeded_minor,
        "stakactl reconcile --fix records it",
    )


def _total_mismatch(case: Case, refund: Refund | None, succeeded_minor: int) -> Finding:
    return _refund_finding(
        case,
        Discrepancy.REFUND_TOTAL_MISMATCH,
        refund,
        succeeded_minor,
        "compare the refunds in Stripe's dashboard with the application's",
    )


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
    known = case.order.known_refunded
    told = "an amount that it does not tell" if known is None else str(known)
    return Finding(
        discrepancy,
        since=refund.created_at if refund else case.order.created_at,
        expected=f"{Money(succeeded_minor, currency)} refunded",
        seen=f"order {case.order.status} with {told}",
        hint=hint,
        order_id=case.order.order_id,
        session_id=case.order.stripe_session_id,
        payment_intent_id=case.payments[0].id,
        refs={"refund": refund.id} if refund else {},
    )


def dispute_findings(case: Case, context: Context) -> Iterator[Finding]:
    """The latest dispute, when the order does not know of it or of how it ended.

    One that was won before the order knew of it changed nothing; one that was lost took money
    (a SEPA debit's is lost from its first moment).
    """
    if not case.disputes:
        return
    dispute, recorded = case.disputes[-1], case.order.dispute_status
    harmless = not dispute.is_open and dispute.status != "lost"
    if dispute.status == recorded or (recorded is None and harmless):
        return
    outcome = recorded is not None or not dispute.is_open
    yield Finding(
        Discrepancy.DISPUTE_OUTCOME if outcome else Discrepancy.DISPUTE_UNKNOWN,
        since=dispute.created_at,
        expected=f"dispute {dispute.status} recorded",
        seen=f"dispute {recorded} recorded" if recorded else "no dispute recorded",
        hint="stakactl reconcile --fix records it; answer the dispute in Stripe's dashboard",
        order_id=case.order.order_id,
        session_id=case.order.stripe_session_id,
        payment_intent_id=dispute.payment_intent_id,
        refs={"dispute": dispute.id},
    )
