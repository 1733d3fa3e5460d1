"""What Stripe says happened, and whether it has taken effect here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from stakactl.domain.stripe_objects import Event, StripeKind


class EventLog(Protocol):
    """The mirrored events; the mirror itself takes them in. An event has taken effect once its
    object was read after it happened."""

    def unprocessed(
        self, before: datetime | None = None, after: Event | None = None, limit: int = 500
    ) -> list[Event]:
        """Events that took no effect yet, oldest first: those that happened before a moment,
        and come after the given one."""

    def is_processed(self, event_id: str) -> bool: ...

    def get(self, event_id: str) -> Event | None: ...

    def mark_processed(self, event_ids: Iterable[str], at: datetime) -> None: ...

    def mark_read(
        self, kind: StripeKind, created_since: datetime, happened_before: datetime, at: datetime
    ) -> None:
        """Objects of this kind created since then were all read after `happened_before`: the
        events about those held took effect."""

    def mark_foreign(self, at: datetime) -> None:
        """Events about what is not mirrored have no effect to take."""
