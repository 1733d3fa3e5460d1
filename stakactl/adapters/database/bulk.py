"""Bulk writes and small helpers that SQLite and PostgreSQL share.

A sync writes millions of rows, so an upsert is one statement prepared once per table, and its
values go to the driver as they are: SQLAlchemy's own executemany costs as much as the database.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    Text,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError

Item = TypeVar("Item")
if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = sqlite.Insert | postgresql.Insert
Among = ColumnElement[bool]

#: From so many rows on, PostgreSQL takes them faster as one COPY than one by one.
COPY_FROM = 100


def insert_into(connection: Connection, table: Table) -> "Insert":
    """An INSERT that knows ON CONFLICT, in the dialect of the connection.

    Only the dialect in use is loaded: the other would cost a tenth of a command's start.
    """
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, or overwrite those with the same primary key: no key twice, and the same
    columns in every row. Columns that they do not name are kept."""
    if not rows:
        return
    form = _form(connection.dialect, table, tuple(rows[0]))
    values = form.encoded(rows)
    if connection.dialect.name == "sqlite" or len(rows) < COPY_FROM:
        connection.exec_driver_sql(form.upsert, values)
    else:
        _copy(connection, table, form, values)


class _Form:
    """How rows with these columns are written into a table."""

    def __init__(self, dialect: Dialect, table: Table, names: tuple[str, ...]) -> None:
        key = [column.name for column in table.primary_key]
        mark = "?" if dialect.name == "sqlite" else "%s"
        self.columns = ", ".join(map(_quoted, names))
        marks = ", ".join([mark] * len(names))
        changed = [_quoted(name) for name in names if name not in key]
        kept = ", ".join(f"{name} = excluded.{name}" for name in changed)
        action = f"DO UPDATE SET {kept}" if changed else "DO NOTHING"
        self.conflict = f"ON CONFLICT ({', '.join(map(_quoted, key))}) {action}"
        into = f"INSERT INTO {_quoted(table.name)} ({self.columns})"
        self.into = into
        self.upsert = f"{into} VALUES ({marks}) {self.conflict}"
        self._pick = itemgetter(*names)
        self._encoders = [
            (place, encode)
            for place, name in enumerate(names)
            if (encode := _encoder(dialect, table, name)) is not None
        ]

    def encoded(self, rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """The values in the order of the columns, as the driver takes them; column by column,
        because a loop over the values of each row would take longer than writing it."""
        columns: list[Iterable[Any]] = list(zip(*map(self._pick, rows), strict=True))
        for place, encode in self._encoders:
            columns[place] = map(encode, columns[place])
        return list(zip(*columns, strict=True))


@lru_cache(maxsize=256)
def _form(dialect: Dialect, table: Table, names: tuple[str, ...]) -> _Form:
    return _Form(dialect, table, names)


def _encoder(dialect: Dialect, table: Table, name: str) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Boolean):
        return None  # both drivers take it as it is
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _copy(
    connection: Connection, table: Table, form: _Form, values: Sequence[tuple[Any, ...]]
) -> None:
    """COPY into a temporary table, and from there by one statement."""
    incoming = _quoted(f"incoming_{table.name}")
    name = _quoted(table.name)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming} "
        f"(LIKE {name} INCLUDING DEFAULTS) ON COMMIT DROP"
    )
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {incoming} ({form.columns}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in values:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(statement, None, error, base) from error
    taken = f"{form.into} SELECT {form.columns} FROM {incoming} {form.conflict}"  # noqa: S608
    connection.exec_driver_sql(taken)
    connection.exec_driver_sql(f"TRUNCATE {incoming}")


def _quoted(name: str) -> str:
    return f'"{name}"'


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
