"""Telling the application of an event through its own webhook, as Stripe would."""

from collections.abc import Mapping
from typing import Any

from stakactl.adapters.webhooks.endpoint import Endpoint
from stakactl.adapters.webhooks.failures import APPLICATION
from stakactl.domain.webhooks.bodies import body_of
from stakactl.domain.webhooks.signatures import sign
from stakactl.errors import WebhookError
from stakactl.operations.ports import Clock

TIMEOUT_SECONDS = 20.0


class WebhookSender:
    """Posts events to one URL, signed with the secret of that endpoint.

    Raises ConfigurationError for an address without encryption.
    """

    def __init__(
        self, url: str, secret: str, clock: Clock, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._endpoint = Endpoint(url, timeout_seconds)
        self._endpoint.require_safe()
        self._secret = secret
        self._clock = clock

    def __repr__(self) -> str:
        return f"WebhookSender({self.host})"

    @property
    def host(self) -> str:
        return self._endpoint.host

    def send(self, event: Mapping[str, Any]) -> None:
        """Raises WebhookError unless the answer is 2xx."""
        body = body_of(event)
        status = self._endpoint.deliver(body, sign(body, self._secret, self._clock.now()))
        if not 200 <= status < 300:
            raise self._refused(status)

    def _refused(self, status: int) -> WebhookError:
        if status == 400:
            hint = "check STRIPE_WEBHOOK_SECRET: it must be the one that the application has"
        elif 300 <= status < 400:
            hint = "set STRIPE_WEBHOOK_URL to the address itself: redirects are not followed"
        else:
            hint = "look into the application's log, then run again"
        return APPLICATION.error(self.host, f"answered {status}", hint)
