"""Making an endpoint so that a lost answer makes no second one, and loses no signing secret.

Stripe shows the signing secret in the answer to the creation and never again. When that answer is
lost, the endpoint is there and nobody knows its secret. Stripe keeps the answer to a POST under
its idempotency key for at least 24 hours and gives it again, secret included, to the same request
with the same key. So the key must be known again later, by a program that has no store:

- The key is a digest of all parameters and a counter. Other parameters make another key, so that
  Stripe never sees one key with two requests, which it refuses.
- Digest and counter are noted in the endpoint's metadata. An endpoint that is found later tells
  its key by itself, and its other fields tell whether it still is as it was made: only then is
  the request the same, and only then is it asked again. Otherwise another digest would come out,
  and with it a second endpoint.
- 23 hours, not 24: near the end Stripe may have forgotten the key, and would make a second one.
- The counter is for a key whose kept answer is of no use: it names an endpoint that was deleted
  since, or it is a failure, which Stripe keeps as well.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.webhooks.endpoints import (
    CREATION_KEY,
    MANAGED_BY,
    MANAGED_KEY,
    REPLACES_KEY,
    ROTATES_KEY,
    WebhookEndpoint,
)

RECOVERABLE_FOR = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Creation:
    """An endpoint to be made, instead of those in `replaces`, or beside the one it `rotates`."""

    url: str
    events: tuple[str, ...]
    api_version: str | None
    description: str | None = None
    replaces: tuple[str, ...] = ()
    rotates: str | None = None

    @property
    def digest(self) -> str:
        told = [
            self.url,
            sorted(set(self.events)),
            self.api_version,
            self.description,
            sorted(self.replaces),
            self.rotates,
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request for a creation; `number` begins at 1."""

    creation: Creation
    number: int = 1

    @property
    def idempotency_key(self) -> str:
        return f"stakactl-endpoint-{self.creation.digest}-{self.number}"

    @property
    def mark(self) -> str:
        return f"{self.creation.digest}.{self.number}"

    @property
    def events(self) -> tuple[str, ...]:
        """In one order, because another order would be another request."""
        return tuple(sorted(set(self.creation.events)))

    @property
    def metadata(self) -> Mapping[str, str]:
        told = {
            MANAGED_KEY: MANAGED_BY,
            CREATION_KEY: self.mark,
            REPLACES_KEY: ",".join(sorted(self.creation.replaces)),
            ROTATES_KEY: self.creation.rotates or "",
        }
        return {key: value for key, value in told.items() if value}

    def made(self, endpoint: WebhookEndpoint) -> bool:
        """Whether `endpoint` came out of this request."""
        return endpoint.metadata.get(CREATION_KEY) == self.mark


def creation_of(endpoint: WebhookEndpoint) -> Creation:
    """The creation that would make the endpoint as it is now."""
    return Creation(
        endpoint.url,
        endpoint.enabled_events,
        endpoint.api_version,
        endpoint.description,
        endpoint.replaces,
        endpoint.rotates,
    )


def recoverable(endpoint: WebhookEndpoint, now: datetime) -> Attempt | None:
    """The request whose answer tells the endpoint's secret once more; None where there is none."""
    if not endpoint.is_managed or now - endpoint.created_at >= RECOVERABLE_FOR:
        return None
    _, _, number = endpoint.metadata.get(CREATION_KEY, "").partition(".")
    if not number.isascii() or not number.isdigit():
        return None
    attempt = Attempt(creation_of(endpoint), int(number))
    return attempt if attempt.made(endpoint) else None
