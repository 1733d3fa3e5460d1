"""OrdersInspector: an application's database seen through the mapping, some rows of it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from stakactl.adapters.orders.application.application import MappedApplication
from stakactl.adapters.orders.application.connection import ApplicationDatabase
from stakactl.adapters.orders.application.mapping import Mapping, load_mapping
from stakactl.adapters.orders.application.opening import off
from stakactl.adapters.orders.application.schema import read_schema
from stakactl.adapters.orders.application.urls import Location, locate
from stakactl.operations.ports.inspection.databases import OrderSample

_ROWS = 20


class MappedOrdersInspector:
    """Safe from many threads: each look is a connection of its own. `setting` is where `url`
    stands; relative paths of it and of the mapping count from their folders."""

    def __init__(
        self,
        url: str,
        setting: str,
        url_folder: Path,
        mapping: str,
        folder: Path,
        *,
        timeout_seconds: float,
    ) -> None:
        self._url = url
        self._setting = setting
        self._url_folder = url_folder
        self._mapping_name = mapping
        self._folder = folder
        self._timeout = timeout_seconds

    def mapping(self) -> str:
        return self._mapping().shown

    def connect(self) -> str:
        with self._opened() as database, database.read() as connection:
            connection.execute(text("SELECT 1"))
            return database.location.shown

    def fit(self) -> int:
        mapping = self._mapping()
        with self._opened() as database, database.read() as connection:
            schema = read_schema(connection, database.kind, database.location.schema, mapping)
        return len(schema.tables)

    def sample(self) -> OrderSample:
        with self._opened() as database:
            application = MappedApplication(database, self._mapping(), off(), _ROWS)
            with closing(application):
                rows = next(iter(application.everything()), [])
                taken = [application.order_of(row) for row in rows]
        problems = [f"order {each.row.order_id}: {each.problem}" for each in taken if each.problem]
        return OrderSample(len(rows), tuple(problems))

    def _mapping(self) -> Mapping:
        return load_mapping(self._mapping_name, self._folder)

    @contextmanager
    def _opened(self) -> Iterator[ApplicationDatabase]:
        location = locate(self._url, self._setting, self._url_folder)
        with closing(ApplicationDatabase(self._impatient(location), self._setting)) as database:
            yield database

    def _impatient(self, location: Location) -> Location:
        if "connect_timeout" not in location.arguments:
            return location
        limit = {"connect_timeout": max(1, round(self._timeout))}
        return replace(location, arguments=location.arguments | limit)
