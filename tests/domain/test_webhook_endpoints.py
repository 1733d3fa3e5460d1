"""URLs, events, recoverable secrets, and plans that leave nothing to plan once they are applied."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.webhooks.creation import Attempt, Creation, recoverable
from stakactl.domain.webhooks.endpoints import (
    CREATION_KEY,
    MANAGED_BY,
    MANAGED_KEY,
    SECRET_MARK_KEY,
    EndpointStatus,
    WantedEndpoint,
    WebhookEndpoint,
    same_url,
    secret_mark,
)
from stakactl.domain.webhooks.events import DEFAULT_EVENTS
from stakactl.domain.webhooks.register import plan_registration
from stakactl.operations.webhooks.register import RegisterReport, register
from tests.fakes_endpoints import NOW, FakeEndpoints, FakeSink, endpoint

URL = "https://shop.example/hook"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (URL, "HTTPS://Shop.Example:443/hook", True),
        ("https://shop.example", "https://shop.example/", True),
        ("http://[::1]:80/a", "http://[::1]/a", True),
        (URL, f"{URL}/", False),
        (URL, "https://shop.example/Hook", False),
        (URL, "http://shop.example/hook", False),
        (URL, "https://shop.example:8443/hook", False),
        (URL, "https://shop.example.evil.example/hook", False),
        (URL, "https://evil.example/?https://shop.example/hook", False),
        (URL, "https://shop.example@evil.example/hook", False),
        (URL, f"{URL}?a=1", False),
        (URL, f"{URL}#a", False),
        (URL, "shop.example/hook", False),
    ],
)
def test_only_the_whole_url_counts(one: str, other: str, same: bool) -> None:
    assert same_url(one, other) is same
    assert same_url(other, one) is same


def test_the_default_events_are_named_once() -> None:
    assert len(set(DEFAULT_EVENTS)) == len(DEFAULT_EVENTS)
    wanted = WantedEndpoint(URL, DEFAULT_EVENTS)
    assert wanted.missing_events(endpoint("we_1", URL)) == ()
    some = endpoint("we_1", URL, enabled_events=("invoice.paid", "charge.failed"))
    assert wanted.missing_events(some) == tuple(e for e in DEFAULT_EVENTS if e != "invoice.paid")


def test_a_key_belongs_to_all_parameters() -> None:
    plain = Creation(URL, ("a.b", "c.d"), "2024-06-20", "x", ("we_1",), None)
    keys = {
        Attempt(each, number).idempotency_key
        for each in (
            plain,
            replace(plain, url=f"{URL}/"),
            replace(plain, events=("a.b",)),
            replace(plain, api_version=None),
            replace(plain, description=None),
            replace(plain, replaces=()),
            replace(plain, rotates="we_1"),
        )
        for number in (1, 2)
    }
    assert len(keys) == 14
    other_order = replace(plain, events=("c.d", "a.b", "a.b"))
    assert Attempt(other_order).idempotency_key == Attempt(plain).idempotency_key
    assert Attempt(other_order).events == Attempt(plain).events


def test_a_secret_comes_back_while_the_endpoint_is_young_and_as_it_was_made() -> None:
    fake = FakeEndpoints()
    fake.create(attempt := Attempt(Creation(URL, ("a.b",), None, "x", ("we_9",)), 3))
    (made,) = fake.list()
    almost = NOW + timedelta(hours=23) - timedelta(seconds=1)
    assert recoverable(made, almost) == attempt
    noted = replace(made, metadata={**made.metadata, SECRET_MARK_KEY: "x", "theirs": "y"})
    off = replace(noted, status=EndpointStatus.DISABLED)
    assert recoverable(off, almost) == attempt
    assert recoverable(made, NOW + timedelta(hours=23)) is None
    assert recoverable(replace(made, enabled_events=("a.b", "c.d")), NOW) is None
    assert recoverable(replace(made, description="y"), NOW) is None
    assert recoverable(replace(made, url=f"{URL}/"), NOW) is None
    assert recoverable(replace(made, metadata={}), NOW) is None
    for mark in ("", "x", "x.", "x.-1", "x.²"):
        marked = {MANAGED_KEY: MANAGED_BY, CREATION_KEY: mark}
        assert recoverable(replace(made, metadata=marked), NOW) is None


def test_duplicates_are_told_and_left() -> None:
    first, second = endpoint("we_1", URL), endpoint("we_2", URL)
    plan = plan_registration(WantedEndpoint(URL, ("a.b",)), [second, first])
    assert (plan.kept, plan.duplicates, plan.is_nothing) == (first, (second,), True)
    known = replace(second, metadata={SECRET_MARK_KEY: "mark"})
    plan = plan_registration(WantedEndpoint(URL, ("a.b",)), [known, first], known_secret="mark")
    assert (plan.kept, plan.duplicates) == (known, (first,))


EVENTS = ("a.b", "c.d", "e.f")
urls = st.sampled_from(
    [URL, f"{URL}/", "https://shop.example.evil.example/hook", "https://b.example"]
)
versions = st.sampled_from([None, "2023-10-16", "2024-06-20"])
some_events = st.lists(st.sampled_from(EVENTS), min_size=1, unique=True).map(tuple)
metadata = st.sampled_from([{}, {MANAGED_KEY: MANAGED_BY}, {"managed_by": "terraform"}])


@st.composite
def endpoints(draw: st.DrawFn) -> list[WebhookEndpoint]:
    return [
        endpoint(
            f"we_{number}",
            draw(urls),
            status=draw(st.sampled_from(EndpointStatus)),
            enabled_events=draw(some_events | st.just(("*",))),
            api_version=draw(versions),
            metadata=draw(metadata),
            created_at=NOW - timedelta(days=10 + number),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@given(
    endpoints(),
    st.lists(st.builds(WantedEndpoint, urls, some_events | st.just(("*",)), versions), max_size=4),
    st.booleans(),
)
def test_a_plan_that_is_applied_leaves_nothing_to_plan(
    there: list[WebhookEndpoint], wishes: list[WantedEndpoint], settings_know: bool
) -> None:
    """Also when the wishes change, and whether or not the secret reaches the settings."""
    stripe, sink = FakeEndpoints(), FakeSink()
    stripe.put(*there)
    for wanted in wishes:
        before = {each.id: each for each in stripe.list()}
        for again in (False, True):
            known = secret_mark(sink.kept[-1]) if sink.kept and settings_know else None
            plan = plan_registration(wanted, stripe.list(), known_secret=known)
            assert not again or plan.is_nothing
            register(stripe, RegisterReport(plan, plan.kept), sink, NOW)
        here = [each for each in stripe.list() if each.is_at(wanted.url) and each.is_enabled]
        fit = [each for each in here if wanted.accepts_version(each)]
        assert any(not wanted.missing_events(each) for each in fit)
        for id, old in before.items():
            now = stripe.get(id)
            assert now is not None
            assert set(old.enabled_events) <= set(now.enabled_events) or "*" in now.enabled_events
            if not old.is_at(wanted.url) and not old.is_managed:
                assert now == old
    assert "delete" not in stripe.calls
