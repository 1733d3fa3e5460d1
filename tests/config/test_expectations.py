"""What the checks of a service compare with, and which services there are to look at."""

from contextlib import closing
from pathlib import Path

import pytest

from stakactl.config import Settings, read_settings
from stakactl.config.expectations import (
    bucket_expectations,
    mail_expectations,
    stripe_expectations,
)
from stakactl.domain.stripe_account import WantedPrice
from stakactl.wiring import Inspectors

KEY = {"STRIPE_SECRET_KEY": "rk_live_51Sentinel"}
AWS = {"STORAGE_PROVIDER": "s3", "AWS_S3_BUCKET": "invoices"}
AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "secret-sentinel"}
SMTP = {"SMTP_HOST": "smtp.example.com", "FROM_EMAIL": "a@example.com"}


def settings(folder: Path, **environ: str) -> Settings:
    return Settings.load(environ=environ, folder=folder)


def test_what_is_expected_of_stripe(tmp_path: Path) -> None:
    more = {"STRIPE_PUBLISHABLE_KEY": "pk_test_51Public", "STRIPE_PRICE_YEARLY": "price_1"}
    found = stripe_expectations(settings(tmp_path, **KEY, **more, NODE_ENV="production"))
    assert (found.livemode, found.restricted, found.production) == (True, True, True)
    assert found.publishable_livemode is False
    assert found.monthly is None
    assert found.yearly == WantedPrice("STRIPE_PRICE_YEARLY", "price_1", 12, "eur")


@pytest.mark.parametrize(
    ("more", "temporary"),
    [({}, True), (AWS_KEYS, False), ({**AWS_KEYS, "AWS_SESSION_TOKEN": "token1"}, True)],
)
def test_credentials_that_end_by_themselves(
    tmp_path: Path, more: dict[str, str], temporary: bool
) -> None:
    found = bucket_expectations(settings(tmp_path, **AWS, **more, S3_SIGNED_URL_TTL="900"))
    assert (found.bucket, found.link_seconds, found.temporary) == ("invoices", 900, temporary)


def test_the_sender_is_one_that_was_set(tmp_path: Path) -> None:
    found = mail_expectations(settings(tmp_path, **SMTP), is_local=False)
    assert (found.place, found.sender) == ("smtp.example.com:587", "a@example.com")
    company = {"PDF_COMPANY_EMAIL": "contact@example.com"}
    assert mail_expectations(settings(tmp_path, **company), is_local=False).sender == ""


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_51Sentinel", "is a secret key"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_live_xxxxx", "placeholder"),
        ("STRIPE_PUBLISHABLE_KEY", "public", "no publishable key"),
        ("STRIPE_PRICE_MONTHLY", "prod_1", "is a product"),
        ("STRIPE_PRICE_YEARLY", "price_xxxxx", "placeholder"),
        ("STRIPE_PRICE_YEARLY", "4 €", "no id of a price"),
        ("S3_SIGNED_URL_TTL", "0", "at least 1"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, name: str, value: str, reason: str) -> None:
    (problem,) = read_settings(environ={name: value}, folder=tmp_path).problems
    assert problem.setting == name
    assert reason in f"{problem.reason} {problem.hint}"
    assert "Sentinel" not in f"{problem}"


@pytest.mark.parametrize("everything", [False, True])
def test_which_services_there_are_to_look_at(tmp_path: Path, everything: bool) -> None:
    orders = {"ORDERS_MAPPING": "staka", "DATABASE_URL": "mysql://u:p@db.example.com/shop"}
    environ = {**KEY, **AWS, **AWS_KEYS, **SMTP, **orders} if everything else {}
    read = read_settings(environ=environ, folder=tmp_path)
    assert read.problems == ()
    with closing(Inspectors(read, timeout_seconds=1)) as seen:
        there = [seen.stripe, seen.bucket, seen.mail, seen.orders]
        assert [each is not None for each in there] == [everything] * 4
        assert (seen.pdf_folder is None) is everything
        assert "there is no database" in seen.store.schema().problem
