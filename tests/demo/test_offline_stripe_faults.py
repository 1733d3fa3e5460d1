"""Rate limits and injected faults, as the SDK meets them."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from stakactl.demo.offline_stripe.faults import (
    Fault,
    RateLimits,
    Rule,
    garbage,
    hang,
    latency,
    lost_reply,
    meanwhile,
    rate_limited,
    reset,
    status,
    truncated,
)
from stakactl.demo.offline_stripe.server import DEMO_KEY
from tests.demo.objects import session
from tests.demo.offline import TEST_KEY, Offline, offline

PATH = "/v1/checkout/sessions"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, [session(number) for number in range(5)]) as running:
        yield running


@pytest.mark.parametrize("fault", [reset(), lost_reply(), truncated(), hang(0.0)])
def test_broken_connections(demo: Offline, fault: Fault) -> None:
    demo.server.faults.add(fault)
    with pytest.raises(stripe.APIConnectionError):
        demo.client.v1.checkout.sessions.list()
    assert len(demo.client.v1.checkout.sessions.list().data) == 5


def test_garbage(demo: Offline) -> None:
    demo.server.faults.add(garbage())
    with pytest.raises(stripe.APIError):
        demo.client.v1.checkout.sessions.list()


@pytest.mark.parametrize("code", [500, 502, 503])
def test_server_failures(demo: Offline, code: int) -> None:
    demo.server.faults.add(status(code), times=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            demo.client.v1.checkout.sessions.list()
        assert caught.value.http_status == code
    assert demo.client.v1.checkout.sessions.list().data


@pytest.mark.parametrize(
    ("reason", "code"),
    [("global-rate", "rate_limit"), ("endpoint-rate", "rate_limit"), (None, "lock_timeout")],
)
def test_429s(demo: Offline, reason: str | None, code: str) -> None:
    demo.server.faults.add(rate_limited(reason))
    with pytest.raises(stripe.RateLimitError) as caught:
        demo.client.v1.checkout.sessions.list()
    headers, body = caught.value.headers or {}, caught.value.json_body
    assert isinstance(body, dict)
    assert body["error"]["code"] == code  # `caught.value.code` is None: the SDK drops it on a 429
    assert headers.get("Stripe-Rate-Limited-Reason") == reason


def test_one_page_of_a_list_can_be_missing_for_good(demo: Offline) -> None:
    """However often it is asked for; the pages before and after it are there."""
    demo.server.faults.add(status(500), path=PATH, page=2, times=None)
    pages = [f"{PATH}?limit=2"]
    pages += [f"{PATH}?limit=2&starting_after=cs_live_{number:05}" for number in (3, 1)]
    assert [demo.ask("GET", page).status for page in pages * 2] == [200, 500, 200] * 2


def test_things_happen_between_two_pages(demo: Offline) -> None:
    late = iter(range(5, 9))
    demo.server.faults.add(meanwhile(lambda: demo.state.put(session(next(late)))), times=2)
    first = demo.client.v1.checkout.sessions.list({"limit": 3})
    seen = [found.id for found in first.auto_paging_iter()]
    assert len(seen) == len(set(seen)) == 5
    assert len(demo.client.v1.checkout.sessions.list().data) == 7


def test_rules_choose_by_method_and_path_in_order_and_count(demo: Offline) -> None:
    faults = demo.server.faults
    faults.add(status(500), method="POST")
    faults.add(status(502), path="/v1/customers*")
    faults.add(status(503), times=None, after=1)
    statuses = [demo.ask("GET", path).status for path in ("/v1/customers", PATH, PATH, PATH)]
    assert statuses == [502, 200, 503, 503]
    faults.clear()
    assert demo.ask("POST", "/v1/customers").status == 200


def test_latency_adds_up_and_lets_the_request_through(tmp_path: Path) -> None:
    slept: list[float] = []
    rules = [Rule(latency(0.25), times=None), Rule(latency(0.5)), Rule(status(500), after=1)]
    with offline(tmp_path, sleep=slept.append, faults=rules) as demo:
        assert [demo.ask("GET", PATH).status for _ in range(2)] == [200, 500]
    assert slept == [0.75, 0.25]


def test_a_hanging_request_ends_when_the_server_stops(tmp_path: Path) -> None:
    ended = threading.Event()

    def ask(demo: Offline) -> None:
        with pytest.raises(http.client.RemoteDisconnected):
            demo.ask("GET", PATH)
        ended.set()

    with offline(tmp_path) as demo:
        demo.server.faults.add(hang())
        thread = threading.Thread(target=ask, args=(demo,))
        thread.start()
        while not demo.server.requests:
            thread.join(0.001)
    thread.join(5)
    assert ended.is_set()


def test_rate_limits_of_all_and_of_each_endpoint(tmp_path: Path) -> None:
    ticks = [100.0]
    limits = RateLimits(total=5, per_endpoint=3)
    with offline(tmp_path, rate_limits=limits, ticks=lambda: ticks[0]) as demo:

        def reasons(path: str, count: int, key: str = DEMO_KEY) -> list[str | None]:
            answers = [demo.ask("GET", path, key=key) for _ in range(count)]
            return [answer.headers.get("stripe-rate-limited-reason") for answer in answers]

        assert reasons("/v1/charges", 4) == [None, None, None, "endpoint-rate"]
        assert reasons("/v1/refunds", 3) == [None, None, "global-rate"]
        assert reasons("/v1/charges", 1, TEST_KEY) == [None]  # the other mode has its own
        ticks[0] += 0.4  # two tokens of all, more than one of the endpoint
        assert reasons("/v1/charges", 2) == [None, "endpoint-rate"]
        assert reasons("/v1/refunds", 2) == [None, "global-rate"]
        ticks[0] += 60  # no more than one second's worth is ever saved up
        assert reasons("/v1/charges", 4).count(None) == 3
        assert reasons("/v1/refunds", 3).count(None) == 2


def test_an_unlimited_server_is_the_default(demo: Offline) -> None:
    assert {demo.ask("GET", PATH).status for _ in range(120)} == {200}


def test_the_log_shows_what_was_asked(demo: Offline) -> None:
    demo.server.faults.add(reset(), path="/v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        demo.client.v1.customers.create({"metadata": {"a": "b"}}, {"idempotency_key": "k"})
    demo.client.v1.checkout.sessions.list({"created": {"gte": 5}, "limit": 1})
    first, second = demo.server.requests
    assert (first.method, first.path, first.status) == ("POST", "/v1/customers", None)
    assert first.headers["idempotency-key"] == "k"
    assert first.params == {"metadata": {"a": "b"}}
    assert (second.status, second.params) == (200, {"created": {"gte": "5"}, "limit": "1"})


def test_connections_are_kept_alive(demo: Offline) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", demo.server.port, timeout=5)
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    try:
        sockets = set()
        for _ in range(3):
            connection.request("GET", PATH, headers=headers)
            response = connection.getresponse()
            response.read()
            assert response.getheader("Connection") == "keep-alive"
            assert connection.sock is not None
            sockets.add(connection.sock.getsockname())
        assert len(sockets) == 1
    finally:
        connection.close()


def test_the_port_is_free_again_after_stopping(tmp_path: Path) -> None:
    with offline(tmp_path) as demo:
        port = demo.server.port
        assert demo.ask("GET", PATH).status == 200
    with offline(tmp_path, port=port) as demo:
        assert demo.server.port == port
        assert demo.ask("GET", PATH).status == 200
