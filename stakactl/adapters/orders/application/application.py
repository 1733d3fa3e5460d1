"""The application's orders as one port, built of the parts beside this file on first use.

Asking what the mapping says connects to nothing; asking for rows does.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from stakactl.adapters.orders.application.connection import ApplicationDatabase
from stakactl.adapters.orders.application.mapping import Mapping
from stakactl.adapters.orders.application.reading import PAGE, OrderRows
from stakactl.adapters.orders.application.writing import LiveOrders, column_key
from stakactl.domain.changes import Change, FieldValue
from stakactl.domain.orders import OrderStatus
from stakactl.operations.ports import ApplicationRow, OrderWriter, Taken, Told

WriterOf = Callable[[ApplicationDatabase, LiveOrders], OrderWriter]


class MappedApplication:
    """`Application` on a database that a mapping describes."""

    def __init__(
        self, database: ApplicationDatabase, mapping: Mapping, writer_of: WriterOf, page: int = PAGE
    ) -> None:
        self._database = database
        self._mapping = mapping
        self._writer_of = writer_of
        self._page = page

    @property
    def source(self) -> str:
        text = f"{self._mapping.digest} {self._database.location.shown}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def issues_invoices(self) -> bool:
        return self._mapping.invoices is not None

    @property
    def told(self) -> Told:
        return self._mapping.told

    @cached_property
    def _rows(self) -> OrderRows:
        return OrderRows(self._database, self._mapping, self._page)

    @cached_property
    def _live(self) -> LiveOrders:
        return LiveOrders(self._mapping, lambda: self._rows)

    @cached_property
    def writer(self) -> OrderWriter:
        return self._writer_of(self._database, self._live)

    def everything(self) -> Iterator[Sequence[ApplicationRow]]:
        return self._rows.everything()

    def changed_since(self, moment: datetime) -> Iterator[Sequence[ApplicationRow]]:
        return self._rows.changed_since(moment)

    def find(self, order_ids: Sequence[str]) -> list[ApplicationRow]:
        return self._rows.find(order_ids)

    def order_of(self, row: ApplicationRow) -> Taken:
        return self._live.reader.order_of(row)

    def columns_of(self, row: ApplicationRow) -> dict[str, FieldValue]:
        found = self._live.reader.recorded(row)
        return {column_key(self._mapping.table, name): value for name, value in found.items()}

    def reaches(self, change: Change) -> bool:
        """The state of an order has its place everywhere, unless it is one that the application
        never tells and the mapping never sets."""
        if any("." in name for name in change.before):
            return True
        effect = change.effect
        if any(self._mapping.writable(name) is not None for name in effect):
            return True
        if "status" not in effect:
            return False
        status = OrderStatus(str(effect["status"][1]))
        return status in self._mapping.told.statuses or status in self._mapping.sets

    def close(self) -> None:
        self._database.close()
