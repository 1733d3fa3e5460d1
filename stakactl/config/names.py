"""Names of settings: which are ours, which are other names for them, which belong to others."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: A name with one of these beginnings is meant for us, so that an unknown one is a slip.
OUR_PREFIXES = tuple(
    "STAKACTL_ NIGHTLY_ INVOICES_ INVOICE_ ORDERS_ MAIL_ REMINDER_ PDF_COMPANY_ ALERT_".split()
)
TEST_PREFIX = "STAKACTL_TEST_"

#: Other names of the same setting, as applications write them.
ALIASES = {
    "S3_BUCKET_NAME": "AWS_S3_BUCKET",
    "MINIO_BUCKET": "MINIO_BUCKET_NAME",
    "SMTP_PASSWORD": "SMTP_PASS",
}


class Use(StrEnum):
    """What becomes of a recognised name that is no setting of this version."""

    LATER = "read in a later version"
    APPLICATION = "the application's own, ignored"


@dataclass(frozen=True, slots=True)
class Recognised:
    use: Use
    meaning: str


def _later(meaning: str) -> Recognised:
    return Recognised(Use.LATER, meaning)


def _application(meaning: str) -> Recognised:
    return Recognised(Use.APPLICATION, meaning)


#: Names that applications use and that are never an error here.
RECOGNISED = {
    "STRIPE_RATE_LIMIT_WINDOW": _application(
        "limiter of the application's own API; ours is STRIPE_REQUESTS_PER_SECOND"
    ),
    "STRIPE_RATE_LIMIT_MAX": _application(
        "limiter of the application's own API; ours is STRIPE_REQUESTS_PER_SECOND"
    ),
    "EMAIL_QUEUE_ENABLED": _application("mails always go through stakactl's outbox"),
    "APP_URL": _later("address of the application"),
    "FRONTEND_URL": _application("address of the application's pages"),
    "JWT_SECRET": _application("signs the application's sessions"),
    "AWS_SDK_LOAD_CONFIG": _application("switch of the AWS SDK for JavaScript"),
    "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": _application(
        "switch of the AWS SDK for JavaScript"
    ),
    "MAIL_MAILER": _application("transport of a Laravel application"),
    "MAIL_HOST": _application("mail server of a Laravel application; ours is SMTP_HOST"),
    "MAIL_PORT": _application("mail server of a Laravel application; ours is SMTP_PORT"),
    "MAIL_USERNAME": _application("mail server of a Laravel application; ours is SMTP_USER"),
    "MAIL_PASSWORD": _application("mail server of a Laravel application; ours is SMTP_PASS"),
    "MAIL_ENCRYPTION": _application("mail server of a Laravel application; ours is SMTP_SECURITY"),
    "MAIL_FROM_ADDRESS": _application("sender of a Laravel application; ours is FROM_EMAIL"),
    "MAIL_FROM_NAME": _application("sender of a Laravel application; ours is FROM_NAME"),
}


def is_slip(name: str, fields: Iterable[str]) -> bool:
    """Whether `name` looks like a setting of ours and is none."""
    return (
        name.startswith(tuple(OUR_PREFIXES))
        and not name.startswith(TEST_PREFIX)
        and name not in RECOGNISED
        and name not in ALIASES
        and name not in set(fields)
    )


def nearest(name: str, fields: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The setting that was probably meant by `name`."""
    close = difflib.get_close_matches(name, list(fields), n=1, cutoff=cutoff)
    return close[0] if close else None
