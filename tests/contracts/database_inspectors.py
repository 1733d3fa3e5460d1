"""What every StoreInspector and every OrdersInspector promises, real or fake."""

from typing import Protocol

import pytest

from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError, DatabaseError
from stakactl.operations.ports.inspection.databases import (
    Bound,
    OrderSample,
    OrdersInspector,
    StoreInspector,
)


class OpenStore(Protocol):
    def __call__(
        self, *, initialised: bool = True, bound: Bound | None = None
    ) -> StoreInspector: ...


class StoreInspectorContract:
    @pytest.fixture
    def open_store(self) -> OpenStore:
        raise NotImplementedError

    def test_a_new_store(self, open_store: OpenStore) -> None:
        store = open_store()
        schema = store.schema()
        assert (schema.problem, store.mode, store.bound()) == ("", Mode.LIVE, None)
        assert schema.version
        assert schema.where

    def test_whose_it_is(self, open_store: OpenStore) -> None:
        bound = Bound("acct_1", "live")
        assert open_store(bound=bound).bound() == bound

    def test_a_store_that_is_missing(self, open_store: OpenStore) -> None:
        schema = open_store(initialised=False).schema()
        assert "there is no database" in schema.problem
        assert "stakactl db init" in schema.hint


class OpenOrders(Protocol):
    def __call__(
        self,
        *,
        rows: int = 2,
        unreadable: int = 0,
        missing_column: bool = False,
        mapping_exists: bool = True,
        up: bool = True,
    ) -> OrdersInspector:
        """Of `rows` orders `unreadable` cannot be taken."""


class OrdersInspectorContract:
    @pytest.fixture
    def open_orders(self) -> OpenOrders:
        raise NotImplementedError

    def test_a_sound_application(self, open_orders: OpenOrders) -> None:
        orders = open_orders()
        assert orders.mapping()
        assert orders.connect()
        assert orders.fit() == 1
        assert orders.sample() == OrderSample(2, ())

    def test_rows_that_cannot_be_taken(self, open_orders: OpenOrders) -> None:
        sample = open_orders(rows=3, unreadable=1).sample()
        assert (sample.rows, len(sample.problems)) == (3, 1)
        assert sample.problems[0].startswith("order 3: ")

    def test_a_mapping_that_is_not_there(self, open_orders: OpenOrders) -> None:
        orders = open_orders(mapping_exists=False)
        assert orders.connect()
        with pytest.raises(ConfigurationError, match="ORDERS_MAPPING"):
            orders.mapping()

    def test_a_mapping_that_does_not_fit(self, open_orders: OpenOrders) -> None:
        orders = open_orders(missing_column=True)
        assert orders.mapping()
        with pytest.raises(ConfigurationError, match="does not fit"):
            orders.fit()

    def test_a_database_that_is_not_there(self, open_orders: OpenOrders) -> None:
        with pytest.raises(DatabaseError, match="cannot be reached"):
            open_orders(up=False).connect()
