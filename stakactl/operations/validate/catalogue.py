"""Every check that there is, area by area, and which settings each area cannot do without.

A new area is one line in CHECKS; its settings are one in `_SETTINGS` when it asks a service.
"""

from collections.abc import Mapping

from stakactl.operations.validate import (
    alerts,
    checklists,
    company,
    databases,
    endpoints,
    invoicing,
    machine,
    mail,
    settings,
    storage,
    stripe,
    templates,
    webhook_url,
)
from stakactl.operations.validate.checks import Check

#: In the order in which they are told.
CHECKS: tuple[Check, ...] = (
    *settings.CHECKS,
    *machine.CHECKS,
    *company.CHECKS,
    *invoicing.CHECKS,
    *templates.CHECKS,
    *stripe.CHECKS,
    *endpoints.CHECKS,
    *webhook_url.CHECKS,
    *databases.CHECKS,
    *storage.CHECKS,
    *mail.CHECKS,
    *alerts.CHECKS,
    *checklists.CHECKS,
)

_STRIPE = ("STRIPE_SECRET_KEY", "STRIPE_API_BASE")
_STORE = ("STAKACTL_DATABASE_URL", "STAKACTL_HOME")
_ORDERS = ("ORDERS_MAPPING", "ORDERS_DATABASE_URL", "DATABASE_URL")
_BUCKET = (
    *("STORAGE_PROVIDER", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_REGION", "AWS_S3_BUCKET", "MINIO_ENDPOINT", "MINIO_PORT", "MINIO_USE_SSL"),
    *("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_BUCKET_NAME", "S3_OBJECT_LOCK"),
)
_SENDERS = ("INVOICE_EMAIL_FROM", "FROM_EMAIL", "SMTP_FROM")
_MAIL = (
    *("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USER", "SMTP_PASS", "SENDGRID_API_KEY"),
    *_SENDERS,
)

#: Where one of these is wrong the area cannot be looked at: its checks are skipped.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "home": ("STAKACTL_HOME",),
    "disk": ("STAKACTL_HOME",),
    "templates": ("NOTIFICATION_TEMPLATES_PATH", *_SENDERS),
    "stripe": _STRIPE,
    "endpoint": (*_STRIPE, "STRIPE_WEBHOOK_URL"),
    "webhook": ("STRIPE_WEBHOOK_URL", "STRIPE_WEBHOOK_SECRET"),
    "store": _STORE,
    "orders": _ORDERS,
    "s3": _BUCKET,
    "storage": _BUCKET,
    "smtp": _MAIL,
    "mail": _MAIL,
    "alerts": ("ADMIN_EMAIL", "STRIPE_ALERT_EMAIL", "ALERT_WEBHOOK_URL", "ALERT_RULES"),
    "checklists": ("CHECKLISTS_PATH",),
}


def settings_of(check: Check) -> tuple[str, ...]:
    """The settings that the area of `check` cannot do without."""
    return _SETTINGS.get(check.id.partition(".")[0], ())
