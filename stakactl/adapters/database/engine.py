"""Connections: SQLite with the guarantees we promise, PostgreSQL with time limits.

SQLite: WAL, synchronous=FULL (a committed number survives a power cut; what is written `relaxed`
need not), foreign keys, and `BEGIN IMMEDIATE` for whatever writes, so that two writers queue
instead of failing half-way. The file is opened with mode=rw: opening never creates one. PostgreSQL:
times in UTC, waiting for locks and idling inside a transaction both end.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from stakactl.adapters.database.failures import translated
from stakactl.errors import ConfigurationError

BUSY_SECONDS = 30
_POSTGRESQL_SETTINGS = {
    "timezone": "UTC",
    "random_page_cost": "1.1",
    "lock_timeout": "15s",
    "idle_in_transaction_session_timeout": "5min",
}
_STALE_STATISTICS = """
    SELECT quote_ident(relname) FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND n_mod_since_analyze > 1000 + n_live_tup / 5
"""
#: What application frameworks add to a URL and libpq does not know.
_FOREIGN_PARAMETERS = frozenset("schema connection_limit pool_timeout pgbouncer".split())


@dataclass(frozen=True, slots=True)
class Location:
    """Where a database is: its URL, a name to show, and the file where it is one."""

    url: URL
    shown: str
    path: Path | None


def locate(url: str) -> Location:
    """Read a database URL; the name to show holds no password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _unusable("it is no database URL") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise _unusable("an SQLite database needs a file")
        path = Path(parsed.database).expanduser().absolute()
        return Location(parsed, str(path), path)
    if backend not in {"postgresql", "postgres"}:
        raise _unusable(f"{backend} is not supported")
    parsed = parsed.set(drivername="postgresql+psycopg")
    host, port, name = parsed.host or "localhost", parsed.port or 5432, parsed.database or ""
    return Location(parsed, f"postgresql://{host}:{port}/{name}", None)


def _unusable(reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"STAKACTL_DATABASE_URL cannot be used: {reason}",
        hint="write sqlite:////path/stakactl.db or postgresql://user:password@host/name",
    )


class Database:
    """One database: short reading and writing transactions, errors translated.

    `looking` leaves even the header of a file alone, which may be somebody else's.
    """

    def __init__(self, location: Location, *, looking: bool = False) -> None:
        self.location = location
        self.is_sqlite = location.path is not None
        self.engine = (
            _sqlite_engine(location.path, looking=looking)
            if location.path
            else _postgresql_engine(location.url)
        )
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writer = self.engine.execution_options(immediate=True)
        self._relaxed = self.engine.execution_options(immediate=True, relaxed=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction: everything in it sees the same moment."""
        with translated(self.location.shown, self.location.path), self._reader.connect() as found:
            yield found

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end, rolled back by an exception."""
        with translated(self.location.shown, self.location.path), self._writer.begin() as found:
            yield found

    @contextmanager
    def write_relaxed(self) -> Iterator[Connection]:
        """A writing transaction that survives the end of this process. In SQLite a power cut may
        undo it, together with nothing that a later `write` committed; elsewhere it is like any."""
        with translated(self.location.shown, self.location.path), self._relaxed.begin() as found:
            yield found

    @contextmanager
    def own_connection(self) -> Iterator[Connection]:
        """A connection for several short transactions that share a temporary table: the caller
        commits each, and each sees one moment."""
        with translated(self.location.shown, self.location.path), self._reader.connect() as found:
            yield found

    @contextmanager
    def trial(self) -> Iterator[Connection]:
        """A writing transaction that is rolled back: what would happen, without its effect."""
        with translated(self.location.shown, self.location.path), self._writer.connect() as found:
            yield found

    def refresh_statistics(self) -> None:
        """Let PostgreSQL's planner know of bulk writes that its autovacuum has not seen yet;
        without, it reads whole tables where it should use an index."""
        if self.is_sqlite:
            return
        with self.write() as connection:
            stale = connection.scalars(text(_STALE_STATISTICS)).all()
            for table in stale:
                connection.execute(text(f"ANALYZE {table}"))

    def close(self) -> None:
        self.engine.dispose()


def _sqlite_engine(path: Path, *, looking: bool) -> Engine:
    uri = f"file:{quote(str(path))}?mode={'ro' if looking else 'rw'}"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        if looking:
            return connection
        try:
            with suppress(sqlite3.OperationalError):  # a read-only file can still be read
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        immediate = options.get("immediate", False)
        if immediate:  # a connection is used again: each transaction says what it needs
            level = "NORMAL" if options.get("relaxed", False) else "FULL"
            connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql_engine(url: URL) -> Engine:
    settings = dict(_POSTGRESQL_SETTINGS)
    schema = url.query.get("schema")
    if isinstance(schema, str):
        settings["search_path"] = schema
    stated = url.query.get("options", "")
    options = " ".join(
        [str(stated), *(f"-c {name}={value}" for name, value in settings.items())]
    ).strip()
    plain = url.difference_update_query([*_FOREIGN_PARAMETERS, "options"])
    arguments = {
        "options": options,
        "connect_timeout": 10,
        "tcp_user_timeout": 30_000,
        "application_name": "stakactl",
    }
    try:
        return create_engine(plain, connect_args=arguments, hide_parameters=True)
    except ImportError:
        raise ConfigurationError(
            "PostgreSQL's driver is not installed",
            hint="type: pip install 'stakactl[postgresql]'",
        ) from None
