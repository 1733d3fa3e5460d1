"""Whom a name means: an id of the application's, a Stripe customer, or an e-mail.

An application's customer is all of their orders, and the orders and payments of the Stripe
customers that are theirs alone. A Stripe customer that one application's customer uses means that
one; one that several use, or none, stands for itself.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.figures.links import orders_of, payments_of
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import (
    absences,
    customers,
    intents,
    sessions,
    stripe_invoices,
    subscriptions,
)
from stakactl.domain.customer_record import CustomerIdentity, CustomerKind
from stakactl.domain.stripe_objects import StripeKind

#: An e-mail that more customers share is no name of anybody.
MAX_MATCHES = 50
_o = orders.c
_NAMELESS = _o.customer_id.is_(None) & _o.stripe_customer_id.is_(None)


def find_customers(connection: Connection, name: str) -> list[CustomerIdentity]:
    """Whom `name` may mean, those with the most orders first."""
    if _any(connection, select(_o.order_id).where(_o.customer_id == name)):
        return [_application(connection, name)]
    if _is_stripe_customer(connection, name):
        return [_by_stripe_id(connection, name)]
    if _any(connection, select(invoices.c.number).where(invoices.c.customer_id == name)):
        return [CustomerIdentity(CustomerKind.APPLICATION, name)]
    found = _by_email(connection, name.casefold()) if "@" in name else {}
    return sorted(found.values(), key=lambda one: (-one.orders, one.name))


def own_orders(connection: Connection, identity: CustomerIdentity) -> list[str]:
    """The ids of their orders, oldest first."""
    match identity.kind:
        case CustomerKind.APPLICATION:
            named = [_o.customer_id == identity.name]
        case CustomerKind.STRIPE:
            named = [_o.stripe_customer_id == identity.name]
        case CustomerKind.GUEST:
            named = [(_o.email_key == identity.name) & _NAMELESS]
    if identity.kind is CustomerKind.APPLICATION and identity.stripe_ids:
        theirs = among(connection, _o.stripe_customer_id, identity.stripe_ids)
        named.append(_o.customer_id.is_(None) & theirs)
    found: set[str] = set()
    for where in named:
        found |= set(connection.scalars(select(_o.order_id).where(where)))
    if identity.kind is not CustomerKind.GUEST:
        reached = orders_of(connection, payments_by(connection, identity.stripe_ids)).values()
        query = select(_o.order_id).where(among(connection, _o.order_id, set(reached)), _NAMELESS)
        found |= set(connection.scalars(query))
    query = select(_o.order_id).where(among(connection, _o.order_id, found))
    return list(connection.scalars(query.order_by(_o.created_at, _o.order_id)))


def payments_by(connection: Connection, stripe_ids: Collection[str]) -> set[str]:
    """The PaymentIntents that these Stripe customers made, themselves or through Checkout."""
    if not stripe_ids:
        return set()
    i, s = intents.c, sessions.c
    direct = select(i.id).where(among(connection, i.customer_id, stripe_ids))
    opened = select(s.payment_intent_id).where(among(connection, s.customer_id, stripe_ids))
    found = {*connection.scalars(direct), *connection.scalars(opened)}
    return {key for key in found if key}


def _by_email(connection: Connection, email: str) -> dict[str, CustomerIdentity]:
    """By their names. Stripe's own customers are looked for as the e-mail is usually written."""
    named = (_o.customer_id, _o.stripe_customer_id)
    query = select(*named).where(_o.email_key == email).distinct().limit(MAX_MATCHES)
    found: dict[str, CustomerIdentity] = {}
    guest = False
    for customer_id, stripe_id in connection.execute(query).all():
        guest = guest or not (customer_id or stripe_id)
        if customer_id and customer_id not in found:
            found[customer_id] = _application(connection, customer_id)
    for customer_id, stripe_id in connection.execute(query).all():
        if stripe_id and not customer_id:
            one = _by_stripe_id(connection, stripe_id)
            found.setdefault(one.name, one)
    if guest:
        found[email] = _guest(connection, email)
    known = {key for one in found.values() for key in one.stripe_ids}
    c = customers.c
    theirs = select(c.id).where(c.email == email).order_by(c.id).limit(MAX_MATCHES)
    for stripe_id in connection.scalars(theirs).all():
        if stripe_id not in known:
            one = _by_stripe_id(connection, stripe_id)
            found.setdefault(one.name, one)
    return found


def _application(connection: Connection, customer_id: str) -> CustomerIdentity:
    mine = select(_o.order_id).where(_o.customer_id == customer_id)
    recorded = select(_o.stripe_customer_id).where(_o.customer_id == customer_id).distinct()
    stripe_ids = {key for key in connection.scalars(recorded) if key}
    stripe_ids |= _paid_by(connection, list(connection.scalars(mine)))
    alone = {key for key in stripe_ids if _users(connection, key) <= {customer_id}}
    return _counted(connection, CustomerKind.APPLICATION, customer_id, alone)


def _by_stripe_id(connection: Connection, name: str) -> CustomerIdentity:
    users = _users(connection, name)
    if len(users) == 1:
        return _application(connection, users.pop())
    return _counted(connection, CustomerKind.STRIPE, name, {name})


def _guest(connection: Connection, email: str) -> CustomerIdentity:
    mine = select(_o.order_id).where(_o.email_key == email, _NAMELESS)
    paid_by = _paid_by(connection, list(connection.scalars(mine)))
    alone = {key for key in paid_by if not _users(connection, key)}
    return _counted(connection, CustomerKind.GUEST, email, alone)


def _counted(
    connection: Connection, kind: CustomerKind, name: str, stripe_ids: set[str]
) -> CustomerIdentity:
    identity = CustomerIdentity(kind, name, tuple(sorted(stripe_ids)))
    own = own_orders(connection, identity)
    last = select(_o.customer_email).where(_o.order_id == (own[-1] if own else ""))
    email = connection.scalar(last) or ""
    return CustomerIdentity(kind, name, identity.stripe_ids, len(own), email)


def _users(connection: Connection, stripe_id: str) -> set[str]:
    """The application's customers whose orders a Stripe customer paid, or is recorded in."""
    recorded = select(_o.customer_id).where(_o.stripe_customer_id == stripe_id).distinct()
    paid = set(orders_of(connection, payments_by(connection, [stripe_id])).values())
    through = select(_o.customer_id).where(among(connection, _o.order_id, paid)).distinct()
    found = {*connection.scalars(recorded), *connection.scalars(through)}
    return {key for key in found if key}


def _paid_by(connection: Connection, order_ids: Collection[str]) -> set[str]:
    """The Stripe customers of the payments and Checkout Sessions of these orders."""
    payments = payments_of(connection, order_ids)
    own = {key for key, owner in orders_of(connection, payments).items() if owner in order_ids}
    recorded = select(_o.stripe_session_id).where(among(connection, _o.order_id, order_ids))
    opened = {key for key in connection.scalars(recorded) if key}
    i, s = intents.c, sessions.c
    direct = select(i.customer_id).where(among(connection, i.id, own)).distinct()
    through = select(s.customer_id).where(among(connection, s.id, opened)).distinct()
    found = {*connection.scalars(direct), *connection.scalars(through)}
    return {key for key in found if key}


def _is_stripe_customer(connection: Connection, name: str) -> bool:
    """Whether anything here says that there is such a customer."""
    absent = (absences.c.kind == StripeKind.CUSTOMER.value) & (absences.c.object_id == name)
    places: Iterator[tuple[Any, ColumnElement[bool]]] = iter(
        (
            (customers.c.id, customers.c.id == name),
            (_o.order_id, _o.stripe_customer_id == name),
            (sessions.c.id, sessions.c.customer_id == name),
            (intents.c.id, intents.c.customer_id == name),
            (stripe_invoices.c.id, stripe_invoices.c.customer_id == name),
            (subscriptions.c.id, subscriptions.c.customer_id == name),
            (absences.c.object_id, absent),
        )
    )
    return any(_any(connection, select(column).where(where)) for column, where in places)


def _any(connection: Connection, query: Select[Any]) -> bool:
    return connection.execute(query.limit(1)).first() is not None
