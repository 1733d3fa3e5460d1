"""What a backup holds besides the store: the settings, secrets masked, and what Stripe has of us.

They are for a person who rebuilds a machine; nothing reads them back.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from stakactl.config.show import setting_rows
from stakactl.domain.stripe_account import Price

if TYPE_CHECKING:
    from stakactl.wiring.container import Container

#: Stripe answers a backup fast or not at all: it is made when things go wrong.
_SECONDS = 10.0


def surroundings_of(container: "Container") -> Mapping[str, Callable[[], Iterator[str]]]:
    """Name of the part → its lines; raises ServiceError while it is read."""
    parts: dict[str, Callable[[], Iterator[str]]] = {"settings.env": lambda: _settings(container)}
    if container.settings.stripe_secret_key is not None:
        parts["stripe/webhook_endpoints.ndjson"] = lambda: _endpoints(container)
        parts["stripe/prices.ndjson"] = lambda: _prices(container)
    return parts


def _settings(container: "Container") -> Iterator[str]:
    for row in setting_rows(container.settings):
        if row.value:
            yield f"{row.name}={json.dumps(row.value, ensure_ascii=False)}"


def _endpoints(container: "Container") -> Iterator[str]:
    stripe = container.inspectors(timeout_seconds=_SECONDS).webhook_endpoints
    for endpoint in stripe.list() if stripe else ():
        yield json.dumps(asdict(endpoint), default=str, ensure_ascii=False)


def _prices(container: "Container") -> Iterator[str]:
    settings = container.settings
    stripe = container.inspectors(timeout_seconds=_SECONDS).stripe
    for price_id in (settings.stripe_price_monthly, settings.stripe_price_yearly):
        if not price_id or stripe is None:
            continue
        price = stripe.price(price_id)
        if isinstance(price, Price):
            yield json.dumps(asdict(price), default=str, ensure_ascii=False)
