"""`store.*` and `orders.*` on real databases: each check broken once, and no other with it."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.database.inspector import SqlStoreInspector
from stakactl.adapters.database.store import Store
from stakactl.adapters.orders.application.inspector import MappedOrdersInspector
from stakactl.domain.checks import CheckState
from stakactl.domain.runs import Mode
from stakactl.operations.ports.inspection.stripe import AccountAnswer
from stakactl.operations.validate.databases import CHECKS
from tests.applications import Application
from tests.staka import Staka
from tests.validation import Results, inspection, run


class Account:
    """A Stripe whose account is all that is asked for."""

    def __init__(self, account_id: str) -> None:
        self._id = account_id

    def account(self) -> AccountAnswer:
        return AccountAnswer(self._id, None, "may not", None)


def check(
    store: str, orders: Any = None, *, account: str = "acct_1", mode: Mode | None = Mode.LIVE
) -> Results:
    stripe = Account(account) if mode is not None else None
    looked_at = inspection(store=SqlStoreInspector(store, mode), orders=orders, stripe=stripe)
    return run(CHECKS, looked_at)


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "stakactl.db")
    return f"sqlite:///{tmp_path}/stakactl.db"


def bind(url: str) -> None:
    with closing(Store.open(url)) as opened:
        opened.binding.bind("acct_1", Mode.LIVE)


def test_everything_is_well(database_url: str, staka: Staka, tmp_path: Path) -> None:
    staka.order()
    bind(database_url)
    orders = MappedOrdersInspector(
        staka.url, "DATABASE_URL", tmp_path, "staka", tmp_path, timeout_seconds=5
    )
    results = check(database_url, orders)
    assert {each.verdict.state for each in results.all} == {CheckState.OK}


def test_orders_that_are_imported_and_a_store_that_nobody_owns_yet(store: str) -> None:
    results = check(store)
    assert results.ids(CheckState.FAILED, CheckState.UNKNOWN) == []
    assert results.ids(CheckState.SKIPPED) == [
        f"orders.{name}" for name in ("mapping", "reachable", "tables", "rows")
    ]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.unlink(), "stakactl db init"),
        (
            lambda path: _run(path, "UPDATE stakactl_version SET version_num = '0001'"),
            "stakactl db upgrade",
        ),
        (lambda path: _run(path, "DROP TABLE stakactl_version"), "of its own"),
        (lambda path: _run(path, "UPDATE stakactl_version SET version_num = '9'"), "newer than"),
    ],
    ids=["missing", "outdated", "foreign", "newer"],
)
def test_a_store_that_is_not_ready(
    store: str, tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(tmp_path / "stakactl.db")
    results = check(store)
    assert results.failed == ["store.schema"]
    assert words in results.told("store.schema")
    assert results.ids(CheckState.UNKNOWN) == ["store.mode", "store.binding"]


def _run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_store_that_cannot_be_reached() -> None:
    results = check("postgresql://us:secret-sentinel@127.0.0.1:1/stakactl")
    assert results.failed == ["store.reachable"]
    assert "secret-sentinel" not in results.text


def test_a_store_of_another_account_or_mode(store: str) -> None:
    bind(store)
    assert check(store).failed == []
    assert check(store, account="acct_2").failed == ["store.binding"]
    assert check(store, mode=Mode.TEST).failed == ["store.mode"]
    assert check(store, account="").ids(CheckState.UNKNOWN) == ["store.binding"]
    skipped = check(store, mode=None).ids(CheckState.SKIPPED)
    assert skipped[:2] == ["store.mode", "store.binding"]


@pytest.fixture
def application(tmp_path: Path) -> Application:
    application = Application(f"sqlite:///{tmp_path}/shop.db", tmp_path)
    application.sell(rows=3)
    return application


@pytest.mark.parametrize(
    ("settings", "broken", "words", "unknown"),
    [
        ({"mapping": "none.toml"}, "orders.mapping", "ORDERS_MAPPING", ["tables", "rows"]),
        (
            {"url": "mysql://root:secret-sentinel@127.0.0.1:1/shop"},
            "orders.reachable",
            "cannot be reached",
            ["tables", "rows"],
        ),
        ({"title": "titel"}, "orders.tables", "did you mean 'title'", ["rows"]),
    ],
)
def test_an_application_that_cannot_be_read(
    store: str,
    application: Application,
    settings: dict[str, str],
    broken: str,
    words: str,
    unknown: list[str],
) -> None:
    results = check(store, application.inspector(**settings))
    assert results.failed == [broken]
    assert words in results.told(broken)
    assert results.ids(CheckState.UNKNOWN) == [f"orders.{name}" for name in unknown]
    assert "secret-sentinel" not in results.text


def test_orders_that_cannot_be_taken(store: str, tmp_path: Path) -> None:
    application = Application(f"sqlite:///{tmp_path}/shop.db", tmp_path)
    assert check(store, application.inspector()).states("orders.rows") == [CheckState.SKIPPED]
    application.sell(rows=3, unreadable=2)
    results = check(store, application.inspector())
    assert results.failed == ["orders.rows"]
    assert "2 of 3 orders cannot be taken; order 2: " in results.told("orders.rows")
