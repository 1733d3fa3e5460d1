"""From single settings to what one service needs: defaults that hang on other settings."""

import re
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.config.views import (
    ApplicationAccess,
    MailSecurity,
    MailSettings,
    MailTransport,
    StorageProvider,
    StorageSettings,
    StripeAccess,
)
from stakactl.domain.invoicing import Company
from stakactl.domain.orders import Address
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from stakactl.config.settings import Settings

_REQUESTS_PER_SECOND = {Mode.TEST: 20, Mode.LIVE: 80, Mode.DEMO: 100_000}
_ONE_LINE_ADDRESS = re.compile(r"(?P<line1>.+?)\s*[,–-]\s*(?P<postal_code>\d{5})\s+(?P<city>.+)")
_SENDGRID_HOST = "smtp.sendgrid.net"
_MINIO_PORT = 9000
_DEVELOPMENT_MAIL_PORT = 1025  # MailHog, Mailpit, aiosmtpd


def _plain(secret: "SecretStr | None") -> str | None:
    return None if secret is None else secret.get_secret_value()


def store_url(settings: "Settings") -> str:
    url = _plain(settings.stakactl_database_url)
    if url is None:
        return f"sqlite:///{settings.home / 'stakactl.db'}"
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url in {prefix, f"{prefix}:memory:"}:
        return url
    path, question, query = url.removeprefix(prefix).partition("?")
    base = settings.base_folder("STAKACTL_DATABASE_URL")
    return f"{prefix}{(base / Path(path).expanduser()).absolute()}{question}{query}"


def application(settings: "Settings") -> ApplicationAccess | None:
    """DATABASE_URL is read only where a mapping says what it holds."""
    mapping = settings.orders_mapping
    if mapping is None:
        return None
    name = application_setting(settings)
    return ApplicationAccess(
        url=_plain(settings.orders_database_url) or _plain(settings.database_url) or "",
        mapping=mapping,
        folder=settings.base_folder("ORDERS_MAPPING"),
        url_folder=settings.base_folder(name),
        setting=name,
        write=settings.orders_write,
        webhook_url=settings.stripe_webhook_url or "",
        webhook_secret=_plain(settings.stripe_webhook_secret) or "",
        api_version=settings.stripe_api_version,
    )


def application_setting(settings: "Settings") -> str:
    """The name of the setting that says where the application's database is."""
    return "DATABASE_URL" if settings.orders_database_url is None else "ORDERS_DATABASE_URL"


def webhook(settings: "Settings") -> tuple[str, str]:
    """URL and signing secret. Raises ConfigurationError unless both are set."""
    url, secret = settings.stripe_webhook_url, _plain(settings.stripe_webhook_secret)
    if url is None or secret is None:
        name = "STRIPE_WEBHOOK_URL" if url is None else "STRIPE_WEBHOOK_SECRET"
        raise ConfigurationError(
            f"{name} is not set",
            hint="set it as the application has it: events are sent to its own webhook",
        )
    return url, secret


def stripe_access(settings: "Settings") -> StripeAccess:
    mode = settings.mode()
    return StripeAccess(
        secret_key=_plain(settings.stripe_secret_key) or "",
        mode=mode,
        api_base=settings.stripe_api_base,
        requests_per_second=settings.stripe_requests_per_second or _REQUESTS_PER_SECOND[mode],
        timeout_seconds=settings.stripe_timeout_seconds,
        retry_seconds=settings.stripe_retry_seconds,
    )


def storage_provider(settings: "Settings") -> StorageProvider:
    if settings.storage_provider is not None:
        return settings.storage_provider
    amazon = (
        settings.aws_access_key_id and settings.aws_secret_access_key and settings.aws_s3_bucket
    )
    return StorageProvider.S3 if amazon else StorageProvider.LOCAL


def storage(settings: "Settings") -> StorageSettings:
    provider = storage_provider(settings)
    if provider is StorageProvider.S3:
        return StorageSettings(
            provider,
            bucket=settings.aws_s3_bucket or "",
            region=settings.aws_region,
            access_key=_plain(settings.aws_access_key_id),
            secret_key=_plain(settings.aws_secret_access_key),
            session_token=_plain(settings.aws_session_token),
        )
    if provider is StorageProvider.MINIO:
        return StorageSettings(
            provider,
            bucket=settings.minio_bucket_name or "",
            region=settings.aws_region or "us-east-1",
            endpoint_url=_minio_url(settings),
            access_key=_plain(settings.minio_access_key),
            secret_key=_plain(settings.minio_secret_key),
        )
    return StorageSettings(provider)


def _minio_url(settings: "Settings") -> str:
    endpoint = settings.minio_endpoint or "localhost"
    if "://" in endpoint:
        return endpoint
    scheme = "https" if settings.minio_use_ssl else "http"
    return f"{scheme}://{endpoint}:{settings.minio_port or _MINIO_PORT}"


def mail(settings: "Settings") -> MailSettings:
    name, address = sender(settings)
    notices = parseaddr(settings.from_email or settings.smtp_from or address)[1]
    reply_to = settings.support_email
    if settings.smtp_host:
        security = settings.smtp_security or _security(settings.smtp_port)
        port = settings.smtp_port or (465 if security is MailSecurity.TLS else 587)
        user, password = settings.smtp_user, _plain(settings.smtp_pass)
        host = settings.smtp_host
    elif settings.sendgrid_api_key:
        host, port, security = _SENDGRID_HOST, 587, MailSecurity.STARTTLS
        user, password = "apikey", _plain(settings.sendgrid_api_key)
    else:
        return MailSettings(MailTransport.FOLDER, address, notices, name, reply_to)
    return MailSettings(
        MailTransport.SMTP, address, notices, name, reply_to, host, port, security, user, password
    )


def _security(port: int | None) -> MailSecurity:
    if port == 465:
        return MailSecurity.TLS
    return MailSecurity.NONE if port == _DEVELOPMENT_MAIL_PORT else MailSecurity.STARTTLS


def sender(settings: "Settings") -> tuple[str, str]:
    """Name and address that mails come from; a folder needs no address of its own."""
    wanted = settings.invoice_email_from or settings.from_email or settings.smtp_from
    name, address = parseaddr(wanted or settings.pdf_company_email or "invoices@localhost")
    return settings.from_name or name or settings.pdf_company_name, address


def company(settings: "Settings") -> Company:
    line1 = settings.pdf_company_address
    postal_code, city = settings.pdf_company_postal_code, settings.pdf_company_city
    whole = _ONE_LINE_ADDRESS.fullmatch(line1)
    if whole and not postal_code and not city:
        line1, postal_code, city = whole["line1"], whole["postal_code"], whole["city"]
    return Company(
        name=settings.pdf_company_name,
        address=Address(
            line1=line1,
            postal_code=postal_code,
            city=city,
            country=settings.pdf_company_country,
        ),
        siret=settings.pdf_company_siret or "",
        vat_number=settings.pdf_company_vat_number or "",
        legal_form=settings.pdf_company_legal_form,
        capital=settings.pdf_company_capital,
        rcs=settings.pdf_company_rcs,
        email=settings.pdf_company_email or "",
        phone=settings.pdf_company_phone,
        website=settings.pdf_company_website,
    )
