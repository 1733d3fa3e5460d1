"""Stripe and the application's webhook, built out of the settings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.wiring.foundation import Foundation

if TYPE_CHECKING:
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.adapters.stripe.gateway import SdkStripeGateway
    from stakactl.operations.ports import EventReceiver
    from stakactl.wiring.inspectors import Inspectors


class StripeParts(Foundation):
    """The gateway, the endpoints, and what checks look through."""

    @cached_property
    def stripe(self) -> SdkStripeGateway:
        from stakactl.adapters.stripe.gateway import (
            REQUESTS_PER_SECOND_PER_ENDPOINT as STRIPE_PER_ENDPOINT,
        )
        from stakactl.adapters.stripe.gateway import SdkStripeGateway
        from stakactl.config.checks import STRIPE_API

        access = self.settings.stripe()
        api_base = self._stripe_base
        overall = access.requests_per_second
        stripes_own = api_base in {None, STRIPE_API}
        return SdkStripeGateway(
            access.secret_key,
            api_base=api_base,
            requests_per_second=overall,
            requests_per_second_per_endpoint=STRIPE_PER_ENDPOINT if stripes_own else overall,
            timeout_seconds=access.timeout_seconds,
            retry_budget_seconds=access.retry_seconds,
        )

    @cached_property
    def webhook(self) -> EventReceiver:
        """The application's own webhook. Raises ConfigurationError where it is not set."""
        from stakactl.adapters.webhooks.sender import WebhookSender

        url, secret = self.settings.webhook()
        return WebhookSender(url, secret, self.clock)

    @cached_property
    def _stripe_base(self) -> str | None:
        """None for Stripe itself; in the demo, the offline one that runs while this is open."""
        if self._demo is not None:
            return self._opened.enter_context(self._demo.stripe()).base_url
        return self.settings.stripe().api_base

    @cached_property
    def webhook_endpoints(self) -> SdkStripeEndpoints:
        from stakactl.wiring.webhooks import open_endpoints

        access = self.settings.stripe()
        endpoints = open_endpoints(
            access,
            self._stripe_base,
            timeout_seconds=access.timeout_seconds,
            retry_budget_seconds=access.retry_seconds,
        )
        self._opened.callback(endpoints.close)
        return endpoints

    def inspectors(self, *, timeout_seconds: float, webhook_url: str | None = None) -> Inspectors:
        """What checks look through, with the settings of this container, or another URL of the
        webhook than theirs."""
        from stakactl.config import Reading
        from stakactl.wiring.inspectors import Inspectors

        there = {
            "stripe_api_base": self._stripe_base,
            "stripe_webhook_url": webhook_url or self.settings.stripe_webhook_url,
        }
        inspectors = Inspectors(
            Reading(self.settings.model_copy(update=there), ()), timeout_seconds=timeout_seconds
        )
        self._opened.callback(inspectors.close)
        return inspectors

    def storage_inspection(self, *, timeout_seconds: float) -> Inspectors:
        """The same for checks of the PDFs' store alone, which need no Stripe."""
        from stakactl.config import Reading
        from stakactl.wiring.inspectors import Inspectors

        inspectors = Inspectors(Reading(self.settings, ()), timeout_seconds=timeout_seconds)
        self._opened.callback(inspectors.close)
        return inspectors
