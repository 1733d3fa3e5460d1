"""Customers, and what Stripe bills by itself, as rows, and back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    InvoicePayment,
    StripeCustomer,
    StripeInvoice,
    StripeProduct,
    Subscription,
    SubscriptionItem,
)

#: Millionths of a minor unit: what the amounts of subscriptions are stored in.
MICROS = 1_000_000


def customer_values(c: StripeCustomer) -> dict[str, Any]:
    return {
        "id": c.id,
        "created_at": c.created_at,
        "livemode": c.livemode,
        "email": c.email,
        "name": c.name,
        "city": c.city,
        "country": c.country,
    }


def customer_of(r: Sequence[Any]) -> StripeCustomer:
    return StripeCustomer(r[0], r[1], r[2], r[3], r[4], r[5], r[6])


def invoice_values(i: StripeInvoice) -> dict[str, Any]:
    return {
        "id": i.id,
        "created_at": i.created_at,
        "livemode": i.livemode,
        "number": i.number,
        "status": i.status,
        "total_minor": i.total.minor,
        "currency": i.total.currency,
        "amount_paid_minor": i.amount_paid_minor,
        "customer_id": i.customer_id,
        "subscription_id": i.subscription_id,
        "due_at": i.due_at,
        "paid_at": i.paid_at,
        "metadata_order_id": i.metadata_order_id,
        "unsettled": i.status not in {"paid", "void"},
    }


def invoice_of(r: Sequence[Any]) -> StripeInvoice:
    return StripeInvoice(
        r[0], r[1], r[2], r[3], r[4], Money(r[5], r[6]), r[7], r[8], r[9], r[10], r[11], r[12]
    )


def invoice_payment_values(p: InvoicePayment) -> dict[str, Any]:
    return {
        "id": p.id,
        "created_at": p.created_at,
        "livemode": p.livemode,
        "invoice_id": p.invoice_id,
        "payment_intent_id": p.payment_intent_id,
        "status": p.status,
    }


def invoice_payment_of(r: Sequence[Any]) -> InvoicePayment:
    return InvoicePayment(r[0], r[1], r[2], r[3], r[4], r[5])


def subscription_values(s: Subscription) -> dict[str, Any]:
    return {
        "id": s.id,
        "created_at": s.created_at,
        "livemode": s.livemode,
        "status": s.status,
        "customer_id": s.customer_id,
        "price_id": s.price_id,
        "unit_minor": None if s.unit_amount is None else s.unit_amount.minor,
        "currency": None if s.unit_amount is None else s.unit_amount.currency,
        "quantity": s.quantity,
        "interval": s.interval,
        "interval_count": s.interval_count,
        "current_period_end": s.current_period_end,
        "canceled_at": s.canceled_at,
        "ended_at": s.ended_at,
        "started_at": s.started_at,
        "began_at": s.began_at,
        "unsettled": s.status not in {"canceled", "incomplete_expired"},
    }


def subscription_of(r: Sequence[Any]) -> Subscription:
    """Without its items, which are rows of their own."""
    price = None if r[6] is None else Money(r[6], r[7])
    return Subscription(r[0], r[1], r[2], r[3], r[4], r[5], price, *r[8:16])


def item_values(s: Subscription) -> list[dict[str, Any]]:
    """A row for each item of a subscription."""
    return [
        {
            "subscription_id": s.id,
            "position": position,
            "status": s.status,
            "customer_id": s.customer_id,
            "started_at": s.started_at,
            "began_at": s.began_at,
            "ended_at": s.ended_at,
            "price_id": item.price_id,
            "product_id": item.product_id,
            "currency": item.currency,
            "interval": item.interval,
            "interval_count": item.interval_count,
            "amount_micros": None if item.amount is None else int(item.amount * MICROS),
            "included_vat": item.included_vat,
        }
        for position, item in enumerate(s.items)
    ]


def item_of(r: Any) -> SubscriptionItem:
    """Of a whole row."""
    return SubscriptionItem(
        r.price_id,
        r.product_id,
        r.currency,
        r.interval,
        r.interval_count,
        None if r.amount_micros is None else Decimal(r.amount_micros) / MICROS,
        r.included_vat,
    )


def product_values(p: StripeProduct) -> dict[str, Any]:
    return {"id": p.id, "created_at": p.created_at, "livemode": p.livemode, "name": p.name}


def product_of(r: Sequence[Any]) -> StripeProduct:
    return StripeProduct(r[0], r[1], r[2], r[3])
