"""A demo world served over HTTP, and the Container that works on it with the real adapters."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stakactl.adapters.database.store import Store
from stakactl.adapters.stripe.gateway import SdkStripeGateway
from stakactl.config import Settings
from stakactl.demo.home import DemoHome
from stakactl.demo.offline_stripe.api import Disturbance, Request, Response
from stakactl.demo.offline_stripe.server import DEMO_KEY, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.operations.import_orders import import_orders
from stakactl.output.progress import Silent
from stakactl.wiring import Container
from tests.contract import Contract
from tests.fakes_alerts import FakeMachine
from tests.operations.workshop import StandingClock

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NO_LIMIT = 1e6

Answer = tuple[Request, int, Any]


@dataclass
class NightlyWorld:
    """`answers` are all requests that reached the offline Stripe, with what it said."""

    home: DemoHome
    container: Container
    clock: StandingClock
    stripe: OfflineStripe
    answers: list[Answer] = field(default_factory=list)

    def put(self, **adapters: object) -> None:
        """Other adapters than the demo's own."""
        vars(self.container).update(adapters)

    def check_contract(self) -> None:
        """Each request is one that Stripe accepts, each answer one that Stripe gives."""
        contract = Contract.load()
        for request, status, body in self.answers:
            contract.check_request(request.method, request.path, request.query, request.form)
            contract.check_response(request.method, request.path, body, status=status)


@contextmanager
def nightly_world(
    folder: Path, database_url: str, *, seed: int, orders: int = 150, now: datetime = NOW
) -> Iterator[NightlyWorld]:
    """A seeded world with its orders imported; PDFs and mails go to folders."""
    home = DemoHome(folder / "demo")
    home.seed(seed, now, orders)
    clock = StandingClock(now)
    with ExitStack() as opened:
        state = opened.enter_context(StripeState(home.stripe_file))
        server = OfflineStripe(state, now=lambda: int(clock.now().timestamp()))
        container = Container(Settings.for_demo(home.path, secret_key=DEMO_KEY), Silent())
        world = NightlyWorld(home, container, clock, server)
        _record(server, world.answers)
        opened.enter_context(server)
        gateway = SdkStripeGateway(
            DEMO_KEY, server.base_url, NO_LIMIT, requests_per_second_per_endpoint=NO_LIMIT
        )
        opened.callback(gateway.close)
        store = Store.open(database_url)
        opened.callback(store.close)
        opened.callback(container.close)
        world.put(clock=clock, stripe=gateway, _store=store, machine=FakeMachine())
        taken = container.read_orders(home.orders_file, "ndjson", skip_bad=False)
        assert taken.problems == ()
        import_orders(container, taken.orders, ())
        yield world
        assert server.errors == []


def _record(server: OfflineStripe, answers: list[Answer]) -> None:
    handle = server.api.handle

    def recording(request: Request, disturbance: Disturbance | None = None) -> Response:
        response = handle(request, disturbance)
        answers.append((request, response.status, json.loads(response.body)))
        return response

    server.api.handle = recording  # type: ignore[method-assign]
