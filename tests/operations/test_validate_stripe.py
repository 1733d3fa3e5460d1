"""`stripe.*` against the offline Stripe: each check broken once, and no other with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe.faults import status
from stakactl.demo.offline_stripe.server import ApiKey
from stakactl.domain.checks import CheckState
from stakactl.domain.stripe_account import WantedPrice
from stakactl.operations.ports.inspection.stripe import StripeExpectations
from stakactl.operations.validate.stripe import CHECKS
from tests.contracts.stripe_inspector import Json, account, price
from tests.demo.offline import Offline, offline
from tests.stripe_inspection import KEY, RESTRICTED, an_inspector
from tests.validation import Results, inspection, run

EXPECTED = StripeExpectations(
    livemode=True,
    restricted=False,
    production=True,
    publishable_livemode=True,
    monthly=WantedPrice("STRIPE_PRICE_MONTHLY", "price_month", 1, "eur"),
    yearly=WantedPrice("STRIPE_PRICE_YEARLY", "price_year", 12, "eur"),
)
READS = frozenset(
    f"rak_{name}_read"
    for name in (
        "accounts_kyc_basic balance balance_transaction_source charge checkout_session customer "
        "dispute event invoice payment_intent payout product plan subscription webhook"
    ).split()
)
EVERYTHING = READS | {"rak_webhook_write"}


class World:
    def __init__(self, server: Offline) -> None:
        self.server = server
        self.put(account(), price("price_month", "month"), price("price_year", "year"))

    def put(self, *objects: Json) -> None:
        self.server.state.put_many(objects)

    def check(self, key: str = KEY, *, ahead: float = 0.0, **expected: Any) -> Results:
        wanted = replace(EXPECTED, restricted=key == RESTRICTED, **expected)
        stripe = an_inspector(self.server, key, ahead, wanted)
        results = run(CHECKS, inspection(stripe=stripe))
        assert KEY not in results.text
        assert RESTRICTED not in results.text
        return results

    def restrict(self, permissions: frozenset[str]) -> None:
        self.server.server.keys[RESTRICTED] = ApiKey(RESTRICTED, permissions)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keys = (ApiKey(KEY), ApiKey(RESTRICTED, EVERYTHING))
    with offline(tmp_path, keys=keys) as server:
        yield World(server)


@pytest.mark.parametrize("key", [KEY, RESTRICTED])
def test_everything_is_well(world: World, key: str) -> None:
    results = world.check(key)
    assert {each.verdict.state for each in results.all} == {CheckState.OK}
    assert "4.00" in results.told("stripe.price.monthly").replace(",", ".")
    assert ("restricted" in results.told("stripe.key.mode")) is (key == RESTRICTED)


@pytest.mark.parametrize(
    ("fields", "broken", "words"),
    [
        ({"charges_enabled": False}, "stripe.account.charges", "cannot charge"),
        ({"payouts_enabled": False}, "stripe.account.payouts", "no payouts"),
        (
            {"requirements": {"disabled_reason": "listed"}},
            "stripe.account.requirements",
            "restricted: listed",
        ),
        (
            {"requirements": {"past_due": ["external_account"], "currently_due": []}},
            "stripe.account.requirements",
            "overdue: external_account",
        ),
        (
            {"requirements": {"currently_due": ["company.tax_id"], "current_deadline": 1798761600}},
            "stripe.account.due",
            "due by 2027-01-01: company.tax_id",
        ),
    ],
)
def test_an_account_that_is_not_well(world: World, fields: Json, broken: str, words: str) -> None:
    world.put(account(**fields))
    results = world.check()
    assert results.failed == [broken]
    assert words in results.told(broken)
    assert "dashboard.stripe.com" in results.told(broken)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"active": False}, "archived"),
        ({"unit_amount": 0, "unit_amount_decimal": "0"}, "costs nothing"),
        ({"currency": "usd"}, "in usd, the company's currency is eur"),
        ({"interval": "year"}, "paid every year, not every month"),
        ({"interval": None}, "paid once, not every month"),
        ({"interval_count": 3}, "paid every 3 months, not every month"),
        ({"livemode": False}, "a price of test mode, the key is a live one"),
    ],
)
def test_a_price_that_cannot_be_charged(world: World, fields: Json, words: str) -> None:
    changes = {"interval": "month"} | fields
    world.server.state.delete("price", "price_month")
    world.put(price("price_month", **changes))
    results = world.check()
    assert results.failed == ["stripe.price.monthly"]
    assert words in results.told("stripe.price.monthly")


def test_prices_that_are_not_there_or_not_set(world: World) -> None:
    gone = WantedPrice("STRIPE_PRICE_YEARLY", "price_gone", 12, "eur")
    results = world.check(monthly=None, yearly=gone)
    assert results.failed == ["stripe.price.yearly"]
    assert results.ids(CheckState.SKIPPED) == ["stripe.price.monthly"]


def test_twelve_months_are_a_year(world: World) -> None:
    world.put(price("price_year", "month", interval_count=12))
    assert world.check().failed == []


@pytest.mark.parametrize(
    ("expected", "broken"),
    [
        ({"livemode": False, "publishable_livemode": False}, "stripe.key.mode"),
        ({"publishable_livemode": False}, "stripe.key.publishable"),
    ],
)
def test_keys_of_the_wrong_mode(world: World, expected: Json, broken: str) -> None:
    assert world.check(**expected).failed == [broken]


def test_a_publishable_key_need_not_be_set(world: World) -> None:
    results = world.check(publishable_livemode=None)
    assert results.ids(CheckState.SKIPPED) == ["stripe.key.publishable"]


def test_a_missing_right_is_named_once_with_all_that_needs_it(world: World) -> None:
    world.restrict(EVERYTHING - {"rak_charge_read", "rak_event_read"})
    results = world.check(RESTRICTED)
    assert results.failed == ["stripe.permissions"]
    told = results.told("stripe.permissions")
    assert "lacks rak_charge_read, for /v1/charges, /v1/refunds" in told
    assert "lacks rak_event_read, for /v1/events" in told


@pytest.mark.parametrize("right", ["rak_webhook_read", "rak_webhook_write"])
def test_rights_for_endpoints_are_told_apart(world: World, right: str) -> None:
    kept = READS if right == "rak_webhook_write" else READS - {right}
    world.restrict(kept)
    results = world.check(RESTRICTED)
    assert results.failed == ["stripe.permissions.webhooks"]
    assert right in results.told("stripe.permissions.webhooks")


def test_an_account_that_the_key_may_not_read_is_unknown(world: World) -> None:
    world.restrict(EVERYTHING - {"rak_accounts_kyc_basic_read"})
    results = world.check(RESTRICTED)
    assert results.failed == []
    assert results.ids(CheckState.UNKNOWN) == [
        f"stripe.account.{name}" for name in ("charges", "payouts", "requirements", "due")
    ]


def test_a_price_that_the_key_may_not_read_is_unknown(world: World) -> None:
    world.restrict(EVERYTHING - {"rak_plan_read"})
    results = world.check(RESTRICTED)
    assert results.failed == []
    assert results.ids(CheckState.UNKNOWN) == ["stripe.price.monthly", "stripe.price.yearly"]
    assert "rak_plan_read" in results.told("stripe.price.yearly")


@pytest.mark.parametrize(
    ("ahead", "broken"),
    [(20, "stripe.clock.skew"), (-20, "stripe.clock.skew"), (400, "stripe.clock")],
)
def test_a_clock_that_is_wrong(world: World, ahead: int, broken: str) -> None:
    results = world.check(ahead=ahead)
    assert results.failed == [broken]
    assert ("ahead of" if ahead > 0 else "behind") in results.told(broken)


def test_a_stripe_that_fails_fails_one_check(world: World) -> None:
    world.server.server.faults.add(status(500), path="/v1/account", times=None)
    results = world.check()
    assert results.failed == ["stripe.reachable"]
    assert "stripe.account.charges" in results.ids(CheckState.UNKNOWN)


def test_a_wrong_key_fails_one_check(world: World) -> None:
    del world.server.server.keys[KEY]
    results = world.check()
    assert results.failed == ["stripe.reachable"]
    assert "does not accept the key" in results.told("stripe.reachable")


def test_without_a_key_there_is_nothing_to_look_at() -> None:
    results = run(CHECKS, inspection(stripe=None))
    assert {each.verdict.state for each in results.all} == {CheckState.SKIPPED}
