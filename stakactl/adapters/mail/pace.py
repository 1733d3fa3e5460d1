"""Mails per minute: they leave evenly, so that no minute sees more of them than its limit."""

import time
from collections.abc import Callable


class Unhurried:
    """A MailPace without a limit."""

    ahead = 20

    def wait(self) -> None:
        """Every mail may leave at once."""


class TokenBucket:
    """A MailPace whose bucket holds one mail and fills evenly.

    A larger bucket would let a burst through, and then more than the limit within a minute.
    `clock` is monotonic seconds. One process only: of two senders each has its own.
    """

    ahead = 1

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if per_minute < 1:
            raise ValueError("at least one mail per minute")
        self._spacing = 60 / per_minute
        self._clock, self._sleep = clock, sleep
        self._full_at = float("-inf")

    def wait(self) -> None:
        while (seconds := self._full_at - self._clock()) > 0:
            self._sleep(seconds)
        self._full_at = self._clock() + self._spacing
