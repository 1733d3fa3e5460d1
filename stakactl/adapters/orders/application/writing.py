"""What writers of an application's orders share: the live order, seen against a change."""

from collections.abc import Callable
from datetime import UTC
from functools import cached_property

from stakactl.adapters.orders.application.mapping import Mapping
from stakactl.adapters.orders.application.reading import OrderRows
from stakactl.adapters.orders.application.rows import RowReader
from stakactl.domain.changes import Change, FieldValue
from stakactl.domain.orders import Order
from stakactl.operations.ports import ApplicationRow, Holding, Told

IN_THE_APPLICATION = "correct the order in the application"


def column_key(table: str, column: str) -> str:
    """How the record of changes calls a column of the application."""
    return f"{table}.{column}"


def own_columns(change: Change, table: str) -> dict[str, tuple[FieldValue, FieldValue]]:
    """The application's columns that a prepared change names, before and after."""
    prefix = column_key(table, "")
    return {
        name.removeprefix(prefix): (value, change.after[name])
        for name, value in change.before.items()
        if name.startswith(prefix)
    }


def order_fields(order: Order) -> dict[str, FieldValue]:
    """What of an order a change can name."""
    paid_at = order.paid_at
    return {
        "status": str(order.status),
        "paid_at": None if paid_at is None else paid_at.astimezone(UTC).isoformat(),
        "refunded_minor": order.refunded.minor if order.refunded is not None else None,
        "dispute_status": order.dispute_status,
        "stripe_session_id": order.stripe_session_id,
        "stripe_payment_intent_id": order.stripe_payment_intent_id,
    }


def compared(told: Told) -> frozenset[str]:
    """The fields by which the application's order is told from what it was. Not the time of the
    payment: an application that fulfils the order itself takes its own."""
    return (told.fields | {"status"}) - {"paid_at", "invoice_number"}


class LiveOrders:
    """The application's orders as they are at this moment; connected to when first asked."""

    def __init__(self, mapping: Mapping, connect: Callable[[], OrderRows]) -> None:
        self.mapping = mapping
        self._connect = connect

    @cached_property
    def rows(self) -> OrderRows:
        return self._connect()

    @cached_property
    def reader(self) -> RowReader:
        return RowReader(self.mapping, self.rows.schema)

    def find(self, order_id: str) -> tuple[ApplicationRow, Order] | None:
        """None where there is no such order, or none that can be read."""
        for row in self.rows.find([order_id]):
            order = self.reader.order_of(row).order
            return None if order is None else (row, order)
        return None

    def still_before(self, order: Order, change: Change) -> bool:
        return self._holds(order, change.before)

    def holding(self, change: Change) -> Holding:
        """By its own columns where the change names them, else by what they mean."""
        found = self.rows.find([change.target_id])
        if not found:
            return Holding.GONE
        columns = own_columns(change, self.mapping.table)
        if columns:
            values = self.reader.recorded(found[0])
            if all(values.get(name) == after for name, (_, after) in columns.items()):
                return Holding.AFTER
            untouched = all(values.get(name) == before for name, (before, _) in columns.items())
            return Holding.BEFORE if untouched else Holding.OTHER
        order = self.reader.order_of(found[0]).order
        if order is not None and self._holds(order, change.after):
            return Holding.AFTER
        return Holding.BEFORE if order and self._holds(order, change.before) else Holding.OTHER

    def _holds(self, order: Order, wanted: dict[str, FieldValue]) -> bool:
        live, names = order_fields(order), compared(self.mapping.told)
        return all(live[name] == value for name, value in wanted.items() if name in names)
