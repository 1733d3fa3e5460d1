"""The Inspectors: what `config validate` looks through, built on first use.

They take the settings as far as they are good, so that one wrong setting hides nothing else.
"""

from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stakactl.adapters.system import SystemClock
from stakactl.config import MailTransport, Settings, StorageProvider, read_settings
from stakactl.config.reading import Reading
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError
from stakactl.wiring.container import DEMO_HOME

if TYPE_CHECKING:
    from stakactl.adapters.database.inspector import SqlStoreInspector
    from stakactl.adapters.mail.smtp_inspector import SmtpInspector
    from stakactl.adapters.orders.application.inspector import MappedOrdersInspector
    from stakactl.adapters.storage.folder_inspector import LocalPdfFolderInspector
    from stakactl.adapters.storage.s3_inspector import S3BucketInspector
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.adapters.stripe.inspector import SdkStripeInspector
    from stakactl.adapters.webhooks.inspector import UrlInspector
    from stakactl.domain.webhooks.endpoints import WantedEndpoint
    from stakactl.operations.ports.inspection.here import (
        AlertInspector,
        ChecklistInspector,
        LetterInspector,
        MachineInspector,
        SettingsInspector,
    )


#: Long enough for a passing fault of Stripe's; a person waits for the answer.
_RETRY_SECONDS = 3.0


def read_leniently(env_file: Path | None, *, demo: bool) -> Reading:
    """The settings as far as they are good; ConfigurationError where a file cannot be read."""
    return read_demo() if demo else read_settings(env_file)


def read_demo(stripe_url: str | None = None) -> Reading:
    """The demo's own settings; no setting of the environment or of a file counts."""
    from stakactl.demo.offline_stripe.server import DEMO_KEY

    home = DEMO_HOME.absolute()
    return Reading(Settings.for_demo(home, secret_key=DEMO_KEY, api_base=stripe_url), ())


def mode_of(settings: Settings) -> Mode | None:
    """None without a key that tells."""
    with suppress(ConfigurationError):
        return settings.mode()
    return None


class Inspectors:
    """An `Inspection`; `close` releases what was opened. `timeout_seconds` is for one service."""

    def __init__(self, read: Reading, *, timeout_seconds: float) -> None:
        self._read = read
        self._timeout = timeout_seconds
        self._opened = ExitStack()

    @classmethod
    def open(
        cls, *, env_file: Path | None, demo: bool, timeout_seconds: float, offline: bool = False
    ) -> Self:
        """Read the settings; with `demo` none of them, only the demo's own folder and Stripe.

        Raises ConfigurationError where a file cannot be read, StoreMissing without a demo world.
        """
        if not demo:
            return cls(read_settings(env_file), timeout_seconds=timeout_seconds)
        from stakactl.demo.home import DemoHome

        home = DemoHome(DEMO_HOME.absolute())
        if offline:
            return cls(read_demo(), timeout_seconds=timeout_seconds)
        with ExitStack() as opened:
            stripe = opened.enter_context(home.stripe())
            inspectors = cls(read_demo(stripe.base_url), timeout_seconds=timeout_seconds)
            inspectors._opened = opened.pop_all()
            return inspectors

    @property
    def mode(self) -> Mode | None:
        """None where the settings do not tell."""
        return mode_of(self._read.settings)

    def close(self) -> None:
        self._opened.close()

    @cached_property
    def _clock(self) -> SystemClock:
        return SystemClock(self._read.settings.stakactl_time_zone)

    # Of this machine

    @cached_property
    def settings(self) -> "SettingsInspector":
        from stakactl.config.inspection import SettingsInspection

        return SettingsInspection(self._read, self._clock)

    @cached_property
    def machine(self) -> "MachineInspector":
        from stakactl.adapters.machine import MachineInspection

        return MachineInspection(self._read.settings.env_file, self._read.settings.home)

    @cached_property
    def letters(self) -> "LetterInspector":
        from stakactl.adapters.mail.inspection import LetterInspection
        from stakactl.adapters.resources import templates_dir
        from stakactl.wiring.letters import open_letters

        settings = self._read.settings
        return LetterInspection(
            lambda: open_letters(settings, self._clock),
            settings.company(),
            self._clock,
            templates_dir() / "letters",
            settings.templates,
        )

    @cached_property
    def alerts(self) -> "AlertInspector":
        from stakactl.adapters.alerts.inspection import AlertInspection

        settings = self._read.settings
        url = settings.alert_webhook_url
        return AlertInspection(
            settings.alert_email,
            None if url is None else url.get_secret_value(),
            settings.own_alert_rules,
            enabled=settings.stripe_monitoring_enabled,
        )

    @cached_property
    def checklists(self) -> "ChecklistInspector":
        from stakactl.adapters.checklists.inspection import ChecklistInspection

        return ChecklistInspection(self._read.settings.own_checklists)

    # Stripe

    @cached_property
    def stripe(self) -> "SdkStripeInspector | None":
        from stakactl.adapters.stripe.inspector import SdkStripeInspector
        from stakactl.config.expectations import stripe_expectations

        settings = self._read.settings
        if settings.stripe_secret_key is None:
            return None
        access = settings.stripe()
        return SdkStripeInspector(
            access.secret_key,
            access.api_base,
            stripe_expectations(settings),
            self._clock,
            requests_per_second=access.requests_per_second,
            timeout_seconds=self._timeout,
            retry_seconds=min(_RETRY_SECONDS, access.retry_seconds),
        )

    # Where PDFs go

    @cached_property
    def pdf_folder(self) -> "LocalPdfFolderInspector | None":
        from stakactl.adapters.storage.folder_inspector import LocalPdfFolderInspector

        settings = self._read.settings
        if settings.storage().provider is not StorageProvider.LOCAL:
            return None
        return LocalPdfFolderInspector(settings.home / "invoices")

    @cached_property
    def bucket(self) -> "S3BucketInspector | None":
        from stakactl.adapters.storage.s3_client import S3Access
        from stakactl.adapters.storage.s3_inspector import S3BucketInspector
        from stakactl.config.expectations import bucket_expectations

        wanted = self._read.settings.storage()
        if wanted.provider is StorageProvider.LOCAL:
            return None
        access = S3Access(
            wanted.region,
            wanted.endpoint_url,
            wanted.access_key,
            wanted.secret_key,
            wanted.session_token,
        )
        expected = bucket_expectations(self._read.settings)
        inspector = S3BucketInspector(access, expected, timeout_seconds=self._timeout)
        self._opened.callback(inspector.close)
        return inspector

    # Mail

    @cached_property
    def mail(self) -> "SmtpInspector | None":
        from stakactl.adapters.mail.smtp_connection import LOOPBACK, Security, SmtpAccess
        from stakactl.adapters.mail.smtp_inspector import SmtpInspector
        from stakactl.config.expectations import mail_expectations

        wanted = self._read.settings.mail()
        if wanted.transport is MailTransport.FOLDER:
            return None
        access = SmtpAccess(
            wanted.host,
            wanted.port,
            wanted.user or "",
            wanted.password or "",
            Security(str(wanted.security)),
            self._timeout,
        )
        expected = mail_expectations(self._read.settings, is_local=wanted.host in LOOPBACK)
        return SmtpInspector(access, expected, self._clock)

    # Databases

    @cached_property
    def store(self) -> "SqlStoreInspector":
        from stakactl.adapters.database.inspector import SqlStoreInspector

        return SqlStoreInspector(self._read.settings.store_url, self.mode)

    @cached_property
    def orders(self) -> "MappedOrdersInspector | None":
        from stakactl.adapters.orders.application.inspector import MappedOrdersInspector

        access = self._read.settings.application()
        if access is None:
            return None
        return MappedOrdersInspector(
            access.url,
            access.setting,
            access.url_folder,
            access.mapping,
            access.folder,
            timeout_seconds=self._timeout,
        )

    # The application's webhook

    @cached_property
    def webhook(self) -> "UrlInspector | None":
        from stakactl.adapters.webhooks.inspector import UrlInspector

        settings = self._read.settings
        if settings.stripe_webhook_url is None:
            return None
        secret = settings.stripe_webhook_secret
        return UrlInspector(
            settings.stripe_webhook_url,
            None if secret is None else secret.get_secret_value(),
            self._clock,
            livemode=self.mode is Mode.LIVE,
            api_version=settings.stripe_api_version,
            timeout_seconds=self._timeout,
        )

    # The webhook endpoints in Stripe

    @property
    def wanted_endpoint(self) -> "WantedEndpoint | None":
        return self._read.settings.wanted_endpoint()

    @cached_property
    def webhook_endpoints(self) -> "SdkStripeEndpoints | None":
        from stakactl.wiring.webhooks import open_endpoints

        if self._read.settings.stripe_secret_key is None:
            return None
        access = self._read.settings.stripe()
        endpoints = open_endpoints(
            access,
            access.api_base,
            timeout_seconds=self._timeout,
            retry_budget_seconds=min(_RETRY_SECONDS, access.retry_seconds),
        )
        self._opened.callback(endpoints.close)
        return endpoints
