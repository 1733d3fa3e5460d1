"""Connections to an application's database: reading ones that cannot write, and writing ones.

Every statement and every wait for a lock ends by itself: a night must not hang on somebody else's
database, nor hold it up. Times are UTC, text is UTF-8 (utf8mb4).
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from stakactl.adapters.database.failures import first_line
from stakactl.adapters.orders.application.urls import Location
from stakactl.errors import ConfigurationError, DatabaseError

STATEMENT_SECONDS = 120
LOCK_SECONDS = 15
_DRIVERS = {"mysql": "mysql", "postgresql": "postgresql"}
#: The name of a user and the address that a server refused help nobody who reads a report.
_REFUSED = re.compile(r"denied|password|authentication|role .* does not exist|no pg_hba", re.I)
_NO_DATABASE = re.compile(r"Unknown database|database .* does not exist", re.I)
_UNREACHABLE = re.compile(
    r"connect|server closed|gone away|timed? ?out|could not (translate|resolve)|unable to open",
    re.I,
)
_SLOW = re.compile(
    r"statement timeout|max_statement_time|execution time|lock wait|database is lock"
)


class ApplicationDatabase:
    """One application's database. Opening it connects to nothing."""

    def __init__(self, location: Location, setting: str) -> None:
        self.location = location
        self._setting = setting
        self._engines: dict[bool, Engine] = {}

    @property
    def kind(self) -> str:
        return self.location.kind

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction: everything in it sees the same moment."""
        with self._translated(), self._engine(writing=False).connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction: committed at the end, rolled back by an exception."""
        with self._translated(), self._engine(writing=True).begin() as connection:
            yield connection

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()

    def _engine(self, *, writing: bool) -> Engine:
        if writing not in self._engines:
            self._engines[writing] = self._create(writing=writing)
        return self._engines[writing]

    def _create(self, *, writing: bool) -> Engine:
        if self.location.path is not None:
            return _sqlite_engine(self.location, writing=writing)
        arguments = dict(self.location.arguments)
        if self.kind == "postgresql" and not writing:
            arguments["options"] += " -c default_transaction_read_only=on"
        level = "READ COMMITTED" if writing else "REPEATABLE READ"
        try:
            engine = create_engine(
                self.location.url,
                connect_args=arguments,
                hide_parameters=True,
                isolation_level=level,
                pool_pre_ping=True,
            )
        except ImportError:
            raise ConfigurationError(
                f"the driver for {self.location.shown} is not installed",
                hint=f"type: pip install 'stakactl[{_DRIVERS[self.kind]}]'",
            ) from None
        if self.kind == "mysql":
            event.listen(engine, "connect", _mysql_session(writing=writing))
        return engine

    @contextmanager
    def _translated(self) -> Iterator[None]:
        where = f"the application's database {self.location.shown}"
        try:
            yield
        except DBAPIError as error:
            raise self._meaning(error, where) from error
        except SQLAlchemyError as error:
            raise DatabaseError(
                f"{where} failed: {type(error).__name__}", hint="run again with --debug"
            ) from error

    def _meaning(self, error: DBAPIError, where: str) -> DatabaseError | ConfigurationError:
        reason = _plain(first_line(error))
        if _NO_DATABASE.search(reason):
            return ConfigurationError(f"{where} does not exist", hint=f"check {self._setting}")
        if _REFUSED.search(reason):
            hint = f"check user, password and host in {self._setting}, and what the user may do"
            return DatabaseError(f"{where} refused us: {reason}", hint=hint)
        if _SLOW.search(reason):
            hint = "it is busy; try again, or ask who holds the tables"
            return DatabaseError(f"{where} took too long: {reason}", hint=hint)
        if _UNREACHABLE.search(reason):
            hint = f"check that the server runs and that {self._setting} names it"
            return DatabaseError(f"{where} cannot be reached: {reason}", hint=hint)
        return DatabaseError(f"{where} failed: {reason}", hint="run again with --debug")


def _plain(reason: str) -> str:
    """`(1045, "Access denied …")` of PyMySQL without its number."""
    match = re.fullmatch(r"""\((\d+), ['"](.*)['"]\)""", reason)
    return match[2] if match else reason


def _mysql_session(*, writing: bool) -> Any:
    def prepare(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT VERSION()")
            version = str(cursor.fetchone()[0])
            limit = (
                f"max_statement_time = {STATEMENT_SECONDS}"
                if "mariadb" in version.lower()
                else f"max_execution_time = {STATEMENT_SECONDS * 1000}"
            )
            cursor.execute(
                f"SET SESSION time_zone = '+00:00', lock_wait_timeout = {LOCK_SECONDS}, "
                f"innodb_lock_wait_timeout = {LOCK_SECONDS}, {limit}"
            )
            if not writing:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
        finally:
            cursor.close()

    return prepare


def _sqlite_engine(location: Location, *, writing: bool) -> Engine:
    uri = f"file:{quote(str(location.path))}?mode={'rw' if writing else 'ro'}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None, check_same_thread=False
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
