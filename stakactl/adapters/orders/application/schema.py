"""The tables of an application as they are: whether a mapping fits them, and of what type.

Asked once, before the first row is read, so that a mapping that does not fit is told as a whole
and with names, instead of by the first statement that fails.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnClause, Connection, TableClause, inspect
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy import types as sql
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import quoted_name

from stakactl.adapters.orders.application.mapping import Column, Joined, Mapping
from stakactl.domain.changes import FieldValue
from stakactl.errors import ConfigurationError

#: Numbers above are milliseconds since 1970, as Prisma writes them into SQLite; below, seconds.
_MILLISECONDS_FROM = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of each table that the mapping names, with their types as reflected."""

    kind: str
    name: str | None
    tables: dict[str, dict[str, Any]]
    zone: tzinfo

    def type_of(self, table: str, column: str) -> Any:
        return self.tables[table][column]

    def table(self, name: str, columns: Iterable[str]) -> TableClause:
        """Every name quoted: applications use words of SQL and capitals as they like."""
        listed: list[ColumnClause[Any]] = [sql_column(quoted_name(c, quote=True)) for c in columns]
        schema = quoted_name(self.name, quote=True) if self.name else None
        return sql_table(quoted_name(name, quote=True), *listed, schema=schema)

    def keeps_time(self, table: str, column: str) -> bool:
        """Whether the database itself can tell which times are later."""
        return self.kind != "sqlite" and isinstance(self.type_of(table, column), sql.DateTime)

    def aware(self, table: str, column: str, value: object) -> object:
        """A time of the database with its zone; anything else as it is."""
        if isinstance(value, int) and not isinstance(value, bool):
            scale = 1000 if value >= _MILLISECONDS_FROM else 1
            whole, rest = divmod(value, scale)
            return datetime.fromtimestamp(whole, UTC).replace(microsecond=rest * 1000)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=self._zone_of(table, column)).astimezone(UTC)
        return value

    def native_time(
        self, table: str, column: str, moment: datetime, like: object = None
    ) -> datetime | int | str:
        """A moment as the column keeps it; `like` is another time of the table, because SQLite
        has no type that says it."""
        kind = self.type_of(table, column)
        if self.kind == "sqlite":
            if isinstance(like, int):
                scale = 1000 if like >= _MILLISECONDS_FROM else 1
                return int(moment.timestamp() * scale)
            local = moment.astimezone(self.zone).replace(tzinfo=None)
            return local.isoformat(sep=" ", timespec="milliseconds")
        if self.kind == "postgresql" and getattr(kind, "timezone", False):
            return moment
        return moment.astimezone(self._zone_of(table, column)).replace(tzinfo=None)

    def native_id(self, table: str, column: str, text: str) -> object:
        """An id as the column keeps it; None where it cannot be one."""
        kind = self.type_of(table, column)
        try:
            if isinstance(kind, sql.Integer):
                return int(text)
            return UUID(text) if isinstance(kind, sql.Uuid) else text
        except ValueError:
            return None

    def _zone_of(self, table: str, column: str) -> tzinfo:
        """MySQL's TIMESTAMP is UTC inside and comes in the session's zone, which is UTC."""
        stamp = self.kind == "mysql" and type(self.type_of(table, column)).__name__ == "TIMESTAMP"
        return UTC if stamp else self.zone


def recorded(value: object) -> FieldValue:
    """A column's value as the record of changes holds it."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def read_schema(connection: Connection, kind: str, name: str | None, mapping: Mapping) -> Schema:
    """Raises ConfigurationError that lists every table and column that is not there."""
    inspector = inspect(connection)
    tables: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    names = {table: None for table, _, _ in _wanted(mapping)}
    for table in names:
        try:
            found = inspector.get_columns(table, schema=name)
        except NoSuchTableError:
            known = inspector.get_table_names(schema=name)
            problems.append(f"there is no table {table!r}{_meant(table, known)}")
            continue
        tables[table] = {column["name"]: column["type"] for column in found}
    for table, column, place in _wanted(mapping):
        known = list(tables.get(table, {}))
        if table in tables and column not in known:
            problems.append(f"{place}: {table} has no column {column!r}{_meant(column, known)}")
    if problems:
        raise ConfigurationError(
            "\n  ".join([f"{mapping.shown} does not fit the application's database:", *problems]),
            hint="correct the mapping (docs/mapping.md), or ORDERS_DATABASE_URL",
        )
    return Schema(kind, name, tables, mapping.zone)


def _meant(name: str, known: list[str]) -> str:
    lowered = {other.lower(): other for other in known}
    close = difflib.get_close_matches(name.lower(), lowered, n=1)
    return f"; did you mean {lowered[close[0]]!r}?" if close else ""


def _wanted(mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """Table, column and the place in the mapping of everything that it names."""
    tables = {"": mapping.table, **{name: join.table for name, join in mapping.joins.items()}}
    for field, source in mapping.columns.items():
        parts = (source,) if isinstance(source, Column) else ()
        for column in source.parts if isinstance(source, Joined) else parts:
            yield tables[column.join], column.name, f"[columns] {field}"
    for name, join in mapping.joins.items():
        yield mapping.table, join.local, f"[joins.{name}] on"
        yield join.table, join.remote, f"[joins.{name}] on"
    for number, rule in enumerate(mapping.rules, 1):
        for column_name in rule.when:
            yield mapping.table, column_name, f"[[status]] {number}"
    for status, settings in mapping.sets.items():
        for column_name in settings:
            yield mapping.table, column_name, f"[set.{status}]"
    if mapping.invoices is not None:
        invoices = mapping.invoices
        optional = (("updated_at", invoices.updated_at), ("status", invoices.status))
        listed = [("order_id", invoices.order_id), ("number", invoices.number)]
        for entry, column_name_or_none in (*listed, *optional):
            if column_name_or_none:
                yield invoices.table, column_name_or_none, f"[invoices] {entry}"
