"""A paced token bucket: requests leave evenly, overall and per endpoint, never in a burst.

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
_LATENESS = 0.005


class Throttle:
    """Safe from many threads; `clock` is monotonic seconds."""

    def __init__(
        self,
        requests_per_second: float,
        requests_per_second_per_endpoint: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if requests_per_second <= 0 or requests_per_second_per_endpoint <= 0:
            raise ValueError("a rate of requests is more than zero")
        self._spacing = 1 / (requests_per_second * SHARE)
        self._endpoint_spacing = 1 / (requests_per_second_per_endpoint * SHARE)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._free_at = float("-inf")
        self._endpoint_free_at: dict[str, float] = {}

    def acquire(self, endpoint: str) -> None:
        """Return when one request to `endpoint` may leave.

        Nobody reserves a place ahead of time: threads that wait for a busy endpoint must not keep
        the others from idle ones.
        """
        while (wait := self._take(endpoint)) > 0:
            self._sleep(wait)

    def _take(self, endpoint: str) -> float:
        """Take a place now and return 0, or return the seconds until there may be one."""
        with self._lock:
            now = self._clock()
            endpoint_free_at = self._endpoint_free_at.get(endpoint, float("-inf"))
            wait = max(self._free_at, endpoint_free_at) - now
            if wait > 0:
                return wait
            earliest = now - _LATENESS
            self._free_at = max(self._free_at, earliest) + self._spacing
            self._endpoint_free_at[endpoint] = (
                max(endpoint_free_at, earliest) + self._endpoint_spacing
            )
            return 0
