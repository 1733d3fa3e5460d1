"""Registering, renewing and switching endpoints: whatever is lost on the way, one endpoint."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stakactl.demo.offline_stripe import faults
from stakactl.domain.webhooks.endpoints import WantedEndpoint, WebhookEndpoint, secret_mark
from stakactl.errors import NotFound, Refused, StripeError
from stakactl.operations.webhooks.register import (
    RegisterReport,
    plan_of_registration,
    register,
)
from stakactl.operations.webhooks.rotate_secret import (
    RotationReport,
    plan_of_rotation,
    rotate_secret,
)
from stakactl.operations.webhooks.switch import Switch, plan_of_switch, switch_endpoints
from tests.adapters.stripe.offline_endpoints import OfflineEndpoints, offline_endpoints
from tests.fakes_endpoints import FakeSink

URL = "https://api.shop.example/stripe"
WANTED = WantedEndpoint(URL, ("invoice.paid", "charge.refunded"), "2024-06-20")
PATH = "/v1/webhook_endpoints"


@pytest.fixture
def stripe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineEndpoints]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with offline_endpoints(tmp_path) as world:
        yield world


class Shop:
    """The commands as a person types them; it sets every secret that it is given."""

    def __init__(self, stripe: OfflineEndpoints, wanted: WantedEndpoint = WANTED) -> None:
        self.stripe, self.wanted, self.sink = stripe, wanted, FakeSink()

    @property
    def mark(self) -> str | None:
        return secret_mark(self.sink.kept[-1]) if self.sink.kept else None

    def register(self, *replaced: str) -> RegisterReport:
        plan = plan_of_registration(
            self.stripe.endpoints, self.wanted, known_secret=self.mark, replace=replaced
        )
        return register(self.stripe.endpoints, plan, self.sink, self.stripe.now)

    def rotate(self, *, finish: bool = False) -> RotationReport:
        plan = plan_of_rotation(
            self.stripe.endpoints, self.wanted, finish=finish, known_secret=self.mark
        )
        return rotate_secret(self.stripe.endpoints, plan, self.sink, self.stripe.now)

    def there(self) -> list[WebhookEndpoint]:
        """Oldest first; endpoints of one second in the order of their ids."""
        found = self.stripe.endpoints.list()
        return sorted(found, key=lambda each: (each.created_at, each.id))


@pytest.fixture
def shop(stripe: OfflineEndpoints) -> Shop:
    return Shop(stripe)


def test_registering_twice_makes_one_endpoint(shop: Shop) -> None:
    first = shop.register()
    assert first.secret_kept_in == "a safe place"
    (made,) = shop.there()
    assert (made.url, made.api_version, set(made.enabled_events)) == (
        URL,
        "2024-06-20",
        set(WANTED.events),
    )
    before = len(shop.stripe.posts())
    assert shop.register().plan.is_nothing
    assert shop.there() == [made]
    assert len(shop.stripe.posts()) == before
    assert made.has_secret(shop.mark)


def test_a_lost_answer_makes_no_second_one_and_loses_no_secret(shop: Shop) -> None:
    shop.stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.register()
    assert not shop.sink.kept
    shop.stripe.wait(hours=22)
    again = shop.register()
    assert again.plan.is_nothing
    assert again.secret_is_known
    (made,) = shop.there()
    assert made.has_secret(shop.mark)


def test_after_a_day_the_secret_is_not_asked_for_because_that_would_make_another(
    shop: Shop,
) -> None:
    shop.stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.register()
    shop.stripe.wait(hours=23)
    again = shop.register()
    assert not again.secret_is_known
    assert len(shop.there()) == 1
    assert len(shop.stripe.posts()) == 1


def test_a_clock_that_is_hours_behind_leaves_no_second_endpoint(shop: Shop) -> None:
    shop.stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.register()
    ours = shop.stripe.now
    shop.stripe.wait(hours=30)
    plan = plan_of_registration(shop.stripe.endpoints, shop.wanted)
    report = register(shop.stripe.endpoints, plan, shop.sink, ours)
    assert not report.secret_is_known
    assert shop.there() == [report.endpoint]


def test_an_endpoint_changed_since_is_not_asked_for_under_its_old_key(shop: Shop) -> None:
    shop.stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.register()
    shop.sink, given = FakeSink(), shop.sink
    shop.wanted = replace(WANTED, events=(*WANTED.events, "payment_intent.succeeded"))
    shop.register()
    assert given.kept == []
    (made,) = shop.there()
    assert set(made.enabled_events) == set(shop.wanted.events)


def test_one_deleted_since_is_made_anew(shop: Shop) -> None:
    first = shop.register().endpoint
    assert first is not None
    shop.stripe.endpoints.delete(first.id)
    second = shop.register().endpoint
    assert second is not None
    assert shop.there() == [second]
    assert second.id != first.id
    assert len(set(shop.sink.kept)) == 2


def test_a_failure_that_stripe_keeps_does_not_block_the_rerun(shop: Shop) -> None:
    shop.stripe.server.faults.add(faults.status(500), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.register()
    shop.register()
    assert len(shop.there()) == 1
    assert shop.sink.kept


def test_an_interruption_before_the_old_one_is_disabled(shop: Shop) -> None:
    old = shop.stripe.put(1, URL, api_version="2020-08-27")
    shop.stripe.server.faults.add(faults.reset(), path=f"{PATH}/{old}")
    with pytest.raises(StripeError):
        shop.register()
    assert [each.is_enabled for each in shop.there()] == [True, True]
    shop.register()
    assert [(each.api_version, each.is_enabled) for each in shop.there()] == [
        ("2020-08-27", False),
        ("2024-06-20", True),
    ]
    assert shop.register().plan.is_nothing


def test_another_host_that_contains_ours_and_other_paths_are_left_alone(shop: Shop) -> None:
    others = [
        f"{URL}.evil.example/",
        "https://api.shop.example.evil.example/stripe",
        "https://staging.api.shop.example/stripe",
        f"{URL}/",
        f"{URL}?x=1",
        "http://api.shop.example/stripe",
        "https://api.shop.example:8443/stripe",
        "https://api.shop.example/Stripe",
    ]
    for number, url in enumerate(others):
        shop.stripe.put(number, url, status="disabled", enabled_events=["charge.failed"])
    before = shop.there()
    made = shop.register().endpoint
    assert shop.there() == [*before, made]


def test_one_made_by_hand_is_taken_over_with_what_it_has(shop: Shop) -> None:
    id = shop.stripe.put(
        1,
        "HTTPS://API.shop.example:443/stripe",
        status="disabled",
        enabled_events=["charge.failed", "invoice.paid"],
        api_version="2024-06-20",
    )
    report = shop.register()
    (there,) = shop.there()
    assert there.id == id
    assert there.is_enabled
    assert there.enabled_events == ("charge.failed", "invoice.paid", "charge.refunded")
    assert not report.secret_is_known


def test_more_than_a_page_and_no_room(shop: Shop) -> None:
    for number in range(120):
        shop.stripe.put(number, f"https://other{number}.example/")
    with pytest.raises(Refused, match="there are 120 webhook endpoints, and Stripe allows 16"):
        shop.register()
    id = shop.stripe.put(0, URL, api_version="2024-06-20")  # the last of the second page
    assert shop.register().endpoint == shop.stripe.endpoints.get(id)
    assert shop.stripe.posts() == []


def test_a_new_url_replaces_the_endpoint_whose_secret_is_ours(shop: Shop) -> None:
    old = shop.register().endpoint
    other = Shop(shop.stripe, replace(WANTED, url="https://staging.example/stripe"))
    other.register()
    shop.wanted = replace(WANTED, url="https://new.shop.example/stripe")
    report = shop.register()
    assert old is not None
    assert [each.id for each in report.plan.disable] == [old.id]
    assert {each.url: each.is_enabled for each in shop.there()} == {
        URL: False,
        "https://staging.example/stripe": True,
        "https://new.shop.example/stripe": True,
    }
    assert [each.url for each in report.plan.moved] == ["https://staging.example/stripe"]
    assert shop.register().plan.is_nothing


def test_a_named_endpoint_is_replaced(shop: Shop) -> None:
    id = shop.stripe.put(1, "https://old.example/stripe")
    shop.register(id)
    assert {each.url: each.is_enabled for each in shop.there()} == {
        "https://old.example/stripe": False,
        URL: True,
    }
    with pytest.raises(NotFound, match="we_nobody"):
        shop.register("we_nobody")


# -- rotation


def test_a_rotation_overlaps_and_ends(shop: Shop) -> None:
    old = shop.register().endpoint
    assert old is not None
    shop.stripe.wait(hours=1)
    report = shop.rotate()
    assert [each.is_enabled for each in shop.there()] == [True, True]
    assert len(set(shop.sink.kept)) == 2
    assert shop.register().plan.is_nothing  # the overlap is no duplicate
    assert shop.rotate().plan.is_nothing  # nor begun twice
    shop.rotate(finish=True)
    assert shop.there() == [report.endpoint]
    assert shop.rotate(finish=True).plan.is_nothing
    shop.rotate()
    assert len(shop.there()) == 2


def test_a_lost_answer_to_a_rotation(shop: Shop) -> None:
    shop.register()
    shop.stripe.wait(hours=48)
    shop.stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH)
    with pytest.raises(StripeError):
        shop.rotate()
    assert len(shop.there()) == 2
    shop.rotate()
    assert len(shop.there()) == 2
    assert shop.there()[1].has_secret(shop.mark)


def test_the_old_one_stays_while_the_settings_have_its_secret(shop: Shop) -> None:
    shop.register()
    old = shop.mark
    shop.rotate()
    with pytest.raises(Refused, match="still is the secret"):
        plan_of_rotation(shop.stripe.endpoints, WANTED, finish=True, known_secret=old)
    assert len(shop.there()) == 2


def test_there_must_be_something_to_rotate(shop: Shop) -> None:
    with pytest.raises(Refused, match="no webhook endpoint is registered"):
        shop.rotate()
    shop.stripe.put(1, URL, status="disabled")
    with pytest.raises(Refused, match="is disabled"):
        shop.rotate()


# -- switches


def test_switching_ours_leaves_the_replaced_one_off(shop: Shop) -> None:
    shop.stripe.put(1, URL, api_version="2020-08-27")
    other = shop.stripe.put(2, f"{URL}.evil.example")
    shop.register()
    stripe = shop.stripe.endpoints
    anything = replace(WANTED, api_version=None)
    for switch, expected in ((Switch.DISABLE, [False] * 2), (Switch.ENABLE, [False, True])):
        plan = plan_of_switch(stripe, switch, ours=anything)
        switch_endpoints(stripe, plan)
        ours = [each for each in shop.there() if each.is_at(URL)]
        assert [each.is_enabled for each in ours] == expected
        assert plan_of_switch(stripe, switch, ours=anything).changed == ()
        there = stripe.get(other)
        assert there is not None
        assert there.is_enabled


def test_one_endpoint_is_deleted_and_others_stay(shop: Shop) -> None:
    id, other = shop.stripe.put(1, URL), shop.stripe.put(2, URL)
    stripe = shop.stripe.endpoints
    switch_endpoints(stripe, plan_of_switch(stripe, Switch.DELETE, endpoint_id=id))
    assert [each.id for each in shop.there()] == [other]
    with pytest.raises(NotFound):
        plan_of_switch(stripe, Switch.DELETE, endpoint_id=id)
