"""The webhook endpoints registered in Stripe, and where a new signing secret goes."""

from dataclasses import dataclass, field
from typing import Protocol

from stakactl.domain.webhooks.creation import Attempt
from stakactl.domain.webhooks.endpoints import WebhookEndpoint
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import StripeError


@dataclass(frozen=True, slots=True)
class Created:
    """`endpoint` as it was when it was made. `replayed`: an earlier request made it, and its
    answer came once more."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class KeySpent:
    """Under this idempotency key Stripe keeps a failure: it will make no endpoint."""

    error: StripeError


class EndpointReader(Protocol):
    def list(self) -> tuple[WebhookEndpoint, ...]:
        """All of them, newest first, however many pages they fill."""


class StripeEndpoints(EndpointReader, Protocol):
    def get(self, endpoint_id: str) -> WebhookEndpoint | None: ...

    def create(self, attempt: Attempt) -> Created | KeySpent: ...

    def update(self, endpoint_id: str, update: EndpointUpdate) -> WebhookEndpoint:
        """Raises NotFound where there is none."""

    def note_secret(self, endpoint_id: str, mark: str) -> WebhookEndpoint:
        """Keep the mark of its secret in the endpoint's metadata."""

    def delete(self, endpoint_id: str) -> None:
        """Nothing happens where it is deleted already."""


class SecretSink(Protocol):
    """Where a signing secret goes that Stripe shows only once."""

    def require_room(self) -> None:
        """Raises before anything is made where a secret could not be kept."""

    def keep(self, secret: str) -> str:
        """Where it is now, for a person. Keeping what is there already changes nothing."""
