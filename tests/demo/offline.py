"""A running offline Stripe with the real SDK at its side, and a way to ask it without the SDK."""

import http.client
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe

from stakactl.demo.offline_stripe.server import DEMO_KEY, ApiKey, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from tests.demo.objects import ACCOUNT, NOW, make

TEST_KEY = "sk_test_offline_0000000000000000"
RESTRICTED_KEY = "rk_live_offline_0000000000000000"

KEYS = (
    ApiKey(DEMO_KEY),
    ApiKey(TEST_KEY),
    ApiKey(RESTRICTED_KEY, frozenset({"rak_charge_read", "rak_customer_write"})),
)


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: Any

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.body["error"]
        return error


@dataclass
class Offline:
    state: StripeState
    server: OfflineStripe
    clock: Clock
    client: stripe.StripeClient

    def ask(
        self,
        method: str,
        path: str,
        form: str = "",
        *,
        key: str | None = DEMO_KEY,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            connection.request(method, path, form or None, authorization | (headers or {}))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, json.loads(content))


@contextmanager
def offline(
    folder: Path, objects: Iterable[dict[str, Any]] = (), **options: Any
) -> Iterator[Offline]:
    """Starts on the world of that folder (new or as it was left) and adds the objects."""
    clock = Clock()
    http_client = stripe.RequestsClient(timeout=5)
    with StripeState(folder / "stripe.db") as state:
        state.put_many([make("account", ACCOUNT), *objects])
        arguments: dict[str, Any] = {"keys": KEYS, "now": clock, "sleep": lambda _: None}
        with OfflineStripe(state, **(arguments | options)) as server:
            client = stripe.StripeClient(
                DEMO_KEY,
                base_addresses={"api": server.base_url},
                http_client=http_client,
                max_network_retries=0,
            )
            try:
                yield Offline(state, server, clock, client)
            finally:
                http_client.close()  # type: ignore[no-untyped-call]
            assert server.errors == []
