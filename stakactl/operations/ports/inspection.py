"""What `config validate` looks at. Every inspector only reads, unless its method says otherwise.

An inspector is there only where its service is configured. Its methods raise the `StakactlError`
of their kind, within the timeout they were built with.
"""

from typing import Protocol

from stakactl.domain.webhooks.endpoints import WantedEndpoint
from stakactl.operations.ports.endpoints import EndpointReader


class Inspection(Protocol):
    """Everything that the checks may ask for, built on first use, safe from many threads."""

    @property
    def wanted_endpoint(self) -> WantedEndpoint | None:
        """The webhook endpoint that the settings ask for; None where they name no URL."""

    @property
    def webhook_endpoints(self) -> EndpointReader: ...
