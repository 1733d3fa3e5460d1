"""SQLite finds what it is asked for by an index, never by what nearly all rows are."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from stakactl.adapters.database.receivables.book import SqlReceivableBook
from stakactl.adapters.database.store import Store
from stakactl.domain.orders import OrderStatus
from tests.builders import NOW, a_customer, a_session, an_intent, an_order

#: Lists of ids are read from beginning to end, tables are not.
SCAN = re.compile(r"SCAN (?!json_each|anon|\()|.* ix_findings_open ")


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Iterator[Store]:
    shutil.copyfile(sqlite_template, tmp_path / "stakactl.db")
    store = Store.open(f"sqlite:///{tmp_path}/stakactl.db")
    yield store
    store.close()


def plans(store: Store, work: Callable[[], object], about: str = "") -> list[list[str]]:
    """The steps of every statement about something that `work` asks."""
    asked: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    event.listen(store.database.engine, "before_cursor_execute", remember)
    work()
    event.remove(store.database.engine, "before_cursor_execute", remember)
    with store.database.read() as connection:
        return [
            [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in asked
            if about in text
        ]


def test_no_batch_is_looked_for_among_all_orders_that_are_not_deleted(store: Store) -> None:
    """A store of a million orders took three seconds for each order it looked at."""
    store.orders.import_orders([an_order(order_id="A-1", stripe_session_id="cs_live_1")])
    store.mirror.upsert([a_session(id="cs_live_1", payment_intent_id="pi_1")])
    found = plans(store, lambda: store.cases.case("A-1"), "deleted_at IS NULL")
    assert len(found) == 3
    for steps in found:
        assert not any("ix_orders_deleted" in step for step in steps), steps
        assert not any(step == "SCAN orders" for step in steps), steps


def test_what_is_due_is_walked_by_its_due_date(store: Store) -> None:
    """Every page of reminders looked at all invoices, and sorted what was left."""
    due = [NOW - timedelta(days=days) for days in (10, 11)]
    pending = {"status": OrderStatus.PENDING, "paid_at": None}
    store.orders.import_orders(
        [an_order(order_id=f"A-{at.day}", due_at=at, **pending) for at in due]
    )
    book = SqlReceivableBook(store.database, page=1)
    found = plans(store, lambda: list(book.overdue(NOW)), "due_at IS NOT NULL")
    assert len(found) == 5  # a page of invoices and of Stripe's, three of orders: the last is empty
    for steps in found:
        assert any("_due (" in step for step in steps), steps
        assert not any("TEMP B-TREE" in step for step in steps), steps


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

    def read() -> None:
        for identity in store.customers.find(name):
            store.customers.record(identity)

    found = plans(store, read)
    assert found
    for steps in found:
        assert not [step for step in steps if SCAN.match(step)], steps
