"""No secret leaves `config validate`, whatever fails in it: readings, judgements, or stakactl.

Every secret setting holds a sentinel, and what is raised says all of them.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import Result

from stakactl.config import Settings, read_settings
from stakactl.domain.checks import passed
from stakactl.errors import ServiceError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate import catalogue
from stakactl.operations.validate.checks import Check, Found, Reading
from stakactl.operations.validate.running import needed_readings
from tests.cli.homes import SETTINGS, invoke, write_env

NOWHERE = "127.0.0.1:9"
SECRETS = {
    "STRIPE_SECRET_KEY": "sk_test_51SentinelStripeKey0000",
    "STRIPE_WEBHOOK_SECRET": "whsec_SentinelWebhookSecret0000",
    "STAKACTL_DATABASE_URL": f"postgresql://me:SentinelStore0@{NOWHERE}/store",
    "ORDERS_DATABASE_URL": f"mysql://me:SentinelOrders0@{NOWHERE}/shop",
    "DATABASE_URL": f"mysql://me:SentinelShop0@{NOWHERE}/shop",
    "AWS_ACCESS_KEY_ID": "AKIASENTINELSENTINEL",
    "AWS_SECRET_ACCESS_KEY": "SentinelAmazon0000000000",
    "AWS_SESSION_TOKEN": "SentinelSession000000000",
    "MINIO_ACCESS_KEY": "SentinelMinioUser",
    "MINIO_SECRET_KEY": "SentinelMinioPass",
    "SMTP_PASS": "SentinelSmtp pass'word\"",
    "ALERT_WEBHOOK_URL": f"http://{NOWHERE}/services/SentinelChat",
    "REDIS_URL": f"redis://:SentinelRedis0@{NOWHERE}/0",
    "SENDGRID_API_KEY": "SG.SentinelGrid.SentinelGrid",
}
OTHERS = {
    "ORDERS_MAPPING": "staka",
    "STRIPE_WEBHOOK_URL": f"http://{NOWHERE}/webhook",
    "STORAGE_PROVIDER": "minio",
    "MINIO_ENDPOINT": f"http://{NOWHERE}",
    "MINIO_BUCKET_NAME": "invoices",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "9",
    "SMTP_USER": "me",
}
FORMATS = ("table", "json", "csv", "junit", "github")
LOUD = ("--debug", "--verbose", "--probe", "--timeout", "20")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_env(tmp_path, {**SETTINGS, **OTHERS, **SECRETS})
    return tmp_path


def test_every_secret_setting_has_a_sentinel(folder: Path) -> None:
    read = read_settings(None, {}, folder)
    assert read.problems == ()
    held = {name for name in Settings.model_fields if _is_secret(getattr(read.settings, name))}
    assert {name.upper() for name in held} == set(SECRETS)
    annotated = {n for n, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)}
    assert annotated == held


def _is_secret(value: object) -> bool:
    return isinstance(value, SecretStr)


def checked(folder: Path, caplog: pytest.LogCaptureFixture, *options: str) -> Result:
    """Run it, and look for sentinels in everything that it says."""
    with caplog.at_level(logging.INFO):  # botocore's DEBUG shows access key ids; nothing enables it
        result = invoke(folder, "config", "validate", *LOUD, *options)
    said = result.stdout + result.stderr + caplog.text
    assert "sentinel" not in said.lower()
    return result


class Bug(Exception):
    """Something that no adapter translated."""


def telling(kind: type[Exception]) -> Any:
    """A function that fails with all secrets in its message and in its variables."""

    def fail(*arguments: object) -> None:
        secrets = tuple(SECRETS.values())
        raise kind(f"could not use {' or '.join(secrets)}")

    return fail


def with_other_readings(read: Mapping[Reading[Any], Any]) -> tuple[Check, ...]:
    """The catalogue with other functions in some readings, wherever these are needed."""

    @cache
    def changed(reading: Reading[Any]) -> Reading[Any]:
        function = read.get(reading, reading.read)
        return replace(reading, read=function, after=tuple(map(changed, reading.after)))

    return tuple(
        replace(
            check,
            reads=tuple(map(changed, check.reads)),
            answers_for=check.answers_for and changed(check.answers_for),
        )
        for check in catalogue.CHECKS
    )


def _all_readings() -> list[Reading[Any]]:
    return needed_readings(catalogue.CHECKS)


def _empty(inspection: Inspection, found: Found) -> None:
    """A reading that asks nobody."""


@pytest.mark.parametrize("output", FORMATS)
def test_services_that_fail_and_say_their_secrets(
    output: str, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = dict.fromkeys(_all_readings(), telling(ServiceError))
    monkeypatch.setattr(catalogue, "CHECKS", with_other_readings(failing))
    result = checked(folder, caplog, "-o", output)
    assert result.exit_code == 1
    assert "could not use •••" in result.stdout or "could not use &#8226;" in result.stdout


@pytest.mark.parametrize("reading", _all_readings(), ids=lambda reading: reading.title)
def test_a_bug_in_any_reading(
    reading: Reading[Any],
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    functions = {**dict.fromkeys(_all_readings(), _empty), reading: telling(Bug)}
    checks = [_quiet(check) for check in with_other_readings(functions)]
    monkeypatch.setattr(catalogue, "CHECKS", tuple(checks))
    result = checked(folder, caplog)
    assert result.exit_code == 70
    assert "Bug: could not use •••" in result.stderr


def _quiet(check: Check) -> Check:
    return replace(check, judge=lambda found: passed("x"))


def _failing_judges() -> Iterator[tuple[Check, type[Exception], str]]:
    outputs = FORMATS * (1 + len(catalogue.CHECKS))
    for check, output in zip(catalogue.CHECKS, outputs, strict=False):
        yield check, Bug, output
    for output in FORMATS:
        yield catalogue.CHECKS[0], ServiceError, output


@pytest.mark.parametrize(("check", "kind", "output"), list(_failing_judges()))
def test_an_exception_in_any_judgement(
    check: Check,
    kind: type[Exception],
    output: str,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = replace(check, judge=telling(kind), reads=(), answers_for=None)
    monkeypatch.setattr(catalogue, "CHECKS", (alone,))
    result = checked(folder, caplog, "-o", output)
    assert result.exit_code == (70 if kind is Bug else 4)


def test_the_checks_as_they_are_against_services_that_are_not_there(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert checked(folder, caplog).exit_code in (0, 1)
    assert "sentinel" not in invoke(folder, "config", "show", "-o", "json").output.lower()
