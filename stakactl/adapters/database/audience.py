"""Customers who were here lately, or who still have something open with us."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import customers, subscriptions
from stakactl.domain.notices import Recipient
from stakactl.domain.orders import OrderStatus

_RUNNING = ("active", "trialing", "past_due", "unpaid")


class SqlAudience:
    """`Audience` on the orders and the mirror of Stripe's subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lately(self, since: datetime) -> Iterator[Recipient]:
        o, s, c = orders.c, subscriptions.c, customers.c
        unpaid = (o.status == OrderStatus.PENDING.value) & o.due_at.is_not(None)
        here = or_(o.created_at >= since, o.settled_at >= since, unpaid)
        of_orders = (
            select(o.customer_email, o.customer_name, o.locale)
            .where(here, o.deleted_at.is_(None))
            .order_by(o.created_at.desc(), o.order_id.desc())
        )
        of_subscriptions = (
            select(c.email, c.name, c.country)
            .join(subscriptions, s.customer_id == c.id)
            .where(s.status.in_(_RUNNING), s.ended_at.is_(None))
            .order_by(c.id)
        )
        found: dict[str, Recipient] = {}
        with self._database.read() as connection:
            for email, name, locale in connection.execute(of_orders):
                _note(found, Recipient(email, name, locale))
            for email, name, country in connection.execute(of_subscriptions):
                _note(found, Recipient(email or "", name or "", _locale(country)))
        return iter(found.values())


def _note(found: dict[str, Recipient], recipient: Recipient) -> None:
    key = recipient.email.strip().casefold()
    if key:
        found.setdefault(key, recipient)


def _locale(country: str | None) -> str:
    """Stripe's customers have no language that we mirror; without a country they read French."""
    return "fr" if (country or "FR").upper() in {"FR", "BE", "LU", "MC", "CH"} else "en"
