"""What every test gets: no setting of the developer's machine, and the services' fixtures."""

import os
import signal

import pytest

pytest_plugins = ["tests.services", "tests.compiled_statements", "tests.sampling"]

#: Names by which settings of a developer's shell could reach a test.
_PREFIXES = (
    "STAKACTL_",
    "STRIPE_",
    "AWS_",
    "S3_",
    "MINIO_",
    "SMTP_",
    "SENDGRID_",
    "PDF_COMPANY_",
    "INVOICE",
    "MAIL_",
    "MAILS_",
    "ADMIN_",
    "NIGHTLY_",
    "REMINDER_",
    "NOTIFICATION_",
    "ORDERS_",
    "FISCAL_",
    "FROM_",
    "ADMIN_",
    "ALERT_",
    "SUPPORT_",
    "APP_ENV",
    "NODE_ENV",
    "TAX_RATE",
    "CURRENCY",
    "DATABASE_URL",
    "STORAGE_PROVIDER",
)


def pytest_configure() -> None:
    """A shell starts what runs in the background with Ctrl-C ignored, and children inherit it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(_PREFIXES) and not name.startswith("STAKACTL_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
