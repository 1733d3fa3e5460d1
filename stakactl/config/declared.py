"""Every setting of this version: its type, its default and the sentence `.env.example` prints.

Values come from `sources.py`, which knows the file and line of each; pydantic-settings' own
sources are switched off because they expand `$`, take the first `.env` they meet and cannot say
where a value came from.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from stakactl.config import reminders as r
from stakactl.config import validators as v
from stakactl.config.validators.times import parse_moment
from stakactl.config.views import (
    MailSecurity,
    ObjectLockMode,
    OrdersWrite,
    StorageProvider,
    StripeInvoices,
)
from stakactl.domain.letters import Language
from stakactl.domain.retention import CALENDAR_YEAR

DEFAULT_TIME_ZONE = "Europe/Paris"
_Port = Annotated[int, Field(ge=1, le=65535)]
_APPLICATION = "The application's orders"
_ALERTS = "Alerts"
_Ceiling = Annotated[int, Field(ge=0)]
_MinDays = Annotated[int, Field(ge=1, le=365)]


def _setting(
    default: Any, group: str, description: str, example: str = "", *, computed: bool = False
) -> Any:
    """A field with what `.env.example` shows of it; `example` stands where there is no default,
    `computed` runs the validator for the default too."""
    extra: dict[str, JsonValue] = {"group": group, "example": example}
    return Field(
        default, description=description, json_schema_extra=extra, validate_default=computed
    )


class DeclaredSettings(BaseSettings):
    """The fields of Settings. Field names are the names in `.env` in lower case."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    stakactl_home: Path | None = _setting(
        None,
        "Where things live",
        "Folder of what stakactl owns (database, PDFs, mails, backups, reports); a relative path "
        "counts from this file. Default: var beside this file.",
        "var",
    )
    stakactl_database_url: v.DatabaseUrl | None = _setting(
        None,
        "Where things live",
        "stakactl's own store, SQLite or PostgreSQL; never the application's database. "
        "Default: stakactl.db in STAKACTL_HOME.",
        "postgresql://USER:PASSWORD@HOST:5432/stakactl",
    )
    backups_kept: Annotated[int, Field(ge=1, le=10_000)] = _setting(
        14, "Where things live", "How many backups stay; a new one pushes out the oldest."
    )
    stakactl_time_zone: v.TimeZone = _setting(
        DEFAULT_TIME_ZONE,
        "Where things live",
        "Time zone of invoice dates and of reports by day.",
    )
    app_env: v.Text | None = _setting(
        None,
        "Where things live",
        "Name of the environment; production refuses test keys of Stripe.",
        "production",
    )
    node_env: v.Text | None = _setting(
        None, "Where things live", "The same, as Node applications call it.", "production"
    )

    stripe_secret_key: v.StripeKey | None = _setting(
        None,
        "Stripe",
        "Secret key (sk_…) or restricted key (rk_…) of the account; the key decides between test "
        "and live mode.",
        "sk_test_…",
    )
    stripe_publishable_key: v.PublishableKey | None = _setting(
        None,
        "Stripe",
        "The application's publishable key; `config validate` compares its mode.",
        "pk_test_…",
    )
    stripe_price_monthly: v.StripePrice | None = _setting(
        None, "Stripe", "Price of the monthly subscription, which is checked.", "price_…"
    )
    stripe_price_yearly: v.StripePrice | None = _setting(
        None, "Stripe", "Price of the yearly subscription, which is checked.", "price_…"
    )
    stripe_api_base: v.HttpUrl | None = _setting(
        None,
        "Stripe",
        "Another server that speaks Stripe's API; with a live key only Stripe itself is accepted.",
        "https://api.stripe.com",
    )
    stripe_requests_per_second: Annotated[int, Field(ge=1, le=100_000)] | None = _setting(
        None, "Stripe", "Ceiling of our own requests. Default: 20 in test mode, 80 live.", "20"
    )
    stripe_timeout_seconds: Annotated[int, Field(ge=1, le=300)] = _setting(
        30, "Stripe", "How long one request may wait for Stripe to connect and to answer."
    )
    stripe_retry_seconds: Annotated[int, Field(ge=0, le=3600)] = _setting(
        60, "Stripe", "How long a request that fails for now is tried again; 0 never does."
    )

    stripe_webhook_url: v.WebhookUrl | None = _setting(
        None,
        "Stripe",
        "Where Stripe delivers the application's events; ORDERS_WRITE=repost sends there too.",
        "https://www.example.com/payments/webhook",
    )
    stripe_webhook_secret: v.WebhookSecret | None = _setting(
        None, "Stripe", "Signing secret of that webhook endpoint.", "whsec_…"
    )
    stripe_api_version: v.Text | None = _setting(
        None,
        "Stripe",
        "API version of that webhook endpoint, which is what the application parses. Without it, "
        "an endpoint keeps the version it has, a new one gets the account's default, and events "
        "that stakactl makes have the version of its own requests.",
        "2024-06-20",
    )
    stripe_webhook_events: v.EventTypes | None = _setting(
        None,
        "Stripe",
        "Types of event that the application handles, with commas between them, or * for all. "
        "Default: what applications that sell through Stripe listen to (`stakactl webhooks "
        "register --dry-run` lists them).",
        "checkout.session.completed,payment_intent.succeeded",
    )

    orders_mapping: v.Text | None = _setting(
        None,
        _APPLICATION,
        "Which tables and columns hold the application's orders: staka, or the path of a TOML file "
        "(docs/mapping.md). Without it, orders come from `stakactl orders import`.",
        "staka",
    )
    orders_database_url: v.ApplicationUrl | None = _setting(
        None,
        _APPLICATION,
        "The application's database (MySQL, MariaDB, PostgreSQL or SQLite), as Prisma writes it. "
        "Default: DATABASE_URL.",
        "mysql://USER:PASSWORD@HOST:3306/NAME",
    )
    database_url: v.OpaqueSecret | None = _setting(
        None,
        _APPLICATION,
        "The same, as the application calls it; read only when ORDERS_MAPPING is set.",
        "mysql://USER:PASSWORD@HOST:3306/NAME",
    )
    orders_write: OrdersWrite = _setting(
        OrdersWrite.OFF,
        _APPLICATION,
        "What `reconcile --fix` may do to orders there: off shows the fix, repost sends Stripe's "
        "signed event to STRIPE_WEBHOOK_URL so that the application fulfils the order itself, sql "
        "writes by the mapping.",
    )

    redis_url: v.RedisUrl | None = _setting(
        None,
        _APPLICATION,
        "Redis in which the application looks for the maintenance flag (stripe:maintenance).",
        "redis://localhost:6379",
    )
    checklists_path: Path | None = _setting(
        None,
        _APPLICATION,
        "TOML file that adds, replaces or switches off items of the deployment's checklists "
        "(docs/checklist.md); a relative path counts from this file.",
        "checklists.toml",
    )

    storage_provider: StorageProvider | None = _setting(
        None,
        "PDF storage",
        "local (a folder in STAKACTL_HOME), s3 or minio (any S3-compatible server). "
        "Default: s3 when AWS credentials and a bucket are set, otherwise local.",
        "local",
    )
    aws_access_key_id: v.Secret | None = _setting(
        None,
        "PDF storage",
        "AWS access key; leave it out with STORAGE_PROVIDER=s3 to use the machine's own role.",
        "AKIA…",
    )
    aws_secret_access_key: v.Secret | None = _setting(
        None, "PDF storage", "Secret of the AWS access key."
    )
    aws_session_token: v.Secret | None = _setting(
        None, "PDF storage", "Session token that belongs to temporary AWS credentials."
    )
    aws_region: v.Text | None = _setting(
        None, "PDF storage", "AWS region of the bucket.", "eu-west-3"
    )
    aws_s3_bucket: v.Text | None = _setting(
        None,
        "PDF storage",
        "Bucket of the invoices; S3_BUCKET_NAME is another name of this setting.",
        "my-invoices",
    )
    s3_signed_url_ttl: Annotated[int, Field(ge=1)] | None = _setting(
        None,
        "PDF storage",
        "How many seconds a link to an invoice works for; S3 itself signs for 604800 (7 days) at "
        "most.",
        "604800",
    )
    s3_object_lock: ObjectLockMode = _setting(
        ObjectLockMode.OFF,
        "PDF storage",
        "Lock each PDF until it need not be kept any more, in a bucket made with Object Lock: "
        "governance can be lifted by those who may; compliance by NOBODY before its time.",
    )
    minio_endpoint: v.Endpoint | None = _setting(
        None,
        "PDF storage",
        "Host or URL of an S3-compatible server; used when STORAGE_PROVIDER is minio.",
        "localhost",
    )
    minio_port: _Port | None = _setting(
        None, "PDF storage", "Its port, when MINIO_ENDPOINT is a host. Default: 9000.", "9000"
    )
    minio_use_ssl: bool = _setting(
        False, "PDF storage", "Whether it speaks https, when MINIO_ENDPOINT is a host."
    )
    minio_access_key: v.Password | None = _setting(None, "PDF storage", "Its access key.")
    minio_secret_key: v.Password | None = _setting(None, "PDF storage", "Its secret key.")
    minio_bucket_name: v.Text | None = _setting(
        None, "PDF storage", "Its bucket for the invoices.", "my-invoices"
    )

    smtp_host: v.Host | None = _setting(
        None,
        "Mail",
        "Mail server; without one (and without SendGrid) mails become .eml files in STAKACTL_HOME.",
        "smtp.example.com",
    )
    smtp_port: _Port | None = _setting(
        None, "Mail", "Its port. Default: 587, or 465 when SMTP_SECURITY is tls.", "587"
    )
    smtp_security: MailSecurity | None = _setting(
        None,
        "Mail",
        "starttls, tls or none. Default: tls on port 465, none on port 1025, otherwise starttls.",
        "starttls",
    )
    smtp_user: v.Text | None = _setting(None, "Mail", "User at the mail server.")
    smtp_pass: v.Password | None = _setting(
        None, "Mail", "Its password; SMTP_PASSWORD is another name of this setting."
    )
    smtp_from: v.Sender | None = _setting(
        None, "Mail", "Sender when neither of the two below is set.", "noreply@example.com"
    )
    sendgrid_api_key: v.SendgridKey | None = _setting(
        None, "Mail", "Sends through SendGrid when SMTP_HOST is not set.", "SG.…"
    )
    invoice_email_from: v.Sender | None = _setting(
        None, "Mail", "Sender of invoices and reminders.", "billing@example.com"
    )
    from_email: v.Sender | None = _setting(
        None, "Mail", "Sender when INVOICE_EMAIL_FROM is not set.", "contact@example.com"
    )
    from_name: v.Text | None = _setting(
        None, "Mail", "Name of the sender. Default: PDF_COMPANY_NAME.", "Example SAS"
    )
    support_email: v.Email | None = _setting(
        None, "Mail", "Where customers' answers go. Default: the sender.", "support@example.com"
    )

    mails_per_minute: Annotated[int, Field(ge=1)] | None = _setting(
        None, "Mail", "No more mails than this leave in a minute. Default: no limit.", "60"
    )
    admin_email: v.Email | None = _setting(
        None,
        "Mail",
        "Who is told of alerts, and of payments and of the night where the two settings below "
        "say so.",
        "admin@example.com",
    )
    admin_language: Language = _setting(
        Language.FRENCH, "Mail", "fr or en: the language of mails to ADMIN_EMAIL."
    )
    admin_payment_notice: bool = _setting(
        False, "Mail", "A mail to ADMIN_EMAIL for each payment that gets its invoice."
    )
    admin_nightly_report: bool = _setting(
        False, "Mail", "A mail to ADMIN_EMAIL at the end of each nightly run."
    )

    notification_templates_path: Path | None = _setting(
        None,
        "Mail",
        "Folder with letters of your own (Jinja2, such as invoice.fr.html.j2), which come before "
        "the bundled ones; a relative path counts from this file.",
        "templates",
    )

    stripe_alert_email: v.Email | None = _setting(
        None, _ALERTS, "Who gets alerts by mail. Default: ADMIN_EMAIL.", "ops@example.com"
    )
    alert_webhook_url: v.ChatWebhook | None = _setting(
        None,
        _ALERTS,
        "Incoming webhook of a chat that gets alerts too: Slack, or one that takes what Slack "
        "takes. Who has this address can write there: it is a secret.",
        "https://hooks.slack.com/services/…",
    )
    stripe_monitoring_enabled: bool = _setting(
        True, _ALERTS, "Whether alerts are sent; `stakactl health` shows them all the same."
    )
    alert_rules: Path | None = _setting(
        None,
        _ALERTS,
        "TOML file with thresholds of your own (docs/alerts.md); a relative path counts from this "
        "file.",
        "alerts.toml",
    )

    pdf_company_name: v.Text = _setting(
        "", "The company on the invoices", "Name of the seller.", "Example"
    )
    pdf_company_address: v.Text = _setting(
        "",
        "The company on the invoices",
        'Street and number; "12 rue Exemple, 75011 Paris" fills postal code and city as well.',
        "12 rue Exemple",
    )
    pdf_company_postal_code: v.Text = _setting(
        "", "The company on the invoices", "Postal code.", "75011"
    )
    pdf_company_city: v.Text = _setting("", "The company on the invoices", "City.", "Paris")
    pdf_company_country: v.Country = _setting(
        "FR", "The company on the invoices", "Country, two letters."
    )
    pdf_company_siret: v.Siret | None = _setting(
        None, "The company on the invoices", "SIRET, 14 digits.", "732 829 320 00074"
    )
    pdf_company_vat_number: v.VatNumber | None = _setting(
        None, "The company on the invoices", "VAT number.", "FR44732829320"
    )
    pdf_company_legal_form: v.Text = _setting(
        "", "The company on the invoices", "Legal form.", "SAS"
    )
    pdf_company_capital: v.Text = _setting(
        "", "The company on the invoices", "Share capital, as it is to be printed.", "10 000 €"
    )
    pdf_company_rcs: v.Text = _setting(
        "", "The company on the invoices", "Trade register entry.", "Paris B 732 829 320"
    )
    pdf_company_email: v.Email | None = _setting(
        None, "The company on the invoices", "E-mail address to print.", "contact@example.com"
    )
    pdf_company_phone: v.Text = _setting(
        "", "The company on the invoices", "Telephone number to print.", "+33 1 99 00 00 00"
    )
    pdf_company_website: v.Text = _setting(
        "", "The company on the invoices", "Web site to print.", "https://www.example.com"
    )

    tax_rate: v.Rate | None = _setting(
        None,
        "Invoices",
        "VAT in percent for customers in France where an order states no rate: 20 means 20 %.",
        "20",
    )
    due_days: Annotated[int, Field(ge=0, le=365)] = _setting(
        30,
        "Invoices",
        "Days after its issue by which an invoice of `invoices create` is to be paid; businesses "
        "may agree on 60 at most.",
    )
    currency: v.Currency = _setting(
        "eur", "Invoices", "Main currency of the company, which reports show first."
    )
    invoice_series: v.SeriesName = _setting(
        "FACT", "Invoices", "Prefix of invoice numbers; test mode puts TEST- before it."
    )
    credit_note_series: v.SeriesName = _setting(
        "AVOIR", "Invoices", "Prefix of credit notes' numbers, another than INVOICE_SERIES."
    )
    fiscal_year_end: v.FiscalYearEnd = _setting(
        CALENDAR_YEAR,
        "Invoices",
        "Last day of the company's fiscal year, MM-DD: invoices are kept for 10 years from there.",
    )
    invoices_since: datetime | None = _setting(
        None,
        "Invoices",
        "Nothing is issued for payments before this date (midnight in STAKACTL_TIME_ZONE) or time.",
        "2026-09-01",
    )
    mail_since: datetime | None = _setting(
        None,
        "Invoices",
        "Nothing is mailed for payments before this date or time. Default: INVOICES_SINCE.",
        "2026-09-01",
        computed=True,
    )
    stripe_invoices: StripeInvoices = _setting(
        StripeInvoices.ADOPT,
        "Invoices",
        "adopt: a payment with a numbered invoice of Stripe has its legal invoice already, and "
        "gets none of ours. ignore: it needs one of ours.",
    )
    nightly_max_invoices: _Ceiling = _setting(
        500, "Invoices", "A run that would issue more invoices than this stops before the first."
    )
    nightly_max_mails: _Ceiling = _setting(
        500, "Invoices", "A run that would send more mails than this stops before the first."
    )

    reminder_steps: r.Steps = _setting(
        "7,15,30",
        "Reminders",
        "So many days after the due date an unpaid invoice is reminded of: a friendly letter, a "
        "firm one, a formal notice. none: nobody is reminded.",
    )
    reminder_min_days: _MinDays = _setting(
        5, "Reminders", "At least so many days lie between two reminders of one."
    )
    reminder_hours: r.Hours = _setting(
        "9-18",
        "Reminders",
        "Reminders leave between these hours (in STAKACTL_TIME_ZONE) only; public holidays of "
        "France are left out.",
    )
    reminder_days: r.Days = _setting(
        "mon-fri", "Reminders", "Days of the week on which they leave."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @field_validator("invoices_since", "mail_since", mode="before")
    @classmethod
    def _moment(cls, value: object, info: ValidationInfo) -> object:
        if value is None:
            return info.data.get("invoices_since")
        zone = ZoneInfo(info.data.get("stakactl_time_zone", DEFAULT_TIME_ZONE))
        return parse_moment(value, zone) if isinstance(value, str) else value
