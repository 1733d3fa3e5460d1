"""What passes by itself is tried again: 429, network faults and 5xx, within a budget of seconds.

All retrying happens here, none in the SDK: it knows no plain 429 and no budget.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from stakactl.adapters.stripe.errors import Fault, explain
from stakactl.errors import StripeError

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0

Answer = TypeVar("Answer")


class Retry:
    """Exponential back-off with jitter: 0.25–0.5 s, 0.5–1 s … 4–8 s, or what Stripe asks for."""

    def __init__(
        self,
        budget_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._budget = budget_seconds
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def call(self, request: Callable[[], Answer], doing: str, secret: str) -> Answer:
        """The answer of `request`, or StripeError: at once, or when no try is left in the budget.

        The causes are cut off: the SDK's messages hold whole answers, and with them names and
        addresses of customers.
        """
        import stripe

        started = self._clock()
        attempt = 0
        while True:
            attempt += 1
            try:
                return request()
            except stripe.StripeError as error:
                fault = explain(error, secret)
            if not fault.transient:
                raise fault.as_error(doing)
            wait = self._delay(attempt, fault)
            tried_for = self._clock() - started
            if tried_for + wait > self._budget:
                raise self._given_up(fault, doing, attempt, tried_for, wait)
            self._sleep(wait)

    def _delay(self, attempt: int, fault: Fault) -> float:
        longest = min(_FIRST_DELAY * 2.0 ** min(attempt - 1, 10), _LONGEST_DELAY)
        return max(longest * (0.5 + 0.5 * self._jitter()), fault.retry_after or 0.0)

    def _given_up(
        self, fault: Fault, doing: str, attempts: int, tried_for: float, wait: float
    ) -> StripeError:
        tries = "one try" if attempts == 1 else f"{attempts} tries"
        asked = f", and it asks to wait {wait:.0f} s" if fault.retry_after == wait else ""
        return fault.as_error(doing, f" (given up after {tried_for:.0f} s and {tries}{asked})")
