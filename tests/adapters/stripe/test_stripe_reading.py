"""Many windows read at once from an offline Stripe: whole, or told what is unread, in time."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from stakactl.adapters.stripe.gateway import PATHS, SdkStripeGateway
from stakactl.demo.offline_stripe import faults
from stakactl.domain.stripe_objects import StripeKind
from stakactl.errors import StripeError
from stakactl.operations.ports import Page, Unread, Wanted, Window
from tests.adapters.stripe.gateway_setup import NOVEMBER, RATE_LIMITED, Setup, refund
from tests.adapters.stripe.offline_world import OfflineWorld
from tests.adapters.stripe.scripted_server import (
    FakeTime,
    Hang,
    Reply,
    Reset,
    Step,
    listing,
    refusal,
)
from tests.contracts.stripe_gateway import DAY, START, check_coverage, ids, read, sample

SESSION = StripeKind.CHECKOUT_SESSION
#: As the first sync wants it: years in which nothing was sold, too.
EVER = Window(START - timedelta(days=5_000), START + timedelta(days=1))
BUDGET = 10.0


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "stripe-reader"]


def wait_for_the_end_of_threads() -> None:
    for thread in readers():
        thread.join(10)
        assert not thread.is_alive()


def hours(kind: StripeKind, count: int = 24) -> list[Wanted]:
    hour = timedelta(hours=1)
    return [Wanted(kind, Window(START + n * hour, START + (n + 1) * hour)) for n in range(count)]


# -- nothing is missed


@pytest.mark.parametrize(
    "sessions", [300, pytest.param(5_000, marks=pytest.mark.soak)], ids=["sample", "all"]
)
def test_sessions_that_are_inserted_while_others_are_read(
    offline: OfflineWorld, sessions: int
) -> None:
    """Bursts of 130 in one second; meanwhile Stripe goes on selling."""
    seconds = [START + timedelta(seconds=60 * (number // 130)) for number in range(sessions)]
    offline.put([sample(SESSION, number, at) for number, at in enumerate(seconds)])
    mirror: dict[str, int] = {}
    came = 0
    for number, part in enumerate(offline.gateway.read([Wanted(SESSION, EVER)])):
        assert isinstance(part, Page)
        for found in part.objects:
            mirror[found.id] = mirror.get(found.id, 0) + 1
        came += len(part.objects)
        offline.put([sample(SESSION, 900_000 + number, EVER.until)])
    assert len(mirror) == came == sessions


def test_a_dense_window_is_split(offline: OfflineWorld) -> None:
    seconds = [START + timedelta(seconds=20 * number) for number in range(2_500)]
    offline.put([sample(SESSION, number, at) for number, at in enumerate(seconds)])
    pages = read(offline.gateway, Wanted(SESSION, EVER))
    assert len(set(ids(pages))) == len(ids(pages)) == 2_500
    asked = {request.params["created"]["lt"] for request in offline.server.requests}  # type: ignore[index]
    assert len(asked) > 1
    assert {request.status for request in offline.server.requests} == {200}


def test_kinds_are_read_side_by_side(setup: Setup) -> None:
    """Each answer waits until both endpoints were asked."""
    both = threading.Barrier(2, timeout=10)
    gateway = setup.start(listing([], has_more=False))
    answer = setup.server._answer

    def together(handler: Any) -> None:
        both.wait()
        answer(handler)

    setup.server._answer = together  # type: ignore[method-assign]
    wanted = [Wanted(kind, NOVEMBER) for kind in (StripeKind.REFUND, StripeKind.CHARGE)]
    assert len(list(gateway.read(wanted))) == 2


# -- what fails


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (RATE_LIMITED, "too many requests"),
        (refusal(500, "Sorry."), "HTTP 500"),
        (Reset(), "the connection broke"),
        (Reply({"object": "list", "data": []}, cut_to=9), "the answer was cut"),
        (Hang(), "within the timeout"),  # of answering, or of connecting once its queue is full
        (listing([], has_more=True), "does not move on"),
    ],
    ids=["429", "500", "reset", "cut", "hang", "page missing"],
)
def test_each_window_tells_why_it_is_unread(setup: Setup, fault: Step, reason: str) -> None:
    gateway = setup.start(
        fault,
        timeout_seconds=0.4 if isinstance(fault, Hang) else 5.0,
        retry_budget_seconds=3.0,
        requests_per_second=100,
        requests_per_second_per_endpoint=25,
    )
    wanted = [*hours(StripeKind.REFUND), *hours(StripeKind.CHARGE)]
    started = setup.time.now
    parts = list(gateway.read(wanted))
    assert all(isinstance(part, Unread) and reason in part.error.message for part in parts)
    check_coverage(parts, wanted)
    assert setup.time.now - started <= 3 * 3.0  # the threads share one clock
    wait_for_the_end_of_threads()


def test_a_fault_of_one_kind_stops_no_other(offline: OfflineWorld) -> None:
    offline.put([sample(kind, n, START) for kind in StripeKind for n in range(3)])
    down = StripeKind.DISPUTE
    offline.server.faults.add(faults.status(500), path=PATHS[down], times=None)
    wanted = [each for kind in StripeKind for each in hours(kind, 4)]
    started = offline.time.now
    parts = list(offline.gateway.read(wanted))
    check_coverage(parts, wanted)
    assert {part.kind for part in parts if isinstance(part, Unread)} == {down}
    assert len([part for part in parts if isinstance(part, Unread)]) == 4
    assert len(ids(part for part in parts if isinstance(part, Page))) == 3 * (len(StripeKind) - 1)
    assert offline.time.now - started <= 2 * BUDGET


def test_a_missing_permission_stops_no_other_kind(offline: OfflineWorld) -> None:
    offline.server.faults.add(faults.status(403), path=PATHS[StripeKind.PAYOUT], times=None)
    parts = list(offline.gateway.read([Wanted(kind, DAY) for kind in StripeKind]))
    assert [part.kind for part in parts if isinstance(part, Unread)] == [StripeKind.PAYOUT]


def test_when_all_is_down_the_budget_is_spent_once(setup: Setup) -> None:
    """Not once for each window: what is left ends with the reason that is known."""
    gateway = setup.start(
        refusal(503, "Sorry."),
        retry_budget_seconds=BUDGET,
        requests_per_second=100,
        requests_per_second_per_endpoint=25,
    )
    wanted = [each for kind in StripeKind for each in hours(kind)]
    started = setup.time.now
    parts = list(gateway.read(wanted))
    assert len(parts) == len(wanted) == 24 * len(StripeKind)
    assert setup.time.now - started <= 2 * BUDGET
    assert len(setup.requests) < len(wanted)
    messages = {part.error.message for part in parts if isinstance(part, Unread)}
    assert all("HTTP 503" in message and "given up" in message for message in messages)


def test_retrieving_many_spends_the_budget_once(setup: Setup) -> None:
    gateway = setup.start(
        refusal(500, "Sorry."),
        retry_budget_seconds=BUDGET,
        requests_per_second=100,
        requests_per_second_per_endpoint=25,
    )
    wanted = [(StripeKind.REFUND, f"re_{number}") for number in range(500)]
    started = setup.time.now
    found = list(gateway.retrieve_many(wanted))
    assert sorted((kind, key) for kind, key, _ in found) == sorted(wanted)
    assert all(isinstance(what, StripeError) for _, _, what in found)
    assert {f"cannot read refund {key}" in str(what) for _, key, what in found} == {True}
    assert setup.time.now - started <= 2 * BUDGET
    assert len(setup.requests) < 100


# -- a consumer that stops


@pytest.fixture
def endless(setup: Setup) -> tuple[Setup, SdkStripeGateway]:
    """A list without end: each page has another object."""
    steps: list[Step] = [listing([refund(number)], has_more=True) for number in range(5_000)]
    return setup, setup.start(*steps)


def test_nobody_reads_on_for_a_consumer_that_stopped(
    endless: tuple[Setup, SdkStripeGateway],
) -> None:
    setup, gateway = endless
    parts = gateway.read([Wanted(StripeKind.REFUND, NOVEMBER)])
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    wait_for_the_end_of_threads()
    asked = len(setup.requests)
    assert asked < 200
    assert next(gateway.read([Wanted(StripeKind.REFUND, NOVEMBER)]))  # it can begin again


def test_ctrl_c_while_a_page_is_handled(endless: tuple[Setup, SdkStripeGateway]) -> None:
    _, gateway = endless

    def sync() -> None:
        for _ in gateway.read([Wanted(StripeKind.REFUND, NOVEMBER)]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync()
    wait_for_the_end_of_threads()


def test_a_wait_for_another_try_ends_with_the_consumer(setup: Setup) -> None:
    """Stripe asks to wait for an hour; nobody does once the consumer is gone."""
    slept, stopped = threading.Event(), threading.Event()
    time = FakeTime()

    def sleep(seconds: float) -> None:
        assert seconds <= 0.1
        slept.set()
        assert stopped.wait(10)

    one = listing([refund(1)], has_more=False)
    gateway = setup.start(
        one,
        refusal(429, "Slow down.", {"Retry-After": "3600"}),
        retry_budget_seconds=10_000,
        clock=time.clock,
        sleep=sleep,
    )
    parts = gateway.read(hours(StripeKind.REFUND, 2))
    assert isinstance(next(parts), Page)
    assert slept.wait(10)
    parts.close()  # type: ignore[attr-defined]
    stopped.set()
    wait_for_the_end_of_threads()
    assert len(setup.requests) == 2
