"""The order book: imports, look-ups, and changes by compare and swap."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from stakactl.adapters.database.bulk import among, batches, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.order_rows import (
    ORDER_COLUMNS,
    line_values,
    load_orders,
    order_values,
    orders_of,
)
from stakactl.adapters.database.tables.orders import order_lines, orders
from stakactl.domain.changes import Change, ChangeState, FieldValue
from stakactl.domain.orders import SETTLED, Customer, Order, OrderStatus
from stakactl.operations.ports import ImportCounts, OrderFilter

BATCH = 1000
#: What a settled order may not become again by an import.
_UNSETTLED = frozenset({OrderStatus.PENDING, OrderStatus.FAILED, OrderStatus.EXPIRED})
_REFUNDED = frozenset({OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED})
#: The fields a change may name, and whether their value is a time.
_CHANGEABLE = {
    "status": False,
    "paid_at": True,
    "refunded_minor": False,
    "dispute_status": False,
    "stripe_session_id": False,
    "stripe_payment_intent_id": False,
}


class SqlOrderBook:
    """`OrderBook` on our own tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def import_orders(self, orders: Iterable[Order]) -> ImportCounts:
        return _import(self._database.write, orders)

    def preview_import(self, orders: Iterable[Order]) -> ImportCounts:
        return _import(self._database.trial, orders)

    def get(self, order_id: str) -> Order | None:
        with self._database.read() as connection:
            return load_orders(connection, [order_id]).get(order_id)

    def customer(self, customer_id: str) -> Customer | None:
        known = or_(orders.c.customer_id == customer_id, orders.c.stripe_customer_id == customer_id)
        newest = (orders.c.created_at.desc(), orders.c.order_id.desc())
        query = select(*ORDER_COLUMNS).where(known).order_by(*newest).limit(1)
        with self._database.read() as connection:
            found = orders_of(connection, connection.execute(query).all())
        return found[0].customer if found else None

    def find(self, wanted: OrderFilter) -> list[Order]:
        query = select(*ORDER_COLUMNS).order_by(
            orders.c.created_at.desc(), orders.c.order_id.desc()
        )
        if wanted.status is not None:
            query = query.where(orders.c.status == wanted.status.value)
        if wanted.search:
            needle = wanted.search.casefold()
            query = query.where(orders.c.search_text.contains(needle, autoescape=True))
        if wanted.since is not None:
            query = query.where(orders.c.created_at >= wanted.since)
        if wanted.until is not None:
            query = query.where(orders.c.created_at < wanted.until)
        with self._database.read() as connection:
            page = query.limit(wanted.limit).offset(wanted.offset)
            return orders_of(connection, connection.execute(page).all())

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(orders)) or 0

    def apply(self, change: Change, run_id: str, at: datetime, undoes: int | None = None) -> bool:
        from stakactl.adapters.database.change_rows import is_undone, write_change
        from stakactl.adapters.database.figures.forgetting import forget_orders

        before = {name: stored_value(name, value) for name, value in change.before.items()}
        after = {name: stored_value(name, value) for name, value in change.after.items()}
        still = [
            orders.c[name].is_(None) if value is None else orders.c[name] == value
            for name, value in before.items()
        ]
        if "paid_at" in after:
            paid_at = after["paid_at"]
            after["settled_at"] = orders.c.created_at if paid_at is None else paid_at
        statement = update(orders).where(orders.c.order_id == change.target_id, *still)
        with self._database.write() as connection:
            if undoes is not None and is_undone(connection, undoes):
                return False
            forget_orders(connection, [change.target_id])
            if connection.execute(statement.values(**after)).rowcount != 1:
                return False
            forget_orders(connection, [change.target_id])
            write_change(connection, change, run_id, at, ChangeState.DONE, undoes=undoes)
        return True


def stored_value(name: str, value: FieldValue) -> Any:
    """A recorded value as its column holds it."""
    if name not in _CHANGEABLE:
        raise ValueError(f"a change cannot name {name!r}")
    if _CHANGEABLE[name] and isinstance(value, str):
        return datetime.fromisoformat(value)
    return str(value) if isinstance(value, str) else value


def _import(
    transaction: Callable[[], AbstractContextManager[Connection]], wanted: Iterable[Order]
) -> ImportCounts:
    """Import batch by batch inside one transaction."""
    created = updated = unchanged = 0
    parts = batches(wanted, BATCH)
    first = next(parts, None)  # a slow source is waited for before the transaction begins
    if first is None:
        return ImportCounts(0, 0, 0)
    with transaction() as connection:
        for batch in chain([first], parts):
            counts = import_batch(connection, batch, merge)
            created += counts.created
            updated += counts.updated
            unchanged += counts.unchanged
    return ImportCounts(created, updated, unchanged)


def import_batch(
    connection: Connection, batch: list[Order], merged_with: Callable[[Order, Order], Order]
) -> ImportCounts:
    """Decide each order of the batch against what is stored, then write what differs;
    `merged_with(stored, incoming)` decides."""
    from stakactl.adapters.database.figures.forgetting import forget_buyers, forget_orders

    known = load_orders(connection, {order.order_id for order in batch})
    had_lines = {order.order_id for order in known.values() if order.lines}
    created = updated = 0
    changed: dict[str, Order] = {}
    for incoming in batch:
        stored = known.get(incoming.order_id)
        merged = incoming if stored is None else merged_with(stored, incoming)
        if merged == stored:
            continue
        if stored is None:
            created += 1
        else:
            updated += 1
        known[merged.order_id] = changed[merged.order_id] = merged
    forget_orders(connection, changed.keys())
    stale = [order_id for order_id in changed if order_id in had_lines]
    if stale:
        connection.execute(
            order_lines.delete().where(among(connection, order_lines.c.order_id, stale))
        )
    upsert(connection, orders, [order_values(order) for order in changed.values()])
    upsert(connection, order_lines, [row for o in changed.values() for row in line_values(o)])
    forget_orders(connection, changed.keys())
    if changed:
        forget_buyers(connection)
    return ImportCounts(created, updated, len(batch) - created - updated)


def merge(stored: Order, incoming: Order) -> Order:
    """What an import makes of an order that we have.

    Newer wins: an import without `updated_at` counts as old as its payment or creation. A
    settled order stays settled, and where the import is silent, what we know is kept.
    """
    stamp = incoming.updated_at or incoming.paid_at or incoming.created_at
    if stored.updated_at is not None and stamp < stored.updated_at:
        return stored
    status = incoming.status
    if stored.status in SETTLED and status in _UNSETTLED:
        status = stored.status
    if stored.status in _REFUNDED and status is OrderStatus.PAID and incoming.refunded is None:
        status = stored.status
    known = stored.refunded
    same_currency = known is not None and known.currency == incoming.amount.currency
    # "Refunded" is not silent about the sum: it is all of it.
    silent = status in SETTLED and incoming.status is not OrderStatus.REFUNDED
    kept_refund = known if same_currency and silent else None
    return replace(
        incoming,
        status=status,
        refunded=incoming.refunded if incoming.refunded is not None else kept_refund,
        dispute_status=incoming.dispute_status or stored.dispute_status,
        stripe_session_id=incoming.stripe_session_id or stored.stripe_session_id,
        stripe_payment_intent_id=(
            incoming.stripe_payment_intent_id or stored.stripe_payment_intent_id
        ),
        paid_at=incoming.paid_at or stored.paid_at,
        updated_at=incoming.updated_at or stored.updated_at,
        invoice_number=incoming.invoice_number or stored.invoice_number,
    )
