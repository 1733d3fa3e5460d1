"""Idempotency keys: one effect, whatever happens to the answer or to the server."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from stakactl.demo.offline_stripe.faults import latency, lost_reply, status, truncated
from stakactl.demo.offline_stripe.state import StripeState
from tests.demo.objects import make, one_of_each
from tests.demo.offline import TEST_KEY, Answer, Offline, offline


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, one_of_each()) as running:
        yield running


def post(demo: Offline, path: str, form: str, key: str = "k1", **options: Any) -> Answer:
    return demo.ask("POST", path, form, headers={"Idempotency-Key": key}, **options)


def test_the_same_request_gets_the_same_answer(demo: Offline) -> None:
    first = post(demo, "/v1/refunds", "charge=ch_1&amount=500")
    second = post(demo, "/v1/refunds", "amount=500&charge=ch_1")  # the order does not matter
    assert first.body == second.body
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert demo.state.count("refund") == 2  # one was there before
    assert demo.client.v1.charges.retrieve("ch_1").amount_refunded == 500


def test_the_same_key_for_something_else_is_refused(demo: Offline) -> None:
    post(demo, "/v1/refunds", "charge=ch_1&amount=500")
    other = post(demo, "/v1/refunds", "charge=ch_1&amount=600")
    assert (other.status, other.error["type"]) == (400, "idempotency_error")
    assert "same parameters they were first used with" in other.error["message"]
    elsewhere = post(demo, "/v1/customers", "")
    assert "('/v1/customers' vs '/v1/refunds')" in elsewhere.error["message"]
    with pytest.raises(stripe.IdempotencyError):
        demo.client.v1.refunds.create({"charge": "ch_1"}, {"idempotency_key": "k1"})
    again = post(demo, "/v1/refunds", "charge=ch_1&amount=500")
    assert again.headers["idempotent-replayed"] == "true"


def test_keys_of_the_modes_are_apart_and_expire_after_a_day(demo: Offline) -> None:
    first = post(demo, "/v1/customers", "")
    assert post(demo, "/v1/customers", "", key="k1").body == first.body
    other_mode = demo.ask(
        "POST", "/v1/customers", "name=x", key=TEST_KEY, headers={"Idempotency-Key": "k1"}
    )
    assert other_mode.status == 200
    demo.clock.now += 24 * 3600
    assert post(demo, "/v1/customers", "name=x").status == 200


def test_what_was_refused_before_execution_is_not_kept(demo: Offline) -> None:
    assert post(demo, "/v1/customers", "nonsense=1").status == 400
    assert post(demo, "/v1/customers", "name=x").status == 200


def test_a_failed_execution_is_kept_without_its_effects(demo: Offline) -> None:
    first = post(demo, "/v1/refunds", "charge=ch_1&amount=9999999")
    demo.state.put(make("charge", "ch_1", amount=99_999_999, amount_captured=99_999_999))
    second = post(demo, "/v1/refunds", "charge=ch_1&amount=9999999")
    assert (first.status, second.status) == (400, 400)
    assert second.headers["idempotent-replayed"] == "true"


def test_a_500_is_kept_a_503_is_not(demo: Offline) -> None:
    demo.server.faults.add(status(503))
    assert post(demo, "/v1/customers", "").status == 503
    demo.server.faults.add(status(500))
    assert post(demo, "/v1/customers", "").status == 500
    again = post(demo, "/v1/customers", "")
    assert (again.status, again.headers["idempotent-replayed"]) == (500, "true")
    assert demo.state.count("customer") == 1


@pytest.mark.parametrize("fault", [lost_reply(), truncated()])
def test_a_lost_reply_is_executed_once(demo: Offline, fault: Any) -> None:
    demo.server.faults.add(fault, method="POST", path="/v1/refunds")
    params: Any = {"charge": "ch_1", "amount": 500}
    with pytest.raises(stripe.APIConnectionError):
        demo.client.v1.refunds.create(params, {"idempotency_key": "k1"})
    refund = demo.client.v1.refunds.create(params, {"idempotency_key": "k1"})
    charge = demo.client.v1.charges.retrieve("ch_1")
    assert (charge.amount_refunded, refund.amount) == (500, 500)
    assert demo.state.count("refund") == 2
    assert [request.status for request in demo.server.requests] == [200, 200, 200]


def test_the_sdk_retries_a_lost_reply_with_one_key(demo: Offline) -> None:
    demo.server.faults.add(lost_reply(), method="POST")
    client = stripe.StripeClient(
        "sk_live_offline_demo_0000000000000000",
        base_addresses={"api": demo.server.base_url},
        max_network_retries=2,
        http_client=NoPause(timeout=5),
    )
    client.v1.refunds.create({"charge": "ch_1", "amount": 500})
    assert demo.client.v1.charges.retrieve("ch_1").amount_refunded == 500


class NoPause(stripe.RequestsClient):
    """Retries at once."""

    def _sleep_time_seconds(self, *_: Any, **__: Any) -> float:
        return 0.0


def test_a_key_in_flight_is_a_409(tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        started.set()
        assert go_on.wait(10)

    answers: list[Answer] = []
    with offline(tmp_path, sleep=sleep) as demo:
        demo.server.faults.add(latency(1), method="POST")
        slow = threading.Thread(target=lambda: answers.append(post(demo, "/v1/customers", "")))
        slow.start()
        assert started.wait(10)
        meanwhile = post(demo, "/v1/customers", "")
        go_on.set()
        slow.join()
        assert (meanwhile.status, meanwhile.error["code"]) == (409, "idempotency_key_in_use")
        assert answers[0].status == 200
        assert post(demo, "/v1/customers", "").body == answers[0].body


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    with offline(tmp_path) as demo:
        first = post(demo, "/v1/customers", "name=Anne")
    with offline(tmp_path) as demo:
        again = post(demo, "/v1/customers", "name=Anne")
        assert again.headers["idempotent-replayed"] == "true"
        assert again.body == first.body
        assert demo.state.count("customer") == 1
        assert again.headers["request-id"] != first.headers["request-id"]


KILLED = """
import os, signal, sys
from pathlib import Path
import http.client
from stakactl.demo.offline_stripe.server import DEMO_KEY, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
server = OfflineStripe(StripeState(Path(sys.argv[1])))
server.start()
connection = http.client.HTTPConnection("127.0.0.1", server.port)
headers = {"Authorization": "Bearer " + DEMO_KEY, "Idempotency-Key": "k1"}
connection.request("POST", "/v1/customers", "name=Anne", headers)
assert connection.getresponse().status == 200
with server.state.transaction():
    server.state.put({"id": "cus_half", "object": "customer", "livemode": True, "created": 1})
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_server_kept_what_it_answered_and_nothing_half_done(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "stripe.db")], check=False)
    assert run.returncode == -9
    with offline(tmp_path) as demo:
        customers = demo.state.list("customer").objects
        assert [customer["name"] for customer in customers] == ["Anne"]
        demo.clock.now = customers[0]["created"]
        assert post(demo, "/v1/customers", "name=Anne").headers["idempotent-replayed"] == "true"


def test_two_servers_on_one_state_execute_a_key_once(tmp_path: Path) -> None:
    with offline(tmp_path) as one, StripeState(tmp_path / "stripe.db") as same:
        assert post(one, "/v1/customers", "").status == 200
        assert same.count("customer") == 1
        with offline(tmp_path) as other:
            assert post(other, "/v1/customers", "").headers["idempotent-replayed"] == "true"
