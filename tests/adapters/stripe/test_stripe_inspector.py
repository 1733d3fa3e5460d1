"""The inspector of Stripe and its fake keep the same promises; no key leaks, nothing is changed."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stakactl.adapters.stripe.account import parse_account_state, parse_price
from stakactl.adapters.stripe.gateway import PATHS
from stakactl.adapters.stripe.inspector import SdkStripeInspector
from stakactl.demo.offline_stripe.server import ApiKey
from stakactl.domain.stripe_account import ClockReading
from stakactl.errors import StripeError
from stakactl.operations.ports.inspection.stripe import StripeArea
from tests.contract import Contract
from tests.contracts.stripe_inspector import (
    Json,
    OpenInspector,
    StripeInspectorContract,
    account,
    price,
)
from tests.demo.offline import Offline, offline
from tests.fakes_inspection import FakeStripeInspector
from tests.stripe_inspection import EXPECTED, KEY, RESTRICTED, an_inspector


class TestSdkStripeInspector(StripeInspectorContract):
    @pytest.fixture
    def open_inspector(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[OpenInspector]:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with ExitStack() as opened:

            def open_inspector(
                *objects: Json, permissions: frozenset[str] | None = None
            ) -> SdkStripeInspector:
                folder = tmp_path / str(len(list(tmp_path.iterdir())))
                folder.mkdir()
                for obj in objects:
                    Contract.load().check_object(obj)
                key = KEY if permissions is None else RESTRICTED
                keys = (ApiKey(key, permissions),)
                return an_inspector(opened.enter_context(offline(folder, objects, keys=keys)), key)

            yield open_inspector


class TestFakeStripeInspector(StripeInspectorContract):
    @pytest.fixture
    def open_inspector(self) -> OpenInspector:
        now = datetime(2026, 11, 1, tzinfo=UTC)

        def open_inspector(
            *objects: Json, permissions: frozenset[str] | None = None
        ) -> FakeStripeInspector:
            prices = [one for one in objects if one["object"] == "price"]
            return FakeStripeInspector(
                EXPECTED,
                parse_account_state(next((o for o in objects if o not in prices), account())),
                ClockReading(now, now, now),
                prices={one["id"]: parse_price(one) for one in prices if one["livemode"]},
                other_mode=[one["id"] for one in prices if not one["livemode"]],
                permissions=permissions,
            )

        return open_inspector


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Offline]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keys = (ApiKey(KEY), ApiKey(RESTRICTED, frozenset({"rak_charge_read"})))
    with offline(tmp_path, [account(), price("price_1", "month")], keys=keys) as world:
        yield world


def test_every_list_that_the_gateway_reads_is_asked_for() -> None:
    asked = {area.value for area in StripeArea}
    assert asked == {*PATHS.values(), "/v1/balance", "/v1/webhook_endpoints"}


@pytest.mark.parametrize("ahead", [0, 90, -400])
def test_the_clock_is_compared_with_stripes(world: Offline, ahead: int) -> None:
    clock = an_inspector(world, KEY, ahead).account().clock
    assert clock is not None
    assert abs(clock.offset.total_seconds() - ahead) < 2


def test_a_refusal_tells_the_time_too(world: Offline) -> None:
    answer = an_inspector(world, RESTRICTED, 90).account()
    assert answer.account is None
    assert answer.clock is not None
    assert RESTRICTED not in answer.refusal


def test_what_is_asked_is_what_stripe_knows_and_changes_nothing(world: Offline) -> None:
    stripe = an_inspector(world, KEY)
    stripe.account()
    stripe.price("price_1")
    assert stripe.may_write_endpoints() is None
    for request in world.server.requests:
        query, form = (request.params, "") if request.method == "GET" else ("", request.params)
        Contract.load().check_request(request.method, request.path, query, form)
    assert [(r.method, r.status) for r in world.server.requests] == [
        ("GET", 200),
        ("GET", 200),
        ("POST", 404),
    ]


def test_a_stripe_that_does_not_answer(world: Offline) -> None:
    world.server.stop()
    with pytest.raises(StripeError, match="could not be reached") as caught:
        an_inspector(world, KEY).account()
    assert KEY not in f"{caught.value!r} {caught.value.hint}"
    assert caught.value.__context__ is None


def test_an_account_without_what_stripe_documents() -> None:
    with pytest.raises(StripeError, match="charges_enabled"):
        parse_account_state({k: v for k, v in account().items() if k != "charges_enabled"})
    with pytest.raises(StripeError, match="past_due"):
        parse_account_state(account(requirements={"past_due": "everything"}))
    with pytest.raises(StripeError, match="unit_amount_decimal"):
        parse_price(price("price_1", "month", unit_amount=None, unit_amount_decimal="x"))
