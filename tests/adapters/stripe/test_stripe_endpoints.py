"""The webhook endpoints over HTTP: the contract, many pages, and answers that get lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe as stripe_sdk

from stakactl.adapters.stripe.errors import StripeCursorLost, StripeReplayed, explain
from stakactl.adapters.stripe.link import Link
from stakactl.demo.offline_stripe import faults
from stakactl.domain.webhooks.creation import Attempt
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import NotFound, StripeError
from stakactl.operations.ports.endpoints import KeySpent, StripeEndpoints
from stakactl.operations.webhooks.creating import make_endpoint
from tests.adapters.stripe.offline_endpoints import OfflineEndpoints, offline_endpoints
from tests.contracts.stripe_endpoints import CREATION, StripeEndpointsContract, World, created
from tests.fakes_endpoints import FakeEndpoints

PATH = "/v1/webhook_endpoints"


@pytest.fixture
def stripe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineEndpoints]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with offline_endpoints(tmp_path) as world:
        yield world


class TestSdkEndpoints(StripeEndpointsContract):
    @pytest.fixture
    def world(self, stripe: OfflineEndpoints) -> World:
        return stripe


class FakeWorld:
    def __init__(self) -> None:
        self._fake = FakeEndpoints()

    @property
    def endpoints(self) -> StripeEndpoints:
        return self._fake

    def wait(self, hours: float) -> None:
        self._fake.now += timedelta(hours=hours)


class TestFakeEndpoints(StripeEndpointsContract):
    @pytest.fixture
    def world(self) -> World:
        return FakeWorld()


def test_more_than_a_page_of_endpoints(stripe: OfflineEndpoints) -> None:
    ids = [stripe.put(number, f"https://shop{number}.example/") for number in range(230)]
    assert [each.id for each in stripe.endpoints.list()] == ids[::-1]
    assert len(stripe.server.requests) == 3


def test_a_cursor_that_is_deleted_meanwhile_starts_the_list_again(
    stripe: OfflineEndpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(120):
        stripe.put(number, "https://shop.example/")
    get, asked = Link.get, list[object]()

    def once_lost(link: Link, *arguments: Any) -> object:
        asked.append(arguments)
        if len(asked) == 2:
            raise StripeCursorLost("No such webhook endpoint")
        return get(link, *arguments)

    monkeypatch.setattr(Link, "get", once_lost)
    assert len(stripe.endpoints.list()) == 120
    assert len(asked) == 4


def test_a_lost_answer_is_asked_for_again_with_the_same_key(stripe: OfflineEndpoints) -> None:
    stripe.server.faults.add(faults.lost_reply(), method="POST", path=PATH, times=2)
    answer = created(stripe.patient, Attempt(CREATION))
    assert answer.replayed
    assert answer.secret.startswith("whsec_")
    assert len(stripe.endpoints.list()) == 1
    assert len(stripe.posts()) == 3


def test_a_lost_answer_to_a_deletion_is_no_error(stripe: OfflineEndpoints) -> None:
    id = stripe.put(1, "https://shop.example/")
    stripe.server.faults.add(faults.lost_reply(), method="DELETE")
    stripe.patient.delete(id)
    assert stripe.endpoints.list() == ()


def test_a_failure_that_stripe_keeps_is_not_asked_for_again_and_again(
    stripe: OfflineEndpoints,
) -> None:
    stripe.server.faults.add(faults.status(500), method="POST", path=PATH)
    answer = stripe.patient.create(Attempt(CREATION))
    assert isinstance(answer, KeySpent)
    assert len(stripe.posts()) == 2


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ({"url": "http://shop.example/"}, "STRIPE_WEBHOOK_URL"),
        ({"events": ("invoice.payed",)}, "STRIPE_WEBHOOK_EVENTS"),
        ({"api_version": "yesterday"}, "STRIPE_API_VERSION"),
    ],
)
def test_what_stripe_does_not_take_names_its_setting(
    stripe: OfflineEndpoints, wrong: dict[str, Any], setting: str
) -> None:
    for _ in range(2):
        with pytest.raises(StripeError) as refused:
            make_endpoint(stripe.endpoints, replace(CREATION, **wrong))
        assert refused.value.hint == f"correct {setting}"
    assert stripe.endpoints.list() == ()


def test_a_request_that_is_still_under_way_is_no_failure_of_its_key() -> None:
    """Taking the next key then would make a second endpoint beside the one that is being made."""
    busy = stripe_sdk.IdempotencyError("in use", http_status=409, code="idempotency_key_in_use")
    fault = explain(busy, "")
    assert fault.transient
    assert not isinstance(fault.as_error("create"), StripeReplayed)
    misused = explain(stripe_sdk.IdempotencyError("other parameters", http_status=400), "")
    assert not misused.transient
    assert isinstance(misused.as_error("create"), StripeReplayed)


def test_a_restricted_key_without_the_permission(stripe: OfflineEndpoints) -> None:
    id = stripe.put(1, "https://shop.example/")
    reader = stripe.opened(retry_seconds=0, key="rk_live_reads")
    assert [each.id for each in reader.list()] == [id]
    with pytest.raises(StripeError) as refused:
        reader.update(id, EndpointUpdate(enabled=False))
    assert "rak_webhook_write" in (refused.value.hint or "")
    reader.close()


@pytest.mark.parametrize("id", ["", "../balance", "we_1?x=1", "we_é"])
def test_what_is_no_id_never_becomes_a_path(stripe: OfflineEndpoints, id: str) -> None:
    with pytest.raises(NotFound):
        stripe.endpoints.get(id)
    assert not stripe.server.requests
