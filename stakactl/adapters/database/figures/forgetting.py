"""Days whose figures no longer stand, because something that they are made of changes.

Called in the transaction that makes the change. PostgreSQL: whoever changes holds a shared lock to
the end of its transaction, whoever adds up an exclusive one, so that no day is added up from what
it was a moment ago and kept after the change was told. SQLite has one writer at a time. What asks
the mirror is loaded only where there is something to forget: every writer comes through here.
"""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, select, text

from stakactl.adapters.database.tables.figures import (
    buyer_days,
    figure_buyers,
    figure_days,
    figure_months,
    figures,
)
from stakactl.domain.revenue import Grain, Split
from stakactl.domain.revenue_days import WHOLE
from stakactl.domain.stripe_objects import StripeKind

_LOCK = 7_305_001
Ids = Collection[str]


def lock(connection: Connection, *, shared: bool) -> None:
    """Until the end of the transaction."""
    if connection.dialect.name != "sqlite":
        name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        connection.execute(text(f"SELECT {name}({_LOCK})"))


def _nothing_stands(connection: Connection) -> bool:
    """While a new store is filled, there is nothing to forget."""
    lock(connection, shared=True)
    kept = (figure_days.c.local_day, figure_months.c.month)
    return all(connection.execute(select(key).limit(1)).first() is None for key in kept)


def forget_all(connection: Connection) -> None:
    lock(connection, shared=True)
    for table in (figure_days, figure_months, figures, buyer_days, figure_buyers):
        connection.execute(table.delete())


def forget_orders(connection: Connection, order_ids: Ids) -> None:
    """The days of the payments that any link ties to the orders now. Where the links themselves
    change, before the change and after it."""
    if order_ids and not _nothing_stands(connection):
        from stakactl.adapters.database.figures import touched

        _forget(connection, touched.by_orders(connection, order_ids))


def forget_objects(connection: Connection, kind: StripeKind, ids: Ids) -> None:
    """The days that mirrored objects have a part in, as they are mirrored now."""
    if ids and not _nothing_stands(connection):
        from stakactl.adapters.database.figures import touched

        _forget(connection, touched.by_objects(connection, kind, ids))


def _forget(connection: Connection, days: Iterable[date]) -> None:
    """Their figures go too: a day that leaves the record is never added up again."""
    if not (wanted := set(days)):
        return
    connection.execute(figure_days.delete().where(figure_days.c.local_day.in_(wanted)))
    months = {Grain.MONTH.start(day) for day in wanted}
    connection.execute(figure_months.delete().where(figure_months.c.month.in_(months)))
    delete_figures(connection, wanted)


def delete_figures(connection: Connection, days: Collection[date]) -> None:
    this = figures.c.split.in_([WHOLE, *map(str, Split)])  # so that the key is used
    connection.execute(figures.delete().where(this, figures.c.local_day.in_(days)))
    connection.execute(buyer_days.delete().where(buyer_days.c.local_day.in_(days)))


def forget_buyers(connection: Connection) -> None:
    """Who there is, and which of Stripe's customers is whom, is to be asked anew."""
    lock(connection, shared=True)
    connection.execute(figure_buyers.delete())
