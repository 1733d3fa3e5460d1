"""The inspector of the application's database and its fake keep the same promises, everywhere."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.applications import Application
from tests.contracts.database_inspectors import OpenOrders, OrdersInspectorContract
from tests.fakes_inspection import FakeOrdersInspector
from tests.services import PostgresqlServer

_NOBODY = "mysql://root@127.0.0.1:1/shop"


@pytest.fixture(params=["mysql", "postgresql", "sqlite"])
def application(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Application]:
    with ExitStack() as opened:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/shop.db"
        elif request.param == "mysql":
            url = request.getfixturevalue("mariadb_url")
        else:
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            name = server.create()
            opened.callback(server.drop, name)
            url = server.url(name)
        yield Application(url, tmp_path)


class TestMappedOrdersInspector(OrdersInspectorContract):
    @pytest.fixture
    def open_orders(self, application: Application) -> OpenOrders:
        def open_orders(
            *,
            rows: int = 2,
            unreadable: int = 0,
            missing_column: bool = False,
            mapping_exists: bool = True,
            up: bool = True,
        ) -> Any:
            application.sell(rows, unreadable)
            return application.inspector(
                title="titel" if missing_column else "title",
                mapping="shop.toml" if mapping_exists else "none.toml",
                url="" if up else _NOBODY,
            )

        return open_orders


class TestFakeOrdersInspector(OrdersInspectorContract):
    @pytest.fixture
    def open_orders(self) -> OpenOrders:
        return FakeOrdersInspector
