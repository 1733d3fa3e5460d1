"""Whether what the order says about its payment is what Stripe says."""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.orders import ABANDONED, SETTLED, OrderStatus
from stakactl.domain.reconciliation.context import (
    CAPTURE_NOTICE,
    RECORDED_GRACE,
    Context,
    settlement_time,
)
from stakactl.domain.stripe_objects import CheckoutSession, PaymentIntent, StripeInvoice


def payment_findings(case: Case, context: Context) -> Iterator[Finding]:
    payments = case.payments
    if payments:
        if len(payments) > 1:
            yield _duplicate(case, payments)
        yield from _against_payment(case, payments[0])
    elif case.billed_session is not None or case.paid_stripe_invoice is not None:
        yield from _against_billed(case, case.billed_session, case.paid_stripe_invoice)
    elif case.order.status in SETTLED:
        yield from _recorded_not_paid(case, context)
    elif case.order.status is OrderStatus.PENDING:
        yield from _not_paid_yet(case, context)


def session_of(case: Case, intent: PaymentIntent | None) -> CheckoutSession | None:
    """The session that this PaymentIntent pays; without one, the last that was tried."""
    if intent is None:
        return case.sessions[-1] if case.sessions else None
    return case.session_of(intent)


def amount_paid(case: Case, intent: PaymentIntent) -> Money:
    """In the integration currency: the session's total, unless only a part was captured."""
    session = session_of(case, intent)
    captured_whole = intent.amount_received_minor == intent.amount.minor
    if captured_whole and session is not None and session.amount_total is not None:
        return session.amount_total
    return Money(intent.amount_received_minor, intent.amount.currency)


def _finding(
    case: Case, discrepancy: Discrepancy, intent: PaymentIntent | None, **values: object
) -> Finding:
    session = session_of(case, intent)
    return Finding(
        discrepancy,
        order_id=case.order.order_id,
        session_id=session.id if session else case.order.stripe_session_id,
        payment_intent_id=intent.id if intent else case.order.stripe_payment_intent_id,
        **values,  # type: ignore[arg-type]
    )


def _duplicate(case: Case, payments: tuple[PaymentIntent, ...]) -> Finding:
    first, second = payments[:2]
    amounts = " + ".join(str(payment.amount) for payment in payments)
    return Finding(
        Discrepancy.DUPLICATE_PAYMENT,
        since=second.created_at,
        expected="one payment",
        seen=f"{len(payments)} payments: {amounts}",
        hint="refund the one too many in Stripe's dashboard",
        order_id=case.order.order_id,
        payment_intent_id=first.id,
        refs={"duplicate": second.id},
    )


def _against_payment(case: Case, payment: PaymentIntent) -> Iterator[Finding]:
    order, paid = case.order, amount_paid(case, payment)
    if order.status in ABANDONED and case.is_given_back(payment):
        return
    if paid.currency != order.amount.currency:
        yield _mismatch(case, Discrepancy.CURRENCY_MISMATCH, payment, paid)
    elif paid != order.amount and not case.excess_returned(paid):
        yield _mismatch(case, Discrepancy.AMOUNT_MISMATCH, payment, paid)
    elif order.status in ABANDONED:
        yield _finding(
            case,
            Discrepancy.PAID_AFTER_CANCEL,
            payment,
            since=payment.created_at,
            expected=f"no payment: the order is {order.status}",
            seen=f"{paid} paid",
            hint="deliver and reopen the order in the application, or refund in Stripe's dashboard",
        )
    elif order.status not in SETTLED:
        yield _finding(
            case,
            Discrepancy.PAID_NOT_RECORDED,
            payment,
            since=payment.created_at,
            expected="order paid",
            seen=f"order {order.status}, {paid} paid",
            hint=_how_to_record(case),
        )


def _how_to_record(case: Case) -> str:
    if len(case.payments) > 1:
        return "settle the duplicate payment first"
    if case.is_money_gone:
        return "the money is gone again: record both in the application, and deliver nothing"
    return "stakactl reconcile --fix marks it paid"


def _against_billed(
    case: Case, session: CheckoutSession | None, invoice: StripeInvoice | None
) -> Iterator[Finding]:
    """An order paid through a Stripe invoice: the session says how much, else the invoice does."""
    billed = session or invoice
    if billed is None:
        return
    order = case.order
    paid = session.amount_total if session else invoice.total if invoice else None
    if paid is not None and paid != order.amount:
        same = paid.currency == order.amount.currency
        discrepancy = Discrepancy.AMOUNT_MISMATCH if same else Discrepancy.CURRENCY_MISMATCH
        hint = "find out which is right; correct the order, or credit the invoice in Stripe"
    elif order.status in SETTLED:
        return
    elif order.status in ABANDONED:
        discrepancy = Discrepancy.PAID_AFTER_CANCEL
        hint = "reopen the order in the application, or cancel and refund in Stripe's dashboard"
    else:
        discrepancy = Discrepancy.PAID_NOT_RECORDED
        hint = "record the payment in the application; it was made through a Stripe invoice"
    yield Finding(
        discrepancy,
        since=billed.created_at,
        expected=f"{order.amount} paid",
        seen=f"order {order.status}, {paid or 'an invoice of Stripe'} paid",
        hint=hint,
        order_id=order.order_id,
        session_id=session.id if session else order.stripe_session_id,
        payment_intent_id=order.stripe_payment_intent_id,
    )


def _mismatch(case: Case, discrepancy: Discrepancy, payment: PaymentIntent, paid: Money) -> Finding:
    return _finding(
        case,
        discrepancy,
        payment,
        since=payment.created_at,
        expected=str(case.order.amount),
        seen=f"{paid} paid, {case.order.amount} due",
        hint="find out which is right; correct the order, or refund the difference in Stripe",
    )


def _recorded_not_paid(case: Case, context: Context) -> Iterator[Finding]:
    order = case.order
    if not order.amount:
        return  # free orders need no payment
    under_way = next((intent for intent in case.intents if intent.is_live), None)
    grace = settlement_time(under_way.payment_method_type) if under_way else RECORDED_GRACE
    began = order.paid_at or order.created_at
    seen = f"PaymentIntent {under_way.status}" if under_way else _state_of(case)
    yield _finding(
        case,
        Discrepancy.RECORDED_NOT_PAID,
        under_way,
        since=began,
        expected="a succeeded payment",
        seen=seen,
        hint="check how it was paid; if it was not, correct the order in the application",
        break_on=began + grace if context.now < began + grace else None,
    )


def _state_of(case: Case) -> str:
    if case.intents:
        return f"PaymentIntent {case.intents[-1].status}"
    return f"session {case.sessions[-1].status}" if case.sessions else "nothing in Stripe"


def _not_paid_yet(case: Case, context: Context) -> Iterator[Finding]:
    """A pending order without a payment: under way, failed for good, to capture, or expired."""
    capture = next((i for i in case.intents if i.status == "requires_capture"), None)
    if capture is not None:
        yield from _capture_pending(case, capture, context)
        return
    unpaid = [s for s in case.sessions if s.status == "complete" and not s.is_paid]
    intents = {intent.id: intent for intent in case.intents}
    tried = [(s, intents[s.payment_intent_id]) for s in unpaid if s.payment_intent_id in intents]
    if tried:
        # A customer who tries again has a failed attempt and one under way: that one decides.
        session, intent = next((pair for pair in tried if pair[1].is_live), tried[-1])
        if intent.is_live or not any(other.is_live for other in case.intents):
            yield from _async_state(case, session, intent, context)
        return
    expired = case.sessions and all(s.status == "expired" for s in case.sessions)
    if expired and not any(intent.is_live for intent in case.intents):
        yield _finding(
            case,
            Discrepancy.SESSION_EXPIRED,
            None,
            since=case.sessions[-1].created_at,
            expected="order expired",
            seen="order pending, session expired",
            hint="stakactl reconcile --fix marks the order expired",
        )


def _async_state(
    case: Case, session: CheckoutSession, intent: PaymentIntent, context: Context
) -> Iterator[Finding]:
    if intent.status in {"requires_payment_method", "canceled"}:
        yield _finding(
            case,
            Discrepancy.ASYNC_FAILED,
            intent,
            since=session.created_at,
            expected="order failed",
            seen=f"order pending, payment failed: {intent.failure_message or intent.status}",
            hint="stakactl reconcile --fix marks the order failed",
        )
        return
    break_on = session.created_at + settlement_time(intent.payment_method_type)
    yield _finding(
        case,
        Discrepancy.ASYNC_PENDING,
        intent,
        since=session.created_at,
        expected="a payment that settles",
        seen=f"{intent.payment_method_type or 'payment'} {intent.status}",
        hint="nothing to do before it settles; do not deliver yet"
        if context.now < break_on
        else "it should have settled: look it up in Stripe's dashboard",
        break_on=break_on if context.now < break_on else None,
    )


def _capture_pending(case: Case, intent: PaymentIntent, context: Context) -> Iterator[Finding]:
    charge = next((c for c in case.charges if c.payment_intent_id == intent.id), None)
    capture_before = charge.capture_before if charge else None
    if capture_before is None or capture_before - context.now > CAPTURE_NOTICE:
        return
    yield _finding(
        case,
        Discrepancy.CAPTURE_PENDING,
        intent,
        since=intent.created_at,
        expected="captured or canceled",
        seen=f"authorisation lapses at {capture_before:%Y-%m-%d %H:%M} UTC",
        hint="capture or cancel the PaymentIntent in Stripe's dashboard",
    )
