"""What `config validate` looks at. Every inspector only reads, unless its method says otherwise.

An inspector is there only where its service is configured. Its methods raise the `StakactlError`
of their kind, within the timeout they were built with.
"""

from typing import Protocol

from stakactl.domain.webhooks.endpoints import WantedEndpoint
from stakactl.operations.ports.endpoints import EndpointReader
from stakactl.operations.ports.inspection.databases import OrdersInspector, StoreInspector
from stakactl.operations.ports.inspection.here import (
    AlertInspector,
    ChecklistInspector,
    LetterInspector,
    MachineInspector,
    SettingsInspector,
)
from stakactl.operations.ports.inspection.mail import MailInspector
from stakactl.operations.ports.inspection.storage import BucketInspector, PdfFolderInspector
from stakactl.operations.ports.inspection.stripe import StripeInspector
from stakactl.operations.ports.webhooks import WebhookInspector


class Inspection(Protocol):
    """Everything that the checks may ask for, built on first use, safe from many threads."""

    # Of this machine

    @property
    def settings(self) -> SettingsInspector: ...

    @property
    def machine(self) -> MachineInspector: ...

    @property
    def letters(self) -> LetterInspector: ...

    @property
    def alerts(self) -> AlertInspector: ...

    @property
    def checklists(self) -> ChecklistInspector: ...

    # Stripe

    @property
    def stripe(self) -> StripeInspector | None:
        """None without a key."""

    # Where PDFs go

    @property
    def pdf_folder(self) -> PdfFolderInspector | None:
        """None where they go to a bucket."""

    @property
    def bucket(self) -> BucketInspector | None:
        """None where they go to a folder."""

    # Mail

    @property
    def mail(self) -> MailInspector | None:
        """None where mails become files."""

    # Databases

    @property
    def store(self) -> StoreInspector: ...

    @property
    def orders(self) -> OrdersInspector | None:
        """None where orders are imported."""

    # The application

    @property
    def webhook(self) -> WebhookInspector | None:
        """None where STRIPE_WEBHOOK_URL is not set."""

    # The webhook endpoints in Stripe

    @property
    def wanted_endpoint(self) -> WantedEndpoint | None:
        """What the settings ask for; None where they name no URL."""

    @property
    def webhook_endpoints(self) -> EndpointReader | None:
        """None without a key."""
