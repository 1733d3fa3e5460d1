"""The plan of `webhooks rotate-secret`: a new endpoint beside the old one, later without it.

Stripe's API rolls no secret of an endpoint. So a second endpoint for the same URL, with everything
else the same, brings the new secret. While both are enabled every event comes twice, signed once
with each secret: whichever of the two the application has, it accepts one of them. Then the old
endpoint goes. The new one's metadata names the one it rotates, so each step knows where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stakactl.domain.webhooks.creation import Creation, creation_of
from stakactl.domain.webhooks.endpoints import MOST_ENDPOINTS, WantedEndpoint, WebhookEndpoint
from stakactl.domain.webhooks.register import serving


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """`old` is the endpoint whose secret ends, `new` the one that takes over, None before it is
    made. `is_full`: there is no room for it."""

    old: WebhookEndpoint | None
    new: WebhookEndpoint | None = None
    create: Creation | None = None
    remove: WebhookEndpoint | None = None
    is_full: bool = False

    @property
    def is_under_way(self) -> bool:
        return self.new is not None and self.old is not None

    @property
    def is_nothing(self) -> bool:
        return self.create is None and self.remove is None


def plan_rotation(
    wanted: WantedEndpoint,
    endpoints: Sequence[WebhookEndpoint],
    *,
    finish: bool,
    known_secret: str | None = None,
) -> RotationPlan:
    """`old` is None where no endpoint serves the URL, or where there is nothing to finish."""
    here = {endpoint.id: endpoint for endpoint in endpoints if endpoint.is_at(wanted.url)}
    for new in here.values():
        old = here.get(new.rotates or "")
        if old is not None:
            return RotationPlan(old, new, remove=old if finish else None)
    current = serving(wanted, endpoints, known_secret)
    if finish or current is None:
        return RotationPlan(None, current)
    same = creation_of(current)
    return RotationPlan(
        current,
        create=Creation(
            same.url, same.events, same.api_version, same.description, rotates=current.id
        ),
        is_full=len(endpoints) >= MOST_ENDPOINTS,
    )
