"""Who paid: one rule for orders, payments without one, and customers of Stripe's alone.

The application's own id of a customer; else Stripe's, and where the newest order that knows both
says whose that is, again the application's; else the e-mail in lower case; else the order itself.
It is the rule by which PDFs are filed (`domain.customers`).
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, select, union_all

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.tables.figures import buyer_days, buyers, figure_buyers
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import customers, intents
from stakactl.domain.revenue_days import EDITION

#: The columns of an order that say who its buyer is.
OF_ORDER = (
    orders.c.customer_id,
    orders.c.stripe_customer_id,
    func.lower(orders.c.customer_email).label("email"),
)
Buyer = tuple[str, str]  # and the Stripe customer through whom that is known


def of_payments(
    connection: Connection,
    payments: Collection[str],
    owners: Mapping[str, str],
    found: Mapping[str, Any],
) -> dict[str, Buyer]:
    """By PaymentIntent; `found` are the orders of `owners`. Who is not known is left out."""
    known: dict[str, Buyer] = {}
    through: dict[str, str] = {}
    for payment_id, order_id in owners.items():
        order = found.get(order_id)
        if order is None:
            continue
        if order.customer_id:
            known[payment_id] = order.customer_id, ""
        elif order.stripe_customer_id:
            through[payment_id] = order.stripe_customer_id
        else:
            known[payment_id] = order.email or order_id, ""
    rest = set(payments) - owners.keys()
    query = select(intents.c.id, intents.c.customer_id).where(
        among(connection, intents.c.id, rest), intents.c.customer_id.is_not(None)
    )
    through |= {row.id: row.customer_id for row in connection.execute(query)}
    named = _named(connection, set(through.values()))
    for payment_id, stripe_id in through.items():
        known[payment_id] = named.get(stripe_id, stripe_id), stripe_id
    return known


def _named(connection: Connection, stripe_ids: Collection[str]) -> dict[str, str]:
    """Whom the newest order that knows both says each customer of Stripe's to be."""
    if not stripe_ids:
        return {}
    query = (
        select(orders.c.stripe_customer_id, orders.c.customer_id)
        .where(among(connection, orders.c.stripe_customer_id, stripe_ids), _TELLING)
        .order_by(orders.c.created_at, orders.c.order_id)
    )
    return {row.stripe_customer_id: row.customer_id for row in connection.execute(query)}


_TELLING = and_(orders.c.customer_id.is_not(None), orders.c.stripe_customer_id.is_not(None))


def _name_of(stripe_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same as an expression of SQL."""
    other = orders.alias("telling")
    newest = (
        select(other.c.customer_id)
        .where(
            other.c.stripe_customer_id == stripe_id,
            other.c.customer_id.is_not(None),
            other.c.stripe_customer_id.is_not(None),
        )
        .order_by(other.c.created_at.desc(), other.c.order_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, stripe_id)


def stand(connection: Connection) -> bool:
    query = select(figure_buyers.c.edition).where(figure_buyers.c.edition == EDITION)
    return connection.execute(query).first() is not None


def settle(connection: Connection) -> None:
    """Ask anew who there is, and who those are that Stripe alone named."""
    o, c = orders.c, customers.c
    nobody = literal("")
    of_order = func.coalesce(
        func.nullif(o.customer_id, ""),
        _name_of(func.nullif(o.stripe_customer_id, "")),
        func.nullif(func.lower(o.customer_email), ""),
        o.order_id,
    )
    seen = union_all(
        select(
            of_order.label("buyer"),
            o.created_at.label("at"),
            o.customer_name.label("name"),
            o.customer_email.label("email"),
        ),
        select(
            _name_of(c.id), c.created_at, func.coalesce(c.name, nobody), func.coalesce(c.email, "")
        ),
    ).subquery()
    everybody = select(
        seen.c.buyer, func.min(seen.c.at), func.max(seen.c.name), func.max(seen.c.email)
    ).group_by(seen.c.buyer)
    connection.execute(buyers.delete())
    names = ["buyer", "first_seen", "name", "email"]
    connection.execute(buyers.insert().from_select(names, everybody))
    now = _name_of(buyer_days.c.through)
    renamed = buyer_days.update().where(buyer_days.c.through != "", buyer_days.c.buyer != now)
    connection.execute(renamed.values(buyer=now))
    connection.execute(figure_buyers.delete())
    connection.execute(figure_buyers.insert().values(edition=EDITION))
