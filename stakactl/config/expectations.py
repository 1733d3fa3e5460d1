"""What the settings say about a service beyond how to reach it: what its checks compare with."""

from stakactl.config.settings import Settings
from stakactl.config.views import MailSecurity
from stakactl.domain.runs import Mode
from stakactl.domain.stripe_account import WantedPrice
from stakactl.operations.ports.inspection.mail import MailExpectations
from stakactl.operations.ports.inspection.storage import BucketExpectations
from stakactl.operations.ports.inspection.stripe import StripeExpectations

_MONTHS = {"STRIPE_PRICE_MONTHLY": 1, "STRIPE_PRICE_YEARLY": 12}


def stripe_expectations(settings: Settings) -> StripeExpectations:
    """Raises ConfigurationError without a key. The demo's world is a live one."""
    access, public = settings.stripe(), settings.stripe_publishable_key
    return StripeExpectations(
        livemode=access.mode is not Mode.TEST,
        restricted=access.secret_key.startswith("rk_"),
        production=settings.is_production,
        publishable_livemode=None if public is None else public.startswith("pk_live_"),
        monthly=_price("STRIPE_PRICE_MONTHLY", settings.stripe_price_monthly, settings),
        yearly=_price("STRIPE_PRICE_YEARLY", settings.stripe_price_yearly, settings),
    )


def _price(setting: str, price_id: str | None, settings: Settings) -> WantedPrice | None:
    if price_id is None:
        return None
    return WantedPrice(setting, price_id, _MONTHS[setting], settings.currency)


def bucket_expectations(settings: Settings) -> BucketExpectations:
    """On AWS the credentials of a machine's role end by themselves, as do those with a token."""
    wanted = settings.storage()
    of_role = wanted.access_key is None and wanted.endpoint_url is None
    return BucketExpectations(
        wanted.bucket,
        settings.s3_signed_url_ttl,
        of_role or wanted.session_token is not None,
        locks=wanted.locks,
    )


def mail_expectations(settings: Settings, *, is_local: bool) -> MailExpectations:
    wanted = settings.mail()
    is_set = settings.invoice_email_from or settings.from_email or settings.smtp_from
    return MailExpectations(
        place=f"{wanted.host}:{wanted.port}",
        sender=wanted.sender if is_set else "",
        encrypted=wanted.security is not MailSecurity.NONE,
        is_local=is_local,
        has_user=bool(wanted.user),
    )
