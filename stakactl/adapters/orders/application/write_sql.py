"""ORDERS_WRITE=sql: changes are written into the application's own columns, by the mapping.

One UPDATE of one row, whose WHERE holds every column's value as it was seen: if anything was
changed in between, nothing is written.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import TableClause, bindparam, update

from stakactl.adapters.orders.application.connection import ApplicationDatabase
from stakactl.adapters.orders.application.mapping_parts import Column, as_text
from stakactl.adapters.orders.application.schema import Schema
from stakactl.adapters.orders.application.writing import (
    IN_THE_APPLICATION,
    LiveOrders,
    column_key,
    own_columns,
)
from stakactl.domain.changes import Change, FieldValue
from stakactl.domain.orders import OrderStatus
from stakactl.operations.ports import Clock, Holding

Columns = dict[str, FieldValue]


class SqlOrderWriter:
    """`OrderWriter` by the mapping's [set.…] and its writable columns."""

    def __init__(self, database: ApplicationDatabase, live: LiveOrders, clock: Clock) -> None:
        self._database = database
        self._live = live
        self._clock = clock
        self._mapping = live.mapping

    @property
    def _schema(self) -> Schema:
        return self._live.rows.schema

    def obstacle(self, change: Change) -> str | None:
        if own_columns(change, self._mapping.table):
            return None
        status = change.effect.get("status")
        if status is not None and not self._can_become(str(status[1])):
            return f"{self._mapping.shown} has no [set.{status[1]}]: {IN_THE_APPLICATION}"
        return None

    def _can_become(self, status: str) -> bool:
        """A state that the application cannot tell is kept by us alone."""
        wanted = OrderStatus(status)
        return wanted in self._mapping.sets or wanted not in self._mapping.told.statuses

    def prepare(self, change: Change) -> Change | None:
        if own_columns(change, self._mapping.table):
            return change  # the inverse of one that was prepared
        found = self._live.find(change.target_id)
        if found is None or not self._live.still_before(found[1], change):
            return None
        before, after = self._columns(change, self._live.reader.recorded(found[0]))
        if not after:
            return None
        named = {column_key(self._mapping.table, name): value for name, value in before.items()}
        wanted = {column_key(self._mapping.table, name): value for name, value in after.items()}
        return Change(
            change.target_id,
            change.finding_id,
            change.reason,
            {**change.before, **named},
            {**change.after, **wanted},
            change.target,
        )

    def _columns(self, change: Change, values: Columns) -> tuple[Columns, Columns]:
        """The columns that have to change, as they are and as they are to be."""
        after: Columns = {}
        for name, (_, value) in change.effect.items():
            if name == "status":
                after |= self._settings(OrderStatus(str(value)), values)
            elif (own := self._mapping.writable(name)) is not None:
                after[own] = value
        before = {name: values[name] for name in after}
        changed = {name: value for name, value in after.items() if value != before[name]}
        return {name: before[name] for name in changed}, changed

    def _settings(self, status: OrderStatus, values: Columns) -> Columns:
        settings: Columns = {}
        for name, wanted in self._mapping.sets.get(status, {}).items():
            if isinstance(wanted, str | int) or wanted is None:
                settings[name] = wanted
            elif as_text(values[name]) in wanted:
                settings[name] = wanted[as_text(values[name])]
        return settings

    def write(self, change: Change) -> bool:
        name, key = self._mapping.table, self._mapping.order_id
        columns = own_columns(change, name)
        orders = self._orders(columns)
        like = self._like(change.target_id)
        where = [orders.c[key] == self._schema.native_id(name, key, change.target_id)]
        values: dict[Any, Any] = {}
        for own, (before, after) in columns.items():
            held = orders.c[own]
            where.append(
                held.is_(None) if before is None else held == self._as_kept(own, before, like)
            )
            values[held] = self._as_kept(own, after, like)
        stamp = self._mapping.updated_at
        if stamp is not None:
            values[orders.c[stamp]] = self._schema.native_time(name, stamp, self._clock.now(), like)
        with self._database.write() as connection:
            return connection.execute(update(orders).where(*where).values(values)).rowcount == 1

    def holding(self, change: Change) -> Holding:
        return self._live.holding(change)

    def _orders(self, columns: dict[str, tuple[FieldValue, FieldValue]]) -> TableClause:
        names = {self._mapping.order_id, self._mapping.updated_at, *columns} - {None}
        return self._schema.table(self._mapping.table, sorted(map(str, names)))

    def _as_kept(self, own: str, value: FieldValue, like: object) -> Any:
        """A value as the column keeps it. PostgreSQL's enumerations must be called by name."""
        native: object = value
        if isinstance(value, str) and own == self._mapping.writable("paid_at"):
            moment = datetime.fromisoformat(value)
            native = self._schema.native_time(self._mapping.table, own, moment, like)
        if value is None or self._schema.kind != "postgresql":
            return native
        kind = self._schema.type_of(self._mapping.table, own)
        return bindparam(None, native, type_=kind, unique=True)

    def _like(self, order_id: str) -> object:
        """A time of the row: how a file of SQLite keeps them, no type says."""
        created = self._mapping.columns["created_at"]
        if self._schema.kind != "sqlite" or not isinstance(created, Column) or created.join:
            return None
        found = self._live.rows.find([order_id])
        return self._live.reader.values(found[0])[created.name] if found else None
