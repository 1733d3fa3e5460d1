"""Doubts about whether what an order says about its payment is what Stripe says."""

from sqlalchemy import Connection, Select, and_, or_, select

from stakactl.adapters.database.mirror.narrowing.sql import (
    About,
    Doubt,
    Side,
    given_up,
    lacking,
    settled,
)
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import intents, sessions
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import Context

Ids = Select[tuple[str]]
_SESSION, _PAYMENT = orders.c.stripe_session_id, orders.c.stripe_payment_intent_id
_AMOUNT = (orders.c.amount_minor, orders.c.currency)

#: Orders that need a payment, and orders that need none.
_to_be_paid = and_(settled, orders.c.amount_minor > 0)
_not_to_be_paid = or_(given_up, and_(settled, orders.c.amount_minor <= 0))
_captured_whole = (
    intents.c.status == "succeeded",
    intents.c.amount_minor == intents.c.amount_received_minor,
)
_paid_session = (
    sessions.c.payment_status == "paid",
    sessions.c.payment_intent_id.is_not(None),
    sessions.c.amount_total_minor.is_not(None),
)


def _paid_by_session(connection: Connection, context: Context) -> Ids:
    """A paid order records a session that is not paid, or not with its amount."""
    recorded = Side((_SESSION, *_AMOUNT), (_to_be_paid, _SESSION.is_not(None)))
    paid = Side((sessions.c.id, sessions.c.amount_total_minor, sessions.c.currency), _paid_session)
    return select(lacking(connection, recorded, paid).c[0])


def _paid_by_intent(connection: Connection, context: Context) -> Ids:
    """A paid order records a PaymentIntent alone, which does not bring its amount."""
    recorded = Side((_PAYMENT, *_AMOUNT), (_to_be_paid, _SESSION.is_(None), _PAYMENT.is_not(None)))
    paid = Side((intents.c.id, intents.c.amount_minor, intents.c.currency), _captured_whole)
    return select(lacking(connection, recorded, paid).c[0])


def _paid_by_name(connection: Connection, context: Context) -> Ids:
    """A paid order records nothing, and no payment of its amount names it."""
    unrecorded = (_to_be_paid, _SESSION.is_(None), _PAYMENT.is_(None))
    amount = (sessions.c.amount_total_minor, sessions.c.currency)
    names = (sessions.c.client_reference_id, sessions.c.metadata_order_id)
    by_session = [Side((name, *amount), (name.is_not(None), *_paid_session)) for name in names]
    name = intents.c.metadata_order_id
    paid = (intents.c.amount_minor, intents.c.currency)
    by_payment = Side((name, *paid), (name.is_not(None), *_captured_whole))
    unnamed = Side((orders.c.order_id, *_AMOUNT), unrecorded)
    for named in (*by_session, by_payment):
        unnamed = Side(tuple(lacking(connection, unnamed, named).c), ())
    return select(unnamed.columns[0])


def _payment_of_a_paid_session(connection: Connection, context: Context) -> Ids:
    """The PaymentIntent of a paid session did not succeed, or only a part was captured."""
    of_paid = Side((sessions.c.payment_intent_id,), _paid_session[:2])
    return select(lacking(connection, of_paid, Side((intents.c.id,), _captured_whole)).c[0])


def _payment_of_an_unpaid_session(connection: Connection, context: Context) -> Ids:
    return (
        select(sessions.c.payment_intent_id)
        .join(intents, intents.c.id == sessions.c.payment_intent_id)
        .where(sessions.c.payment_status != "paid", intents.c.status == "succeeded")
    )


def _unpaid_by_session(connection: Connection, context: Context) -> Ids:
    """An order that was given up, or is free, records a session that is paid or unknown."""
    recorded = Side((_SESSION,), (_not_to_be_paid, _SESSION.is_not(None)))
    unpaid = Side((sessions.c.id,), (sessions.c.payment_status != "paid",))
    return select(lacking(connection, recorded, unpaid).c[0])


def _unpaid_by_intent(connection: Connection, context: Context) -> Ids:
    recorded = Side((_PAYMENT,), (_not_to_be_paid, _SESSION.is_(None), _PAYMENT.is_not(None)))
    unpaid = Side((intents.c.id,), (intents.c.status != "succeeded",))
    return select(lacking(connection, recorded, unpaid).c[0])


def _pending(connection: Connection, context: Context) -> Ids:
    """Whether it waits or should not wait any more is a question of time."""
    return select(orders.c.order_id).where(
        orders.c.status == OrderStatus.PENDING.value,
        or_(_SESSION.is_not(None), _PAYMENT.is_not(None)),
    )


def _deleted(connection: Connection, context: Context) -> Ids:
    """The application has them no more; their payments may be there."""
    return select(orders.c.order_id).where(orders.c.deleted_at.is_not(None))


PAYMENT_DOUBTS = (
    Doubt("paid orders against sessions", About.SESSION, _paid_by_session),
    Doubt("paid orders against PaymentIntents", About.PAYMENT, _paid_by_intent),
    Doubt("paid orders against sessions that name them", About.ORDER, _paid_by_name),
    Doubt("paid sessions against PaymentIntents", About.PAYMENT, _payment_of_a_paid_session),
    Doubt("unpaid sessions with a payment", About.PAYMENT, _payment_of_an_unpaid_session),
    Doubt("unpaid orders against sessions", About.SESSION, _unpaid_by_session),
    Doubt("unpaid orders against PaymentIntents", About.PAYMENT, _unpaid_by_intent),
    Doubt("pending orders", About.ORDER, _pending),
    Doubt("deleted orders", About.ORDER, _deleted),
)
