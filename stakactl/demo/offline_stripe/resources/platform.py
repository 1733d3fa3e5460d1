"""What an integration is told by: events, and the webhook endpoints that want them."""

import re
from urllib.parse import urlsplit

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.conditions import Glob
from stakactl.demo.offline_stripe.params import METADATA, boolean, list_of, text
from stakactl.demo.offline_stripe.resources.event_types import EVENT_TYPES
from stakactl.demo.offline_stripe.resources.model import (
    CREATED,
    Call,
    Filter,
    Resource,
    Write,
    changed,
    get_or_refuse,
    merged_metadata,
)
from stakactl.demo.offline_stripe.state import StripeObject

MAX_ENDPOINTS = 16
EVENTS_SHELF_LIFE = 30 * 24 * 3600
NOUN = "webhook endpoint"

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not bound


def create_endpoint(call: Call) -> StripeObject:
    """The only answer that ever shows the signing secret."""
    _check_events(call)
    _check_url(call)
    if call.state.count("webhook_endpoint", livemode=call.livemode) >= MAX_ENDPOINTS:
        mode = "live" if call.livemode else "test"
        raise refusals.StripeRefusal(
            400, f"You have reached the maximum of {MAX_ENDPOINTS} {mode} webhook endpoints."
        )
    version = call.params.get("api_version")
    if version is not None and not _VERSION.fullmatch(str(version)):
        raise refusals.StripeRefusal(
            400, f"Invalid Stripe API version: {version}", param="api_version"
        )
    endpoint: StripeObject = {
        "id": call.state.new_id("webhook_endpoint", livemode=call.livemode),
        "object": "webhook_endpoint",
        "api_version": version,
        "application": None,
        "created": call.now,
        "description": call.params.get("description"),
        "enabled_events": call.params["enabled_events"],
        "livemode": call.livemode,
        "metadata": merged_metadata({}, call.params.get("metadata")),
        "status": "enabled",
        "url": call.params["url"],
    }
    endpoint["secret"] = call.state.new_id("webhook_secret", livemode=call.livemode)
    call.state.put(endpoint)
    return endpoint


def _check_events(call: Call) -> None:
    wanted = call.params.get("enabled_events")
    if not isinstance(wanted, list):
        return
    for at, type in enumerate(wanted):
        if type != "*" and type not in EVENT_TYPES:
            raise refusals.value_invalid(
                f"enabled_events[{at}]", f"enabled_events[{at}]", f"'{type}' is no type of event"
            )


def _check_url(call: Call) -> None:
    """Test mode takes http and hosts without a public address, live mode neither."""
    if "url" not in call.params:
        return
    url = str(call.params["url"])
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        detail = "An explicit scheme (such as https) must be provided."
    elif call.livemode and parts.hostname in _LOCAL_HOSTS:
        detail = "URL must be publicly accessible."
    elif call.livemode and parts.scheme != "https":
        detail = "In live mode, the URL must begin with https."
    else:
        return
    raise refusals.StripeRefusal(400, f"Invalid URL: {detail}", code="url_invalid", param="url")


def _endpoint(call: Call) -> StripeObject:
    return get_or_refuse(call, "webhook_endpoint", NOUN, call.object_id, "webhook_endpoint")


def update_endpoint(call: Call) -> StripeObject:
    before = _endpoint(call)
    _check_events(call)
    _check_url(call)
    params = {**call.params}
    disabled = params.pop("disabled", None)
    after = changed(before, params)
    if disabled is not None:
        after["status"] = "disabled" if disabled else "enabled"
    call.state.put(after)
    return after


def delete_endpoint(call: Call) -> StripeObject:
    endpoint = _endpoint(call)
    call.state.delete("webhook_endpoint", endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _by_type(value: object) -> object:
    """`charge.*` is a group, `charge.refunded` a type. Nothing else of a pattern is special."""
    type = str(value)
    return Glob(type.replace("[", "[[]").replace("?", "[?]")) if "*" in type else type


def _by_delivery(value: object) -> object:
    return 0 if value else {"gt": 0}


_ENDPOINT = (
    text("description", clearable=True),
    METADATA,
)

RESOURCES = (
    Resource(
        kind="event",
        path="/v1/events",
        permission="event",
        noun="event",
        filters=(
            CREATED,
            Filter(boolean("delivery_success"), "pending_webhooks", _by_delivery),
            Filter(text("type"), to_condition=_by_type),
            Filter(list_of("types", maximum=20), "type"),
        ),
        exclusive=("type", "types"),
        shelf_life=EVENTS_SHELF_LIFE,
    ),
    Resource(
        kind="webhook_endpoint",
        path="/v1/webhook_endpoints",
        permission="webhook",
        noun=NOUN,
        id_param="webhook_endpoint",
        filters=(),
        create=Write(
            create_endpoint,
            (
                text("api_version"),
                list_of("enabled_events").needed(),
                text("url").needed(),
                *_ENDPOINT,
            ),
            frozenset({"connect"}),
        ),
        update=Write(
            update_endpoint,
            (boolean("disabled"), list_of("enabled_events"), text("url"), *_ENDPOINT),
        ),
        delete=delete_endpoint,
    ),
)
