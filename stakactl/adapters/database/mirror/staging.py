"""Ids found by set-based queries, kept in a temporary table and read back page by page.

They may be a million, so they stay in the database; and they are found in one moment, so they
cannot be found again for each page. The table is the connection's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, Table, literal, tuple_

from stakactl.adapters.database.bulk import insert_into
from stakactl.adapters.database.engine import Database


@contextmanager
def staged(database: Database, table: Table) -> Iterator[Connection]:
    """A connection with the empty temporary table, which is gone afterwards."""
    with database.own_connection() as connection:
        table.create(connection)
        try:
            yield connection
        finally:
            connection.rollback()
            table.drop(connection, checkfirst=True)
            connection.commit()


def stage(connection: Connection, table: Table, rows: Select[Any]) -> None:
    """Add the rows that are not there yet."""
    names = [column.name for column in table.columns]
    statement = insert_into(connection, table).from_select(names, rows)
    connection.execute(statement.on_conflict_do_nothing())


def pages(connection: Connection, query: Select[Any], size: int) -> Iterator[list[Any]]:
    """The rows of a query in the order of its columns. Each page is a short transaction: nothing
    is held while the caller works."""
    columns = list(query.selected_columns)
    ordered = query.order_by(*columns).limit(size)
    wanted = ordered
    while True:
        found = list(connection.execute(wanted).all())
        connection.commit()
        if found:
            yield found
        if len(found) < size:
            return
        last = (
            literal(value, column.type) for value, column in zip(found[-1], columns, strict=True)
        )
        wanted = ordered.where(tuple_(*columns) > tuple_(*last))
