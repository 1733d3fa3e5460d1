"""`expand[]`: what comes in, how deep, and what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import Contract
from tests.demo.objects import one_of_each
from tests.demo.offline import Offline, offline


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, one_of_each()) as running:
        yield running


def expanded(demo: Offline, path: str, *names: str) -> Any:
    query = "&".join(f"expand[]={name}" for name in names)
    answer = demo.ask("GET", f"{path}?{query}")
    assert answer.status == 200, answer.body
    Contract.load().check_response("GET", path, answer.body)
    return answer.body


def test_ids_become_objects_as_deep_as_asked(demo: Offline) -> None:
    session = expanded(
        demo,
        "/v1/checkout/sessions/cs_live_1",
        "payment_intent.latest_charge.balance_transaction.source",
        "line_items.data.price.product",
    )
    movement = session["payment_intent"]["latest_charge"]["balance_transaction"]
    assert movement["source"]["id"] == "ch_1"
    assert session["line_items"]["data"][0]["price"]["product"]["id"] == "prod_1"


def test_a_price_inside_a_list_inside_an_object(demo: Offline) -> None:
    page = expanded(demo, "/v1/checkout/sessions/cs_live_1/line_items", "data.price.product")
    assert [row["price"]["product"]["object"] for row in page["data"]] == ["product"] * 3


def test_lists_expand_each_of_their_elements(demo: Offline) -> None:
    page = expanded(demo, "/v1/charges", "data.payment_intent", "data.refunds")
    charges = {charge["id"]: charge for charge in page["data"]}
    assert charges["ch_1"]["payment_intent"]["id"] == "pi_1"
    assert charges["ch_1"]["refunds"]["data"][0]["id"] == "re_1"
    assert charges["ch_held"]["payment_intent"] is None


def test_properties_inside_hashes(demo: Offline) -> None:
    payment = expanded(demo, "/v1/invoice_payments/inpay_1", "payment.payment_intent", "invoice")
    assert payment["payment"]["payment_intent"]["object"] == "payment_intent"
    assert payment["invoice"]["id"] == "in_1"


def test_what_is_left_out_comes_only_when_asked(demo: Offline) -> None:
    plain = demo.ask("GET", "/v1/checkout/sessions/cs_live_1").body
    assert "line_items" not in plain
    session = expanded(demo, "/v1/checkout/sessions/cs_live_1", "line_items")
    assert len(session["line_items"]["data"]) == 3
    customer = expanded(demo, "/v1/customers/cus_1", "subscriptions")
    assert [one["id"] for one in customer["subscriptions"]["data"]] == ["sub_1"]
    invoice = expanded(demo, "/v1/invoices/in_1", "payments")
    assert [one["id"] for one in invoice["payments"]["data"]] == ["inpay_1"]


def test_an_object_that_the_world_does_not_hold_stays_an_id(demo: Offline) -> None:
    assert expanded(demo, "/v1/payouts/po_1", "destination")["destination"].startswith("ba_")


def test_a_deleted_customer_is_expanded_to_its_tombstone(demo: Offline) -> None:
    demo.client.v1.customers.delete("cus_1")
    # Past the contract, which has lost that an expanded customer may be a deleted one.
    answer = demo.ask("GET", "/v1/invoices/in_1?expand[]=customer&expand[]=customer.subscriptions")
    assert answer.body["customer"] == {"id": "cus_1", "object": "customer", "deleted": True}


def test_expansion_of_an_answer_to_a_write_stores_nothing_expanded(demo: Offline) -> None:
    answer = demo.ask(
        "POST", "/v1/refunds", "charge=ch_1&amount=100&expand[]=charge&expand[]=balance_transaction"
    )
    assert answer.body["charge"]["amount_refunded"] == 100
    stored = demo.state.get("refund", answer.body["id"])
    assert stored is not None
    assert stored["charge"] == "ch_1"


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("/v1/charges/ch_1", "customers", "cannot be expanded (customers)"),
        ("/v1/charges/ch_1", "customer.email", "cannot be expanded (customer.email)"),
        ("/v1/charges", "customer", "try expanding 'data.customer' instead"),
        ("/v1/charges", "data", "cannot be expanded (data)"),
        ("/v1/payouts", "data.balance_transaction.source.customer.subscriptions", "4 levels"),
        ("/v1/webhook_endpoints/we_1", "secret", "cannot be expanded (secret)"),
        ("/v1/checkout/sessions/cs_live_1", "line_items.price", "cannot be expanded"),
    ],
)
def test_what_cannot_be_expanded_is_refused(
    demo: Offline, path: str, name: str, message: str
) -> None:
    answer = demo.ask("GET", f"{path}?expand[]={name}")
    assert answer.status == 400
    assert message in answer.error["message"]


def test_a_wrong_expansion_of_a_write_executes_nothing(demo: Offline) -> None:
    assert demo.ask("POST", "/v1/customers", "expand[]=nonsense").status == 400
    assert demo.state.count("customer") == 1


def test_lists_inside_objects_are_paged(demo: Offline) -> None:
    def ids(query: str) -> tuple[list[str], bool]:
        page = demo.ask("GET", f"/v1/checkout/sessions/cs_live_1/line_items?{query}").body
        return [row["id"] for row in page["data"]], page["has_more"]

    assert ids("limit=2") == (["li_1", "li_2"], True)
    assert ids("starting_after=li_2") == (["li_3"], False)
    assert ids("ending_before=li_3&limit=1") == (["li_2"], True)
    answer = demo.ask("GET", "/v1/checkout/sessions/cs_live_1/line_items?starting_after=li_9")
    assert answer.error["param"] == "starting_after"
