"""The Inspectors: what `config validate` looks through, built on first use.

They take the settings as far as they are good, so that one wrong setting hides nothing else.
"""

import threading
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.config.reading import Reading
    from stakactl.domain.webhooks.endpoints import WantedEndpoint


class Inspectors:
    """An `Inspection`; `close` releases what was opened. `timeout_seconds` is for one service."""

    def __init__(self, read: "Reading", *, timeout_seconds: float) -> None:
        self._read = read
        self._timeout = timeout_seconds
        self._opened = ExitStack()
        self._opening = threading.Lock()

    def close(self) -> None:
        self._opened.close()

    # Webhook endpoints

    @property
    def wanted_endpoint(self) -> "WantedEndpoint | None":
        return self._read.settings.wanted_endpoint()

    @property
    def webhook_endpoints(self) -> "SdkStripeEndpoints":
        with self._opening:
            return self._webhook_endpoints

    @cached_property
    def _webhook_endpoints(self) -> "SdkStripeEndpoints":
        from stakactl.wiring.webhooks import open_endpoints

        access = self._read.settings.stripe()
        # A check says what is so now: it does not wait for what may pass.
        endpoints = open_endpoints(
            access, access.api_base, timeout_seconds=self._timeout, retry_budget_seconds=0
        )
        self._opened.callback(endpoints.close)
        return endpoints
