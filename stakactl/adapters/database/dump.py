"""The whole store as texts, a JSON object per row, and back: the same from both databases.

Rows are read and written by the types of our tables, so that a backup of SQLite fills PostgreSQL.
A store of an older schema has fewer columns: those that it has are taken, it is restored with that
schema, and the migrations do the rest.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select, text

from stakactl.adapters.database import schema
from stakactl.adapters.database.columns import ExactDecimal, UtcTime
from stakactl.adapters.database.engine import Database, locate
from stakactl.adapters.database.freezing import freeze
from stakactl.adapters.database.lock import SqlRunLock
from stakactl.adapters.database.tables import all_tables
from stakactl.domain.backups import RestoredFrom
from stakactl.domain.plans import StoreIdentity
from stakactl.domain.runs import Mode
from stakactl.errors import BackupDamaged, Refused
from stakactl.operations.ports.backups import Lines, StoreContents

#: Rows that are read or written at once.
_BATCH = 1000
#: No part of it is what says who works in a store now, nor what is added up from the rest.
_LEFT_OUT = frozenset(
    "run_lock figures figure_days figure_months buyer_days buyers figure_buyers".split()
)
_READERS: Mapping[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
}


class SqlStoreDump:
    """`StoreDump` of the database at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def reading(self) -> Iterator[StoreContents]:
        with _opened(self._url) as database:
            status = schema.inspect_schema(database)
            if status.current is None or status.state is schema.SchemaState.NEWER:
                schema.refuse(status)
            with database.read() as connection:
                yield StoreContents(
                    str(status.current),
                    *_identity(connection),
                    ((table.name, _lines(connection, table)) for table in _tables(connection)),
                )

    def restore(
        self,
        revision: str,
        tables: Iterable[tuple[str, Lines]],
        origin: RestoredFrom,
        *,
        replace: bool,
    ) -> Mapping[str, int]:
        schema.require_known(revision)
        schema.create_file(self._url)
        with _opened(self._url) as database:
            state = schema.inspect_schema(database).state
            ours = {schema.SchemaState.CURRENT, schema.SchemaState.OUTDATED}
            if state in ours and not replace:
                _refuse_filled(database)
            elif state is not schema.SchemaState.EMPTY and state not in ours:
                schema.refuse(schema.inspect_schema(database))
            with _excluded(database) if state in ours else nullcontext():
                return _restore(database, revision, tables, origin)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(locate(url))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _excluded(database: Database) -> Iterator[None]:
    with SqlRunLock(database).hold(f"restore-{uuid.uuid4().hex[:8]}", "backup restore"):
        yield


def _tables(connection: Connection) -> list[Table]:
    """The tables that are there, none before one that it refers to."""
    there = set(inspect(connection).get_table_names())
    known = all_tables().sorted_tables
    return [table for table in known if table.name in there and table.name not in _LEFT_OUT]


def _identity(connection: Connection) -> tuple[StoreIdentity, Mode | None]:
    query = text("SELECT store_id, account_id, mode FROM store_info")
    store_id, account_id, mode = connection.execute(query).one()
    return StoreIdentity(store_id, account_id), Mode(mode) if mode else None


def _lines(connection: Connection, table: Table) -> Lines:
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    columns = [column for column in table.columns if column.name in there]
    query = select(*columns).order_by(*table.primary_key.columns)
    names = [column.name for column in columns]
    rows = connection.execute(query.execution_options(yield_per=_BATCH))
    for row in rows:
        yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_text)


def _text(value: object) -> str:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a column holds {type(value).__name__}")


def _refuse_filled(database: Database) -> None:
    with database.read() as connection:
        for table in _tables(connection):
            if table.name != "store_info" and connection.execute(select(table).limit(1)).first():
                raise Refused(
                    f"the database {database.location.shown} is not empty",
                    hint="restore into another one (STAKACTL_DATABASE_URL), or add --replace: "
                    "what it holds is lost then",
                )


def _restore(
    database: Database,
    revision: str,
    tables: Iterable[tuple[str, Lines]],
    origin: RestoredFrom,
) -> Mapping[str, int]:
    """One transaction: whoever looks sees the old store or the new one, which is frozen."""
    with database.write() as connection:
        held = _take_down(connection)
        schema.migrate(connection, revision)
        known = all_tables().tables
        for name, lines in tables:
            if name not in known:
                raise BackupDamaged(f"the backup holds a table {name!r}, which is none of ours")
            _fill(connection, known[name], lines)
        schema.migrate(connection, "head")
        _count_on(connection)
        if held:
            connection.execute(known["run_lock"].insert(), held)
        counts = {table.name: _count(connection, table) for table in _tables(connection)}
        freeze(connection, origin.backup, origin.made_at, origin.restored_at)
        return counts


def _take_down(connection: Connection) -> list[dict[str, Any]]:
    """Drop our tables; the rows of the run lock, which outlive it: we hold it."""
    there = set(inspect(connection).get_table_names())
    known = all_tables()
    lock = known.tables["run_lock"]
    held = [dict(row._mapping) for row in connection.execute(select(lock))] if there else []
    for table in reversed(known.sorted_tables):
        if table.name in there:
            table.drop(connection)
    if schema.VERSION_TABLE in there:
        connection.execute(text(f"DROP TABLE {schema.VERSION_TABLE}"))
    return held


def _fill(connection: Connection, table: Table, lines: Lines) -> None:
    if table.name in _LEFT_OUT:
        return
    readers = {column.name: reader for column in table.columns if (reader := _reader(column.type))}
    rows = (_row(line, table, readers) for line in lines)
    while batch := list(islice(rows, _BATCH)):
        connection.execute(table.insert(), batch)


def _row(line: str, table: Table, readers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
        for name, reader in readers.items():
            if found.get(name) is not None:
                found[name] = reader(found[name])
    except (ValueError, TypeError, ArithmeticError) as error:
        raise BackupDamaged(f"a row of {table.name} cannot be read: {error}") from error
    if unknown := found.keys() - table.columns.keys():
        raise BackupDamaged(f"{table.name} has no column {', '.join(sorted(unknown))}")
    return found


def _reader(kind: Any) -> Callable[[str], Any] | None:
    if isinstance(kind, ExactDecimal):
        return Decimal
    if isinstance(kind, UtcTime):
        return datetime.fromisoformat
    return _READERS.get(kind.python_type)


def _count_on(connection: Connection) -> None:
    """PostgreSQL's sequences go on behind the rows; SQLite's follow by themselves."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables(connection):
        column = table.autoincrement_column
        if column is None:
            continue
        name = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.scalar(name, {"table": table.name, "column": column.name})
        last = connection.scalar(select(func.max(column)))
        if sequence is not None and last is not None:
            connection.execute(select(func.setval(sequence, last)))


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)
