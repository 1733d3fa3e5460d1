"""The inspector of the store and its fake keep the same promises, on SQLite and PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stakactl.adapters.database.inspector import SqlStoreInspector
from stakactl.adapters.database.store import Store
from stakactl.domain.runs import Mode
from stakactl.errors import DatabaseError
from stakactl.operations.ports.inspection.databases import Bound
from tests.contracts.database_inspectors import OpenStore, StoreInspectorContract
from tests.fakes_inspection import FakeStoreInspector


class TestSqlStoreInspector(StoreInspectorContract):
    @pytest.fixture
    def open_store(self, database_url: str, tmp_path: Path) -> OpenStore:
        def open_store(
            *, initialised: bool = True, bound: Bound | None = None
        ) -> SqlStoreInspector:
            if bound is not None:
                store = Store.open(database_url)
                store.binding.bind(bound.account_id, Mode(bound.mode))
                store.close()
            url = database_url if initialised else f"sqlite:///{tmp_path}/none.db"
            return SqlStoreInspector(url, Mode.LIVE)

        return open_store


class TestFakeStoreInspector(StoreInspectorContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return FakeStoreInspector


def test_looking_creates_nothing(empty_database_url: str, tmp_path: Path) -> None:
    schema = SqlStoreInspector(empty_database_url, None).schema()
    assert "there is no database of stakactl" in schema.problem
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_nothing_of_a_file_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    before = path.read_bytes()
    schema = SqlStoreInspector(f"sqlite:///{path}", None).schema()
    assert "not stakactl's" in schema.problem
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_a_server_that_is_down_keeps_the_password() -> None:
    store = SqlStoreInspector("postgresql://us:secret-sentinel@127.0.0.1:1/stakactl", None)
    with pytest.raises(DatabaseError, match="cannot be reached") as caught:
        store.schema()
    assert "secret-sentinel" not in f"{caught.value.message} {caught.value.hint}"
