"""What requests change, and the events that tell of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.demo.objects import NOW, make, one_of_each
from tests.demo.offline import TEST_KEY, Offline, offline


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, one_of_each()) as running:
        yield running


def events(demo: Offline) -> list[dict[str, Any]]:
    """What happened since the world was made, oldest first."""
    found = demo.state.list("event", limit=100).objects
    return [event for event in reversed(found) if event["id"] != "evt_1"]


def test_a_customers_life(demo: Offline) -> None:
    api = demo.client.v1.customers
    customer = api.create({"email": "a@b.fr", "metadata": {"a": "1", "b": "2"}})
    api.update(customer.id, {"name": "Anne", "metadata": {"a": "", "c": "3"}})
    changed = api.retrieve(customer.id).to_dict()
    assert (changed["name"], changed["metadata"]) == ("Anne", {"b": "2", "c": "3"})
    assert api.delete(customer.id).deleted
    assert api.retrieve(customer.id).deleted
    assert customer.id not in [one.id for one in api.list().data]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        api.update(customer.id, {"name": "Zoé"})
    created, updated, deleted = events(demo)
    assert [created["type"], updated["type"], deleted["type"]] == [
        "customer.created",
        "customer.updated",
        "customer.deleted",
    ]
    assert updated["data"]["previous_attributes"] == {
        "metadata": {"a": "1", "c": None},
        "name": None,
    }
    assert deleted["data"]["object"]["name"] == "Anne"
    assert created["created"] == NOW


def test_a_tombstone_holds_no_personal_data(demo: Offline) -> None:
    demo.client.v1.customers.delete("cus_1")
    with demo.state.transaction() as connection:
        row = connection.execute("SELECT * FROM objects WHERE id = 'cus_1'").fetchone()
    assert "jean@example.com" not in str(row)


def test_other_deleted_kinds_are_gone(demo: Offline) -> None:
    demo.client.v1.products.delete("prod_2")
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        demo.client.v1.products.retrieve("prod_2")
    with pytest.raises(stripe.InvalidRequestError, match="user-created prices"):
        demo.client.v1.products.delete("prod_1")


def test_refunds_move_the_charge_the_money_and_the_events(demo: Offline) -> None:
    api = demo.client.v1
    refund = api.refunds.create({"payment_intent": "pi_1", "amount": 2000})
    charge = api.charges.retrieve("ch_1", {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (2000, False)
    assert charge.refunds is not None
    assert [one.id for one in charge.refunds.data] == [refund.id, "re_1"]
    movement = api.balance_transactions.retrieve(str(refund.balance_transaction))
    assert (movement.amount, movement.net, movement.type) == (-2000, -2000, "refund")
    assert movement.source == refund.id
    with pytest.raises(stripe.InvalidRequestError, match=r"greater than unrefunded") as caught:
        api.refunds.create({"charge": "ch_1", "amount": 3001})
    assert caught.value.param == "amount"
    api.refunds.create({"charge": "ch_1"})
    assert api.charges.retrieve("ch_1").refunded
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.refunds.create({"charge": "ch_1"})
    assert caught.value.code == "charge_already_refunded"
    assert [event["type"] for event in events(demo)] == ["refund.created", "charge.refunded"] * 2
    assert events(demo)[1]["data"]["previous_attributes"] == {"amount_refunded": 0}


def test_what_cannot_be_refunded(demo: Offline) -> None:
    for form, status, code in (
        ("", 400, None),
        ("charge=ch_none", 400, "resource_missing"),
        ("payment_intent=pi_new", 400, None),
        ("charge=ch_held", 400, "charge_not_refundable"),
    ):
        answer = demo.ask("POST", "/v1/refunds", form)
        assert (answer.status, answer.error.get("code")) == (status, code)


def test_a_payment_is_confirmed_and_charged(demo: Offline) -> None:
    api = demo.client.v1.payment_intents
    intent = api.create({"amount": 10000, "currency": "EUR", "customer": "cus_1"})
    assert (intent.status, intent.currency) == ("requires_payment_method", "eur")
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        api.confirm(intent.id)
    paid = api.confirm(
        intent.id,
        {"payment_method": "pm_card_visa", "expand": ["latest_charge.balance_transaction"]},
    )
    assert (paid.status, paid.amount_received) == ("succeeded", 10000)
    charge: Any = paid.latest_charge
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (175, 9825)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    assert [event["type"] for event in events(demo)] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert isinstance(events(demo)[1]["data"]["object"]["balance_transaction"], str)


def test_a_held_payment_is_captured_in_part(demo: Offline) -> None:
    api = demo.client.v1.payment_intents
    held = api.create(
        {
            "amount": 5000,
            "currency": "eur",
            "capture_method": "manual",
            "confirm": True,
            "payment_method": "pm_card_visa",
        }
    )
    assert (held.status, held.amount_capturable) == ("requires_capture", 5000)
    taken = api.capture(held.id, {"amount_to_capture": 3000})
    assert (taken.status, taken.amount_received) == ("succeeded", 3000)
    assert [event["type"] for event in events(demo)][-3:] == [
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_an_expired_session_takes_its_unpaid_intent_along(demo: Offline) -> None:
    demo.state.put(make("checkout.session", "cs_live_9", payment_intent="pi_new"))
    demo.client.v1.checkout.sessions.expire("cs_live_9")
    assert demo.client.v1.payment_intents.retrieve("pi_new").status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        demo.client.v1.checkout.sessions.expire("cs_live_9")
    assert [event["type"] for event in events(demo)] == [
        "checkout.session.expired",
        "payment_intent.canceled",
    ]


def test_disputes(demo: Offline) -> None:
    api = demo.client.v1.disputes
    staged = api.update("dp_1", {"evidence": {"customer_name": "Jean"}, "submit": False})
    assert (staged.status, staged.evidence.customer_name) == ("needs_response", "Jean")
    assert api.update("dp_1", {"submit": True}).status == "under_review"
    assert api.close("dp_1").status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        api.close("dp_1")
    assert events(demo)[-1]["type"] == "charge.dispute.closed"
    assert events(demo)[-1]["data"]["previous_attributes"] == {"status": "under_review"}


def test_the_catalogue(demo: Offline) -> None:
    api = demo.client.v1
    product = api.products.create({"name": "Formation", "id": "formation"})
    price = api.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 900, "lookup_key": "once"}
    )
    assert (price.type, price.unit_amount) == ("one_time", 900)
    for form, param in (
        ("currency=eur&unit_amount=1", "product"),
        ("currency=eur&unit_amount=1&product=prod_none", "product"),
        ("currency=eur&product=prod_1", "unit_amount"),
        ("currency=eur&product=prod_1&unit_amount_decimal=x", "unit_amount_decimal"),
        ("currency=eur&product=prod_1&unit_amount=1&lookup_key=once", "lookup_key"),
    ):
        answer = demo.ask("POST", "/v1/prices", form)
        assert (answer.status, answer.error["param"]) == (400, param)
    assert demo.ask("POST", "/v1/products", "name=x&id=formation").status == 400
    api.products.update(product.id, {"default_price": price.id})
    types = [event["type"] for event in events(demo)]
    assert types == ["product.created", "price.created", "product.updated"]


def test_webhook_endpoints(demo: Offline) -> None:
    api = demo.client.v1.webhook_endpoints
    wanted: Any = {"url": "https://example.com/hook", "enabled_events": ["charge.refunded"]}
    made = api.create(wanted | {"api_version": "2024-06-20"})
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    assert getattr(api.retrieve(made.id), "secret", None) is None
    assert all(getattr(endpoint, "secret", None) is None for endpoint in api.list().data)
    assert demo.state.hidden("webhook_endpoint", made.id) == {"secret": made.secret}
    assert api.update(made.id, {"disabled": True}).status == "disabled"
    assert api.update(made.id, {"disabled": False}).status == "enabled"
    assert demo.state.hidden("webhook_endpoint", made.id) == {"secret": made.secret}
    refused = demo.ask("POST", f"/v1/webhook_endpoints/{made.id}", "api_version=2024-06-20")
    assert refused.error["param"] == "api_version"
    for _ in range(14):
        api.create(wanted)
    with pytest.raises(stripe.InvalidRequestError, match="maximum of 16 live webhook endpoints"):
        api.create(wanted)
    api.delete(made.id)
    api.create(wanted)


@pytest.mark.parametrize(
    ("url", "live", "test"),
    [
        ("https://example.com/hook", 200, 200),
        ("http://example.com/hook", 400, 200),
        ("https://localhost/hook", 400, 200),
        ("example.com/hook", 400, 400),
    ],
)
def test_endpoint_urls(demo: Offline, url: str, live: int, test: int) -> None:
    form = f"url={url}&enabled_events[]=*"
    assert demo.ask("POST", "/v1/webhook_endpoints", form).status == live
    assert demo.ask("POST", "/v1/webhook_endpoints", form, key=TEST_KEY).status == test


def test_an_event_type_that_does_not_exist_is_refused(demo: Offline) -> None:
    form = "url=https://example.com&enabled_events[]=charge.refund"
    assert demo.ask("POST", "/v1/webhook_endpoints", form).error["param"] == "enabled_events[0]"


def test_events_say_who_asked_and_who_listens(demo: Offline) -> None:
    demo.client.v1.webhook_endpoints.create(
        {"url": "https://example.com", "enabled_events": ["customer.created"]}
    )
    answer = demo.ask("POST", "/v1/customers", "", headers={"Idempotency-Key": "k1"})
    (event,) = events(demo)
    assert event["pending_webhooks"] == 1
    assert event["request"] == {"id": answer.headers["request-id"], "idempotency_key": "k1"}
    assert event["api_version"] == "2026-10-28.endive"


def test_the_balance_follows_the_money(demo: Offline) -> None:
    def net(part: str) -> int:
        balance: Any = demo.client.v1.balance.retrieve()
        return sum(entry.amount for entry in balance[part] if entry.currency == "eur")

    assert (net("available"), net("pending")) == (4900, 0)  # summed: the world holds none
    demo.state.put(make("balance", ""))
    demo.client.v1.refunds.create({"charge": "ch_1", "amount": 1000})
    assert (net("available"), net("pending")) == (-1000, 0)  # moved: the world holds one


def test_ids_depend_on_the_seed_and_the_order_alone(tmp_path: Path) -> None:
    def ids(name: str, seed: str) -> list[str]:
        (tmp_path / name).mkdir()
        with offline(tmp_path / name) as demo:
            demo.state.meta_set("seed", seed)
            return [demo.client.v1.customers.create({}).id for _ in range(3)]

    first = ids("a", "one")
    assert first == ids("b", "one")
    assert not set(first) & set(ids("c", "two"))
    assert all(id.startswith("cus_") and len(id) == 18 for id in first)
