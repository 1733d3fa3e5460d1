"""What `config validate` looks at. Every inspector only reads, unless its method says otherwise.

An inspector is there only where its service is configured. Its methods raise the `StakactlError`
of their kind, within the timeout they were built with.
"""

from typing import Protocol

from stakactl.operations.ports.webhooks import WebhookInspector


class Inspection(Protocol):
    """Everything that the checks may ask for, built on first use, safe from many threads."""

    @property
    def webhook(self) -> WebhookInspector | None:
        """The application's own webhook; None where STRIPE_WEBHOOK_URL is not set."""
