"""Making, upgrading and judging the schema.

Opening the store compares the version table with `HEAD`; only `init_database` and `upgrade` load
alembic, which costs as much as everything else together. A test holds `REVISIONS` against the
migrations. The version table has a name of its own, so that an application's alembic and ours
can never be mistaken for each other.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, inspect, text

from stakactl.adapters.database.engine import Database, Location, locate
from stakactl.adapters.database.failures import missing, missing_on_server
from stakactl.errors import DiskError, StoreForeign, StoreMissing, StoreOutdated

if TYPE_CHECKING:
    from alembic.config import Config

Result = TypeVar("Result")

#: Every revision of the schema, oldest first.
REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
HEAD = REVISIONS[-1]
VERSION_TABLE = "stakactl_version"
MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaState(StrEnum):
    MISSING = "missing"
    EMPTY = "empty"
    CURRENT = "current"
    OUTDATED = "outdated"
    NEWER = "newer"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """`url` holds no password; `current` is None where no schema of ours is."""

    url: str
    current: str | None
    head: str
    state: SchemaState

    @property
    def is_outdated(self) -> bool:
        return self.state is SchemaState.OUTDATED


def schema_status(url: str) -> SchemaStatus:
    """What is there, without changing anything."""
    return _at(locate(url), inspect_schema)


def inspect_schema(database: Database) -> SchemaStatus:
    """The state of a database that can be opened."""
    try:
        with database.read() as connection:
            current, state = _judge(connection)
    except StoreMissing:
        current, state = None, SchemaState.MISSING
    return SchemaStatus(database.location.shown, current, HEAD, state)


def _judge(connection: Connection) -> tuple[str | None, SchemaState]:
    inspector = inspect(connection)
    if not inspector.has_table(VERSION_TABLE):
        foreign = bool(inspector.get_table_names() or inspector.get_view_names())
        return None, SchemaState.FOREIGN if foreign else SchemaState.EMPTY
    version = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    if version == HEAD:
        return HEAD, SchemaState.CURRENT
    if version is None:
        return None, SchemaState.FOREIGN
    known = str(version) in REVISIONS
    return str(version), SchemaState.OUTDATED if known else SchemaState.NEWER


def require_current(database: Database) -> None:
    """Raise what keeps this database from being used as it is."""
    refuse(inspect_schema(database))


def refuse(status: SchemaStatus) -> None:
    """Raise what keeps a database in this state from being used."""
    where = status.url
    if status.state is SchemaState.MISSING and where.startswith("postgresql://"):
        raise missing_on_server(where)
    if status.state in {SchemaState.MISSING, SchemaState.EMPTY}:
        raise missing(where)
    if status.state is SchemaState.OUTDATED:
        raise StoreOutdated(
            f"the database {where} has schema {status.current}, stakactl needs {status.head}",
            hint="type: stakactl db upgrade (it makes a backup first)",
        )
    if status.state is SchemaState.NEWER:
        raise StoreOutdated(
            f"the database {where} has schema {status.current}, newer than this stakactl",
            hint="upgrade stakactl: pip install --upgrade stakactl",
        )
    if status.state is SchemaState.FOREIGN:
        raise StoreForeign(
            f"the database {where} holds tables that are not stakactl's",
            hint="give stakactl a database (or PostgreSQL schema) of its own in "
            "STAKACTL_DATABASE_URL",
        )


def init_database(url: str) -> bool:
    """Create the schema, and an SQLite file with its folder. True when it was not there before.

    Our own current database is left alone; one that holds somebody else's tables is refused.
    """
    create_file(url)
    return _at(locate(url), _create_schema)


def upgrade(url: str) -> SchemaStatus:
    """Run the pending migrations in one transaction; the status from before them.

    Excludes other locked runs and raises LockHeld while one is under way.
    """
    return _at(locate(url), _upgrade)


def _at(location: Location, work: Callable[[Database], Result]) -> Result:
    database = Database(location)
    try:
        return work(database)
    finally:
        database.close()


def require_known(revision: str) -> None:
    """Refuse the schema of a newer stakactl."""
    if revision not in REVISIONS:
        raise StoreOutdated(
            f"schema {revision} is newer than this stakactl, which knows {HEAD}",
            hint="upgrade stakactl: pip install --upgrade stakactl",
        )


def create_file(url: str) -> None:
    """An empty file for SQLite, which only its owner can read: it will hold personal data."""
    path = locate(url).path
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DiskError(
            f"the database {path} cannot be created: {error.strerror}",
            hint="check the folder and its permissions (STAKACTL_HOME)",
        ) from error


def _create_schema(database: Database) -> bool:
    with database.write() as connection:
        current, state = _judge(connection)
        if state is SchemaState.EMPTY:
            migrate(connection, "head")
            _introduce(connection)
            return True
        if state is not SchemaState.CURRENT:
            refuse(SchemaStatus(database.location.shown, current, HEAD, state))
        return False


def _introduce(connection: Connection) -> None:
    """The one row that says which store this is."""
    from stakactl.adapters.database.tables.store import store_info

    row = {"id": 1, "store_id": uuid.uuid4().hex, "created_at": datetime.now(UTC)}
    connection.execute(store_info.insert(), row)


def _upgrade(database: Database) -> SchemaStatus:
    from stakactl.adapters.database.lock import SqlRunLock

    before = inspect_schema(database)
    if before.state is SchemaState.CURRENT:
        return before
    if before.state is not SchemaState.OUTDATED:
        refuse(before)
    run_id = f"upgrade-{uuid.uuid4().hex[:8]}"
    with SqlRunLock(database).hold(run_id, "db upgrade"), database.write() as connection:
        migrate(connection, "head")
    return before


def alembic_config() -> "Config":
    """Alembic's configuration without an ini file: the scripts travel inside the package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(connection: Connection, revision: str) -> None:
    """Run the migrations up to `revision`, or "head", in the caller's transaction."""
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
