import threading

import pytest

from stakactl.adapters.stripe.throttle import SHARE, Throttle
from tests.adapters.stripe.scripted_server import FakeTime


def departures(throttle: Throttle, time: FakeTime, endpoints: list[str]) -> list[float]:
    times = []
    for endpoint in endpoints:
        throttle.acquire(endpoint)
        times.append(time.now)
    return times


def most_in_one_second(times: list[float]) -> int:
    return max(sum(start <= t < start + 1 for t in times) for start in times)


@pytest.mark.parametrize("rate", [1, 20, 25, 100])
def test_an_endpoint_gets_nearly_its_rate_and_never_more(rate: int) -> None:
    time = FakeTime()
    throttle = Throttle(1_000, rate, clock=time.clock, sleep=time.sleep)
    times = departures(throttle, time, ["/v1/charges"] * (rate * 10))
    assert most_in_one_second(times) <= rate
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * rate


def test_all_endpoints_together_keep_the_overall_rate() -> None:
    time = FakeTime()
    throttle = Throttle(40, 25, clock=time.clock, sleep=time.sleep)
    times = departures(throttle, time, ["/v1/charges", "/v1/refunds", "/v1/disputes"] * 100)
    assert most_in_one_second(times) <= 40
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * 40


def test_a_busy_endpoint_does_not_delay_another() -> None:
    time = FakeTime()
    throttle = Throttle(100, 1, clock=time.clock, sleep=time.sleep)
    throttle.acquire("/v1/charges")
    before = time.now
    throttle.acquire("/v1/refunds")
    assert 0 < time.now - before <= 1 / (100 * SHARE)


def test_an_idle_time_is_not_saved_up_for_a_burst() -> None:
    time = FakeTime()
    throttle = Throttle(25, 25, clock=time.clock, sleep=time.sleep)
    throttle.acquire("/v1/charges")
    time.now += 60
    assert most_in_one_second(departures(throttle, time, ["/v1/charges"] * 100)) <= 25


def test_a_sleep_that_lasts_too_long_does_not_cost_the_rate() -> None:
    time = FakeTime()
    throttle = Throttle(25, 25, clock=time.clock, sleep=lambda seconds: time.sleep(seconds + 0.004))
    times = departures(throttle, time, ["/v1/charges"] * 250)
    assert most_in_one_second(times) <= 25
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * 25


class Departures(FakeTime):
    """Notes when requests leave: a gate looks at the clock last when it lets one through."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: dict[int, float] = {}

    def clock(self) -> float:
        self.looks[threading.get_ident()] = now = super().clock()
        return now


@pytest.mark.parametrize(("overall", "endpoint", "threads"), [(100, 25, 8), (100, 25, 40)])
def test_many_threads_never_exceed_a_limit(overall: int, endpoint: int, threads: int) -> None:
    time, lock = Departures(), threading.Lock()
    throttle = Throttle(overall, endpoint, clock=time.clock, sleep=time.sleep)
    left: dict[str, list[float]] = {f"/v1/{number}": [] for number in range(5)}

    def work(number: int) -> None:
        name = f"/v1/{number % 5}"
        for _ in range(25):
            throttle.acquire(name)
            with lock:
                left[name].append(time.looks[threading.get_ident()])

    started = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    everything = sorted(at for times in left.values() for at in times)
    assert len(everything) == threads * 25
    assert most_in_one_second(everything) <= overall
    assert max(most_in_one_second(sorted(times)) for times in left.values()) <= endpoint


@pytest.mark.parametrize(("overall", "endpoint"), [(0, 25), (25, 0), (-1, 25)])
def test_a_rate_is_more_than_zero(overall: float, endpoint: float) -> None:
    with pytest.raises(ValueError, match="more than zero"):
        Throttle(overall, endpoint)
