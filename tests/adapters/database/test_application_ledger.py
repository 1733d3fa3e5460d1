"""What our store makes of what an application says, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stakactl.adapters.database.store import Store
from stakactl.domain.changes import Change, ChangeState
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.stripe_objects import Event
from stakactl.operations.ports import ApplicationReading, ApplicationRow, ImportCounts, Taken, Told
from tests.builders import NOW, ORDERED, an_order, eur

#: An application that tells no more than states and sessions.
SPARSE = Told(
    frozenset({"stripe_session_id"}), frozenset(OrderStatus) - {OrderStatus.PARTIALLY_REFUNDED}
)
WHOLE = Told(
    frozenset(
        "stripe_session_id stripe_payment_intent_id paid_at refunded_minor invoice_number".split()
    ),
    frozenset(OrderStatus),
)
KNOWN = an_order(
    status=OrderStatus.PARTIALLY_REFUNDED,
    refunded=eur(800),
    dispute_status="won",
    stripe_payment_intent_id="pi_1",
    invoice_number="X-1",
)


def row(order_id: str = "A-1", digest: str = "d") -> ApplicationRow:
    return ApplicationRow(order_id, digest, ORDERED, ())


def taken(order: Order | None, problem: str | None = None, digest: str = "d") -> Taken:
    return Taken(row(order.order_id if order else "A-1", digest), order, problem)


def said(**fields: Any) -> Order:
    """What the application says of A-1: no more than it has columns for."""
    return an_order(**{"paid_at": None, **fields})


def told(store: Store, order: Order, by: Told = SPARSE) -> Order:
    """A-1 as we have it once the application has said so."""
    store.orders.import_orders([KNOWN])
    store.ledger.take([taken(order)], by, NOW)
    found = store.orders.get("A-1")
    assert found is not None
    return found


def test_what_the_application_has_no_place_for_is_kept(store: Store) -> None:
    assert told(store, said(title="new")) == replace(KNOWN, title="new")


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.FAILED, OrderStatus.CANCELLED])
def test_the_application_is_right_about_the_state(store: Store, status: OrderStatus) -> None:
    found = told(store, said(status=status))
    assert (found.status, found.refunded, found.paid_at) == (status, None, None)
    assert found.dispute_status == "won"


def test_a_refund_that_it_tells_is_all_of_it(store: Store) -> None:
    found = told(store, said(status=OrderStatus.REFUNDED))
    assert found.known_refunded == found.amount


def test_a_refund_that_it_takes_back_is_none(store: Store) -> None:
    store.orders.import_orders([an_order(status=OrderStatus.REFUNDED)])
    store.ledger.take([taken(said())], SPARSE, NOW)
    found = store.orders.get("A-1")
    assert found is not None
    assert (found.status, found.known_refunded) == (OrderStatus.PAID, eur(0))


def test_what_it_tells_replaces_ours_also_with_nothing(store: Store) -> None:
    incoming = said(stripe_session_id=None)
    found = told(store, incoming, WHOLE)
    assert found == replace(incoming, dispute_status="won")


def test_an_older_stamp_wins_too(store: Store) -> None:
    store.ledger.take([taken(said(updated_at=NOW))], SPARSE, NOW)
    older = said(updated_at=NOW - timedelta(days=9), status=OrderStatus.FAILED)
    assert store.ledger.take([taken(older)], SPARSE, NOW) == ImportCounts(0, 1, 0)


def test_digests_of_rows_without_a_problem(store: Store) -> None:
    store.ledger.take([taken(said())], SPARSE, NOW)
    assert store.ledger.digests(["A-1", "A-2"]) == {"A-1": "d"}
    store.ledger.take([taken(None, "commandes A-1: no")], SPARSE, NOW)
    assert store.ledger.digests(["A-1"]) == {}
    assert store.ledger.problems() == [("A-1", "commandes A-1: no")]
    assert store.orders.get("A-1") is not None
    store.ledger.take([taken(said())], SPARSE, NOW)
    assert store.ledger.problems() == []


def test_what_is_no_order_any_more_is_deleted(store: Store) -> None:
    store.ledger.take([taken(said())], SPARSE, NOW)
    store.ledger.take([taken(None)], SPARSE, NOW)
    found = store.orders.get("A-1")
    assert found is not None
    assert found.deleted_at == NOW


def test_deleted_orders_live_there_no_more(store: Store) -> None:
    store.orders.import_orders([an_order(order_id="imported")])
    store.ledger.take([taken(said())], SPARSE, NOW)
    assert store.ledger.holds("A-1")
    assert not store.ledger.holds("imported")
    assert list(store.ledger.ids()) == [["A-1"]]
    store.ledger.mark_deleted(["A-1"], NOW)
    store.ledger.mark_deleted(["A-1"], NOW + timedelta(days=1))
    found = store.orders.get("A-1")
    assert found is not None
    assert found.deleted_at == NOW
    assert list(store.ledger.ids()) == []
    store.ledger.take([taken(said())], SPARSE, NOW)
    assert store.orders.get("A-1") == said()


def test_ids_come_in_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stakactl.adapters.database.application.PAGE", 2)
    many = [taken(said(order_id=f"A-{number}")) for number in range(5)]
    store.ledger.take(many, SPARSE, NOW)
    assert [len(page) for page in store.ledger.ids()] == [2, 2, 1]


def test_how_far_it_was_read(store: Store) -> None:
    assert store.ledger.reading() is None
    for source in ("one", "other"):
        reading = ApplicationReading(source, NOW, ORDERED)
        store.ledger.finish(reading)
        assert store.ledger.reading() == reading


CHANGE = Change(
    "A-1",
    "fnd_1",
    "PAID_NOT_RECORDED",
    {"status": "pending", "stripe_payment_intent_id": None, "commandes.paymentStatus": "unpaid"},
    {"status": "paid", "stripe_payment_intent_id": "pi_1", "commandes.paymentStatus": "paid"},
)


def test_an_intent_is_open_until_it_is_settled(store: Store) -> None:
    store.ledger.take([taken(said(status=OrderStatus.PENDING))], SPARSE, NOW)
    intent = store.changes.record(CHANGE, "run-1", NOW, ChangeState.INTENDED)
    (begun,) = store.ledger.open_intents()
    assert (begun.change_id, begun.change) == (intent, CHANGE)
    store.ledger.settle(CHANGE, taken(said()), SPARSE, "run-1", NOW, intent)
    assert store.ledger.open_intents() == []
    order = store.orders.get("A-1")
    assert order is not None
    assert (order.status, order.stripe_payment_intent_id) == (OrderStatus.PAID, "pi_1")
    done = store.changes.find()[0]
    assert (done.state, done.intent_id) == (ChangeState.DONE, intent)
    assert store.ledger.undone_by(CHANGE.inverse()) == done.change_id
    assert store.ledger.undone_by(CHANGE) is None


def test_a_state_that_the_application_does_not_know_is_ours(store: Store) -> None:
    change = Change(
        "A-1",
        "fnd_1",
        "REFUND_NOT_RECORDED",
        {"status": "paid", "refunded_minor": None, "orders.note": None},
        {"status": "partially_refunded", "refunded_minor": 800, "orders.note": "x"},
    )
    store.ledger.take([taken(said())], SPARSE, NOW)
    intent = store.changes.record(change, "run-1", NOW, ChangeState.INTENDED)
    store.ledger.settle(change, taken(said()), SPARSE, "run-1", NOW, intent)
    order = store.orders.get("A-1")
    assert order is not None
    assert (order.status, order.refunded) == (OrderStatus.PARTIALLY_REFUNDED, eur(800))


def test_the_newest_event_about_an_object(store: Store) -> None:
    for number, kind in enumerate(["charge.refunded", "charge.refunded", "charge.updated"]):
        at = NOW + timedelta(minutes=number)
        store.mirror.upsert([Event(f"evt_{number}", at, True, kind, "charge", "ch_1", 0)])
    assert store.ledger.event_about("ch_1", "charge.refunded") == "evt_1"
    assert store.ledger.event_about("ch_2", "charge.refunded") is None
