"""OfflineStripe: the offline Stripe as a thing that starts, answers and stops.

with StripeState(path) as state, OfflineStripe(state) as server:
    client = StripeClient(DEMO_KEY, base_addresses={"api": server.base_url})
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from stakactl.demo.offline_stripe.api import API_VERSION, StripeApi
from stakactl.demo.offline_stripe.faults import FaultInjector, RateLimiter, RateLimits, Rule
from stakactl.demo.offline_stripe.http import LoggedRequest, StripeHttpServer
from stakactl.demo.offline_stripe.keys import ApiKey, load_keys
from stakactl.demo.offline_stripe.state import StripeState

__all__ = ["API_VERSION", "DEMO_KEY", "ApiKey", "LoggedRequest", "OfflineStripe"]

#: The only key of a demo. It has the shape of a live key, because the demo shows live data.
DEMO_KEY = "sk_live_offline_demo_0000000000000000"

_REMEMBERED = 10_000


def _now() -> int:
    return int(time.time())


class OfflineStripe:
    """Serves a state on 127.0.0.1; everything that depends on time can be replaced.

    `now` is the time of Stripe's objects, `ticks` that of the rate limits, `sleep` what an
    injected latency does (by default: wait until it is over or the server stops).
    """

    def __init__(
        self,
        state: StripeState,
        *,
        port: int = 0,
        keys: Iterable[ApiKey] | None = None,
        now: Callable[[], int] = _now,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        rate_limits: RateLimits | None = None,
        faults: Iterable[Rule] = (),
    ) -> None:
        known = tuple(keys) if keys is not None else load_keys(state) or (ApiKey(DEMO_KEY),)
        self.state = state
        self.keys: dict[str, ApiKey] = {key.secret: key for key in known}
        self.requests: deque[LoggedRequest] = deque(maxlen=_REMEMBERED)
        self.faults = FaultInjector()
        for rule in faults:
            self.faults.add_rule(rule)
        self._sleep = sleep
        self._thread: threading.Thread | None = None
        limiter = RateLimiter(rate_limits, ticks) if rate_limits else None
        self.api = StripeApi(state, keys=self.keys, now=now, sleep=self._wait, limiter=limiter)
        self._http = StripeHttpServer(
            ("127.0.0.1", port), self.api, self.faults, self.requests.append
        )
        self.port = int(self._http.server_address[1])
        self.base_url = f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> list[BaseException]:
        """Bugs of the offline Stripe itself: each was answered as a 500."""
        return self.api.errors

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def serve_forever(self) -> None:
        """Serves in this thread until interrupted: for a server that runs alone."""
        try:
            self._http.serve_forever()
        finally:
            self._http.server_close()

    def stop(self) -> None:
        """Finishes the requests that are being answered, then frees the port."""
        if self._thread is None:
            self._http.server_close()
            return
        self._http.stop()
        self._thread.join()
        self._thread = None

    def _wait(self, seconds: float) -> None:
        if self._sleep is not None:
            self._sleep(seconds)
        else:
            self._http.stopping.wait(seconds)

    def __enter__(self) -> "OfflineStripe":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
