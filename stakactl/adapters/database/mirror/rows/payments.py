"""Sessions, payments, refunds and disputes as rows, and back."""

from collections.abc import Sequence
from typing import Any

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    Refund,
)


def session_values(s: CheckoutSession) -> dict[str, Any]:
    open_end = s.status == "open" or (s.status == "complete" and s.payment_status == "unpaid")
    return {
        "id": s.id,
        "created_at": s.created_at,
        "livemode": s.livemode,
        "status": s.status,
        "payment_status": s.payment_status,
        "mode": s.mode,
        "amount_total_minor": None if s.amount_total is None else s.amount_total.minor,
        "currency": None if s.amount_total is None else s.amount_total.currency,
        "amount_tax_minor": s.amount_tax_minor,
        "payment_intent_id": s.payment_intent_id,
        "invoice_id": s.invoice_id,
        "customer_id": s.customer_id,
        "customer_country": s.customer_country,
        "client_reference_id": s.client_reference_id,
        "metadata_order_id": s.metadata_order_id,
        "unsettled": open_end,
    }


def session_of(r: Sequence[Any]) -> CheckoutSession:
    total = None if r[6] is None else Money(r[6], r[7])
    return CheckoutSession(
        r[0], r[1], r[2], r[3], r[4], r[5], total, r[8], r[9], r[10], r[11], r[12], r[13], r[14]
    )


def intent_values(p: PaymentIntent) -> dict[str, Any]:
    return {
        "id": p.id,
        "created_at": p.created_at,
        "livemode": p.livemode,
        "status": p.status,
        "amount_minor": p.amount.minor,
        "currency": p.amount.currency,
        "amount_received_minor": p.amount_received_minor,
        "latest_charge_id": p.latest_charge_id,
        "customer_id": p.customer_id,
        "payment_method_type": p.payment_method_type,
        "failure_message": p.failure_message,
        "metadata_order_id": p.metadata_order_id,
        "unsettled": p.status not in {"succeeded", "canceled"},
    }


def intent_of(r: Sequence[Any]) -> PaymentIntent:
    return PaymentIntent(
        r[0], r[1], r[2], r[3], Money(r[4], r[5]), r[6], r[7], r[8], r[9], r[10], r[11]
    )


def charge_values(c: Charge) -> dict[str, Any]:
    """A charge without its balance transaction gets it later: it is not settled before."""
    incomplete = not c.captured or c.balance_transaction_id is None
    return {
        "id": c.id,
        "created_at": c.created_at,
        "livemode": c.livemode,
        "status": c.status,
        "amount_minor": c.amount.minor,
        "currency": c.amount.currency,
        "amount_refunded_minor": c.amount_refunded_minor,
        "payment_intent_id": c.payment_intent_id,
        "balance_transaction_id": c.balance_transaction_id,
        "payment_method_type": c.payment_method_type,
        "captured": c.captured,
        "capture_before": c.capture_before,
        "unsettled": c.status == "pending" or (c.status == "succeeded" and incomplete),
    }


def charge_of(r: Sequence[Any]) -> Charge:
    return Charge(r[0], r[1], r[2], r[3], Money(r[4], r[5]), r[6], r[7], r[8], r[9], r[10], r[11])


def refund_values(f: Refund) -> dict[str, Any]:
    return {
        "id": f.id,
        "created_at": f.created_at,
        "status": f.status,
        "amount_minor": f.amount.minor,
        "currency": f.amount.currency,
        "charge_id": f.charge_id,
        "payment_intent_id": f.payment_intent_id,
        "unsettled": f.status in {"pending", "requires_action"},
    }


def refund_of(r: Sequence[Any]) -> Refund:
    return Refund(r[0], r[1], r[2], Money(r[3], r[4]), r[5], r[6])


def dispute_values(d: Dispute) -> dict[str, Any]:
    return {
        "id": d.id,
        "created_at": d.created_at,
        "livemode": d.livemode,
        "status": d.status,
        "amount_minor": d.amount.minor,
        "currency": d.amount.currency,
        "charge_id": d.charge_id,
        "payment_intent_id": d.payment_intent_id,
        "unsettled": d.is_open,
    }


def dispute_of(r: Sequence[Any]) -> Dispute:
    return Dispute(r[0], r[1], r[2], r[3], Money(r[4], r[5]), r[6], r[7])
