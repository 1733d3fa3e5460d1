"""The report of `webhooks list`."""

from collections.abc import Sequence

from stakactl.domain.webhooks.endpoints import (
    MOST_ENDPOINTS,
    WantedEndpoint,
    WebhookEndpoint,
    is_rotation,
)
from stakactl.domain.webhooks.register import serving
from stakactl.output.view import Column, Item, Kind, View

_ENDPOINTS = (
    Column("endpoint_id", "endpoint", min_width=12),
    Column("url", "url", min_width=24, max_width=60),
    Column("role", "role", style={"ours": "green", "duplicate": "red", "other": "dim"}),
    Column("status", "status", style={"enabled": "green", "disabled": "yellow"}),
    Column("api_version", "API version", priority=1),
    Column("events", "events", Kind.NUMBER, priority=2),
    Column("created_at", "created", Kind.DATE, priority=3),
    Column("managed", "by stakactl", priority=None),
    Column("description", "description", priority=None),
    Column("enabled_events", "types of event", priority=None),
)


def endpoints_view(
    endpoints: Sequence[WebhookEndpoint],
    wanted: WantedEndpoint | None,
    known_secret: str | None = None,
) -> View:
    ours = serving(wanted, endpoints, known_secret) if wanted else None
    roles = [_role(endpoint, ours) for endpoint in endpoints]
    return View(
        summary={
            "endpoints": len(endpoints),
            "room_for": max(MOST_ENDPOINTS - len(endpoints), 0),
            "duplicates": roles.count("duplicate"),
            "url": wanted.url if wanted else None,
        },
        items=[_item(each, role) for each, role in zip(endpoints, roles, strict=True)],
        columns=_ENDPOINTS,
        title="Webhook endpoints",
        notes=_list_notes(wanted, ours, roles),
        empty="Nothing is registered.",
    )


def _role(endpoint: WebhookEndpoint, ours: WebhookEndpoint | None) -> str:
    """Only enabled ones deliver, so only they are duplicates."""
    if ours is None or not endpoint.is_at(ours.url):
        return "other"
    if endpoint is ours:
        return "ours"
    if is_rotation(endpoint, ours):
        return "rotation"
    return "duplicate" if endpoint.is_enabled else "replaced"


def _list_notes(
    wanted: WantedEndpoint | None, ours: WebhookEndpoint | None, roles: list[str]
) -> tuple[str, ...]:
    if wanted is None:
        return ("STRIPE_WEBHOOK_URL is not set, so none of them is known to be ours",)
    if ours is None:
        return (f"stakactl webhooks register makes one for {wanted.url}",)
    if "duplicate" in roles:
        return ("stakactl webhooks disable ID stops a duplicate: every event comes twice",)
    return ()


def _item(endpoint: WebhookEndpoint, role: str) -> Item:
    return {
        "endpoint_id": endpoint.id,
        "url": endpoint.url,
        "role": role,
        "status": endpoint.status,
        "api_version": endpoint.api_version,
        "events": len(endpoint.enabled_events),
        "enabled_events": list(endpoint.enabled_events),
        "created_at": endpoint.created_at,
        "managed": endpoint.is_managed,
        "description": endpoint.description,
    }
