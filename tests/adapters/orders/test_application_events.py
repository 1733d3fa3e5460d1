"""Events that tell an application what became of an object: Stripe's own, or made anew."""

from typing import Any

import pytest

from stakactl.adapters.orders.application.events import EventSource, Subject
from stakactl.domain.stripe_objects import Absence, StripeKind

SESSION = {
    "id": "cs_live_1",
    "object": "checkout.session",
    "livemode": True,
    "status": "complete",
    "payment_status": "paid",
    "metadata": {"note": "Léa 🖋"},
}
PAID = Subject(
    StripeKind.CHECKOUT_SESSION,
    "cs_live_1",
    ("checkout.session.async_payment_succeeded", "checkout.session.completed"),
)


class Stripe:
    """Raw objects by id, and events of the feed by object and type."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {"cs_live_1": SESSION}
        self.feed: dict[tuple[str, str], str] = {}
        self.versions: list[str | None] = []

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> dict[str, Any] | Absence:
        self.versions.append(api_version)
        return self.objects.get(object_id, Absence.MISSING)

    def event_about(self, object_id: str, event_type: str) -> str | None:
        return self.feed.get((object_id, event_type))

    def put_event(self, name: str, event_type: str, **fields: Any) -> None:
        found = {**SESSION, **fields}
        self.objects[name] = {"id": name, "type": event_type, "data": {"object": found}}
        self.feed["cs_live_1", event_type] = name


@pytest.fixture
def world() -> Stripe:
    return Stripe()


def event_for(world: Stripe, subject: Subject = PAID) -> Any:
    return EventSource(world, world, "2024-06-20").event_for(subject, 1_772_000_000)


def test_an_event_that_is_made_has_the_shape_of_one(world: Stripe) -> None:
    event = event_for(world)
    assert event["object"] == "event"
    assert event["id"].startswith("evt_")
    assert event["livemode"] is True
    assert event["api_version"] == "2024-06-20"
    assert event["data"]["object"] == SESSION
    assert world.versions == ["2024-06-20"]
    assert event_for(world)["id"] == event["id"]


def test_the_best_event_of_the_feed_is_sent_as_it_is(world: Stripe) -> None:
    world.put_event("evt_1", "checkout.session.completed", payment_status="unpaid")
    assert event_for(world)["id"] not in {"evt_1", "evt_2"}
    world.put_event("evt_2", "checkout.session.async_payment_succeeded")
    assert event_for(world) == world.objects["evt_2"]
    world.put_event("evt_1", "checkout.session.completed")
    world.feed.pop(("cs_live_1", "checkout.session.async_payment_succeeded"))
    assert event_for(world) == world.objects["evt_1"]


def test_an_event_that_left_the_feed_is_made_anew(world: Stripe) -> None:
    world.feed["cs_live_1", "checkout.session.completed"] = "evt_gone"
    assert event_for(world)["data"]["object"] == SESSION


def test_an_object_that_stripe_does_not_have_has_no_event(world: Stripe) -> None:
    gone = Subject(StripeKind.CHECKOUT_SESSION, "cs_gone", PAID.types)
    assert event_for(world, gone) is None
