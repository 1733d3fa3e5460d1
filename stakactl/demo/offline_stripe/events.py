"""What changes leaves an event, as in Stripe: a snapshot, what it was before, who asked.

Nothing is delivered: webhooks are the product's own subject. `pending_webhooks` says how many
enabled endpoints would be waiting for it.
"""

from stakactl.demo.offline_stripe.resources.model import Call
from stakactl.demo.offline_stripe.state import StripeObject


def emit(
    call: Call, type: str, obj: StripeObject, before: StripeObject | None = None
) -> StripeObject:
    """Adds an event about `obj`, in the transaction of the change that it tells of."""
    data: StripeObject = {"object": obj}
    if before is not None:
        data["previous_attributes"] = difference(before, obj)
    event: StripeObject = {
        "id": call.state.new_id("event", livemode=call.livemode),
        "object": "event",
        "api_version": call.api_version,
        "created": call.now,
        "data": data,
        "livemode": call.livemode,
        "pending_webhooks": _listeners(call, type),
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": type,
    }
    call.state.put(event)
    return event


def difference(before: StripeObject, after: StripeObject) -> StripeObject:
    """The old values of what changed; inside a hash only its changed parts."""
    old: StripeObject = {}
    for name in {**before, **after}:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if isinstance(was, dict) and isinstance(now, dict):
            old[name] = difference(was, now)
        else:
            old[name] = was
    return dict(sorted(old.items()))


def _listeners(call: Call, type: str) -> int:
    endpoints = call.state.list("webhook_endpoint", livemode=call.livemode, limit=100).objects
    return sum(
        endpoint["status"] == "enabled" and not {"*", type}.isdisjoint(endpoint["enabled_events"])
        for endpoint in endpoints
    )
