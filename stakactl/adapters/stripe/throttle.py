"""Paced gates: requests leave evenly, overall and per endpoint, never in a burst.

Stripe counts per second and answers 429 beyond its limits (https://docs.stripe.com/rate-limits).
Evenly spaced requests reach the limit without touching it, however many threads share it.
"""

import threading
import time
from collections.abc import Callable

#: The share of a limit that is used. The rest is room for the network, which bunches requests
#: that left evenly: at any rate, 2 % of a second is 20 ms.
SHARE = 0.98
#: A request that woke up late keeps its place in the schedule up to this many seconds.
_LATENESS = 0.01


class _Gate:
    """Lets one request through per `spacing` seconds.

    Whoever holds the lock is the next to leave; the others wait for the lock, not for the time,
    so that one thread wakes up per request and not all of them.
    """

    def __init__(
        self, spacing: float, clock: Callable[[], float], sleep: Callable[[float], object]
    ):
        self.lock = threading.Lock()
        self._spacing = spacing
        self._clock = clock
        self._sleep = sleep
        self._free_at = float("-inf")

    def wait(self) -> None:
        while (seconds := self._free_at - self._clock()) > 0:
            self._sleep(seconds)

    def leave(self) -> None:
        self._free_at = max(self._free_at, self._clock() - _LATENESS) + self._spacing


class Throttle:
    """Safe from many threads; `clock` is monotonic seconds."""

    def __init__(
        self,
        requests_per_second: float,
        requests_per_second_per_endpoint: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if requests_per_second <= 0 or requests_per_second_per_endpoint <= 0:
            raise ValueError("a rate of requests is more than zero")
        self._clock, self._sleep = clock, sleep
        self._endpoint_spacing = 1 / (requests_per_second_per_endpoint * SHARE)
        self._overall = _Gate(1 / (requests_per_second * SHARE), clock, sleep)
        self._endpoints: dict[str, _Gate] = {}
        self._lock = threading.Lock()

    def acquire(self, endpoint: str) -> None:
        """Return when one request to `endpoint` may leave.

        The endpoint's gate comes first: whoever waits there holds up nobody of another endpoint.
        """
        own = self._gate(endpoint)
        with own.lock:
            own.wait()
            with self._overall.lock:
                self._overall.wait()
                self._overall.leave()
            own.leave()

    def _gate(self, endpoint: str) -> _Gate:
        with self._lock:
            if endpoint not in self._endpoints:
                gate = _Gate(self._endpoint_spacing, self._clock, self._sleep)
                self._endpoints[endpoint] = gate
            return self._endpoints[endpoint]
