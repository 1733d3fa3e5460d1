"""The plan of `webhooks register`: nothing, an update, or a new endpoint that replaces others.

An API version can only be given at the creation, so another one needs another endpoint: made
first, so that no event is lost, then the old one is disabled. Disabled, not deleted: a person can
go back. A rerun after an interruption finds by the new one's metadata what was to be disabled.

An endpoint at another URL is never ours to change, except one that certainly was this
application's before it moved: its signing secret is the one in our settings, or a person named it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from stakactl.domain.webhooks.creation import Creation
from stakactl.domain.webhooks.endpoints import (
    MOST_ENDPOINTS,
    WantedEndpoint,
    WebhookEndpoint,
    is_rotation,
    replaced_ids,
)
from stakactl.domain.webhooks.events import ALL_EVENTS

DESCRIPTION = "Registered by stakactl"


@dataclass(frozen=True, slots=True)
class EndpointUpdate:
    """What changes of an endpoint; None leaves a field as it is. `events` is the whole list."""

    events: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """`kept` is the endpoint that serves the URL and stays; None where one is created.

    `duplicates` get every event of the URL a second time and are left as they are: a person must
    decide. `moved` are endpoints of ours at other URLs that may have been this application's.
    """

    wanted: WantedEndpoint
    kept: WebhookEndpoint | None = None
    create: Creation | None = None
    update: EndpointUpdate | None = None
    disable: tuple[WebhookEndpoint, ...] = ()
    duplicates: tuple[WebhookEndpoint, ...] = ()
    moved: tuple[WebhookEndpoint, ...] = ()
    is_full: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.create or self.update or self.disable)


def plan_registration(
    wanted: WantedEndpoint,
    endpoints: Sequence[WebhookEndpoint],
    *,
    description: str | None = None,
    known_secret: str | None = None,
    replace: Collection[str] = (),
) -> RegisterPlan:
    """`known_secret` is the mark of the secret in our settings, `replace` the ids that a person
    wants to be replaced."""
    here = [endpoint for endpoint in endpoints if endpoint.is_at(wanted.url)]
    left = [
        endpoint
        for endpoint in endpoints
        if endpoint.is_enabled
        and not endpoint.is_at(wanted.url)
        and (endpoint.id in replace or (endpoint.is_managed and endpoint.has_secret(known_secret)))
    ]
    moved = tuple(
        endpoint
        for endpoint in endpoints
        if endpoint.is_managed
        and endpoint.is_enabled
        and endpoint not in left
        and not endpoint.is_at(wanted.url)
    )
    kept = _preferred(wanted, here, known_secret)
    if kept is None:
        old = (*(endpoint for endpoint in here if endpoint.is_enabled), *left)
        return RegisterPlan(
            wanted,
            create=_creation(wanted, description, old),
            disable=old,
            moved=moved,
            is_full=len(endpoints) >= MOST_ENDPOINTS,
        )
    beside = [endpoint for endpoint in here if endpoint.is_enabled and endpoint is not kept]
    disable = tuple(
        endpoint
        for endpoint in endpoints
        if endpoint.is_enabled
        and endpoint is not kept
        and (
            endpoint.id in kept.replaces
            or endpoint in left
            # One of ours with a version that the application does not parse.
            or (endpoint in beside and endpoint.is_managed and not wanted.accepts_version(endpoint))
        )
    )
    return RegisterPlan(
        wanted,
        kept=kept,
        update=_update(wanted, kept, description),
        disable=disable,
        duplicates=tuple(
            endpoint
            for endpoint in beside
            if endpoint not in disable and not is_rotation(endpoint, kept)
        ),
        moved=tuple(endpoint for endpoint in moved if endpoint not in disable),
    )


def serving(
    wanted: WantedEndpoint, endpoints: Iterable[WebhookEndpoint], known_secret: str | None = None
) -> WebhookEndpoint | None:
    """The endpoint that serves the wanted URL, whatever its version; None without one."""
    here = [endpoint for endpoint in endpoints if endpoint.is_at(wanted.url)]
    return _preferred(wanted, here, known_secret) or _preferred(
        WantedEndpoint(wanted.url, wanted.events), here, known_secret
    )


def _preferred(
    wanted: WantedEndpoint, here: Iterable[WebhookEndpoint], known_secret: str | None
) -> WebhookEndpoint | None:
    """Of several, the one that the application certainly verifies; else an enabled one; else one
    that no other replaced; else one of ours; else the oldest, the first that was set up."""
    here = tuple(here)
    replaced = replaced_ids(here)
    return min(
        (endpoint for endpoint in here if wanted.accepts_version(endpoint)),
        key=lambda endpoint: (
            not endpoint.has_secret(known_secret),
            not endpoint.is_enabled,
            endpoint.id in replaced,
            not endpoint.is_managed,
            endpoint.created_at,
            endpoint.id,
        ),
        default=None,
    )


def _creation(
    wanted: WantedEndpoint, description: str | None, old: Iterable[WebhookEndpoint]
) -> Creation:
    return Creation(
        wanted.url,
        (ALL_EVENTS,) if ALL_EVENTS in wanted.events else wanted.events,
        wanted.api_version,
        description or DESCRIPTION,
        tuple(endpoint.id for endpoint in old),
    )


def _update(
    wanted: WantedEndpoint, kept: WebhookEndpoint, description: str | None
) -> EndpointUpdate | None:
    """Events are added, never taken away: the application may use what we do not know of."""
    missing = wanted.missing_events(kept)
    events = (*kept.enabled_events, *missing) if missing else None
    update = EndpointUpdate(
        events=(ALL_EVENTS,) if ALL_EVENTS in missing else events,
        description=description if description not in (None, kept.description) else None,
        enabled=None if kept.is_enabled else True,
    )
    return None if update == EndpointUpdate() else update
