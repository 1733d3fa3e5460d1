"""StripeEndpoints in memory: with idempotency keys that are kept for a day, as Stripe does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stakactl.domain.webhooks.creation import Attempt
from stakactl.domain.webhooks.endpoints import (
    SECRET_MARK_KEY,
    EndpointStatus,
    WebhookEndpoint,
)
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import NotFound
from stakactl.operations.ports.endpoints import Created, KeySpent

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
_KEPT = timedelta(hours=24)


class FakeEndpoints:
    """`calls` are the changes asked for, in their order."""

    def __init__(self) -> None:
        self.now = NOW
        self.there: dict[str, WebhookEndpoint] = {}
        self.calls: list[str] = []
        self._answers: dict[str, tuple[datetime, Created]] = {}
        self._made = 0

    def put(self, *endpoints: WebhookEndpoint) -> None:
        self.there |= {endpoint.id: endpoint for endpoint in endpoints}

    def list(self) -> tuple[WebhookEndpoint, ...]:
        return tuple(reversed(self.there.values()))

    def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        return self.there.get(endpoint_id)

    def create(self, attempt: Attempt) -> Created | KeySpent:
        kept = self._answers.get(attempt.idempotency_key)
        if kept is not None and self.now - kept[0] < _KEPT:
            return replace(kept[1], replayed=True)
        self._made += 1
        self.calls.append("create")
        endpoint = WebhookEndpoint(
            id=f"we_made{self._made}",
            url=attempt.creation.url,
            status=EndpointStatus.ENABLED,
            enabled_events=attempt.events,
            api_version=attempt.creation.api_version,
            created_at=self.now,
            livemode=True,
            description=attempt.creation.description,
            metadata=attempt.metadata,
        )
        self.put(endpoint)
        created = Created(endpoint, f"whsec_{self._made}")
        self._answers[attempt.idempotency_key] = (self.now, created)
        return created

    def update(self, endpoint_id: str, update: EndpointUpdate) -> WebhookEndpoint:
        self.calls.append("update")
        endpoint = self._existing(endpoint_id)
        if update.events is not None:
            endpoint = replace(endpoint, enabled_events=update.events)
        if update.description is not None:
            endpoint = replace(endpoint, description=update.description)
        if update.enabled is not None:
            status = EndpointStatus.ENABLED if update.enabled else EndpointStatus.DISABLED
            endpoint = replace(endpoint, status=status)
        self.there[endpoint_id] = endpoint
        return endpoint

    def note_secret(self, endpoint_id: str, mark: str) -> WebhookEndpoint:
        endpoint = self._existing(endpoint_id)
        noted = replace(endpoint, metadata={**endpoint.metadata, SECRET_MARK_KEY: mark})
        self.there[endpoint_id] = noted
        return noted

    def delete(self, endpoint_id: str) -> None:
        self.calls.append("delete")
        self.there.pop(endpoint_id, None)

    def _existing(self, endpoint_id: str) -> WebhookEndpoint:
        if endpoint_id not in self.there:
            raise NotFound(f"no {endpoint_id}")
        return self.there[endpoint_id]


class FakeSink:
    """Keeps the secrets it was given."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def require_room(self) -> None:
        return

    def keep(self, secret: str) -> str:
        self.kept.append(secret)
        return "a safe place"


def endpoint(id: str, url: str, **fields: object) -> WebhookEndpoint:
    """An enabled endpoint for all events, made by hand two months ago."""
    plain = WebhookEndpoint(
        id=id,
        url=url,
        status=EndpointStatus.ENABLED,
        enabled_events=("*",),
        api_version=None,
        created_at=NOW - timedelta(days=60),
        livemode=True,
    )
    return replace(plain, **fields)  # type: ignore[arg-type] # any field of it
