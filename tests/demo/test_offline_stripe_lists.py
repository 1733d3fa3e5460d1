"""Lists: order, cursors, filters — read by the official SDK, page by page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.demo.objects import NOW, make, session
from tests.demo.offline import Offline, offline

#: 300 sessions; 130 of them were created in the same second.
SESSIONS = [
    session(
        number,
        created=NOW - 1000 if 100 <= number < 230 else NOW - 2000 + number,
        customer=f"cus_{number % 3}",
        status="complete" if number % 2 else "open",
    )
    for number in range(300)
]


def newest_first(objects: list[dict[str, Any]]) -> list[str]:
    """Stripe's order, spelled out naively: by second, then whichever came later."""
    order = sorted(enumerate(objects), key=lambda one: (one[1]["created"], one[0]), reverse=True)
    return [obj["id"] for _, obj in order]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, SESSIONS) as running:
        yield running


def test_paging_forward_gives_every_session_once_in_stripes_order(demo: Offline) -> None:
    pages = demo.client.v1.checkout.sessions.list({"limit": 7})
    assert [one.id for one in pages.auto_paging_iter()] == newest_first(SESSIONS)
    assert len(demo.server.requests) == 43


def test_paging_backward_from_the_oldest(demo: Offline) -> None:
    expected = newest_first(SESSIONS)
    pages = demo.client.v1.checkout.sessions.list({"limit": 11, "ending_before": expected[-1]})
    assert [one.id for one in pages.auto_paging_iter()] == list(reversed(expected[:-1]))


def test_a_page_before_a_cursor_is_in_list_order_and_next_to_it(demo: Offline) -> None:
    expected = newest_first(SESSIONS)
    page = demo.client.v1.checkout.sessions.list({"limit": 3, "ending_before": expected[50]})
    assert [one.id for one in page.data] == expected[47:50]
    assert page.has_more


@pytest.mark.parametrize(
    ("created", "keeps"),
    [
        ({"gte": NOW - 1000}, lambda at: at >= NOW - 1000),
        ({"gt": NOW - 1000}, lambda at: at > NOW - 1000),
        ({"gt": NOW - 1950, "lte": NOW - 1000}, lambda at: NOW - 1950 < at <= NOW - 1000),
        ({"lt": NOW - 1990}, lambda at: at < NOW - 1990),
        (NOW - 1000, lambda at: at == NOW - 1000),
    ],
)
def test_created_filters(demo: Offline, created: Any, keeps: Any) -> None:
    pages = demo.client.v1.checkout.sessions.list({"created": created, "limit": 100})
    wanted = newest_first([one for one in SESSIONS if keeps(one["created"])])
    assert [one.id for one in pages.auto_paging_iter()] == [
        id for id in newest_first(SESSIONS) if id in set(wanted)
    ]


def test_filters_combine(demo: Offline) -> None:
    pages = demo.client.v1.checkout.sessions.list({"customer": "cus_1", "status": "complete"})
    wanted = [one for one in SESSIONS if one["customer"] == "cus_1" and one["status"] == "complete"]
    assert {one.id for one in pages.auto_paging_iter()} == {one["id"] for one in wanted}


def test_rows_inserted_while_paging_are_neither_missed_nor_doubled(demo: Offline) -> None:
    """A window with a fixed upper bound sees exactly what it held when it was opened, plus what
    is inserted below the cursor."""
    seen: list[str] = []
    late = 1000
    pages = demo.client.v1.checkout.sessions.list({"limit": 10, "created": {"lte": NOW - 1000}})
    inserted = []
    for one in pages.auto_paging_iter():
        seen.append(str(one.id))
        if len(seen) % 10 == 3:  # in the middle of every page: newer, and in the tied second
            demo.state.put(session(late, created=NOW))
            demo.state.put(session(late + 1, created=NOW - 1000))
            inserted.append(f"cs_live_{late + 1:05}")
            late += 2
    window = [one["id"] for one in SESSIONS if one["created"] <= NOW - 1000]
    assert len(seen) == len(set(seen))
    assert set(seen) - set(inserted) == set(window)


def test_an_updated_object_keeps_its_place(demo: Offline) -> None:
    expected = newest_first(SESSIONS)
    demo.client.v1.checkout.sessions.update(expected[120], {"metadata": {"order_id": "7"}})
    pages = demo.client.v1.checkout.sessions.list({"limit": 100})
    assert [one.id for one in pages.auto_paging_iter()] == expected


def test_deleting_while_paging(tmp_path: Path) -> None:
    customers = [make("customer", f"cus_{number}") for number in range(25)]
    with offline(tmp_path, customers) as demo:
        for customer in demo.client.v1.customers.list({"limit": 4}).auto_paging_iter():
            demo.client.v1.customers.delete(customer.id)
        assert demo.client.v1.customers.list().data == []


def test_a_key_sees_its_own_mode_only(demo: Offline) -> None:
    demo.state.put(make("customer", "cus_test", livemode=False))
    demo.state.put(make("refund", "re_test") | {"_livemode": False})
    assert demo.client.v1.customers.list().data == []
    assert demo.client.v1.refunds.list().data == []
    answer = demo.ask("GET", "/v1/refunds", key="sk_test_offline_0000000000000000")
    assert [refund["id"] for refund in answer.body["data"]] == ["re_test"]
    assert "_livemode" not in answer.body["data"][0]


def test_events_by_type_group_and_age(tmp_path: Path) -> None:
    month = 30 * 24 * 3600
    events = [
        make("event", "evt_1", type="charge.refunded", created=NOW - 10),
        make("event", "evt_2", type="customer.created", created=NOW - 9, pending_webhooks=2),
        make("event", "evt_3", type="charge.succeeded", created=NOW - month),
        make("event", "evt_4", type="charge.succeeded", created=NOW - month - 1),
    ]
    with offline(tmp_path, events) as demo:

        def ids(params: Any) -> list[str]:
            return [event.id for event in demo.client.v1.events.list(params).data]

        assert ids({}) == ["evt_2", "evt_1", "evt_3"]
        assert ids({"type": "charge.*"}) == ["evt_1", "evt_3"]
        assert ids({"types": ["customer.created", "charge.refunded"]}) == ["evt_2", "evt_1"]
        assert ids({"delivery_success": False}) == ["evt_2"]
        assert ids({"created": {"lt": NOW - 9, "gte": 0}}) == ["evt_1", "evt_3"]
        with pytest.raises(stripe.InvalidRequestError, match="No such event: 'evt_4'"):
            demo.client.v1.events.retrieve("evt_4")
        assert demo.ask("GET", "/v1/events?type=a&types[]=b").error["param"] == "type"


def test_subscriptions_leave_out_canceled_ones_unless_asked(tmp_path: Path) -> None:
    states = ["active", "canceled", "past_due", "incomplete_expired"]
    with offline(
        tmp_path, [make("subscription", f"sub_{state}", status=state) for state in states]
    ) as demo:

        def found(params: Any) -> set[str]:
            return {one.status for one in demo.client.v1.subscriptions.list(params).data}

        assert found({}) == {"active", "past_due", "incomplete_expired"}
        assert found({"status": "all"}) == set(states)
        assert found({"status": "ended"}) == {"canceled", "incomplete_expired"}
        assert found({"status": "canceled"}) == {"canceled"}
        (item, *_) = demo.client.v1.subscriptions.retrieve("sub_active")["items"].data
        assert found({"price": item.price.id, "status": "active"}) == {"active"}
        assert found({"price": "price_of_nothing"}) == set()


def test_filters_that_look_into_objects(tmp_path: Path) -> None:
    world = [
        make("product", "prod_1", active=True),
        make("product", "prod_2", active=False),
        make("price", "price_1", product="prod_1", lookup_key="monthly"),
        make("invoice_payment", "inpay_1", payment={"type": "payment_intent"}),
        make(
            "invoice_payment",
            "inpay_2",
            payment={"type": "payment_intent", "payment_intent": "pi_2"},
        ),
        make("balance_transaction", "txn_1") | {"_payout": "po_1"},
        make("balance_transaction", "txn_2"),
        make("payout", "po_1", automatic=True),
        make("payout", "po_2", automatic=False),
        make(
            "checkout.session",
            "cs_1",
            customer_details={"email": "a@b.fr", "phone": None, "tax_exempt": None},
        ),
        make("checkout.session", "cs_2"),
    ]
    with offline(tmp_path, world) as demo:
        api = demo.client.v1
        assert [one.id for one in api.products.list({"active": True}).data] == ["prod_1"]
        assert [one.id for one in api.products.list({"ids": ["prod_2", "x"]}).data] == ["prod_2"]
        assert [one.id for one in api.prices.list({"lookup_keys": ["monthly"]}).data] == ["price_1"]
        payments = api.invoice_payments.list(
            {"payment": {"type": "payment_intent", "payment_intent": "pi_2"}}
        )
        assert [one.id for one in payments.data] == ["inpay_2"]
        paid_out = api.balance_transactions.list({"payout": "po_1"})
        assert [one.id for one in paid_out.data] == ["txn_1"]
        with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
            api.balance_transactions.list({"payout": "po_2"})
        with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
            api.balance_transactions.list({"payout": "po_3"})
        sessions = api.checkout.sessions.list({"customer_details": {"email": "a@b.fr"}})
        assert [one.id for one in sessions.data] == ["cs_1"]
