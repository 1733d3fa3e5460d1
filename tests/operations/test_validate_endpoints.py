"""The checks `endpoint.*`: each broken once, alone."""

from dataclasses import dataclass
from typing import cast

import pytest

from stakactl.domain.checks import CheckState
from stakactl.domain.webhooks.endpoints import (
    ROTATES_KEY,
    EndpointStatus,
    WantedEndpoint,
    WebhookEndpoint,
)
from stakactl.errors import StripeError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.endpoints import CHECKS
from stakactl.operations.validate.running import Running, run_checks
from tests.fakes_endpoints import FakeEndpoints, endpoint

URL = "https://shop.example/hook"
WANTED = WantedEndpoint(URL, ("invoice.paid", "charge.refunded"), "2024-06-20")
GOOD = endpoint("we_1", URL, api_version="2024-06-20", enabled_events=WANTED.events)


@dataclass
class Look:
    webhook_endpoints: FakeEndpoints
    wanted_endpoint: WantedEndpoint | None = WANTED


def states(look: object) -> dict[str, CheckState]:
    results = run_checks(CHECKS, cast(Inspection, look), Running(timeout_seconds=5))
    for result in results:
        failed = result.verdict.state is CheckState.FAILED
        assert bool(result.verdict.hint) is failed
    return {result.id.removeprefix("endpoint."): result.verdict.state for result in results}


def broken(*there: WebhookEndpoint, wanted: WantedEndpoint = WANTED) -> list[str]:
    stripe = FakeEndpoints()
    stripe.put(*there)
    found = states(Look(stripe, wanted))
    return [id for id, state in found.items() if state is CheckState.FAILED]


def changed(**fields: object) -> WebhookEndpoint:
    return endpoint(
        "we_1",
        **{"url": URL, "api_version": "2024-06-20", "enabled_events": WANTED.events, **fields},  # type: ignore[arg-type]
    )


def test_all_is_well() -> None:
    assert broken(GOOD) == []
    assert broken(changed(enabled_events=("*",))) == []
    assert broken(changed(url="HTTPS://SHOP.example:443/hook")) == []
    assert broken(changed(api_version=None), wanted=WantedEndpoint(URL, WANTED.events)) == []


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ([], ["registered"]),
        ([changed(url=f"{URL}.evil.example")], ["registered"]),
        ([changed(url=f"{URL}/")], ["registered", "url"]),
        ([changed(url="http://shop.example/hook")], ["registered", "url"]),
        ([changed(status=EndpointStatus.DISABLED)], ["enabled"]),
        ([changed(enabled_events=("invoice.paid",))], ["events"]),
        ([changed(api_version="2023-10-16")], ["version"]),
        ([changed(api_version=None)], ["version"]),
        ([GOOD, endpoint("we_2", URL)], ["duplicates"]),
        ([GOOD, *(endpoint(f"we_x{n}", f"https://x{n}.example") for n in range(15))], ["count"]),
    ],
)
def test_each_broken_once(there: list[WebhookEndpoint], expected: list[str]) -> None:
    assert broken(*there) == expected


def test_a_disabled_one_beside_it_and_a_rotation_are_no_duplicates() -> None:
    off = endpoint("we_0", URL, status=EndpointStatus.DISABLED)
    assert broken(GOOD, off) == []
    new = endpoint("we_2", URL, api_version="2024-06-20", metadata={ROTATES_KEY: "we_1"})
    assert broken(GOOD, new) == []


def test_without_a_url_nothing_is_asked() -> None:
    look = Look(FakeEndpoints(), None)
    assert set(states(look).values()) == {CheckState.SKIPPED}


def test_a_stripe_that_fails_proves_nothing() -> None:
    class Down(FakeEndpoints):
        def list(self) -> tuple[WebhookEndpoint, ...]:
            raise StripeError("cannot list the webhook endpoints", hint="later")

    results = run_checks(CHECKS, cast(Inspection, Look(Down())), Running(timeout_seconds=5))
    assert {each.verdict.state for each in results} == {CheckState.UNKNOWN}
