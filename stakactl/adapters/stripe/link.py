"""One request to Stripe: within the rate limits, tried again within the budget, as JSON."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from stakactl.adapters.stripe.crew import Stopped
from stakactl.adapters.stripe.retry import Outage, Retry
from stakactl.adapters.stripe.throttle import Throttle
from stakactl.errors import ConfigurationError

if TYPE_CHECKING:
    from stakactl.adapters.stripe.sdk import Answer, Sdk, Watch

T = TypeVar("T")

_KEY = re.compile(r"(?:sk|rk)_(live|test)_[!-~]+")
#: How long a request that waits for another try may not notice that nobody wants it any more.
_DEAF_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """What requests that belong together share; `stopped` tells that nobody wants them any more."""

    outage: Outage = field(default_factory=Outage)
    stopped: Callable[[], bool] | None = None

    def check(self) -> None:
        if self.stopped is not None and self.stopped():
            raise Stopped

    def pause(
        self, seconds: float, sleep: Callable[[float], object], wanted: Callable[[], None]
    ) -> None:
        """Sleep, in steps if it can be stopped; `wanted` raises what ends the wait as well."""
        step = seconds if self.stopped is None else _DEAF_SECONDS
        while seconds > 0:
            sleep(min(step, seconds))
            self.check()
            wanted()
            seconds -= step


class Link:
    """Safe from many threads, which share the throttle; each thread has its own connection.

    `timeout_seconds` is for connecting and for each wait for data, `retry_budget_seconds` for all
    tries of one request together. `clock` is monotonic seconds; `watch` sees every answer.
    """

    def __init__(
        self,
        api_key: str,
        api_base: str | None,
        requests_per_second: float,
        timeout_seconds: float,
        retry_budget_seconds: float,
        *,
        requests_per_second_per_endpoint: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
        watch: "Watch | None" = None,
    ) -> None:
        key = _KEY.fullmatch(api_key)
        if key is None:
            raise ConfigurationError(
                "STRIPE_SECRET_KEY is not a secret key of Stripe",
                hint="it begins with sk_live_, sk_test_, rk_live_ or rk_test_",
            )
        self._api_key = api_key
        self.livemode = key[1] == "live"
        self._api_base = api_base.rstrip("/") if api_base else None
        self._timeout = timeout_seconds
        self._throttle = Throttle(
            requests_per_second, requests_per_second_per_endpoint, clock=clock, sleep=sleep
        )
        self._retry = Retry(retry_budget_seconds, clock=clock, jitter=jitter)
        self._sleep = sleep
        self._watch = watch
        self._lock = threading.Lock()
        self._sdk: Sdk | None = None

    def __repr__(self) -> str:
        return f"Link(livemode={self.livemode})"

    def get(
        self,
        endpoint: str,
        path: str,
        doing: str,
        params: Mapping[str, Any] | None = None,
        reading: Reading | None = None,
    ) -> object:
        """The JSON of `path`, whose rate limit is that of `endpoint`. Raises StripeError: `doing`
        says what was asked for. Raises Stopped when the reading was stopped before it was asked."""
        return self._request(endpoint, doing, lambda sdk: sdk.get(path, params or {}), reading)

    def post(
        self,
        endpoint: str,
        path: str,
        doing: str,
        params: Mapping[str, Any],
        idempotency_key: str,
    ) -> "Answer":
        """Every try has the same key, so the request is executed once however often an answer is
        lost. Raises StripeReplayed where the key's kept answer is a failure."""
        return self._request(
            endpoint, doing, lambda sdk: sdk.post(path, params, idempotency_key), None
        )

    def delete(self, endpoint: str, path: str, doing: str) -> "Answer":
        """Raises StripeAbsent for what is deleted already, by a try whose answer was lost too."""
        return self._request(endpoint, doing, lambda sdk: sdk.delete(path), None)

    def _request(
        self, endpoint: str, doing: str, ask: "Callable[[Sdk], T]", reading: Reading | None
    ) -> T:
        sdk = self._connected()
        shared = reading or Reading()

        def request() -> T:
            self._throttle.acquire(endpoint)
            shared.check()
            return ask(sdk)

        return self._retry.call(
            request,
            doing,
            self._api_key,
            endpoint=endpoint,
            outage=shared.outage,
            sleep=lambda seconds: shared.pause(
                seconds, self._sleep, lambda: shared.outage.check(endpoint, doing)
            ),
        )

    def close(self) -> None:
        """Close the connection of this thread; those of others end with their threads."""
        if self._sdk is not None:
            self._sdk.close()

    def _connected(self) -> "Sdk":
        """The SDK takes 0.13 s to import, so this waits for the first request."""
        with self._lock:
            if self._sdk is None:
                from stakactl.adapters.stripe.sdk import Sdk

                self._sdk = Sdk(self._api_key, self._api_base, self._timeout, self._watch)
            return self._sdk
