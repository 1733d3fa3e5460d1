"""The settings in use: read or made up, where each came from, and what follows from them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import PrivateAttr, SecretStr

from stakactl.config.declared import DeclaredSettings
from stakactl.config.resolve import (
    application,
    company,
    mail,
    storage,
    store_url,
    stripe_access,
    webhook,
)
from stakactl.config.views import (
    ApplicationAccess,
    MailSettings,
    StorageProvider,
    StorageSettings,
    StripeAccess,
)
from stakactl.domain.invoicing import Company
from stakactl.domain.numbering import Series
from stakactl.domain.runs import Mode
from stakactl.domain.webhooks.endpoints import WantedEndpoint, secret_mark
from stakactl.domain.webhooks.events import DEFAULT_EVENTS
from stakactl.errors import ConfigurationError

if TYPE_CHECKING:
    from stakactl.domain.reminders import ReminderRules

DEMO_KEY = "sk_test_demo"


class Settings(DeclaredSettings):
    """The settings in use. `Settings.load()` reads them, `Settings.for_demo()` makes them up.

    `declared.py` lists the fields. Times are aware UTC.
    """

    _origins: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _warnings: tuple[str, ...] = PrivateAttr(default=())
    _env_file: Path | None = PrivateAttr(default=None)
    _folder: Path = PrivateAttr(default_factory=Path.cwd)
    _demo: bool = PrivateAttr(default=False)

    @staticmethod
    def load(
        env_file: Path | None = None,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> "Settings":
        """The settings of `env_file` (else `.env` in `folder`) and the environment, which wins.

        Raises ConfigurationError with ALL problems when there are any.
        """
        from stakactl.config.reading import read_settings

        return read_settings(env_file, environ, folder).checked()

    @staticmethod
    def for_demo(
        home: Path, *, secret_key: str = DEMO_KEY, api_base: str | None = None
    ) -> "Settings":
        """Settings of the offline demo; no setting of the environment or of a file counts."""
        settings = Settings(
            stakactl_home=home.absolute(),
            stripe_secret_key=SecretStr(secret_key),
            stripe_api_base=api_base,
            stripe_requests_per_second=100_000,
            storage_provider=StorageProvider.LOCAL,
            invoice_email_from="factures@librairie-demo.example",
            from_name="Librairie Démo",
            support_email="aide@librairie-demo.example",
            admin_email="admin@librairie-demo.example",
            pdf_company_name="Librairie Démo",
            pdf_company_address="1 rue de l'Exemple",
            pdf_company_postal_code="75001",
            pdf_company_city="Paris",
            pdf_company_siret="000 000 026 00013",
            pdf_company_vat_number="FR90000000026",
            pdf_company_legal_form="SARL",
            pdf_company_capital="1 000 €",
            pdf_company_rcs="Paris B 000 000 026",
            pdf_company_email="contact@librairie-demo.example",
            tax_rate=Decimal(20),
            invoices_since=datetime(2000, 1, 1, tzinfo=UTC),
        )
        settings._demo = True
        settings._folder = home.absolute()
        return settings

    def remember(self, origins: Mapping[str, str], env_file: Path | None, folder: Path) -> None:
        """Note where the values came from (see `origin` and `base_folder`)."""
        self._origins, self._env_file, self._folder = dict(origins), env_file, folder.absolute()

    def warn(self, warnings: tuple[str, ...]) -> None:
        self._warnings = warnings

    @property
    def env_file(self) -> Path | None:
        """The `.env` in use, absolute; None when there is none."""
        return self._env_file

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but should be looked at."""
        return self._warnings

    def origin(self, name: str) -> str:
        """Where the setting `name` (as in `.env`) came from: "FILE:LINE", "environment",
        "default" or "demo"."""
        return "demo" if self._demo else self._origins.get(name, "default")

    def base_folder(self, name: str) -> Path:
        """What a relative path in setting `name` counts from: the folder of the `.env` it stands
        in, otherwise the working folder."""
        if self._env_file is None or self.origin(name) == "environment":
            return self._folder
        return self._env_file.parent

    @property
    def home(self) -> Path:
        """The folder of what stakactl owns, absolute; it need not exist."""
        wanted = self.stakactl_home or Path("var")
        return (self.base_folder("STAKACTL_HOME") / wanted.expanduser()).absolute()

    @property
    def templates(self) -> Path | None:
        """The folder with the user's own letters, absolute; it need not exist."""
        wanted = self.notification_templates_path
        if wanted is None:
            return None
        return (self.base_folder("NOTIFICATION_TEMPLATES_PATH") / wanted.expanduser()).absolute()

    @property
    def own_alert_rules(self) -> Path | None:
        """The user's own thresholds, absolute; the file need not exist."""
        if self.alert_rules is None:
            return None
        return (self.base_folder("ALERT_RULES") / self.alert_rules.expanduser()).absolute()

    @property
    def own_checklists(self) -> Path | None:
        """The user's own checklists, absolute; the file need not exist."""
        if self.checklists_path is None:
            return None
        return (self.base_folder("CHECKLISTS_PATH") / self.checklists_path.expanduser()).absolute()

    @property
    def alert_email(self) -> str | None:
        """Who gets alerts by mail."""
        return self.stripe_alert_email or self.admin_email

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of stakactl's own store; holds a password where there is one."""
        return store_url(self)

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.stakactl_time_zone)

    @property
    def is_demo(self) -> bool:
        return self._demo

    @property
    def is_production(self) -> bool:
        return "production" in {(self.app_env or "").lower(), (self.node_env or "").lower()}

    def mode(self) -> Mode:
        """Live or test by the key, or demo. Raises ConfigurationError without a key."""
        if self._demo:
            return Mode.DEMO
        if self.stripe_secret_key is None:
            raise ConfigurationError("STRIPE_SECRET_KEY is not set", hint=self._without_key())
        key = self.stripe_secret_key.get_secret_value()
        return Mode.LIVE if key[2:].startswith("_live_") else Mode.TEST

    def _without_key(self) -> str:
        """What to do; cron that starts in the wrong folder finds no file there."""
        if self._env_file is not None:
            return f"set it in {self._env_file} or in the environment; --demo needs none"
        return (
            f"there is no {self._folder / '.env'}: go to the folder that has it, or type"
            " `stakactl init` to write one; --demo needs none"
        )

    def series(self) -> Series:
        """The series of invoice numbers; TEST-… in test mode."""
        return self._in_mode(Series(self.invoice_series))

    def credit_series(self) -> Series:
        """The same of credit notes, which are numbered apart."""
        return self._in_mode(Series(self.credit_note_series))

    def _in_mode(self, series: Series) -> Series:
        return series.for_test_mode() if self.mode() is Mode.TEST else series

    def stripe(self) -> StripeAccess:
        """Raises ConfigurationError without a key."""
        return stripe_access(self)

    def webhook(self) -> tuple[str, str]:
        """URL and signing secret of the application's webhook. Raises ConfigurationError."""
        return webhook(self)

    def wanted_endpoint(self, url: str | None = None) -> WantedEndpoint | None:
        """The webhook endpoint that the application needs, at STRIPE_WEBHOOK_URL unless another
        URL is named; None without any."""
        at = url or self.stripe_webhook_url
        if at is None:
            return None
        return WantedEndpoint(
            at,
            self.stripe_webhook_events or DEFAULT_EVENTS,
            self.stripe_api_version,
        )

    def webhook_secret_mark(self) -> str | None:
        """What can be compared of the signing secret, without holding it."""
        secret = self.stripe_webhook_secret
        return None if secret is None else secret_mark(secret.get_secret_value())

    def application(self) -> ApplicationAccess | None:
        """Where the application keeps its orders; None where they are imported."""
        return application(self)

    def storage(self) -> StorageSettings:
        return storage(self)

    def mail(self) -> MailSettings:
        return mail(self)

    def reminders(self) -> "ReminderRules":
        """When customers are reminded; days and hours count in STAKACTL_TIME_ZONE."""
        from stakactl.config.reminders import rules

        return rules(self)

    def company(self) -> Company:
        """The seller as far as it is set; `company_gaps` says what an invoice still needs."""
        return company(self)

    def company_gaps(self) -> tuple[str, ...]:
        """Settings that an invoice cannot do without and that are not set."""
        seller = self.company()
        needed = {
            "PDF_COMPANY_NAME": seller.name,
            "PDF_COMPANY_ADDRESS": seller.address.line1,
            "PDF_COMPANY_POSTAL_CODE": seller.address.postal_code,
            "PDF_COMPANY_CITY": seller.address.city,
            "PDF_COMPANY_SIRET": seller.siret or seller.address.country != "FR",
        }
        return tuple(name for name, value in needed.items() if not value)
