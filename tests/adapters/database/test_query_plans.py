"""SQLite finds a batch of orders by their links, never by what nearly all of them are."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from stakactl.adapters.database.store import Store
from tests.builders import a_session, an_order


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Store:
    shutil.copyfile(sqlite_template, tmp_path / "stakactl.db")
    return Store.open(f"sqlite:///{tmp_path}/stakactl.db")


def test_no_batch_is_looked_for_among_all_orders_that_are_not_deleted(store: Store) -> None:
    """A store of a million orders took three seconds for each order it looked at."""
    store.orders.import_orders([an_order(order_id="A-1", stripe_session_id="cs_live_1")])
    store.mirror.upsert([a_session(id="cs_live_1", payment_intent_id="pi_1")])
    asked: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(store.database.engine, "before_cursor_execute", remember)
    assert store.cases.case("A-1") is not None
    event.remove(store.database.engine, "before_cursor_execute", remember)
    live = [each for each in asked if "deleted_at IS NULL" in each[0]]
    assert len(live) == 3
    with store.database.read() as connection:
        for statement, values in live:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row[3] for row in plan]
            assert not any("ix_orders_deleted" in step for step in steps), steps
            assert not any(step == "SCAN orders" for step in steps), steps
    store.close()
