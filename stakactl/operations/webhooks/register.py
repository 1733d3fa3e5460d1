"""`webhooks register`: what is wanted becomes what is there, by one endpoint per URL."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.webhooks.endpoints import MOST_ENDPOINTS, WantedEndpoint, WebhookEndpoint
from stakactl.domain.webhooks.register import EndpointUpdate, RegisterPlan, plan_registration
from stakactl.errors import NotFound, Refused
from stakactl.operations.ports.endpoints import SecretSink, StripeEndpoints
from stakactl.operations.webhooks.creating import keep_secret, make_endpoint, recover_secret


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """`endpoint` is the one that serves the URL, None for a plan that would create it.

    `secret_kept_in` says where its secret was put, `secret_is_known` whether the settings have
    it or it was put somewhere now.
    """

    plan: RegisterPlan
    endpoint: WebhookEndpoint | None
    done: bool = False
    secret_kept_in: str | None = None
    secret_is_known: bool = False


def plan_of_registration(
    stripe: StripeEndpoints,
    wanted: WantedEndpoint,
    *,
    description: str | None = None,
    known_secret: str | None = None,
    replace: Collection[str] = (),
) -> RegisterReport:
    """What a registration would do now. Changes nothing; raises Refused where there is no room."""
    endpoints = stripe.list()
    unknown = sorted(set(replace) - {endpoint.id for endpoint in endpoints})
    if unknown:
        raise NotFound(
            f"no webhook endpoint {', '.join(unknown)}", hint="stakactl webhooks list shows them"
        )
    plan = plan_registration(
        wanted,
        endpoints,
        description=description,
        known_secret=known_secret,
        replace=replace,
    )
    if plan.create and plan.is_full:
        raise no_room(len(endpoints))
    known = plan.kept is not None and plan.kept.has_secret(known_secret)
    return RegisterReport(plan, plan.kept, secret_is_known=known)


def no_room(count: int) -> Refused:
    return Refused(
        f"there are {count} webhook endpoints, and Stripe allows {MOST_ENDPOINTS}: "
        "a new one cannot be created",
        hint="stakactl webhooks list shows them; stakactl webhooks delete ID makes room",
    )


def register(
    stripe: StripeEndpoints, report: RegisterReport, sink: SecretSink | None, now: datetime
) -> RegisterReport:
    """Carry the plan out. `sink` is where a secret goes; a plan that creates needs one.

    The order makes every interruption harmless: a new endpoint, its secret in a safe place, then
    the old ones off.
    """
    plan = report.plan
    where: str | None = None
    if plan.create is not None:
        if sink is None:
            raise no_destination()
        sink.require_room()
        made = make_endpoint(stripe, plan.create)
        endpoint, secret = made.endpoint, made.secret
    else:
        assert plan.kept is not None  # noqa: S101 - what is not created is there
        endpoint, secret = plan.kept, None
        if sink is not None and not report.secret_is_known:
            secret = recover_secret(stripe, endpoint, now)
    if secret is not None and sink is not None:
        endpoint, where = keep_secret(stripe, endpoint, secret, sink)
    if plan.update is not None:
        endpoint = stripe.update(endpoint.id, plan.update)
    for old in plan.disable:
        stripe.update(old.id, EndpointUpdate(enabled=False))
    known = report.secret_is_known or where is not None
    return RegisterReport(plan, endpoint, True, where, known)


def no_destination() -> Refused:
    return Refused(
        "Stripe shows the signing secret of a new endpoint once, and there is no place for it",
        hint="--write-env puts it into the .env in use, --secret-file FILE into a new file, "
        "--show-secret on the terminal",
    )
