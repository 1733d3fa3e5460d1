"""StoreInspector: the store as it is, which is never created, upgraded or bound by looking."""

from collections.abc import Iterator
from contextlib import contextmanager

from stakactl.adapters.database.binding import SqlStoreBinding
from stakactl.adapters.database.engine import Database, locate
from stakactl.adapters.database.schema import inspect_schema, refuse
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError
from stakactl.operations.ports.inspection.databases import Bound, StoreSchema


class SqlStoreInspector:
    """Safe from many threads: each look is a connection of its own."""

    def __init__(self, url: str, mode: Mode | None) -> None:
        self._url = url
        self._mode = mode

    @property
    def mode(self) -> Mode | None:
        return self._mode

    def schema(self) -> StoreSchema:
        with self._opened() as database:
            status = inspect_schema(database)
        try:
            refuse(status)
        except ConfigurationError as error:
            return StoreSchema(status.url, status.current or "", error.message, error.hint or "")
        return StoreSchema(status.url, status.current or "")

    def bound(self) -> Bound | None:
        with self._opened() as database:
            found = SqlStoreBinding(database).bound()
        return None if found is None else Bound(*found)

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        database = Database(locate(self._url), looking=True)
        try:
            yield database
        finally:
            database.close()
