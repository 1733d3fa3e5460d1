"""The webhook endpoints in Stripe: listed whole, made once, changed and deleted.

Making one is the request that must not be repeated blindly; `domain/webhooks/creation.py` says
how its idempotency key makes that safe. Updates and deletions are safe to repeat by nature.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from stakactl.adapters.stripe.errors import (
    StripeAbsent,
    StripeCursorLost,
    StripeRejected,
    StripeReplayed,
)
from stakactl.adapters.stripe.link import Link
from stakactl.adapters.stripe.spans import PAGE
from stakactl.domain.webhooks.creation import Attempt
from stakactl.domain.webhooks.endpoints import SECRET_MARK_KEY, EndpointStatus, WebhookEndpoint
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import NotFound, StripeError
from stakactl.operations.ports.endpoints import Created, KeySpent

_PATH = "/v1/webhook_endpoints"
_SETTINGS = {
    "url": "STRIPE_WEBHOOK_URL",
    "enabled_events": "STRIPE_WEBHOOK_EVENTS",
    "api_version": "STRIPE_API_VERSION",
}
#: Endpoints that are deleted while the list is read may take its cursor with them.
_MOST_STARTS = 3

_Json = Mapping[str, Any]


class SdkStripeEndpoints:
    """StripeEndpoints over one Link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def __repr__(self) -> str:
        return f"SdkStripeEndpoints({self._link!r})"

    def close(self) -> None:
        self._link.close()

    def list(self) -> tuple[WebhookEndpoint, ...]:
        for _ in range(_MOST_STARTS - 1):
            try:
                return self._list()
            except StripeCursorLost:
                continue
        return self._list()

    def _list(self) -> tuple[WebhookEndpoint, ...]:
        found: dict[str, WebhookEndpoint] = {}
        params: dict[str, Any] = {"limit": PAGE}
        doing = "list the webhook endpoints"
        while True:
            page = _object(self._link.get(_PATH, _PATH, doing, params), doing)
            before = len(found)
            found |= {each.id: each for each in _endpoints(page, doing)}
            if not page.get("has_more"):
                return tuple(found.values())
            if len(found) == before:
                raise StripeError(f"cannot {doing}: the list does not move on")
            params["starting_after"] = next(reversed(found))

    def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        doing = f"read the webhook endpoint {endpoint_id}"
        try:
            return _endpoint(self._link.get(_PATH, _path(endpoint_id), doing), doing)
        except StripeAbsent:
            return None

    def create(self, attempt: Attempt) -> Created | KeySpent:
        creation = attempt.creation
        params = {
            "url": creation.url,
            "enabled_events": list(attempt.events),
            "api_version": creation.api_version,
            "description": creation.description,
            "metadata": dict(attempt.metadata),
        }
        doing = f"create a webhook endpoint for {creation.url}"
        given = {name: value for name, value in params.items() if value is not None}
        try:
            answer = self._link.post(_PATH, _PATH, doing, given, attempt.idempotency_key)
        except StripeReplayed as error:
            return KeySpent(error)
        except StripeRejected as rejected:
            raise _of_setting(rejected) from None
        secret = _object(answer.json, doing).get("secret")
        if not isinstance(secret, str) or not secret:
            raise StripeError(
                f"cannot {doing}: the answer has no signing secret",
                hint="stakactl webhooks list shows whether it is there",
            )
        return Created(_endpoint(answer.json, doing), secret, answer.replayed)

    def update(self, endpoint_id: str, update: EndpointUpdate) -> WebhookEndpoint:
        params: dict[str, Any] = {}
        if update.events is not None:
            params["enabled_events"] = [*update.events]
        if update.description is not None:
            params["description"] = update.description
        if update.enabled is not None:
            params["disabled"] = not update.enabled
        return self._change(endpoint_id, params)

    def note_secret(self, endpoint_id: str, mark: str) -> WebhookEndpoint:
        return self._change(endpoint_id, {"metadata": {SECRET_MARK_KEY: mark}})

    def delete(self, endpoint_id: str) -> None:
        doing = f"delete the webhook endpoint {endpoint_id}"
        try:
            self._link.delete(_PATH, _path(endpoint_id), doing)
        except StripeAbsent:
            return

    def _change(self, endpoint_id: str, params: _Json) -> WebhookEndpoint:
        """A key of its own, because a later change back to the same values is another change."""
        doing = f"change the webhook endpoint {endpoint_id}"
        key = f"stakactl-{uuid.uuid4()}"
        try:
            answer = self._link.post(_PATH, _path(endpoint_id), doing, params, key)
        except StripeAbsent as absent:
            raise NotFound(absent.message, hint="stakactl webhooks list shows them") from None
        except StripeRejected as rejected:
            raise _of_setting(rejected) from None
        return _endpoint(answer.json, doing)


def _path(endpoint_id: str) -> str:
    """Nothing but an id may become part of a path."""
    if not (endpoint_id.isascii() and endpoint_id.replace("_", "").isalnum()):
        raise NotFound(
            f"{endpoint_id!r} is no id of a webhook endpoint",
            hint="stakactl webhooks list shows them",
        )
    return f"{_PATH}/{endpoint_id}"


def _of_setting(rejected: StripeRejected) -> StripeError:
    """What Stripe does not take came from a setting: it is named."""
    setting = _SETTINGS.get(rejected.param.partition("[")[0])
    hint = rejected.hint if setting is None else f"correct {setting}"
    return StripeError(rejected.message, hint=hint)


def _object(data: object, doing: str) -> _Json:
    if not isinstance(data, Mapping):
        raise StripeError(f"cannot {doing}: not an answer of Stripe's")
    return data


def _endpoints(page: _Json, doing: str) -> tuple[WebhookEndpoint, ...]:
    rows = page.get("data")
    if not isinstance(rows, list):
        raise StripeError(f"cannot {doing}: not an answer of Stripe's")
    return tuple(_endpoint(row, doing) for row in rows)


def _endpoint(data: object, doing: str) -> WebhookEndpoint:
    fields = _object(data, doing)
    try:
        return WebhookEndpoint(
            id=str(fields["id"]),
            url=str(fields["url"]),
            status=EndpointStatus(fields["status"]),
            enabled_events=tuple(map(str, cast(list[object], fields["enabled_events"]))),
            api_version=fields.get("api_version"),
            created_at=datetime.fromtimestamp(int(fields["created"]), UTC),
            livemode=bool(fields["livemode"]),
            description=fields.get("description"),
            metadata=dict(fields.get("metadata") or {}),
        )
    except (KeyError, TypeError, ValueError):
        raise StripeError(f"cannot {doing}: an endpoint that cannot be read") from None
