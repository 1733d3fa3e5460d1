"""What passes by itself is tried again: 429, network faults and 5xx, within a budget of seconds.

All retrying happens here, none in the SDK: it knows no plain 429 and no budget. Requests that
belong together share an `Outage`, so that the budget holds for all of them: once one request has
spent it while nothing else was answered, the others do not begin to spend theirs.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from stakactl.adapters.stripe.errors import Fault, explain

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_ALL = ""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _GivenUp:
    fault: Fault
    note: str


class Outage:
    """What the requests of one reading know about Stripe: which endpoint does not answer, or that
    none does. Safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[str] = Counter()
        self._down: dict[str, _GivenUp] = {}

    def answered(self, endpoint: str) -> None:
        with self._lock:
            for name in (endpoint, _ALL):
                self._answers[name] += 1
                self._down.pop(name, None)

    def answers(self, endpoint: str) -> tuple[int, int]:
        """How many there were so far: from this endpoint, and from all."""
        with self._lock:
            return self._answers[endpoint], self._answers[_ALL]

    def gave_up(self, endpoint: str, since: tuple[int, int], fault: Fault, note: str) -> None:
        """`since` are the `answers` when the request that gave up began."""
        with self._lock:
            for name, count in zip((endpoint, _ALL), since, strict=True):
                if self._answers[name] == count:
                    self._down[name] = _GivenUp(fault, note)

    def check(self, endpoint: str, doing: str) -> None:
        """Raises the StripeError that another request ended with, if this one would as well."""
        with self._lock:
            known = self._down.get(endpoint) or self._down.get(_ALL)
        if known is not None:
            raise known.fault.as_error(doing, known.note)


class Retry:
    """Exponential back-off with jitter: 0.25–0.5 s, 0.5–1 s … 4–8 s, or what Stripe asks for."""

    def __init__(
        self,
        budget_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._budget = budget_seconds
        self._clock = clock
        self._jitter = jitter

    def call(
        self,
        request: Callable[[], Answer],
        doing: str,
        secret: str,
        *,
        endpoint: str,
        outage: Outage,
        sleep: Callable[[float], object],
    ) -> Answer:
        """The answer of `request`, or StripeError: at once, or when no try is left in the budget.

        The causes are cut off: the SDK's messages hold whole answers, and with them names and
        addresses of customers.
        """
        import stripe

        since = outage.answers(endpoint)
        started = self._clock()
        attempt = 0
        while True:
            outage.check(endpoint, doing)
            attempt += 1
            try:
                answer = request()
            except stripe.StripeError as error:
                fault = explain(error, secret)
            else:
                outage.answered(endpoint)
                return answer
            if not fault.transient:
                outage.answered(endpoint)
                raise fault.as_error(doing)
            wait = self._delay(attempt, fault)
            tried_for = self._clock() - started
            if tried_for + wait > self._budget:
                note = _note(fault, attempt, tried_for, wait)
                outage.gave_up(endpoint, since, fault, note)
                raise fault.as_error(doing, note)
            sleep(wait)

    def _delay(self, attempt: int, fault: Fault) -> float:
        longest = min(_FIRST_DELAY * 2.0 ** min(attempt - 1, 10), _LONGEST_DELAY)
        return max(longest * (0.5 + 0.5 * self._jitter()), fault.retry_after or 0.0)


def _note(fault: Fault, attempts: int, tried_for: float, wait: float) -> str:
    tries = "one try" if attempts == 1 else f"{attempts} tries"
    asked = f", and it asks to wait {wait:.0f} s" if fault.retry_after == wait else ""
    return f" (given up after {tried_for:.0f} s and {tries}{asked})"
