"""What settings must be to each other, and what is allowed but should be looked at."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stakactl.config.problems import Invalid, Problem
from stakactl.config.resolve import application_setting, mail, storage_provider
from stakactl.config.validators.addresses import parse_application_url
from stakactl.config.views import MailSecurity, MailTransport, OrdersWrite, StorageProvider
from stakactl.domain.runs import Mode

if TYPE_CHECKING:
    from stakactl.config.settings import Settings

STRIPE_API = "https://api.stripe.com"
#: What Stripe allows per second (https://docs.stripe.com/rate-limits).
_STRIPE_CEILING = {Mode.TEST: 25, Mode.LIVE: 100}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


_SENDERS = ("INVOICE_EMAIL_FROM", "FROM_EMAIL", "SMTP_FROM")


def problems(settings: "Settings", wrong: Collection[str] = ()) -> Iterator[Problem]:
    """Everything that does not fit together; settings in `wrong` are known to be malformed and
    were left out of `settings`."""
    for check in (_stripe, _orders, _repost, _storage, _mail, _admin, _company, _series):
        yield from (problem for problem in check(settings) if problem.setting not in wrong)
    if not any(name in wrong for name in _SENDERS):
        yield from _sender(settings)


def _problem(
    settings: "Settings", name: str, reason: str, hint: str = "", *, usable: bool = False
) -> Problem:
    origin = settings.origin(name)
    return Problem(name, "" if origin == "default" else origin, reason, hint, usable)


def _stripe(settings: "Settings") -> Iterator[Problem]:
    if settings.stripe_secret_key is None:
        return
    mode = settings.mode()
    if settings.is_production and mode is Mode.TEST:
        yield _problem(
            settings,
            "STRIPE_SECRET_KEY",
            "is a test key, and APP_ENV or NODE_ENV says production",
            "use the live key, or another APP_ENV",
            usable=True,
        )
    base = settings.stripe_api_base
    if mode is Mode.LIVE and base not in {None, STRIPE_API}:
        yield _problem(
            settings,
            "STRIPE_API_BASE",
            "is not Stripe's own address, and the key is a live one",
            f"leave it out, or write {STRIPE_API}",
        )
    rate, ceiling = settings.stripe_requests_per_second, _STRIPE_CEILING[mode]
    if rate is not None and rate > ceiling and base in {None, STRIPE_API}:
        yield _problem(
            settings,
            "STRIPE_REQUESTS_PER_SECOND",
            f"is {rate}; Stripe allows {ceiling} in {mode} mode",
            "leave it out to use a rate that keeps a reserve",
            usable=True,
        )


def _orders(settings: "Settings") -> Iterator[Problem]:
    if settings.orders_mapping is None:
        hint = "set ORDERS_MAPPING (staka, or the path of a TOML file), or leave it out"
        for name, given in (
            ("ORDERS_DATABASE_URL", settings.orders_database_url is not None),
            ("ORDERS_WRITE", settings.orders_write is not OrdersWrite.OFF),
        ):
            if given:
                reason = "has no effect without ORDERS_MAPPING, which says where the orders stand"
                yield _problem(settings, name, reason, hint)
    elif settings.orders_database_url is not None:
        return
    elif settings.database_url is None:
        reason = "is not set, but ORDERS_MAPPING is"
        hint = "set ORDERS_DATABASE_URL to the application's database"
        yield _problem(settings, "ORDERS_DATABASE_URL", reason, hint)
    else:
        try:
            parse_application_url(settings.database_url.get_secret_value())
        except Invalid as wrong:
            yield _problem(settings, application_setting(settings), wrong.reason, wrong.hint)


def _series(settings: "Settings") -> Iterator[Problem]:
    if settings.credit_note_series == settings.invoice_series:
        reason = f"is {settings.invoice_series}, as INVOICE_SERIES is"
        yield _problem(
            settings, "CREDIT_NOTE_SERIES", reason, "number credit notes apart, such as AVOIR"
        )


def _repost(settings: "Settings") -> Iterator[Problem]:
    if settings.orders_write is not OrdersWrite.REPOST:
        return
    for name, value in (
        ("STRIPE_WEBHOOK_URL", settings.stripe_webhook_url),
        ("STRIPE_WEBHOOK_SECRET", settings.stripe_webhook_secret),
    ):
        if value is None:
            yield _problem(settings, name, "is not set, but ORDERS_WRITE is repost", "set it")
    parts = urlsplit(settings.stripe_webhook_url or "https://unset")
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        reason = "is not encrypted: signed events go there (ORDERS_WRITE is repost)"
        yield _problem(
            settings, "STRIPE_WEBHOOK_URL", reason, "write it with https://", usable=True
        )


def _storage(settings: "Settings") -> Iterator[Problem]:
    provider = storage_provider(settings)
    needed: dict[str, object] = {}
    if provider is StorageProvider.S3:
        needed = {"AWS_S3_BUCKET": settings.aws_s3_bucket}
        if settings.aws_access_key_id or settings.aws_secret_access_key:
            needed["AWS_ACCESS_KEY_ID"] = settings.aws_access_key_id
            needed["AWS_SECRET_ACCESS_KEY"] = settings.aws_secret_access_key
    elif provider is StorageProvider.MINIO:
        needed = {
            "MINIO_ENDPOINT": settings.minio_endpoint,
            "MINIO_ACCESS_KEY": settings.minio_access_key,
            "MINIO_SECRET_KEY": settings.minio_secret_key,
            "MINIO_BUCKET_NAME": settings.minio_bucket_name,
        }
    for name, value in needed.items():
        if not value:
            yield _problem(
                settings,
                name,
                "is not set",
                f"PDFs go to {provider}: set it, or STORAGE_PROVIDER=local",
            )


def _mail(settings: "Settings") -> Iterator[Problem]:
    if settings.smtp_host:
        for name, value, other, partner in (
            ("SMTP_PASS", settings.smtp_pass, "SMTP_USER", settings.smtp_user),
            ("SMTP_USER", settings.smtp_user, "SMTP_PASS", settings.smtp_pass),
        ):
            if partner and not value:
                yield _problem(settings, name, f"is not set, but {other} is", "set both or none")


def _admin(settings: "Settings") -> Iterator[Problem]:
    for name, wanted in (
        ("ADMIN_PAYMENT_NOTICE", settings.admin_payment_notice),
        ("ADMIN_NIGHTLY_REPORT", settings.admin_nightly_report),
    ):
        if wanted and not settings.admin_email:
            yield _problem(settings, name, "needs ADMIN_EMAIL", "set it, or leave this out")


def _sender(settings: "Settings") -> Iterator[Problem]:
    if mail(settings).transport is MailTransport.SMTP and not (
        settings.invoice_email_from or settings.from_email or settings.smtp_from
    ):
        yield _problem(
            settings,
            "INVOICE_EMAIL_FROM",
            "is not set: mails need a sender",
            f"set one of {', '.join(_SENDERS)}",
        )


def _company(settings: "Settings") -> Iterator[Problem]:
    siret, number = settings.pdf_company_siret, settings.pdf_company_vat_number
    french = number is not None and number.startswith("FR")
    if siret and number and french and number[4:] != siret[:9]:
        yield _problem(
            settings,
            "PDF_COMPANY_VAT_NUMBER",
            "does not end with the SIREN, the first nine digits of PDF_COMPANY_SIRET",
            "one of the two belongs to another company",
        )


def warnings(settings: "Settings") -> Iterator[str]:
    """What is allowed but should be looked at."""
    outgoing = mail(settings)
    if settings.smtp_host and settings.sendgrid_api_key:
        yield "SENDGRID_API_KEY is not used, because SMTP_HOST is set"
    if (
        outgoing.password
        and outgoing.security is MailSecurity.NONE
        and outgoing.host not in _LOCAL_HOSTS
    ):
        yield f"the password of {outgoing.host} travels unencrypted: SMTP_SECURITY is none"
    if settings.aws_s3_bucket and storage_provider(settings) is StorageProvider.LOCAL:
        reason = (
            "STORAGE_PROVIDER is local"
            if settings.storage_provider
            else "no AWS credentials are set; set them, or STORAGE_PROVIDER=s3 for a machine's role"
        )
        yield f"AWS_S3_BUCKET is not used: {reason}"
