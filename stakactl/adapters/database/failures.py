"""The one translator of SQLAlchemy's and the drivers' errors into ours.

Only the first line of a driver's message is shown: the following lines of PostgreSQL and the
statement that SQLAlchemy appends hold the values of the row, which can be personal data.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from stakactl.errors import DatabaseError, DiskError, StakactlError, StoreForeign, StoreMissing

_INDEX_FILE_BYTES = 32 * 1024
_FULL = re.compile(r"disk is full|No space left|could not extend file", re.IGNORECASE)
_READ_ONLY = re.compile(r"readonly database|read-only|disk I/O error", re.IGNORECASE)
_BUSY = re.compile(r"database is locked|lock timeout|deadlock detected|could not serialize")
_NO_SCHEMA = re.compile(r"no such (table|column)|relation .* does not exist|column .* not exist")
_CREDENTIALS = re.compile(r"password|authentication|role .* does not exist|no pg_hba.conf")
_UNREACHABLE = re.compile(r"connection|server closed|timeout expired|could not (connect|translate)")
_SECRET = re.compile(r"(?i)(password\s*=\s*|://[^:/@\s]+:)[^@\s]+")


@contextmanager
def translated(where: str, path: Path | None = None) -> Iterator[None]:
    """Errors of the database inside the block leave it as StakactlErrors.

    `where` names the database without its password; `path` is the file of an SQLite one.
    """
    try:
        yield
    except DBAPIError as error:
        raise translate(error, where, path) from error
    except StatementError as error:  # raised by a column type, not by the database
        if isinstance(error.orig, Exception):
            raise error.orig from None
        raise
    except SQLAlchemyError as error:
        text = f"the database {where} failed: {type(error).__name__}"
        raise DatabaseError(text, hint="run again with --debug") from error
    except (UnicodeEncodeError, OverflowError) as error:
        text = f"the database {where} cannot hold a value: {type(error).__name__}"
        raise DatabaseError(text, hint="correct the data and import it again") from error


def translate(error: DBAPIError, where: str, path: Path | None) -> StakactlError:
    """What a driver's error means to a person, and what to do about it."""
    reason = first_line(error)
    if _FULL.search(reason) or ("disk I/O error" in reason and _has_no_room(path)):
        return DiskError(f"the disk of the database {where} is full", hint="free some space")
    if path is not None:
        return _sqlite(reason, where, path, error)
    return _postgresql(reason, where, error)


def _has_no_room(path: Path | None) -> bool:
    """Where not even its index file fits, SQLite says "disk I/O error"."""
    if path is None or not path.exists():
        return False
    return shutil.disk_usage(path).free < _INDEX_FILE_BYTES


def _sqlite(reason: str, where: str, path: Path, error: DBAPIError) -> StakactlError:
    if _READ_ONLY.search(reason) or "attempt to write" in reason:
        hint = "make the file and its folder writable for this user"
        return DiskError(f"the database {where} cannot be written: {reason}", hint=hint)
    if "unable to open" in reason:
        if not path.exists():
            return missing(where)
        hint = "check the permissions of the file and of its folder"
        return DiskError(f"the database {where} cannot be opened", hint=hint)
    if "not a database" in reason:
        hint = "set STAKACTL_DATABASE_URL to stakactl's own database"
        return StoreForeign(f"{where} is no SQLite database", hint=hint)
    if "malformed" in reason:
        hint = "stop writing to it and restore a backup: stakactl backup restore"
        return DatabaseError(f"the database {where} is damaged", hint=hint)
    return _either(reason, where, error)


def _postgresql(reason: str, where: str, error: DBAPIError) -> StakactlError:
    if getattr(error.orig, "sqlstate", None) == "3D000" or re.search(
        r'database "[^"]*" does not exist', reason
    ):
        return missing_on_server(where)
    if _NO_SCHEMA.search(reason):
        return _either(reason, where, error)
    if _CREDENTIALS.search(reason):
        hint = "check user, password and host in STAKACTL_DATABASE_URL"
        return DatabaseError(f"the database {where} refused us: {reason}", hint=hint)
    if _UNREACHABLE.search(reason) and not _BUSY.search(reason):
        hint = "check that the server runs and that STAKACTL_DATABASE_URL names it"
        return DatabaseError(f"the database {where} cannot be reached: {reason}", hint=hint)
    return _either(reason, where, error)


def _either(reason: str, where: str, error: DBAPIError) -> StakactlError:
    if _BUSY.search(reason):
        hint = "another process writes for long; try again"
        return DatabaseError(f"the database {where} is busy: {reason}", hint=hint)
    if _NO_SCHEMA.search(reason):
        hint = "look at it with: stakactl db status"
        return DatabaseError(f"the database {where} lacks something: {reason}", hint=hint)
    if isinstance(error, IntegrityError):
        return DatabaseError(f"the database {where} refused a row: {reason}")
    return DatabaseError(f"the database {where} failed: {reason}")


def missing(where: str) -> StoreMissing:
    """No database at `where`; nothing but `init` may create one."""
    return StoreMissing(
        f"there is no database of stakactl at {where}",
        hint="type `stakactl init` or `stakactl db init`; in cron, check the folder it starts in",
    )


def missing_on_server(where: str) -> StoreMissing:
    """The PostgreSQL server has no such database; creating it is its administrator's."""
    hint = "create it (createdb), then type: stakactl db init"
    return StoreMissing(f"there is no database {where}", hint=hint)


def first_line(error: DBAPIError) -> str:
    """The driver's own words without the row, the statement or a password."""
    text = str(error.orig).strip() or type(error.orig).__name__
    return _SECRET.sub(r"\1***", text.splitlines()[0])
