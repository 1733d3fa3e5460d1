"""The application's own webhook, and Stripe's feed of what it was or was not told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from stakactl.domain.stripe_objects import Event


@dataclass(frozen=True, slots=True)
class Address:
    """Where the webhook is. Only what is encrypted, or never leaves the machine, is sent to."""

    url: str
    host: str
    is_encrypted: bool
    is_loopback: bool

    @property
    def is_safe(self) -> bool:
        return self.is_encrypted or self.is_loopback


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that was verified for `host` at `seen_at`."""

    host: str
    seen_at: datetime
    ends_at: datetime
    issuer: str
    protocol: str


class WebhookInspector(Protocol):
    """Looks at the webhook from outside. Raises WebhookError where there is no answer at all."""

    @property
    def address(self) -> Address: ...
    @property
    def knows_secret(self) -> bool: ...

    def certificate(self) -> Certificate | None:
        """Connects; None where the address is not encrypted."""

    def get(self) -> int:
        """The status of a GET, which no webhook serves."""

    def post_forged(self) -> int:
        """The status of an event signed with a secret that nobody knows."""

    def post_signed(self) -> int:
        """The status of a rightly signed event of a type that nobody handles."""


class EventReceiver(Protocol):
    """The application, told of events as Stripe would tell it."""

    @property
    def host(self) -> str: ...

    def send(self, event: Mapping[str, Any]) -> None:
        """Raises WebhookError unless it was accepted."""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events of the feed. `type` may end in `.*`; `since` is included, `until` is not."""

    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    undelivered: bool = False


class EventFeed(Protocol):
    def feed(self, query: EventQuery) -> Iterator[Sequence[Event]]:
        """Page by page, newest first; asked for as they are taken."""
