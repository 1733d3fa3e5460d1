"""Doubts about refunds, disputes and invoices."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)

from stakactl.adapters.database.mirror.narrowing.sql import About, Doubt, Side, lacking, settled
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import (
    charges,
    disputes,
    intents,
    invoice_payments,
    refunds,
    sessions,
    stripe_invoices,
)
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import Context

Ids = Select[tuple[str]]
_SESSION, _PAYMENT = orders.c.stripe_session_id, orders.c.stripe_payment_intent_id
_NOT_INVOICED = [
    status.value
    for status in OrderStatus
    if status not in {OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED}
]
_known_refunded = case(
    (orders.c.refunded_minor.is_not(None), orders.c.refunded_minor),
    (orders.c.status == OrderStatus.REFUNDED.value, orders.c.amount_minor),
    (orders.c.status == OrderStatus.PARTIALLY_REFUNDED.value, null()),
    else_=0,
)


def _disputed(connection: Connection, context: Context) -> Ids:
    return _through_charges(disputes.c.payment_intent_id, disputes.c.charge_id)


def _refunded_by_charge(connection: Connection, context: Context) -> Ids:
    """Old refunds, which name their charge alone."""
    return (
        select(charges.c.payment_intent_id)
        .join(refunds, refunds.c.charge_id == charges.c.id)
        .where(refunds.c.payment_intent_id.is_(None))
    )


def _through_charges(payment: ColumnElement[Any], charge: ColumnElement[Any]) -> Ids:
    """The payments, be it through their charge alone."""
    found = union_all(
        select(payment.label("id")).where(payment.is_not(None)),
        select(charges.c.payment_intent_id)
        .join(payment.table, charges.c.id == charge)
        .where(payment.is_(None)),
    ).subquery()
    return select(found.c.id)


def _refunds_of_orders(connection: Connection, context: Context) -> Ids:
    """Orders that say something was refunded, unless the refunds of Stripe make up the sum."""
    says = or_(
        orders.c.status.in_([OrderStatus.REFUNDED.value, OrderStatus.PARTIALLY_REFUNDED.value]),
        orders.c.refunded_minor != 0,
    )
    return _not_made_up(and_(settled, says))


def _orders_of_refunds(connection: Connection, context: Context) -> Ids:
    """Orders of refunded payments, unless they say so."""
    through = select(sessions.c.id).join(
        refunds, refunds.c.payment_intent_id == sessions.c.payment_intent_id
    )
    recorded = or_(_SESSION.in_(through), _PAYMENT.in_(select(refunds.c.payment_intent_id)))
    return _not_made_up(and_(settled, recorded))


def _not_made_up(which: ColumnElement[bool]) -> Ids:
    by_session = (
        select(sessions.c.payment_intent_id).where(sessions.c.id == _SESSION).scalar_subquery()
    )
    said = (
        select(
            orders.c.order_id,
            orders.c.currency,
            _known_refunded.label("known"),
            func.coalesce(_PAYMENT, by_session).label("payment"),
        )
        .where(which)
        .subquery()
    )
    own = refunds.c.payment_intent_id == said.c.payment
    unsure = exists().where(
        own, or_(refunds.c.status != "succeeded", refunds.c.currency != said.c.currency)
    )
    total = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(own).scalar_subquery()
    # Our own invoice waits for its credit note.
    invoiced = exists().where(invoices.c.order_id == said.c.order_id, invoices.c.live)
    return select(said.c.order_id).where(
        or_(
            said.c.payment.is_(None),
            said.c.known.is_(None),
            unsure,
            total != said.c.known,
            invoiced,
        )
    )


def _refunds_of_named_orders(connection: Connection, context: Context) -> Ids:
    """Refunded payments of orders that record neither session nor payment."""
    known = select(refunds.c.payment_intent_id)
    by_session = sessions.c.payment_intent_id.in_(known)
    named = union(
        select(sessions.c.client_reference_id.label("id")).where(by_session),
        select(sessions.c.metadata_order_id).where(by_session),
        select(intents.c.metadata_order_id).where(intents.c.id.in_(known)),
    ).subquery()
    return (
        select(orders.c.order_id)
        .join(named, named.c.id == orders.c.order_id)
        .where(_SESSION.is_(None), _PAYMENT.is_(None))
    )


def _without_invoice(connection: Connection, context: Context) -> Ids:
    """Paid orders without an invoice of ours, of the application or, where they count, of
    Stripe."""
    fully = and_(
        orders.c.refunded_minor.is_not(None), orders.c.refunded_minor >= orders.c.amount_minor
    )
    to_invoice = (
        orders.c.status.not_in(_NOT_INVOICED),
        orders.c.amount_minor > 0,
        orders.c.invoice_number.is_(None),
        ~fully,
    )
    found = lacking(
        connection,
        Side((orders.c.order_id,), to_invoice),
        Side((invoices.c.order_id,), (invoices.c.live,)),
    )
    if not context.adopt_stripe_invoices:
        return select(found.c[0])
    adopted = exists().where(
        orders.c.order_id == found.c[0],
        sessions.c.id == _SESSION,
        stripe_invoices.c.id == sessions.c.invoice_id,
        stripe_invoices.c.number.is_not(None),
        stripe_invoices.c.status.not_in(["draft", "void"]),
    )
    return select(found.c[0]).where(~adopted)


def _paid_otherwise(connection: Connection, context: Context) -> Ids:
    """Sessions whose Stripe invoice was paid through another payment than their own, or may have
    been paid outside of Stripe, which leaves no payment and the session unpaid."""
    own = func.coalesce(sessions.c.payment_intent_id, "")
    otherwise = exists().where(
        invoice_payments.c.invoice_id == sessions.c.invoice_id,
        func.coalesce(invoice_payments.c.payment_intent_id, "") != own,
    )
    return select(sessions.c.id).where(
        sessions.c.invoice_id.is_not(None), or_(sessions.c.payment_status != "paid", otherwise)
    )


def _invoiced_twice(connection: Connection, context: Context) -> Ids:
    """By us and by the application, under different numbers."""
    number = orders.c.invoice_number
    ours = exists().where(
        invoices.c.order_id == orders.c.order_id, invoices.c.live, invoices.c.number != number
    )
    return select(orders.c.order_id).where(number.is_not(None), ours)


def _invoiced_by_stripe_too(connection: Connection, context: Context) -> Ids:
    """Sessions with an invoice of Stripe whose order has one of ours or of the application."""
    order = or_(
        sessions.c.id == _SESSION,
        orders.c.order_id == sessions.c.client_reference_id,
        orders.c.order_id == sessions.c.metadata_order_id,
    )
    ours = exists().where(invoices.c.order_id == orders.c.order_id, invoices.c.live)
    another = exists().where(order, or_(orders.c.invoice_number.is_not(None), ours))
    return select(sessions.c.id).where(sessions.c.invoice_id.is_not(None), another)


def _payments_of_invoices(connection: Connection, context: Context) -> Ids:
    """Payments of Stripe's invoices other than those of their own session."""
    own = exists().where(
        sessions.c.payment_intent_id == invoice_payments.c.payment_intent_id,
        sessions.c.invoice_id == invoice_payments.c.invoice_id,
    )
    return select(invoice_payments.c.payment_intent_id).where(
        invoice_payments.c.payment_intent_id.is_not(None), ~own
    )


def _named_by_stripe_invoice(connection: Connection, context: Context) -> Ids:
    return (
        select(orders.c.order_id)
        .join(stripe_invoices, stripe_invoices.c.metadata_order_id == orders.c.order_id)
        .where(stripe_invoices.c.metadata_order_id.is_not(None))
    )


MONEY_DOUBTS = (
    Doubt("disputed payments", About.PAYMENT, _disputed),
    Doubt("refunds by their charge", About.PAYMENT, _refunded_by_charge),
    Doubt("refunds that orders record", About.ORDER, _refunds_of_orders),
    Doubt("orders of refunds", About.ORDER, _orders_of_refunds),
    Doubt("orders that refunded payments name", About.ORDER, _refunds_of_named_orders),
    Doubt("paid orders against invoices", About.ORDER, _without_invoice),
    Doubt("orders invoiced twice", About.ORDER, _invoiced_twice),
    Doubt("sessions invoiced by Stripe too", About.SESSION, _invoiced_by_stripe_too),
    Doubt("payments of Stripe's invoices", About.PAYMENT, _payments_of_invoices),
    Doubt("invoices of Stripe paid otherwise", About.SESSION, _paid_otherwise),
    Doubt("orders that invoices of Stripe name", About.ORDER, _named_by_stripe_invoice),
)
