"""`webhooks enable`, `disable` and `delete`: of one endpoint, or of all that serve our URL."""

from dataclasses import dataclass
from enum import StrEnum

from stakactl.domain.webhooks.endpoints import WantedEndpoint, WebhookEndpoint, is_rotation
from stakactl.domain.webhooks.register import EndpointUpdate, serving
from stakactl.errors import NotFound
from stakactl.operations.ports.endpoints import StripeEndpoints


class Switch(StrEnum):
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class SwitchReport:
    """`changed` are the endpoints that change, as they were; `kept` are so already, or stay off
    because another one replaced them."""

    switch: Switch
    changed: tuple[WebhookEndpoint, ...]
    kept: tuple[WebhookEndpoint, ...] = ()
    done: bool = False


def plan_of_switch(
    stripe: StripeEndpoints,
    switch: Switch,
    *,
    endpoint_id: str | None = None,
    ours: WantedEndpoint | None = None,
    known_secret: str | None = None,
) -> SwitchReport:
    """Of the named endpoint, or of all at our URL. Changes nothing; raises NotFound for neither.

    Enabling ours means the one that serves the URL, and one that renews its secret: others there
    were switched off because they were replaced.
    """
    endpoints = stripe.list()
    if endpoint_id is not None:
        meant = [endpoint for endpoint in endpoints if endpoint.id == endpoint_id]
        missing = f"no webhook endpoint {endpoint_id!r}"
        wanted = meant
    else:
        assert ours is not None  # noqa: S101 - one of the two is given
        meant = [endpoint for endpoint in endpoints if endpoint.is_at(ours.url)]
        missing = f"no webhook endpoint is registered for {ours.url}"
        one = serving(ours, endpoints, known_secret)
        wanted = [each for each in meant if one and (each is one or is_rotation(each, one))]
    if not meant:
        raise NotFound(missing, hint="stakactl webhooks list shows them")
    changed = {
        Switch.ENABLE: [endpoint for endpoint in wanted if not endpoint.is_enabled],
        Switch.DISABLE: [endpoint for endpoint in meant if endpoint.is_enabled],
        Switch.DELETE: meant,
    }[switch]
    kept = tuple(endpoint for endpoint in meant if endpoint not in changed)
    return SwitchReport(switch, tuple(changed), kept)


def switch_endpoints(stripe: StripeEndpoints, report: SwitchReport) -> SwitchReport:
    """Carry it out; what is done already when one fails stays done, and a rerun goes on."""
    for endpoint in report.changed:
        if report.switch is Switch.DELETE:
            stripe.delete(endpoint.id)
        else:
            enabled = report.switch is Switch.ENABLE
            stripe.update(endpoint.id, EndpointUpdate(enabled=enabled))
    return SwitchReport(report.switch, report.changed, report.kept, done=True)
