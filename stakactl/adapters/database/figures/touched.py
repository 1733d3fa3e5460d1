"""The days of money that orders and mirrored objects have a part in."""

from collections.abc import Callable, Collection
from datetime import date

from sqlalchemy import Connection, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.figures import links
from stakactl.adapters.database.tables.stripe import (
    balance_transactions,
    charges,
    disputes,
    invoice_payments,
    refunds,
)
from stakactl.domain.stripe_objects import StripeKind

Ids = Collection[str]


def _days_of_transactions(connection: Connection, ids: Ids) -> set[date]:
    return _days(connection, "id", ids)


def _days_of_sources(connection: Connection, ids: Ids) -> set[date]:
    return _days(connection, "source_id", ids)


def _days_of_charges(connection: Connection, ids: Ids) -> set[date]:
    """Those of their refunds and disputes too."""
    sources = {*ids}
    for table in (refunds, disputes):
        query = select(table.c.id).where(among(connection, table.c.charge_id, ids))
        sources |= set(connection.scalars(query))
    return _days_of_sources(connection, sources)


def _days_of_payments(connection: Connection, ids: Ids) -> set[date]:
    if not ids:
        return set()
    own = select(charges.c.id).where(among(connection, charges.c.payment_intent_id, ids))
    booked = set(connection.scalars(own))
    sources = set(booked)
    for table in (refunds, disputes):
        of_payment = or_(
            among(connection, table.c.payment_intent_id, ids),
            among(connection, table.c.charge_id, booked),
        )
        sources |= set(connection.scalars(select(table.c.id).where(of_payment)))
    return _days_of_sources(connection, sources)


def _days_of_sessions(connection: Connection, ids: Ids) -> set[date]:
    return _days_of_payments(connection, links.payments_of_sessions(connection, ids))


def _days_of_bills(connection: Connection, ids: Ids) -> set[date]:
    return _days_of_payments(connection, links.payments_of_bills(connection, ids))


def _days_of_bill_payments(connection: Connection, ids: Ids) -> set[date]:
    column = invoice_payments.c.payment_intent_id
    query = select(column).where(among(connection, invoice_payments.c.id, ids), column.is_not(None))
    return _days_of_payments(connection, {key for key in connection.scalars(query) if key})


def _days(connection: Connection, column: str, ids: Ids) -> set[date]:
    money = balance_transactions.c
    query = select(money.local_day).where(among(connection, money[column], ids)).distinct()
    return set(connection.scalars(query))


def by_orders(connection: Connection, order_ids: Ids) -> set[date]:
    """Days of the payments that any link ties to the orders."""
    return _days_of_payments(connection, links.payments_of(connection, order_ids))


def by_objects(connection: Connection, kind: StripeKind, ids: Ids) -> set[date]:
    """Days that mirrored objects have a part in; none where the kind has no money."""
    days_of = _DAYS_OF.get(kind)
    return set() if days_of is None else days_of(connection, ids)


_DAYS_OF: dict[StripeKind, Callable[[Connection, Ids], set[date]]] = {
    StripeKind.BALANCE_TRANSACTION: _days_of_transactions,
    StripeKind.CHARGE: _days_of_charges,
    StripeKind.REFUND: _days_of_sources,
    StripeKind.DISPUTE: _days_of_sources,
    StripeKind.PAYMENT_INTENT: _days_of_payments,
    StripeKind.CHECKOUT_SESSION: _days_of_sessions,
    StripeKind.INVOICE_PAYMENT: _days_of_bill_payments,
    StripeKind.INVOICE: _days_of_bills,
}
