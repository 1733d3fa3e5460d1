"""A webhook endpoint as Stripe has it, the one that is wanted, and when their URLs are the same.

Only a whole URL identifies an endpoint. Comparing hosts by substring would take
`https://example.com.evil.net/` or the test system beside it for ours.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stakactl.domain.webhooks.events import missing_events

#: The most that Stripe allows per account and mode (https://docs.stripe.com/webhooks).
MOST_ENDPOINTS = 16

MANAGED_BY = "stakactl"
#: Keys of an endpoint's metadata, in which everything about it is kept that Stripe does not:
#: commands on endpoints need no store of ours.
MANAGED_KEY = "managed_by"
CREATION_KEY = "stakactl_creation"
REPLACES_KEY = "stakactl_replaces"
ROTATES_KEY = "stakactl_rotates"
SECRET_MARK_KEY = "stakactl_secret_mark"  # noqa: S105 - a key of the metadata

_URL = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^/?#:@\s]+)(?::([0-9]+))?(/[^?#]*)?(.*)", re.I)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class EndpointStatus(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """`api_version` is None where the endpoint follows the account's default."""

    id: str
    url: str
    status: EndpointStatus
    enabled_events: tuple[str, ...]
    api_version: str | None
    created_at: datetime
    livemode: bool
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_enabled(self) -> bool:
        return self.status is EndpointStatus.ENABLED

    @property
    def is_managed(self) -> bool:
        """Whether stakactl made it."""
        return self.metadata.get(MANAGED_KEY) == MANAGED_BY

    @property
    def replaces(self) -> tuple[str, ...]:
        """Ids of the endpoints that it was made to stand in for."""
        return tuple(filter(None, self.metadata.get(REPLACES_KEY, "").split(",")))

    @property
    def rotates(self) -> str | None:
        """The id of the endpoint whose signing secret it renews."""
        return self.metadata.get(ROTATES_KEY) or None

    def is_at(self, url: str) -> bool:
        return same_url(self.url, url)

    def has_secret(self, mark: str | None) -> bool:
        """Whether `mark` is that of its signing secret; False where nobody noted it."""
        return mark is not None and self.metadata.get(SECRET_MARK_KEY) == mark


@dataclass(frozen=True, slots=True)
class WantedEndpoint:
    """`api_version` is what the application parses; None accepts what an endpoint has, and a new
    one gets the account's default."""

    url: str
    events: tuple[str, ...]
    api_version: str | None = None

    def accepts_version(self, endpoint: WebhookEndpoint) -> bool:
        return self.api_version is None or endpoint.api_version == self.api_version

    def missing_events(self, endpoint: WebhookEndpoint) -> tuple[str, ...]:
        return missing_events(endpoint.enabled_events, self.events)


def same_url(one: str, other: str) -> bool:
    """Whether both are the same address: scheme, host, port, path and query.

    The case of scheme and host, the port that the scheme implies and the first slash mean nothing
    in a URL. Everything else does: a slash at the end is another path.
    """
    return _normal(one) == _normal(other)


def host_of(url: str) -> str | None:
    """The host alone, in lower case; None where it is no web address."""
    match = _URL.fullmatch(url)
    return match[2].lower() if match else None


def _normal(url: str) -> tuple[str, ...]:
    match = _URL.fullmatch(url)
    if match is None:
        return (url,)
    scheme, host, port, path, rest = match.groups()
    scheme = scheme.lower()
    return scheme, host.lower(), port or _DEFAULT_PORTS[scheme], path or "/", rest


def secret_mark(secret: str) -> str:
    """What is noted of a signing secret, so that it can be recognised but not found out.

    A secret of Stripe's is random, too long to be guessed from a digest.
    """
    return hashlib.sha256(b"stakactl webhook secret\0" + secret.encode()).hexdigest()[:32]


def replaced_ids(endpoints: Iterable[WebhookEndpoint]) -> frozenset[str]:
    """The endpoints that another one stands in for, or whose secret another one renewed."""
    return frozenset(
        old
        for endpoint in endpoints
        for old in (*endpoint.replaces, endpoint.rotates)
        if old is not None
    )


def is_rotation(one: WebhookEndpoint, other: WebhookEndpoint) -> bool:
    """Whether one of them renews the secret of the other, so that both may stand side by side."""
    return one.rotates == other.id or other.rotates == one.id
