"""Bulk writes and small helpers that SQLite and PostgreSQL share."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Connection, Table, Text, cast, func, literal, select

Item = TypeVar("Item")
if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = sqlite.Insert | postgresql.Insert
Among = ColumnElement[bool]


def insert_into(connection: Connection, table: Table) -> "Insert":
    """An INSERT that knows ON CONFLICT, in the dialect of the connection.

    Only the dialect in use is loaded: the other would cost a tenth of a command's start.
    """
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows, or overwrite those with the same primary key, as one executemany."""
    if not rows:
        return
    statement = insert_into(connection, table)
    key = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def insert_missing(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert the row unless one with the same unique key exists."""
    statement = insert_into(connection, table).values(**row).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def among(connection: Connection, column: ColumnElement[Any], ids: Iterable[str]) -> Among:
    """Whether the column is one of many ids, passed as ONE parameter: lists of placeholders cost
    more to compile than the query takes to run."""
    wanted = list(ids)
    if connection.dialect.name == "sqlite":
        values = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == func.any(cast(literal(wanted, ARRAY(Text)), ARRAY(Text)))


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
