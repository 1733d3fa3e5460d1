"""The checks `endpoint.*`: the webhook endpoint in Stripe is the one that the settings ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from stakactl.domain.checks import Severity, Verdict, Verdicts, failed, passed, skipped
from stakactl.domain.webhooks.endpoints import (
    MOST_ENDPOINTS,
    WantedEndpoint,
    WebhookEndpoint,
    is_rotation,
)
from stakactl.domain.webhooks.register import serving
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading

_REGISTER = "stakactl webhooks register"
_LOOK = "stakactl webhooks list"


@dataclass(frozen=True, slots=True)
class Registered:
    """All endpoints of the account and mode, beside the one that is wanted."""

    wanted: WantedEndpoint
    all: tuple[WebhookEndpoint, ...]

    @property
    def ours(self) -> WebhookEndpoint | None:
        return serving(self.wanted, self.all)

    @property
    def here(self) -> tuple[WebhookEndpoint, ...]:
        return tuple(endpoint for endpoint in self.all if endpoint.is_at(self.wanted.url))

    @property
    def nearest(self) -> WebhookEndpoint | None:
        """An endpoint whose URL a person could take for ours: the same but for its case, the
        slash at its end or its scheme."""
        ours = _squeezed(self.wanted.url)
        return next((each for each in self.all if _squeezed(each.url) == ours), None)


def _squeezed(url: str) -> str:
    return url.lower().partition("://")[2].rstrip("/")


def _read(inspection: Inspection, _: Found) -> Registered:
    wanted = inspection.wanted_endpoint
    if wanted is None:
        raise NotWanted("STRIPE_WEBHOOK_URL is not set")
    if inspection.webhook_endpoints is None:
        raise NotWanted("STRIPE_SECRET_KEY is not set")
    return Registered(wanted, inspection.webhook_endpoints.list())


ENDPOINTS = Reading("the webhook endpoints", _read)


def _of_ours(
    judge: Callable[[Registered, WebhookEndpoint], Verdict],
) -> Callable[[Found], Verdicts]:
    """A judgement of the endpoint that serves our URL; without one, that alone has failed."""

    def judged(found: Found) -> Verdict:
        registered = found[ENDPOINTS]
        ours = registered.ours
        if ours is None:
            return skipped(f"no endpoint is registered for {registered.wanted.url}")
        return judge(registered, ours)

    return judged


def _registered(found: Found) -> Verdict:
    registered = found[ENDPOINTS]
    ours = registered.ours
    if ours is not None:
        return passed(ours.id, subject=ours.url)
    count = len(registered.all)
    return failed(
        f"none of {count} endpoints has this URL" if count else "there is no endpoint",
        _REGISTER,
        subject=registered.wanted.url,
    )


def _url(found: Found) -> Verdict:
    registered = found[ENDPOINTS]
    if registered.ours is not None:
        return passed(registered.ours.url)
    nearest = registered.nearest
    if nearest is None:
        return skipped(f"no endpoint is registered for {registered.wanted.url}")
    return failed(
        f"{nearest.id} has {nearest.url}, which is not {registered.wanted.url}",
        f"correct STRIPE_WEBHOOK_URL, or {_REGISTER}",
        subject=nearest.id,
    )


def _enabled(_: Registered, ours: WebhookEndpoint) -> Verdict:
    if ours.is_enabled:
        return passed("enabled", subject=ours.id)
    return failed(
        "disabled: Stripe sends no event, and never sends what it held back",
        f"stakactl webhooks enable {ours.id}",
        subject=ours.id,
    )


def _events(registered: Registered, ours: WebhookEndpoint) -> Verdict:
    missing = registered.wanted.missing_events(ours)
    if missing:
        return failed(f"does not get {', '.join(missing)}", _REGISTER, subject=ours.id)
    return passed(f"all of {len(registered.wanted.events)}", subject=ours.id)


def _version(registered: Registered, ours: WebhookEndpoint) -> Verdict:
    has = ours.api_version or "the account's default"
    wanted = registered.wanted
    if wanted.accepts_version(ours):
        return passed(has, subject=ours.id)
    return failed(
        f"{has}, but the application parses {wanted.api_version}",
        f"{_REGISTER} makes an endpoint of that version, then disables this one; or correct "
        "STRIPE_API_VERSION",
        subject=ours.id,
    )


def _duplicates(registered: Registered, ours: WebhookEndpoint) -> Verdict:
    others = [each for each in registered.here if each.is_enabled and each is not ours]
    doubles = [each.id for each in others if not is_rotation(each, ours)]
    if doubles:
        return failed(
            f"{', '.join(doubles)} at the same URL: every event comes more than once",
            "; ".join(f"stakactl webhooks disable {id}" for id in doubles),
            subject=ours.id,
        )
    if others:
        return passed(
            f"{others[0].id} too, while the secret is renewed: stakactl webhooks rotate-secret "
            "--finish ends that",
            subject=ours.id,
        )
    return passed("none", subject=ours.id)


def _count(found: Found) -> Verdict:
    count = len(found[ENDPOINTS].all)
    if count >= MOST_ENDPOINTS:
        return failed(
            f"{count}, and Stripe allows {MOST_ENDPOINTS}: none can be registered or renewed",
            f"{_LOOK}, then stakactl webhooks delete ID of one that nobody needs",
        )
    return passed(f"{count} of {MOST_ENDPOINTS}")


def _check(
    what: str,
    title: str,
    judge: Callable[[Found], Verdicts],
    severity: Severity = Severity.ERROR,
) -> Check:
    return Check(f"endpoint.{what}", title, judge, (ENDPOINTS,), severity)


#: None answers for the list: that Stripe does not give it is told by `stripe.reachable` or
#: `stripe.permissions`.
CHECKS: tuple[Check, ...] = (
    _check("registered", "A webhook endpoint is registered for our URL", _registered),
    _check("url", "Its URL is exactly STRIPE_WEBHOOK_URL", _url),
    _check("enabled", "It is enabled", _of_ours(_enabled)),
    _check("events", "It gets every event that the application handles", _of_ours(_events)),
    _check("version", "Its API version is the one the application parses", _of_ours(_version)),
    _check("duplicates", "No other endpoint has the same URL", _of_ours(_duplicates)),
    _check("count", "There is room for another endpoint", _count, Severity.WARNING),
)
