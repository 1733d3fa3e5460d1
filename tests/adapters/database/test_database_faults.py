"""Whatever the database or a value does, a person gets a clear error and nothing half-done."""

from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import event

from stakactl.adapters.database import engine
from stakactl.adapters.database.store import Store
from stakactl.domain.money import Money
from stakactl.domain.orders import Order
from stakactl.errors import DatabaseError, DiskError, UsageError
from stakactl.operations.ports import InvoiceFilter
from tests.builders import an_order, eur

MANY = [an_order(order_id=f"A-{number}", title="x" * 500) for number in range(500)]


def with_pragma(store: Store, pragma: str) -> None:
    """Have every further connection of an SQLite store run a pragma."""
    if not store.database.is_sqlite:
        pytest.skip("SQLite only: the server guards its own disk")
    store.database.engine.dispose()

    @event.listens_for(store.database.engine, "connect")
    def _set(connection: Any, record: Any) -> None:
        connection.execute(pragma)


def test_a_full_disk(store: Store) -> None:
    with_pragma(store, "PRAGMA max_page_count = 1")
    with pytest.raises(DiskError, match="full") as caught:
        store.orders.import_orders(MANY)
    assert caught.value.hint
    assert store.orders.count() == 0


def test_a_read_only_file_can_be_read_and_not_written(store: Store) -> None:
    with_pragma(store, "PRAGMA query_only = ON")
    assert store.orders.count() == 0
    with pytest.raises(DiskError, match="cannot be written"):
        store.orders.import_orders(MANY)


def test_a_writer_that_never_ends(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    monkeypatch.setitem(engine._POSTGRESQL_SETTINGS, "lock_timeout", "50ms")
    first, second = Store.open(database_url), Store.open(database_url)
    first.orders.import_orders([an_order()])
    with first.database.write() as connection:
        connection.exec_driver_sql("UPDATE orders SET title = 'mine'")
        with pytest.raises(DatabaseError, match="busy"):
            second.orders.import_orders([an_order(title="theirs")])
    first.close()
    second.close()


@pytest.mark.parametrize(
    "order",
    [
        an_order(title="lone \ud800 surrogate"),
        an_order(amount=Money(2**63, "eur")),
        an_order(title="Léa Martin\x00"),
    ],
    ids=["surrogate", "overflow", "nul"],
)
def test_a_value_that_cannot_be_stored(store: Store, order: Order) -> None:
    if store.database.is_sqlite and "\x00" in order.title:
        pytest.skip("SQLite keeps it")
    with pytest.raises(DatabaseError) as caught:
        store.orders.import_orders([order])
    assert "Martin" not in caught.value.message
    assert store.orders.count() == 0


def test_a_search_that_cannot_be_sent_is_no_traceback(store: Store) -> None:
    sent = nullcontext() if store.database.is_sqlite else pytest.raises(DatabaseError)
    with sent:
        assert store.invoices.find(InvoiceFilter("\x00")) == []


def test_a_refund_in_another_currency_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="A-1"):
        store.orders.import_orders([an_order(refunded=Money(1, "usd"))])
    assert store.orders.count() == 0
    store.orders.import_orders([an_order(refunded=eur(1))])


def test_tables_that_vanished(store: Store) -> None:
    with store.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE order_lines")
    with pytest.raises(DatabaseError, match="lacks something") as caught:
        store.orders.get("A-1")
    assert "db status" in (caught.value.hint or "")


def test_a_row_that_breaks_a_rule_tells_nothing_about_a_person(store: Store) -> None:
    store.runs.start("Léa Martin", "sync", an_order().created_at)
    with pytest.raises(DatabaseError, match="refused a row") as caught:
        store.runs.start("Léa Martin", "sync", an_order().created_at)
    assert "Martin" not in caught.value.message
