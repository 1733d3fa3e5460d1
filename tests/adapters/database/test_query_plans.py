"""SQLite finds a batch of orders by their links, never by what nearly all of them are; and a
customer by what is theirs."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from stakactl.adapters.database.store import Store
from tests.builders import a_customer, a_session, an_intent, an_order

#: Lists of ids are read from beginning to end, tables are not.
SCAN = re.compile(r"SCAN (?!json_each|anon|\()|.* ix_findings_open ")


@contextmanager
def statements_of(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile, with its values."""
    asked: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(store.database.engine, "before_cursor_execute", remember)
    yield asked
    event.remove(store.database.engine, "before_cursor_execute", remember)


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Store:
    shutil.copyfile(sqlite_template, tmp_path / "stakactl.db")
    return Store.open(f"sqlite:///{tmp_path}/stakactl.db")


def test_no_batch_is_looked_for_among_all_orders_that_are_not_deleted(store: Store) -> None:
    """A store of a million orders took three seconds for each order it looked at."""
    store.orders.import_orders([an_order(order_id="A-1", stripe_session_id="cs_live_1")])
    store.mirror.upsert([a_session(id="cs_live_1", payment_intent_id="pi_1")])
    with statements_of(store) as asked:
        assert store.cases.case("A-1") is not None
    live = [each for each in asked if "deleted_at IS NULL" in each[0]]
    assert len(live) == 3
    with store.database.read() as connection:
        for statement, values in live:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row[3] for row in plan]
            assert not any("ix_orders_deleted" in step for step in steps), steps
            assert not any(step == "SCAN orders" for step in steps), steps
    store.close()


@pytest.mark.parametrize("name", ["u_1", "cus_1", "lea@example.com", "nobody", "no@example.com"])
def test_a_customer_is_found_and_read_without_a_look_at_all_others(store: Store, name: str) -> None:
    buyer = a_customer(email="lea@example.com", customer_id="u_1", stripe_customer_id="cus_1")
    guest = a_customer(email="lea@example.com")
    store.orders.import_orders(
        [
            an_order(order_id="A-1", stripe_session_id="cs_live_1", customer=buyer),
            an_order(order_id="A-2", stripe_session_id="cs_live_2", customer=guest),
        ]
    )
    store.mirror.upsert([a_session(customer_id="cus_1"), an_intent(customer_id="cus_1")])
    with statements_of(store) as asked:
        for identity in store.customers.find(name):
            store.customers.record(identity)
    assert asked
    with store.database.read() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row[3] for row in plan]
            assert not [step for step in steps if SCAN.match(step)], (statement, steps)
