"""A workshop whose Stripe is the offline one, over HTTP, with a seeded world in it.

`agrees` is the referee: whatever Stripe holds, the mirror holds just so.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from stakactl.adapters.database.mirror import rows
from stakactl.adapters.database.mirror.rows import TABLES
from stakactl.adapters.stripe.gateway import SdkStripeGateway
from stakactl.adapters.stripe.objects import parse
from stakactl.demo.offline_stripe.api import Disturbance, Request, Response
from stakactl.demo.offline_stripe.server import DEMO_KEY, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.world import SMALLEST, World, build_world
from stakactl.domain.stripe_objects import StripeKind, StripeObject, Subscription
from tests.operations.workshop import Workshop, workshop_on

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NO_LIMIT = 1e6
EVERYTHING = 1_000_000
#: The kinds that are read back as objects; of the others the ids are compared.
SHAPES = {
    shape.table: shape
    for shape in (
        rows.SESSIONS,
        rows.INTENTS,
        rows.CHARGES,
        rows.REFUNDS,
        rows.DISPUTES,
        rows.STRIPE_INVOICES,
        rows.SUBSCRIPTIONS,
        rows.PRODUCTS,
        rows.CUSTOMERS,
        rows.BALANCE_TRANSACTIONS,
        rows.PAYOUTS,
        rows.EVENTS,
    )
}


@dataclass
class OfflineShop:
    """`requests` are the paths asked for by a GET, in their order."""

    shop: Workshop
    state: StripeState
    server: OfflineStripe
    requests: list[str] = field(default_factory=list)

    def write(self, method: str, path: str, form: str = "") -> dict[str, Any]:
        """A change in Stripe, made by somebody else."""
        headers = {"authorization": f"Bearer {DEMO_KEY}"}
        answer = self.server.api.handle(Request(method, path, form=form, headers=headers))
        body: dict[str, Any] = json.loads(answer.body)
        assert answer.status == 200, body
        return body

    def living(self, kind: StripeKind) -> list[dict[str, Any]]:
        return self.state.list(kind.value, livemode=True, limit=EVERYTHING).objects

    def parsed(self, kind: StripeKind, fields: dict[str, Any]) -> StripeObject:
        """As the mirror gives it back: the items of a subscription are rows of their own."""
        found = parse(kind, fields)
        return replace(found, items=()) if isinstance(found, Subscription) else found

    def differences(self) -> list[str]:
        """What the mirror holds otherwise than Stripe, or not at all, or too much."""
        found = []
        since = self.shop.clock.now() - timedelta(days=30)
        for kind, table in TABLES.items():
            wanted = {fields["id"]: self.parsed(kind, fields) for fields in self.living(kind)}
            columns = SHAPES[table].columns if table in SHAPES else [table.c.id]
            query = select(*columns)
            if kind is StripeKind.EVENT:  # they are gone after a month
                wanted = {key: it for key, it in wanted.items() if it.created_at >= since}
                query = query.where(table.c.created_at >= since)
            with self.shop.database.database.read() as connection:
                held = {row[0]: row for row in connection.execute(query)}
            found += [f"{kind} {key}: missing" for key in wanted.keys() - held.keys()]
            found += [f"{kind} {key}: too much" for key in held.keys() - wanted.keys()]
            if table in SHAPES:
                both = wanted.keys() & held.keys()
                build = SHAPES[table].build
                found += [f"{kind} {key}" for key in both if build(held[key]) != wanted[key]]
        return sorted(found)


@contextmanager
def offline_shop(folder: Path, database_url: str, world: World) -> Iterator[OfflineShop]:
    with ExitStack() as opened:
        state = opened.enter_context(StripeState(folder / "stripe.db"))
        if not state.count("account"):
            state.put_many(world.stripe_objects)
            for fields in world.stripe_objects:
                if fields.get("_deleted"):
                    state.delete(fields["object"], fields["id"])
        shop = opened.enter_context(workshop_on(database_url))
        shop.clock.moment = NOW
        server = OfflineStripe(state, now=lambda: int(shop.clock.now().timestamp()))
        made = OfflineShop(shop, state, server)
        _record(made)
        opened.enter_context(server)
        gateway = SdkStripeGateway(
            DEMO_KEY,
            server.base_url,
            NO_LIMIT,
            retry_budget_seconds=5,
            requests_per_second_per_endpoint=NO_LIMIT,
        )
        opened.callback(gateway.close)
        shop.stripe = gateway  # type: ignore[assignment]
        yield made
        assert server.errors == []


def small_world(seed: int = 5) -> World:
    return build_world(seed, NOW, orders=SMALLEST)


def _record(made: OfflineShop) -> None:
    handle = made.server.api.handle

    def recording(request: Request, disturbance: Disturbance | None = None) -> Response:
        if request.method == "GET":
            made.requests.append(request.path)
        return handle(request, disturbance)

    made.server.api.handle = recording  # type: ignore[method-assign]
