"""A gateway on a server that answers as a script says, and short ways to ask and look."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from stakactl.adapters.stripe.gateway import SdkStripeGateway
from stakactl.domain.stripe_objects import StripeKind
from stakactl.errors import ExitCode, StripeError
from stakactl.operations.ports import Page, Unread, Wanted, Window
from tests.adapters.stripe.scripted_server import (
    FakeTime,
    Reply,
    Request,
    ScriptedServer,
    Step,
    refusal,
)

KEY = "sk_test_51SentinelSecretOfThisTest"
NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
ACCOUNT = Reply({"id": "acct_1", "object": "account"})
RATE_LIMITED = refusal(429, "Request rate limit exceeded.", {"Stripe-Rate-Limited-Reason": "x"})


#: So slow that one worker does it all: the script is followed in order.
ONE_BY_ONE: dict[str, Any] = {"requests_per_second": 4}


class Setup:
    """A server with a script, a gateway that talks to it, and the gateway's time."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self._closing: list[Callable[[], None]] = []

    def start(self, *script: Step, key: str = KEY, **options: Any) -> SdkStripeGateway:
        self.server = ScriptedServer(*script)
        settings: dict[str, Any] = {
            "requests_per_second": 1e9,
            "requests_per_second_per_endpoint": 1e9,
            "timeout_seconds": 5.0,
            "retry_budget_seconds": 60.0,
            "clock": self.time.clock,
            "sleep": self.time.sleep,
            "jitter": lambda: 1.0,
        }
        gateway = SdkStripeGateway(key, self.server.url, **{**settings, **options})
        self._closing += [gateway.close, self.server.close]
        return gateway

    @property
    def requests(self) -> list[Request]:
        return self.server.requests

    def close(self) -> None:
        for close in self._closing:
            close()


def refund(number: int) -> dict[str, Any]:
    return {
        "id": f"re_{number}",
        "object": "refund",
        "created": 1_793_500_000 - number,
        "amount": number,
        "currency": "eur",
        "status": "succeeded",
    }


def read(gateway: SdkStripeGateway, kind: StripeKind, window: Window) -> list[Page | Unread]:
    return list(gateway.read([Wanted(kind, window)]))


def found(parts: Iterable[Page | Unread]) -> list[str]:
    return [each.id for part in parts if isinstance(part, Page) for each in part.objects]


def unread(parts: Iterable[Page | Unread]) -> Unread:
    (only,) = (part for part in parts if isinstance(part, Unread))
    return only


def failure(gateway: SdkStripeGateway) -> StripeError:
    with pytest.raises(StripeError) as caught:
        gateway.account()
    assert caught.value.exit_code is ExitCode.INCOMPLETE
    assert KEY not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value
