"""Which order a payment is of, asked from either side.

`orders_of` finds the order of each PaymentIntent, `payments_of` the PaymentIntents that it may
find for an order: whatever one looks at, the other looks at too, or a change would not be noticed.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import (
    intents,
    invoice_payments,
    sessions,
    stripe_invoices,
)


def orders_of(connection: Connection, payments: Collection[str]) -> dict[str, str]:
    """The order of each PaymentIntent that has one. What an order records itself comes before
    what Stripe's objects name; of several equal ones the first by its id."""
    found: dict[str, str] = {}
    for query in _by_payment(connection, payments):
        better: dict[str, str] = {}
        found_now: Iterable[Any] = connection.execute(query)
        for payment_id, order_id in found_now:
            if payment_id not in found:
                better[payment_id] = min(order_id, better.get(payment_id, order_id))
        found |= better
    return found


def _by_payment(connection: Connection, payments: Collection[str]) -> Iterable[Select[Any]]:
    """Pairs of a PaymentIntent and an order, the surest first."""
    order_id = orders.c.order_id
    own = orders.c.stripe_payment_intent_id
    yield select(own, order_id).where(among(connection, own, payments))
    direct, bill = sessions.c.payment_intent_id, invoice_payments.c.payment_intent_id
    recorded = orders.c.stripe_session_id == sessions.c.id
    named = (
        order_id == sessions.c.client_reference_id,
        order_id == sessions.c.metadata_order_id,
    )
    for link in (recorded, *named):
        yield (
            select(direct, order_id)
            .join_from(sessions, orders, link)
            .where(among(connection, direct, payments))
        )
        yield (
            select(bill, order_id)
            .join_from(
                invoice_payments, sessions, sessions.c.invoice_id == invoice_payments.c.invoice_id
            )
            .join(orders, link)
            .where(among(connection, bill, payments))
        )
    yield (
        select(intents.c.id, order_id)
        .join_from(intents, orders, order_id == intents.c.metadata_order_id)
        .where(among(connection, intents.c.id, payments))
    )
    yield (
        select(bill, order_id)
        .join_from(
            invoice_payments,
            stripe_invoices,
            stripe_invoices.c.id == invoice_payments.c.invoice_id,
        )
        .join(orders, order_id == stripe_invoices.c.metadata_order_id)
        .where(among(connection, bill, payments))
    )


def payments_of(connection: Connection, order_ids: Collection[str]) -> set[str]:
    """The PaymentIntents that any link ties to one of the orders."""
    own = select(orders.c.stripe_payment_intent_id, orders.c.stripe_session_id).where(
        among(connection, orders.c.order_id, order_ids)
    )
    found, recorded = set[str](), set[str]()
    for payment_id, session_id in connection.execute(own):
        found |= {payment_id} if payment_id else set()
        recorded |= {session_id} if session_id else set()
    named = or_(
        among(connection, sessions.c.client_reference_id, order_ids),
        among(connection, sessions.c.metadata_order_id, order_ids),
    )
    query = select(sessions.c.id).where(named)
    found |= payments_of_sessions(connection, recorded.union(connection.scalars(query)))
    by_metadata = among(connection, intents.c.metadata_order_id, order_ids)
    found |= set(connection.scalars(select(intents.c.id).where(by_metadata)))
    bills = select(stripe_invoices.c.id).where(
        among(connection, stripe_invoices.c.metadata_order_id, order_ids)
    )
    return found | payments_of_bills(connection, set(connection.scalars(bills)))


def payments_of_sessions(connection: Connection, session_ids: Collection[str]) -> set[str]:
    """The PaymentIntents of Checkout Sessions, be it through their invoices."""
    if not session_ids:
        return set()
    query = select(sessions.c.payment_intent_id, sessions.c.invoice_id).where(
        among(connection, sessions.c.id, session_ids)
    )
    found, bills = set[str](), set[str]()
    for payment_id, invoice_id in connection.execute(query):
        found |= {payment_id} if payment_id else set()
        bills |= {invoice_id} if invoice_id else set()
    return found | payments_of_bills(connection, bills)


def payments_of_bills(connection: Connection, invoice_ids: Collection[str]) -> set[str]:
    """The PaymentIntents that pay invoices of Stripe's."""
    if not invoice_ids:
        return set()
    payment_id = invoice_payments.c.payment_intent_id
    query = select(payment_id).where(among(connection, invoice_payments.c.invoice_id, invoice_ids))
    return {key for key in connection.scalars(query) if key}
