"""Days whose figures no longer stand, because something that they are made of changes.

Called in the transaction that makes the change. PostgreSQL: whoever changes holds a shared lock to
the end of its transaction, whoever adds up an exclusive one, so that no day is added up from what
it was a moment ago and kept after the change was told. SQLite has one writer at a time.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date

from sqlalchemy import Connection, or_, select, text

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.figures import links
from stakactl.adapters.database.tables.figures import figure_days, figure_months, figures
from stakactl.adapters.database.tables.stripe import (
    balance_transactions,
    charges,
    disputes,
    invoice_payments,
    refunds,
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
    for table in (figure_days, figure_months, figures):
        connection.execute(table.delete())


def forget_days(connection: Connection, days: Iterable[date]) -> None:
    if not _nothing_stands(connection):
        _forget(connection, days)


def forget_orders(connection: Connection, order_ids: Ids) -> None:
    """The days of the payments that any link ties to the orders now. Where the links themselves
    change, before the change and after it."""
    if order_ids and not _nothing_stands(connection):
        _forget_payments(connection, links.payments_of(connection, order_ids))


def forget_objects(connection: Connection, kind: StripeKind, ids: Ids) -> None:
    """The days that mirrored objects have a part in, as they are mirrored now."""
    days_of = _DAYS_OF.get(kind)
    if ids and days_of is not None and not _nothing_stands(connection):
        _forget(connection, days_of(connection, ids))


def _forget_payments(connection: Connection, payments: Ids) -> None:
    _forget(connection, _days_of_payments(connection, payments))


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
