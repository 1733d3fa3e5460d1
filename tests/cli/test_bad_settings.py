"""Settings, stores and ids that are wrong: a clear message, the right code, and nothing touched."""

import os
import shutil
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from stakactl.demo.offline_stripe.server import ApiKey, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from tests.cli.homes import (
    PASSWORD,
    SETTINGS,
    TEST_KEY,
    Project,
    assert_clear,
    invoke,
    snapshot,
    write_env,
)

LIVE_KEY = "sk_live_" + "51Sentinel0LiveKeyNeverShown"
EVERYTHING = [
    ["nightly", "--yes"], ["reconcile", "--fix"], ["sync"], ["orders", "list"],
    ["invoices", "generate", "--yes"], ["mail", "send", "--yes"], ["stats", "revenue"],
    ["runs", "list"], ["changes", "list"],
]  # fmt: skip
NAMES = [" ".join(arguments) for arguments in EVERYTHING]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with good settings and nothing else."""
    path = tmp_path / "work"
    path.mkdir()
    write_env(path, SETTINGS)
    return path


@pytest.mark.parametrize("arguments", EVERYTHING, ids=NAMES)
def test_without_a_store_nothing_is_created(arguments: list[str], folder: Path) -> None:
    before = snapshot(folder)
    result = invoke(folder, *arguments)
    assert_clear(result, 3, str(folder / "var/stakactl.db"), "stakactl db init", "cron")
    assert snapshot(folder) == before
    assert not (folder / "var").exists()


def test_a_settings_file_that_is_not_there(folder: Path) -> None:
    result = invoke(folder, "orders", "list", "--env-file", "production.env")
    assert_clear(result, 3, "production.env", "--env-file", "stakactl init")
    assert [path.name for path in folder.iterdir()] == [".env"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("TAX_RATE 20", [".env:2", "is not NAME=value", "one NAME=value per line"]),
        ("FROM_NAME='Sentinel", [".env:2", "is not NAME=value", "close the quotes"]),
        ("STAKACTL_HOM=var", [".env:2", "STAKACTL_HOM", "did you mean STAKACTL_HOME?"]),
        ("NIGHTLY_MAX_MAIL=3", [".env:2", "did you mean NIGHTLY_MAX_MAILS?"]),
        ("TAX_RATE=0.2", [".env:2", "TAX_RATE", '"0.2"', "20 means 20 %"]),
        ("NIGHTLY_MAX_MAILS=many", [".env:2", "NIGHTLY_MAX_MAILS", "whole number"]),
        ("INVOICES_SINCE=soon", [".env:2", "INVOICES_SINCE", "soon"]),
        ("STRIPE_RETRY_SECONDS=-1", [".env:2", "STRIPE_RETRY_SECONDS", "at least 0"]),
        ("STRIPE_SECRET_KEY=sk_test_x", [".env:2", "stands on line 1 already"]),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}=1", [".env:2", "is not NAME=value"]),
    ],
)
def test_a_malformed_setting_names_its_line(line: str, words: list[str], folder: Path) -> None:
    text = f"STRIPE_SECRET_KEY={TEST_KEY}\n{line}\n"
    (folder / ".env").write_text(text, encoding="utf-8")
    for command in (["nightly", "--yes"], ["db", "init"]):
        result = invoke(folder, *command)
        assert_clear(result, 3, "1 setting is wrong", *words, "Hint: ")
    assert [path.name for path in folder.iterdir()] == [".env"]


def test_all_problems_are_told_at_once_each_on_its_line(folder: Path) -> None:
    write_env(folder, {**SETTINGS, "TAX_RATE": "0.2", "CURRENCY": "euros", "SMTP_PORT": "x"})
    result = invoke(folder, "orders", "list")
    assert_clear(result, 3, "3 settings are wrong", "TAX_RATE", "CURRENCY", "SMTP_PORT")
    assert len([line for line in result.stderr.splitlines() if line.startswith("  ")]) == 3


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("pk_test_" + "51SentinelPublishable000", ["publishable key"]),
        ("sk_org_" + "51SentinelOrganisation00", ["organisation"]),
        ("whsec_" + "SentinelWebhookSecret000", ["STRIPE_SECRET_KEY"]),
        ("Sentinel-of-nothing", ["STRIPE_SECRET_KEY"]),
        ("sk_test_Sentinel with space", ["STRIPE_SECRET_KEY"]),
    ],
)
def test_a_wrong_kind_of_key_is_named_and_never_shown(
    key: str, words: list[str], folder: Path
) -> None:
    write_env(folder, {**SETTINGS, "STRIPE_SECRET_KEY": key})
    for options in ([], ["-o", "json"], ["--debug"]):
        result = invoke(folder, "db", "init", *options)
        assert result.exit_code == 3
        assert "Sentinel" not in result.stdout + result.stderr
    assert_clear(invoke(folder, "db", "init"), 3, ".env:1", *words, "hint: ")
    assert not (folder / "var").exists()


def test_a_live_key_goes_to_stripe_only(folder: Path) -> None:
    write_env(folder, {**SETTINGS, "STRIPE_SECRET_KEY": LIVE_KEY})
    result = invoke(folder, "db", "init")
    assert_clear(result, 3, "STRIPE_API_BASE", "live", "https://api.stripe.com")


@pytest.mark.parametrize("name", ["APP_ENV", "NODE_ENV"])
def test_production_refuses_a_test_key(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "production")
    assert_clear(invoke(folder, "db", "init"), 3, "test key", "production")


def test_no_key_is_told_where_one_is_needed(project: Project) -> None:
    project.set(STRIPE_SECRET_KEY=None)
    assert project.run("orders", "list").exit_code == 0
    with project.unchanged():
        for arguments in (["sync"], ["nightly", "--yes"], ["reconcile"]):
            assert_clear(project.run(*arguments), 3, "STRIPE_SECRET_KEY", "is not set", "--demo")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_server_that_does_not_answer(scheme: str, folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    url = f"{scheme}://ann:{PASSWORD}@127.0.0.1:{port}/books"
    write_env(folder, {**SETTINGS, "STAKACTL_DATABASE_URL": url})
    began = time.monotonic()
    for arguments in (["orders", "list"], ["db", "init"], ["nightly", "--yes"]):
        result = invoke(folder, *arguments)
        assert_clear(result, 4, f"127.0.0.1:{port}/books", "cannot be reached",
                     "check that the server runs")  # fmt: skip
    assert time.monotonic() - began < 8
    debugged = invoke(folder, "orders", "list", "--debug")
    assert PASSWORD not in debugged.stdout + debugged.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"mysql://ann:{PASSWORD}@localhost/shop", ["MySQL", "SQLite or PostgreSQL"]),
        (f"ann:{PASSWORD}@localhost", ["no database URL", "postgresql://USER:PASSWORD@HOST"]),
        ("sqlite:///", ["needs a file"]),
    ],
)
def test_a_database_url_that_cannot_be_one(url: str, words: list[str], folder: Path) -> None:
    write_env(folder, {**SETTINGS, "STAKACTL_DATABASE_URL": url})
    assert_clear(invoke(folder, "db", "init"), 3, "STAKACTL_DATABASE_URL", *words)
    assert not (folder / "var").exists()


def test_a_store_of_a_newer_version(project: Project) -> None:
    with closing(sqlite3.connect(project.database)) as connection, connection:
        connection.execute("UPDATE stakactl_version SET version_num = '9999'")
    with project.unchanged():
        for arguments in (["orders", "list"], ["nightly", "--yes"], ["db", "upgrade"],
                          ["db", "init"]):  # fmt: skip
            assert_clear(project.run(*arguments), 3, "9999, newer", "pip install --upgrade")
        assert project.run("db", "status").exit_code == 1


def test_a_database_of_somebody_else_is_left_alone(project: Project) -> None:
    project.database.unlink()
    with closing(sqlite3.connect(project.database)) as connection, connection:
        connection.execute("CREATE TABLE commandes (id TEXT)")
        connection.execute("INSERT INTO commandes VALUES ('1')")
    with project.unchanged():
        for arguments in (["orders", "list"], ["db", "init"], ["db", "upgrade"]):
            assert_clear(project.run(*arguments), 3, "tables that are not stakactl's",
                         "STAKACTL_DATABASE_URL")  # fmt: skip


def test_a_file_that_is_no_database(project: Project) -> None:
    for name in ("stakactl.db", "stakactl.db-wal", "stakactl.db-shm"):
        (project.home / name).unlink(missing_ok=True)
    project.database.write_text("order_id,status\n" * 200)
    with project.unchanged():
        for arguments in (["orders", "list"], ["db", "init"]):
            assert_clear(project.run(*arguments), 3, "is no SQLite database")


def test_a_home_that_cannot_be_written(folder: Path) -> None:
    (folder / "var").write_text("a file")
    assert_clear(invoke(folder, "db", "init"), 4, str(folder / "var"), "STAKACTL_HOME")
    assert (folder / "var").read_text() == "a file"


def test_the_key_of_another_account_is_refused(project: Project, tmp_path: Path) -> None:
    assert project.run("sync").exit_code == 0
    shutil.copy(project.folder.parent / "stripe.db", tmp_path / "other.db")
    other_key = "sk_test_" + "51SentinelOfAnotherAccount"
    project.set(STRIPE_SECRET_KEY=other_key)
    with StripeState(tmp_path / "other.db", default_livemode=False) as state:
        (account,) = state.list("account").objects
        state.put({**account, "id": "acct_1AnotherOneOfATest"})
        state.delete("account", account["id"])
        with OfflineStripe(state, keys=[ApiKey(other_key)]) as stripe:
            project.set(STRIPE_API_BASE=stripe.base_url)
            before = project.snapshot()
            for arguments in (["sync"], ["nightly", "--yes"], ["reconcile", "--fix"]):
                assert_clear(project.run(*arguments), 3, "belongs to Stripe account",
                             "acct_1AnotherOneOfATest", "the key of that account")  # fmt: skip
            assert project.snapshot() == before


def test_the_key_of_another_mode_is_refused_even_when_stripe_is_down(project: Project) -> None:
    """Or legal numbers would be taken for test orders."""
    assert project.run("sync").exit_code == 0
    project.set(STRIPE_SECRET_KEY=LIVE_KEY, STRIPE_API_BASE=None, STRIPE_REQUESTS_PER_SECOND=None)
    with project.unchanged():
        for arguments in (["invoices", "generate", "--yes"], ["mail", "send", "--yes"]):
            assert_clear(project.run(*arguments), 3, "test mode", "live mode")


@pytest.mark.parametrize(
    "arguments", [["nightly", "--yes"], ["invoices", "generate", "--yes"]], ids=" ".join
)
@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("INVOICES_SINCE", ["INVOICES_SINCE is not set", "INVOICES_SINCE=2026-01-01"]),
        ("PDF_COMPANY_NAME", ["must name its seller: PDF_COMPANY_NAME not set", ".env"]),
        ("PDF_COMPANY_ADDRESS", ["PDF_COMPANY_ADDRESS, PDF_COMPANY_POSTAL_CODE"]),
    ],
)
def test_what_an_invoice_needs_is_asked_for_first(
    arguments: list[str], missing: str, words: list[str], project: Project
) -> None:
    project.set(**{missing: None})
    with project.unchanged():
        assert_clear(project.run(*arguments), 3, *words)
    assert not project.stripe.requests


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["orders", "show", "nope"], ["no order 'nope'", "orders list --search"]),
        (["reconcile", "--order", "nope", "--no-sync"], ["no order 'nope'", "orders list"]),
        (["invoices", "show", "FACT-1"], ["no invoice 'FACT-1'", "invoices list"]),
        (["runs", "show", "x"], ["no run 'x'", "runs list"]),
        (["mail", "retry", "--id", "7", "--yes"], ["no failed or unknown mail 7", "mail list"]),
        (["reconcile", "--class", "ODD"], ["'ODD'", "PAID_NOT_RECORDED"]),
        (["orders", "list", "--since", "2026-02-30"], ["--since", "no day", "2026-01-31"]),
        (["orders", "list", "--since", "2026-03-02", "--until", "2026-03-01"], ["before --since"]),
        (["stats", "revenue", "--timeframe", "1y"], ["'1y'", "30d, 90d, 12m"]),
        (["orders", "list", "--limit", "0"], ["--limit"]),
        (["orders", "import", "orders.ndjson", "--format", "xls"], ["xls", "ndjson"]),
        (["orders", "import", "nope.csv"], ["nope.csv"]),
        (["orders", "import", "."], ["is a folder"]),
        (["nope"], ["No such command 'nope'"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_does_not_exist_is_a_usage_error(
    arguments: list[str], words: list[str], project: Project
) -> None:
    with project.unchanged():
        assert_clear(project.run(*arguments), 2, *words, "Hint: ")


def test_an_existing_settings_file_is_never_overwritten(folder: Path) -> None:
    before = snapshot(folder)
    result = invoke(folder, "init", "--from", ".env")
    assert_clear(result, 5, ".env exists; it was left as it is", "stakactl db init")
    assert snapshot(folder) == before


def test_init_writes_nothing_unless_every_value_is_good(tmp_path: Path) -> None:
    (tmp_path / "shop.env").write_text(f"STRIPE_SECRET_KEY={TEST_KEY}\nTAX_RATE=0.2\n")
    assert_clear(invoke(tmp_path, "init", "--from", "shop.env"), 3, "TAX_RATE", "20 means 20 %")
    assert_clear(invoke(tmp_path, "init", "--from", "nope.env"), 2, "nope.env")
    assert_clear(invoke(tmp_path, "init"), 2, "no terminal", "--from FILE")
    assert os.listdir(tmp_path) == ["shop.env"]
