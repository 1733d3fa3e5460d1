"""The application's own webhook: looked at from outside, and told of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


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
