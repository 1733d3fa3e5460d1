"""What passes by itself is tried again, within the budget, until Ctrl-C."""

import signal
import threading

import pytest

from tests.adapters.stripe.gateway_setup import ACCOUNT, RATE_LIMITED, Setup, failure
from tests.adapters.stripe.scripted_server import (
    Hang,
    Reply,
    Reset,
    Step,
    refusal,
)

# -- what passes


def test_a_429_is_tried_again(setup: Setup) -> None:
    assert setup.start(RATE_LIMITED, RATE_LIMITED, ACCOUNT).account().id == "acct_1"
    assert setup.time.slept == [0.5, 1.0]


def test_a_429_storm_ends_with_the_budget(setup: Setup) -> None:
    error = failure(setup.start(RATE_LIMITED))
    assert sum(setup.time.slept) <= 60
    assert sum(setup.time.slept) > 60 - 8
    assert setup.time.slept[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    tries = len(setup.requests)
    assert tries == len(setup.time.slept) + 1
    assert f"given up after {sum(setup.time.slept):.0f} s and {tries} tries" in error.message
    assert "STRIPE_REQUESTS_PER_SECOND" in str(error.hint)


def test_jitter_only_shortens_the_wait(setup: Setup) -> None:
    setup.start(RATE_LIMITED, RATE_LIMITED, ACCOUNT, jitter=lambda: 0.0).account()
    assert setup.time.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    ("value", "slept"), [("7", 7.0), ("0", 0.5), ("nan", 0.5), ("-3", 0.5), ("soon", 0.5)]
)
def test_retry_after_is_obeyed(setup: Setup, value: str, slept: float) -> None:
    setup.start(refusal(429, "Slow down.", {"Retry-After": value}), ACCOUNT).account()
    assert setup.time.slept == [slept]


def test_nobody_waits_for_longer_than_the_budget(setup: Setup) -> None:
    error = failure(setup.start(refusal(429, "Slow down.", {"Retry-After": "3600"})))
    assert setup.time.slept == []
    assert "one try, and it asks to wait 3600 s" in error.message


@pytest.mark.parametrize("status", [409, 500, 502, 503])
def test_a_fault_of_stripe_is_tried_again(setup: Setup, status: int) -> None:
    assert setup.start(refusal(status, "Sorry."), ACCOUNT).account().id == "acct_1"
    assert len(setup.requests) == 2


def test_stripe_decides_whether_to_retry(setup: Setup) -> None:
    no, yes = ({"Stripe-Should-Retry": word} for word in ("false", "true"))
    failure(setup.start(refusal(500, "Sorry.", no)))
    assert len(setup.requests) == 1
    assert setup.start(refusal(400, "Locked.", yes), ACCOUNT).account().id == "acct_1"
    # "false" on a 429 means: not at once.
    assert setup.start(refusal(429, "Slow down.", no), ACCOUNT).account().id == "acct_1"


@pytest.mark.parametrize(
    "fault",
    [
        Reset(),
        Reply({"id": "acct_1"}, cut_to=5),
        Reply(b'{"id": "acct'),
        Reply(b"<html>Bad gateway</html>", status=502),
        Reply(b"\xff\xfe"),
        Reply(b"no gzip", headers={"Content-Encoding": "gzip"}),
        Reply({"error": None}, status=500),
        Reply({"error": ["x"]}, status=500),
        Reply({}, status=503),
    ],
    ids=["reset", "cut", "half", "html", "bytes", "gzip", "null", "array", "object"],
)
def test_a_broken_answer_is_tried_again(setup: Setup, fault: Step) -> None:
    assert setup.start(fault, ACCOUNT).account().id == "acct_1"
    assert len(setup.requests) == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Reset(), "the connection broke"),
        (Reply({"id": "acct_1"}, cut_to=5), "the answer was cut"),
        (Reply(b"<html>jane@example.org</html>"), "the answer is not Stripe's"),
        (Hang(), "no answer within the timeout"),
    ],
    ids=["reset", "cut", "html", "hang"],
)
def test_what_keeps_failing_is_explained(setup: Setup, fault: Step, reason: str) -> None:
    error = failure(setup.start(fault, timeout_seconds=0.1, retry_budget_seconds=0))
    assert reason in error.message
    assert "one try" in error.message
    assert "jane" not in error.message
    assert len(setup.requests) == 1


def test_a_refusal_of_a_proxy_is_not_tried_again(setup: Setup) -> None:
    error = failure(setup.start(Reply(b"<html>Forbidden</html>", status=403)))
    assert "the answer is not Stripe's" in error.message
    assert len(setup.requests) == 1


def test_nobody_listens(setup: Setup) -> None:
    gateway = setup.start(ACCOUNT, retry_budget_seconds=1)
    setup.server.close()
    assert "the connection was refused" in failure(gateway).message
    assert setup.time.slept == [0.5]


def test_each_try_waits_for_its_place(setup: Setup) -> None:
    gateway = setup.start(
        RATE_LIMITED, ACCOUNT, requests_per_second=0.1, requests_per_second_per_endpoint=0.1
    )
    gateway.account()
    assert sum(setup.time.slept) == pytest.approx(10 / 0.98, abs=0.01)


# -- Ctrl-C


def test_ctrl_c_ends_a_wait(setup: Setup) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    gateway = setup.start(RATE_LIMITED, sleep=interrupt)
    with pytest.raises(KeyboardInterrupt):
        gateway.account()
    assert len(setup.requests) == 1


def test_ctrl_c_ends_a_request(setup: Setup) -> None:
    main = threading.main_thread().ident
    assert main is not None
    gateway = setup.start(Hang(first=lambda: signal.pthread_kill(main, signal.SIGINT)))
    with pytest.raises(KeyboardInterrupt):
        gateway.account()
