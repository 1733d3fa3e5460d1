"""Reading an application's orders, page by page, so that memory stays flat.

Each page is a short read-only transaction that continues after the last key of the page before:
nothing is held open while our store is written, and rows that change meanwhile are read again
the next time, because they say so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    cast,
    or_,
    select,
)
from sqlalchemy.sql.expression import FromClause

from stakactl.adapters.orders.application.connection import ApplicationDatabase
from stakactl.adapters.orders.application.mapping import Column, Mapping
from stakactl.adapters.orders.application.schema import Schema, read_schema
from stakactl.operations.ports import ApplicationRow

PAGE = 1000


class OrderRows:
    """The rows of the orders' table, with what is joined to them."""

    def __init__(self, database: ApplicationDatabase, mapping: Mapping, page: int = PAGE) -> None:
        self._database = database
        self._mapping = mapping
        self._page = page
        with database.read() as connection:
            name = database.location.schema
            self.schema: Schema = read_schema(connection, database.kind, name, mapping)
        self.columns = mapping.selected
        self.orders = self._table(mapping.table, "o")
        self._select = self._query()
        self._id = self.orders.c[mapping.order_id]

    def everything(self) -> Iterator[Sequence[ApplicationRow]]:
        ordered = self._select.order_by(self._id)
        page = ordered
        while True:
            with self._database.read() as connection:
                found = connection.execute(page.limit(self._page)).all()
                rows = self._rows(connection, found)
            if rows:
                yield rows
            if len(found) < self._page:
                return
            page = ordered.where(self._id > found[-1][-1])

    def changed_since(self, moment: datetime) -> Iterator[Sequence[ApplicationRow]]:
        """Everything where the tables do not say when their rows were changed."""
        invoices = self._mapping.invoices
        orders_say = self._says(self._mapping.table, self._mapping.updated_at)
        if not orders_say or (
            invoices is not None and not self._says(invoices.table, invoices.updated_at)
        ):
            yield from self.everything()
            return
        yield from self._changed_orders(moment)
        yield from self._changed_invoices(moment)

    def find(self, order_ids: Sequence[str]) -> list[ApplicationRow]:
        name, key = self._mapping.table, self._mapping.order_id
        ids = [self.schema.native_id(name, key, order_id) for order_id in order_ids]
        query = self._select.where(self._id.in_([key for key in ids if key is not None]))
        with self._database.read() as connection:
            return self._rows(connection, connection.execute(query).all())

    def _says(self, name: str, column_name: str | None) -> bool:
        return column_name is not None and self.schema.keeps_time(name, column_name)

    def _changed_orders(self, moment: datetime) -> Iterator[Sequence[ApplicationRow]]:
        name = self._mapping.updated_at or ""
        changed: ColumnElement[Any] = self.orders.c[name]
        begin = self.schema.native_time(self._mapping.table, name, moment)
        ordered = self._select.add_columns(changed).order_by(changed, self._id)
        page = ordered.where(changed >= begin)
        while True:
            with self._database.read() as connection:
                found = connection.execute(page.limit(self._page)).all()
                rows = self._rows(connection, [row[:-1] for row in found])
            if rows:
                yield rows
            if len(found) < self._page:
                return
            key, at = found[-1][-2:]
            page = ordered.where(or_(changed > at, and_(changed == at, self._id > key)))

    def _changed_invoices(self, moment: datetime) -> Iterator[Sequence[ApplicationRow]]:
        """Orders whose invoice was changed: they do not say so themselves."""
        if self._mapping.invoices is None:
            return
        entry = self._mapping.invoices
        invoices = self._table(entry.table, "i")
        owner = invoices.c[entry.order_id]
        name = entry.updated_at or ""
        begin = self.schema.native_time(entry.table, name, moment)
        ordered = select(owner).distinct().where(invoices.c[name] >= begin).order_by(owner)
        page = ordered
        while True:
            with self._database.read() as connection:
                found = list(connection.scalars(page.limit(self._page)))
            if found:
                yield self.find([str(owner_id) for owner_id in found])
            if len(found) < self._page:
                return
            page = ordered.where(owner > found[-1])

    def _query(self) -> Select[Any]:
        """The columns that the mapping names, in the order of `columns`, then the id."""
        places: dict[str, FromClause] = {"": self.orders}
        joined: FromClause = self.orders
        for name, join in self._mapping.joins.items():
            places[name] = self._table(join.table, f"j_{name}")
            on = self.orders.c[join.local] == places[name].c[join.remote]
            joined = joined.outerjoin(places[name], on)
        wanted = [
            places[entry.join].c[entry.name].label(f"c{number}")
            for number, entry in enumerate(self.columns)
        ]
        key = self.orders.c[self._mapping.order_id].label("order_key")
        return select(*wanted, key).select_from(joined)

    def _table(self, name: str, alias: str) -> FromClause:
        return self.schema.table(name, self.schema.tables[name]).alias(alias)

    def _rows(self, connection: Connection, found: Sequence[Any]) -> list[ApplicationRow]:
        numbers = self._invoice_numbers(connection, [row[-1] for row in found])
        rows: dict[str, ApplicationRow] = {}
        for row in found:
            order_id = str(row[-1])
            values = (*row[:-1], numbers.get(order_id))
            rows.setdefault(order_id, self._row(order_id, values))
        return list(rows.values())

    def _row(self, order_id: str, values: Sequence[object]) -> ApplicationRow:
        text = repr((self._mapping.digest, *values)).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        name = self._mapping.updated_at
        updated_at = None
        if name is not None:
            value = values[self.columns.index(Column("", name))]
            read = self.schema.aware(self._mapping.table, name, value)
            updated_at = read if isinstance(read, datetime) else None
        return ApplicationRow(order_id, digest, updated_at, values)

    def _invoice_numbers(self, connection: Connection, keys: list[object]) -> dict[str, str]:
        """The first number of an invoice that stands, by order."""
        if self._mapping.invoices is None or not keys:
            return {}
        entry = self._mapping.invoices
        invoices = self._table(entry.table, "i")
        owner, number = invoices.c[entry.order_id], invoices.c[entry.number]
        query = select(owner, number).where(owner.in_(keys), number.is_not(None))
        if entry.status is not None:
            # An enumeration of PostgreSQL does not compare with text.
            query = query.where(cast(invoices.c[entry.status], String(191)).in_(entry.live))
        numbers: dict[str, str] = {}
        for key, value in connection.execute(query.order_by(owner, number)):
            numbers.setdefault(str(key), str(value))
        return numbers
