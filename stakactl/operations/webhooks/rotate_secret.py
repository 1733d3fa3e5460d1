"""`webhooks rotate-secret`: a new endpoint beside the old one; with `finish` the old one goes."""

from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.webhooks.endpoints import WantedEndpoint, WebhookEndpoint
from stakactl.domain.webhooks.rotation import RotationPlan, plan_rotation
from stakactl.errors import Refused
from stakactl.operations.ports.endpoints import SecretSink, StripeEndpoints
from stakactl.operations.webhooks.creating import keep_secret, make_endpoint, recover_secret
from stakactl.operations.webhooks.register import no_destination, no_room


@dataclass(frozen=True, slots=True)
class RotationReport:
    """`endpoint` is the one with the new secret, as soon as it is there."""

    plan: RotationPlan
    endpoint: WebhookEndpoint | None
    done: bool = False
    secret_kept_in: str | None = None
    secret_is_known: bool = False


def plan_of_rotation(
    stripe: StripeEndpoints,
    wanted: WantedEndpoint,
    *,
    finish: bool,
    known_secret: str | None = None,
) -> RotationReport:
    """What the next step would do now. Changes nothing; raises Refused where it may not."""
    endpoints = stripe.list()
    plan = plan_rotation(wanted, endpoints, finish=finish, known_secret=known_secret)
    if plan.create is not None:
        if plan.old is not None and not plan.old.is_enabled:
            raise Refused(
                f"{plan.old.id} is disabled: there is nothing to rotate beside it",
                hint="stakactl webhooks register enables it",
            )
        if plan.is_full:
            raise no_room(len(endpoints))
    elif plan.old is None and plan.new is None:
        raise Refused(
            f"no webhook endpoint is registered for {wanted.url}",
            hint="stakactl webhooks register",
        )
    if plan.remove is not None and plan.new is not None:
        _require_takeover(plan.remove, plan.new, known_secret)
    known = plan.new is not None and plan.new.has_secret(known_secret)
    return RotationReport(plan, plan.new, secret_is_known=known)


def _require_takeover(old: WebhookEndpoint, new: WebhookEndpoint, known_secret: str | None) -> None:
    """Once the old endpoint is gone, an application with its secret refuses every event."""
    if not new.is_enabled:
        raise Refused(
            f"{new.id}, which is to take over, is disabled",
            hint=f"stakactl webhooks enable {new.id}",
        )
    if old.has_secret(known_secret):
        raise Refused(
            f"STRIPE_WEBHOOK_SECRET still is the secret of {old.id}, which would be deleted",
            hint="give the application and these settings the new secret first; within 23 h "
            "stakactl webhooks rotate-secret --write-env writes it again",
        )


def rotate_secret(
    stripe: StripeEndpoints, report: RotationReport, sink: SecretSink | None, now: datetime
) -> RotationReport:
    """Carry the step out. A new endpoint needs a `sink` for its secret."""
    plan, endpoint = report.plan, report.endpoint
    secret: str | None = None
    where: str | None = None
    if plan.create is not None:
        if sink is None:
            raise no_destination()
        sink.require_room()
        made = make_endpoint(stripe, plan.create)
        endpoint, secret = made.endpoint, made.secret
    elif endpoint is not None and plan.remove is None and sink and not report.secret_is_known:
        secret = recover_secret(stripe, endpoint, now)
    if endpoint is not None and secret is not None and sink is not None:
        endpoint, where = keep_secret(stripe, endpoint, secret, sink)
    if plan.remove is not None:
        stripe.delete(plan.remove.id)
    known = report.secret_is_known or where is not None
    return RotationReport(plan, endpoint, True, where, known)
