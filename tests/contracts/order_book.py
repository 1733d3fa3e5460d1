"""What every OrderBook promises, real or fake."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from stakactl.domain.changes import Change
from stakactl.domain.orders import Nature, Order, OrderLine, OrderStatus
from stakactl.operations.ports import ImportCounts, OrderBook, OrderFilter
from tests.builders import NOW, ORDERED, a_customer, an_order, eur

FULL = an_order(
    lines=(OrderLine("Relecture", 2, eur(20000), Decimal("5.5")), OrderLine("Frais", 1, eur(6800))),
    customer=a_customer(customer_id="u 1", stripe_customer_id="cus_1", company="ACME", siren="1"),
    vat_rate=Decimal("20.0"),
    nature=Nature.MIXED,
    level="pro",
    due_at=NOW,
    updated_at=NOW,
    refunded=eur(100),
    dispute_status="won",
    stripe_payment_intent_id="pi_1",
    invoice_number="X-1",
)
PENDING = an_order(status=OrderStatus.PENDING, paid_at=None)


class OrderBookContract:
    """Subclasses bring the fixture `orders`."""

    def test_an_order_comes_back_as_it_was(self, orders: OrderBook) -> None:
        assert orders.import_orders([FULL]) == ImportCounts(1, 0, 0)
        assert orders.get("A-1") == FULL
        assert orders.count() == 1

    def test_an_unknown_order_is_none(self, orders: OrderBook) -> None:
        assert orders.get("nobody") is None

    def test_a_customer_is_known_by_the_newest_order(self, orders: OrderBook) -> None:
        newer = replace(
            FULL,
            order_id="A-2",
            created_at=ORDERED + timedelta(days=1),
            customer=replace(FULL.customer, company="ACME Europe"),
        )
        orders.import_orders([FULL, newer, an_order(order_id="A-3")])
        assert orders.customer("u 1") == orders.customer("cus_1") == newer.customer
        assert orders.customer("nobody") is None
        assert orders.customer("") is None

    def test_importing_again_changes_nothing(self, orders: OrderBook) -> None:
        orders.import_orders([FULL])
        assert orders.import_orders([FULL]) == ImportCounts(0, 0, 1)

    def test_lines_are_replaced(self, orders: OrderBook) -> None:
        orders.import_orders([FULL])
        shorter = replace(FULL, lines=FULL.lines[1:])
        assert orders.import_orders([shorter]) == ImportCounts(0, 1, 0)
        assert orders.get("A-1") == shorter
        orders.import_orders([replace(FULL, lines=())])
        assert orders.get("A-1") == replace(FULL, lines=())

    def test_newer_wins(self, orders: OrderBook) -> None:
        orders.import_orders([replace(FULL, title="new")])
        old = replace(FULL, title="old", updated_at=NOW - timedelta(days=1))
        assert orders.import_orders([old]) == ImportCounts(0, 0, 1)
        newer = replace(FULL, title="newer", updated_at=NOW + timedelta(days=1))
        assert orders.import_orders([newer]) == ImportCounts(0, 1, 0)
        assert orders.get("A-1") == newer

    def test_an_import_without_a_stamp_is_as_old_as_its_payment(self, orders: OrderBook) -> None:
        orders.import_orders([replace(FULL, title="stamped")])
        assert orders.import_orders([an_order(title="old")]) == ImportCounts(0, 0, 1)

    @pytest.mark.parametrize(
        "status", [OrderStatus.PENDING, OrderStatus.FAILED, OrderStatus.EXPIRED]
    )
    def test_a_settled_order_stays_settled(self, orders: OrderBook, status: OrderStatus) -> None:
        orders.import_orders([an_order()])
        orders.import_orders([an_order(status=status, paid_at=None, title="renamed")])
        assert orders.get("A-1") == an_order(title="renamed")

    def test_what_we_recorded_is_kept_where_the_import_is_silent(self, orders: OrderBook) -> None:
        recorded = an_order(
            status=OrderStatus.PARTIALLY_REFUNDED,
            refunded=eur(100),
            dispute_status="won",
            stripe_payment_intent_id="pi_1",
        )
        orders.import_orders([recorded])
        silent = an_order(stripe_session_id=None, paid_at=None)
        assert orders.import_orders([silent]) == ImportCounts(0, 0, 1)
        assert orders.get("A-1") == recorded

    def test_a_stated_refund_replaces_ours(self, orders: OrderBook) -> None:
        orders.import_orders([an_order(status=OrderStatus.REFUNDED, refunded=eur(46800))])
        orders.import_orders([an_order(refunded=eur(0))])
        assert orders.get("A-1") == an_order(refunded=eur(0))

    def test_an_order_that_is_refunded_is_so_in_full(self, orders: OrderBook) -> None:
        """The part that we recorded is no longer the sum, and a repaired one stays."""
        part = an_order(status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(100))
        orders.import_orders([part])
        orders.import_orders([an_order(status=OrderStatus.REFUNDED)])
        stored = orders.get("A-1")
        assert stored is not None
        assert stored.known_refunded == stored.amount

    def test_an_order_twice_in_one_import_counts_twice(self, orders: OrderBook) -> None:
        twice = [an_order(), an_order(title="second"), an_order(title="second")]
        assert orders.import_orders(twice) == ImportCounts(1, 1, 1)
        assert orders.get("A-1") == an_order(title="second")

    def test_an_import_is_all_or_nothing(self, orders: OrderBook) -> None:
        def broken() -> Iterator[Order]:
            for number in range(2500):
                yield an_order(order_id=f"B-{number}")
            raise RuntimeError("the file ends here")

        with pytest.raises(RuntimeError):
            orders.import_orders(broken())
        assert orders.count() == 0

    def test_a_large_import(self, orders: OrderBook) -> None:
        many = [an_order(order_id=f"B-{number}", lines=FULL.lines) for number in range(2500)]
        assert orders.import_orders(many) == ImportCounts(2500, 0, 0)
        assert orders.import_orders(many) == ImportCounts(0, 0, 2500)
        assert orders.get("B-2499") == many[-1]

    def test_an_empty_import(self, orders: OrderBook) -> None:
        assert orders.import_orders([]) == ImportCounts(0, 0, 0)

    def test_a_preview_counts_and_changes_nothing(self, orders: OrderBook) -> None:
        orders.import_orders([an_order()])
        wanted = [an_order(title="new"), an_order(order_id="A-2"), an_order(order_id="A-2")]
        assert orders.preview_import(wanted) == ImportCounts(1, 1, 1)
        assert orders.get("A-1") == an_order()
        assert orders.count() == 1

    def test_find(self, orders: OrderBook) -> None:
        old = an_order(order_id="A-1", customer=a_customer(name="Élodie 100%", email="e@x.fr"))
        new = an_order(order_id="A-2", status=OrderStatus.PENDING, created_at=NOW, title="Straße_1")
        orders.import_orders([old, new])
        assert orders.find(OrderFilter()) == [new, old]
        assert orders.find(OrderFilter(limit=1)) == [new]
        assert orders.find(OrderFilter(limit=1, offset=1)) == [old]
        assert orders.find(OrderFilter(status=OrderStatus.PAID)) == [old]
        assert orders.find(OrderFilter(since=NOW)) == [new]
        assert orders.find(OrderFilter(until=NOW)) == [old]
        for search in ("a-1", "ÉLODIE", "100%", "E@X"):
            assert orders.find(OrderFilter(search=search)) == [old], search
        for search in ("STRASSE", "e_1"):
            assert orders.find(OrderFilter(search=search)) == [new], search
        assert orders.find(OrderFilter(search="1_0")) == []

    def test_a_change_is_applied_while_the_order_holds_what_was_seen(
        self, orders: OrderBook
    ) -> None:
        orders.import_orders([PENDING])
        paid_at = ORDERED + timedelta(hours=1)
        change = Change(
            "A-1",
            "fnd_1",
            "paid",
            {"status": "pending", "paid_at": None, "stripe_payment_intent_id": None},
            {"status": "paid", "paid_at": paid_at.isoformat(), "stripe_payment_intent_id": "pi_9"},
        )
        assert orders.apply(change, "run_1", NOW)
        paid = replace(
            PENDING, status=OrderStatus.PAID, paid_at=paid_at, stripe_payment_intent_id="pi_9"
        )
        assert orders.get("A-1") == paid
        assert not orders.apply(change, "run_2", NOW)
        assert orders.get("A-1") == paid
        assert orders.apply(change.inverse(), "run_3", NOW)
        assert orders.get("A-1") == PENDING

    def test_a_change_of_the_other_fields(self, orders: OrderBook) -> None:
        orders.import_orders([an_order()])
        change = Change(
            "A-1",
            "fnd_1",
            "refunded",
            {"refunded_minor": None, "dispute_status": None, "stripe_session_id": "cs_live_1"},
            {"refunded_minor": 5, "dispute_status": "lost", "stripe_session_id": None},
        )
        assert orders.apply(change, "run_1", NOW)
        changed = an_order(refunded=eur(5), dispute_status="lost", stripe_session_id=None)
        assert orders.get("A-1") == changed

    def test_a_change_of_an_unknown_order_or_field(self, orders: OrderBook) -> None:
        seen: dict[str, str | int | None] = {"status": "pending"}
        assert not orders.apply(Change("A-1", "f", "r", seen, {"status": "paid"}), "r", NOW)
        with pytest.raises(ValueError, match="title"):
            orders.apply(Change("A-1", "f", "r", {"title": "x"}, {"title": "y"}), "r", NOW)

    def test_a_change_is_taken_back_once(self, orders: OrderBook) -> None:
        """Whoever asks for it again, and whatever the order holds by then."""
        orders.import_orders([PENDING])
        failed = Change("A-1", "fnd_1", "failed", {"status": "pending"}, {"status": "failed"})
        assert orders.apply(failed, "run_1", NOW)
        assert orders.apply(failed.inverse(), "run_2", NOW, undoes=1)
        assert orders.apply(failed, "run_3", NOW)
        assert not orders.apply(failed.inverse(), "run_4", NOW, undoes=1)
        stored = orders.get("A-1")
        assert stored is not None
        assert stored.status is OrderStatus.FAILED
