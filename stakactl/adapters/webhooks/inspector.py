"""Looks at the application's webhook from outside, as Stripe and as a stranger would."""

import secrets

from stakactl.adapters.webhooks.endpoint import Endpoint
from stakactl.domain.webhooks.bodies import body_of, probe_event
from stakactl.domain.webhooks.signatures import sign
from stakactl.errors import ConfigurationError
from stakactl.operations.ports import Clock
from stakactl.operations.ports.webhooks import Address, Certificate


class UrlInspector:
    """`WebhookInspector` of one URL. Safe from many threads: each request is a connection."""

    def __init__(
        self,
        url: str,
        secret: str | None,
        clock: Clock,
        *,
        livemode: bool,
        api_version: str | None,
        timeout_seconds: float,
    ) -> None:
        self._endpoint = Endpoint(url, timeout_seconds)
        self._url = url
        self._secret = secret
        self._clock = clock
        self._livemode = livemode
        self._api_version = api_version

    def __repr__(self) -> str:
        return f"UrlInspector({self._endpoint.host})"

    @property
    def address(self) -> Address:
        endpoint = self._endpoint
        return Address(self._url, endpoint.host, endpoint.is_encrypted, endpoint.is_loopback)

    @property
    def knows_secret(self) -> bool:
        return self._secret is not None

    def certificate(self) -> Certificate | None:
        return self._endpoint.certificate(self._clock.now())

    def get(self) -> int:
        return self._endpoint.status_of("GET")

    def post_forged(self) -> int:
        """Everything but the signature is as it must be, so that only this can be refused."""
        return self._post(f"whsec_{secrets.token_hex(16)}")

    def post_signed(self) -> int:
        if self._secret is None:
            raise ConfigurationError(
                "STRIPE_WEBHOOK_SECRET is not set", hint="set it to the endpoint's whsec_…"
            )
        return self._post(self._secret)

    def _post(self, secret: str) -> int:
        self._endpoint.require_safe()
        now = self._clock.now()
        event = probe_event(now, livemode=self._livemode, api_version=self._api_version)
        body = body_of(event)
        return self._endpoint.deliver(body, sign(body, secret, now))
