"""Events as Stripe sends them, made to tell an application what became of an object.

An event still in Stripe's feed is sent as it is, so that an application which remembers the ids
of events sees the one it knows. Where it is too old for the feed, or tells of a moment at which
the object was not yet what it is now, the body is made from the object as it is now.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from stakactl.domain.stripe_objects import Absence, StripeKind

Json = Mapping[str, Any]


class RawStripe(Protocol):
    """Stripe's objects as it sends them."""

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> Json | Absence: ...


class EventFeed(Protocol):
    def event_about(self, object_id: str, event_type: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; `types` are the events that say it, the best first."""

    kind: StripeKind
    object_id: str
    types: tuple[str, ...]


class EventSource:
    """Makes the event that tells an application of an object's state."""

    def __init__(self, stripe: RawStripe, feed: EventFeed, api_version: str | None) -> None:
        self._stripe = stripe
        self._feed = feed
        self._api_version = api_version

    def event_for(self, subject: Subject, now: int) -> Json | None:
        """None where Stripe has no such object."""
        live = self._stripe.raw(subject.kind, subject.object_id, api_version=self._api_version)
        if isinstance(live, Absence):
            return None
        for event_type in subject.types:
            event = self._from_feed(subject.object_id, event_type)
            if event is not None and _tells(event, live):
                return event
        return self._made(subject, live, now)

    def _from_feed(self, object_id: str, event_type: str) -> Json | None:
        event_id = self._feed.event_about(object_id, event_type)
        if event_id is None:
            return None
        event = self._stripe.raw(StripeKind.EVENT, event_id)
        return None if isinstance(event, Absence) else event

    def _made(self, subject: Subject, live: Json, now: int) -> Json:
        event_type = subject.types[-1]
        name = hashlib.sha256(f"{subject.object_id} {event_type}".encode()).hexdigest()[:24]
        return {
            "id": f"evt_{name}",
            "object": "event",
            "api_version": self._api_version,
            "created": now,
            "data": {"object": live},
            "livemode": live.get("livemode", False),
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": event_type,
        }


def _tells(event: Json, live: Json) -> bool:
    """Whether the event shows the object in the state that it is in now."""
    then = event.get("data", {}).get("object", {})
    names = ("status", "payment_status", "amount_refunded")
    return all(then.get(name) == live.get(name) for name in names)
