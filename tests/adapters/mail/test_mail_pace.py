"""Mails per minute, without waiting for one."""

from itertools import pairwise

import pytest

from stakactl.adapters.mail.pace import TokenBucket, Unhurried
from stakactl.operations.ports import MailPace


class Watch:
    """Seconds that pass only by sleeping, and by what the work takes."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("per_minute", [1, 7, 60, 6_000])
@pytest.mark.parametrize("work", [0.0, 0.4])
def test_no_minute_sees_more_than_its_limit(per_minute: int, work: float) -> None:
    watch = Watch()
    pace = TokenBucket(per_minute, clock=watch.time, sleep=watch.sleep)
    left: list[float] = []
    for _ in range(3 * per_minute):
        pace.wait()
        left.append(watch.now)
        watch.now += work
    for first, beyond in zip(left, left[per_minute:], strict=False):
        assert beyond - first >= 60 - 1e-6
    evenly = max(60 / per_minute, work)
    assert all(abs(later - sooner - evenly) < 1e-6 for sooner, later in pairwise(left))


def test_the_first_mail_waits_for_nobody() -> None:
    watch = Watch()
    TokenBucket(1, clock=watch.time, sleep=watch.sleep).wait()
    assert watch.slept == []


def test_a_slow_pace_claims_one_mail_at_a_time() -> None:
    paces: list[MailPace] = [TokenBucket(5), Unhurried()]
    assert [pace.ahead for pace in paces] == [1, 20]
    paces[1].wait()
    with pytest.raises(ValueError, match="at least one"):
        TokenBucket(0)
