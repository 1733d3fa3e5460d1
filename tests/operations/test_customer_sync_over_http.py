"""One customer read again from the offline Stripe: requests that Stripe takes, and all there is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.stripe.objects import parse
from stakactl.demo.offline_stripe.api import Request
from stakactl.demo.offline_stripe.server import DEMO_KEY
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.stripe_objects import PaymentIntent, StripeKind, StripeObject
from stakactl.operations.compare import NEVER_READ
from stakactl.operations.customers.show import show_customer
from stakactl.operations.customers.sync import CustomerSyncRequest, sync_customer
from stakactl.operations.ports import OrderFilter
from tests.operations.nightly_world import NightlyWorld, nightly_world

#: What Stripe lists by its customer.
KINDS = (StripeKind.PAYMENT_INTENT, StripeKind.INVOICE, StripeKind.SUBSCRIPTION)


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[NightlyWorld]:
    """Its orders are imported, and nothing of Stripe was read yet."""
    with nightly_world(tmp_path, sqlite_url, seed=4, orders=80) as opened:
        yield opened
        opened.check_contract()


def in_stripe(world: NightlyWorld, customer: str) -> list[StripeObject]:
    with StripeState(world.home.stripe_file) as state:
        return [
            parse(kind, fields)
            for kind in KINDS
            for fields in state.list(kind.value, {"customer": customer}, limit=1000).objects
        ]


def in_the_mirror(record: CustomerRecord) -> list[StripeObject]:
    return [*record.payments.intents, *record.stripe_invoices, *record.subscriptions]


def buyer_with(world: NightlyWorld, kind: StripeKind) -> tuple[str, str]:
    """An application's customer and their Stripe customer, who has such an object."""
    with StripeState(world.home.stripe_file) as state:
        named = {fields.get("customer") for fields in state.list(kind.value, limit=1000).objects}
    for order in world.container.orders.find(OrderFilter(limit=1000)):
        buyer = order.customer
        if buyer.stripe_customer_id in named and buyer.customer_id and buyer.stripe_customer_id:
            return buyer.customer_id, buyer.stripe_customer_id
    raise AssertionError("nobody in this world has one")


@pytest.mark.parametrize("kind", [StripeKind.SUBSCRIPTION, StripeKind.PAYMENT_INTENT])
def test_the_mirror_holds_what_stripe_has_of_them(world: NightlyWorld, kind: StripeKind) -> None:
    name, stripe_id = buyer_with(world, kind)
    report = sync_customer(world.container, CustomerSyncRequest(name))
    assert [reason for reason in report.unread if reason != NEVER_READ] == []
    (identity,) = world.container.customers.find(name)
    assert stripe_id in identity.stripe_ids
    held = {one.id: one for one in in_the_mirror(world.container.customers.record(identity))}
    theirs = in_stripe(world, stripe_id)
    assert theirs
    for one in theirs:
        assert held[one.id] == one
    live = show_customer(world.container, name).live
    assert live is not None
    assert (live.differences, live.unread) == ((), ())


def test_a_refund_made_in_the_dashboard_comes_in(world: NightlyWorld) -> None:
    name, stripe_id = buyer_with(world, StripeKind.SUBSCRIPTION)
    before = sync_customer(world.container, CustomerSyncRequest(name))
    intents = (one for one in in_stripe(world, stripe_id) if isinstance(one, PaymentIntent))
    payment = next(intent for intent in intents if intent.status == "succeeded")
    refund = write(world, "/v1/refunds", f"payment_intent={payment.id}&amount=1")
    after = sync_customer(world.container, CustomerSyncRequest(stripe_id))
    assert refund["id"] in {change.object_id for change in after.changed}
    assert before.identity.name == after.identity.name == name
    assert {change.before for change in after.changed if change.object_id == refund["id"]} == {None}


def write(world: NightlyWorld, path: str, form: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {DEMO_KEY}"}
    answer = world.stripe.api.handle(Request("POST", path, form=form, headers=headers))
    body: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 200, body
    return body
