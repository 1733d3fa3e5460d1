"""The contract of StripeGateway on the SDK's gateway with an offline Stripe, and on the fake."""

from collections.abc import Sequence
from typing import Any

import pytest

from stakactl.adapters.stripe.objects import parse
from stakactl.demo.offline_stripe import faults
from stakactl.domain.stripe_objects import Account, StripeKind
from stakactl.operations.ports import StripeGateway, Unread, Wanted
from tests.adapters.stripe.offline_world import OfflineWorld
from tests.contract import Contract
from tests.contracts.stripe_gateway import (
    DAY,
    START,
    StripeGatewayContract,
    World,
    check_coverage,
    ids,
    read,
    sample,
)
from tests.fakes_stripe import FakeStripeGateway

Json = dict[str, Any]


class TestSdkGateway(StripeGatewayContract):
    @pytest.fixture
    def world(self, offline: OfflineWorld) -> World:
        return offline


class FakeWorld:
    def __init__(self) -> None:
        self._fake = FakeStripeGateway(account=Account("acct_contract", True, "Contract"))

    @property
    def gateway(self) -> StripeGateway:
        return self._fake

    def put(self, objects: Sequence[Json], *, livemode: bool = True) -> None:
        for fields in objects:
            if livemode:
                self._fake.put(parse(StripeKind(fields["object"]), fields))
                if "_payout" in fields:
                    self._fake.contents.setdefault(fields["_payout"], []).append(fields["id"])
            else:
                self._fake.other_mode.add(fields["id"])

    def delete(self, kind: StripeKind, object_id: str) -> None:
        self._fake.remove(kind, object_id)
        self._fake.deleted.add(object_id)


class TestFakeGateway(StripeGatewayContract):
    @pytest.fixture
    def world(self) -> World:
        return FakeWorld()


# -- what only the offline Stripe can show


def refunds(count: int) -> list[Json]:
    return [sample(StripeKind.REFUND, number, START) for number in range(count)]


ALL_REFUNDS = Wanted(StripeKind.REFUND, DAY)


def test_the_requests_are_ones_that_stripe_knows(offline: OfflineWorld) -> None:
    for kind in StripeKind:
        offline.put([sample(kind, number, START) for number in range(101)])
        assert len(ids(read(offline.gateway, Wanted(kind, DAY)))) == 101
        offline.gateway.retrieve(kind, "unknown_1")
    offline.gateway.account()
    offline.gateway.balance()
    list(offline.gateway.payout_transactions("po_1"))
    assert len(offline.server.requests) == 3 * len(StripeKind) + 3
    for request in offline.server.requests:
        assert request.method == "GET"
        Contract.load().check_request(request.method, request.path, request.params)


def test_canceled_subscriptions_are_listed_too(offline: OfflineWorld) -> None:
    kind = StripeKind.SUBSCRIPTION
    offline.put([{**sample(kind, 1, START), "status": "canceled"}, sample(kind, 2, START)])
    assert len(ids(read(offline.gateway, Wanted(kind, DAY)))) == 2


def test_a_whole_limit_is_used_without_a_429(offline: OfflineWorld) -> None:
    offline.put(refunds(1))
    started = offline.time.now
    for _ in range(250):
        read(offline.gateway, ALL_REFUNDS)
    assert {request.status for request in offline.server.requests} == {200}
    assert 250 / (offline.time.now - started) >= 0.95 * 25


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500),
        faults.status(503),
        faults.rate_limited("endpoint-rate"),
        faults.rate_limited(None),
        faults.reset(),
        faults.garbage(),
        faults.truncated(),
        faults.lost_reply(),
        faults.hang(),
    ],
    ids=lambda fault: f"{fault.kind.name}-{fault.status or fault.reason}",
)
def test_a_fault_in_the_middle_costs_no_object(offline: OfflineWorld, fault: faults.Fault) -> None:
    offline.put(refunds(250))
    offline.server.faults.add(fault, after=1)
    found = ids(read(offline.gateway, ALL_REFUNDS))
    assert len(found) == len(set(found)) == 250
    assert len(offline.server.requests) == 4


def test_faults_without_end_stop_the_list_in_time(offline: OfflineWorld) -> None:
    offline.put(refunds(250))
    offline.server.faults.add(faults.rate_limited(), times=None, after=2)
    started = offline.time.now
    *pages, unread = offline.gateway.read([ALL_REFUNDS])
    assert len(pages) == 2
    assert isinstance(unread, Unread)
    assert "given up" in unread.error.message
    assert offline.time.now - started <= 11
    check_coverage([*pages, unread], [ALL_REFUNDS])
