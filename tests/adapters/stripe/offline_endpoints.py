"""The webhook endpoints of an offline Stripe whose time stands until a test moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
from stakactl.adapters.stripe.link import Link
from stakactl.demo.offline_stripe.server import DEMO_KEY, ApiKey, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from tests.demo.objects import NOW, make


class OfflineEndpoints:
    """`endpoints` try each request once; `patient` ones try it again, without waiting."""

    def __init__(self, state: StripeState) -> None:
        self.state = state
        self._now = NOW
        self.server = OfflineStripe(
            state,
            now=lambda: self._now,
            keys=[ApiKey(DEMO_KEY), ApiKey("rk_live_reads", frozenset({"rak_webhook_read"}))],
        )
        self.server.start()
        self.endpoints = self.opened(retry_seconds=0)
        self.patient = self.opened(retry_seconds=60)

    def opened(self, *, retry_seconds: float, key: str = DEMO_KEY) -> SdkStripeEndpoints:
        link = Link(
            key,
            self.server.base_url,
            1e6,
            5,
            retry_seconds,
            requests_per_second_per_endpoint=1e6,
            sleep=lambda _: None,
        )
        return SdkStripeEndpoints(link)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    def wait(self, hours: float) -> None:
        self._now += int(hours * 3600)

    def put(self, number: int, url: str, **fields: object) -> str:
        """An endpoint that somebody else registered."""
        id = f"we_{number:05}"
        plain: dict[str, object] = {
            "status": "enabled",
            "enabled_events": ["*"],
            "metadata": {},
            "api_version": None,
            "created": NOW - 1_000_000 + number,
        }
        obj = make("webhook_endpoint", id, url=url) | plain | fields
        obj.pop("secret", None)
        self.state.put(obj)
        return id

    def posts(self) -> list[str]:
        return [request.path for request in self.server.requests if request.method == "POST"]


@contextmanager
def offline_endpoints(folder: Path) -> Iterator[OfflineEndpoints]:
    with StripeState(folder / "stripe.sqlite") as state:
        world = OfflineEndpoints(state)
        yield world
        world.endpoints.close()
        world.patient.close()
        world.server.stop()
        assert world.server.errors == []
