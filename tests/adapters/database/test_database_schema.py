"""Making, opening and upgrading a store, and refusing what is none of ours."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade
from alembic.command import upgrade as alembic_upgrade
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, text

from stakactl.adapters.database import schema
from stakactl.adapters.database.engine import Database, locate
from stakactl.adapters.database.schema import (
    HEAD,
    REVISIONS,
    VERSION_TABLE,
    SchemaState,
    alembic_config,
    init_database,
    schema_status,
    upgrade,
)
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables import all_tables
from stakactl.errors import (
    ConfigurationError,
    DatabaseError,
    LockHeld,
    StoreForeign,
    StoreMissing,
    StoreOutdated,
)
from stakactl.operations.ports import InvoiceFilter
from tests.builders import a_customer, an_order
from tests.contracts.issuing import issue_for

NEXT = f"""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{HEAD}"
def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer, primary_key=True))
"""


def execute(url: str, *statements: str) -> None:
    database = Database(locate(url))
    with database.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
    database.close()


def test_the_revisions_are_the_migrations_and_have_one_head() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [HEAD]
    assert tuple(s.revision for s in scripts.walk_revisions())[::-1] == REVISIONS


def test_the_migrations_make_the_tables_that_we_use(store: Store) -> None:
    with store.database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, all_tables()) == []


def test_migrations_go_back(store: Store) -> None:
    with store.database.write() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        downgrade(config, "base")
        assert inspect(connection).get_table_names() == [VERSION_TABLE]


def test_init_makes_a_store_once(empty_database_url: str) -> None:
    assert schema_status(empty_database_url).state in {SchemaState.MISSING, SchemaState.EMPTY}
    assert init_database(empty_database_url)
    assert not init_database(empty_database_url)
    status = schema_status(empty_database_url)
    assert (status.state, status.current, status.head) == (SchemaState.CURRENT, HEAD, HEAD)
    Store.open(empty_database_url).close()


def test_two_stores_are_told_apart(empty_database_url: str, database_url: str) -> None:
    init_database(empty_database_url)
    assert _store_id(empty_database_url) != _store_id(database_url)


def _store_id(url: str) -> Any:
    store = Store.open(url)
    with store.database.read() as connection:
        found = connection.scalar(text("SELECT store_id FROM store_info"))
    store.close()
    return found


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "stakactl.db"
    init_database(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_opening_creates_nothing(empty_database_url: str) -> None:
    with pytest.raises(StoreMissing) as caught:
        Store.open(empty_database_url)
    assert "stakactl db init" in (caught.value.hint or "")
    path = locate(empty_database_url).path
    if path is not None:
        assert str(path) in caught.value.message
        assert not path.exists()
        assert not path.parent.exists()


def test_a_database_that_does_not_exist_on_the_server(postgresql_server: Any) -> None:
    for work in (Store.open, init_database, upgrade):
        with pytest.raises(StoreMissing) as caught:
            work(postgresql_server.url("stakactl_test_nowhere"))
        assert "createdb" in (caught.value.hint or "")
    assert schema_status(postgresql_server.url("stakactl_test_nowhere")).state == "missing"


def test_tables_of_somebody_else_are_refused(empty_database_url: str) -> None:
    path = locate(empty_database_url).path
    if path is not None:
        path.parent.mkdir()
        path.touch()
    execute(empty_database_url, "CREATE TABLE alembic_version (version_num VARCHAR(32))")
    for work in (Store.open, init_database, upgrade):
        with pytest.raises(StoreForeign, match="not stakactl's"):
            work(empty_database_url)
    assert schema_status(empty_database_url).state is SchemaState.FOREIGN


def test_a_pending_migration(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (HEAD, "9999"))
    monkeypatch.setattr(schema, "HEAD", "9999")
    for work in (Store.open, init_database):
        with pytest.raises(StoreOutdated) as caught:
            work(database_url)
        assert "stakactl db upgrade" in (caught.value.hint or "")


def test_a_schema_from_the_future(database_url: str) -> None:
    execute(database_url, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    for work in (Store.open, init_database, upgrade):
        with pytest.raises(StoreOutdated, match="newer") as caught:
            work(database_url)
        assert "upgrade stakactl" in (caught.value.hint or "")
    assert schema_status(database_url).current == "9999"


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = tmp_path / "migrations 100%"
    shutil.copytree(schema.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9999_next.py").write_text(NEXT)
    monkeypatch.setattr(schema, "MIGRATIONS", scripts)
    monkeypatch.setattr(schema, "REVISIONS", (*REVISIONS, "9999"))
    monkeypatch.setattr(schema, "HEAD", "9999")


@pytest.mark.usefixtures("next_revision")
def test_an_upgrade_brings_the_schema_to_the_head(database_url: str) -> None:
    assert upgrade(database_url).state is SchemaState.OUTDATED
    assert schema_status(database_url).state is SchemaState.CURRENT
    assert upgrade(database_url).state is SchemaState.CURRENT
    Store.open(database_url).close()


def test_an_upgrade_waits_for_no_run(
    store: Store, database_url: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("next_revision")
    with store.lock.hold("run_1", "nightly"), pytest.raises(LockHeld):
        upgrade(database_url)
    assert schema_status(database_url).current == HEAD


def test_invoices_issued_before_keep_what_their_content_says(store: Store) -> None:
    """Payment and titles were frozen but had no columns of their own."""
    invoice = issue_for(store.invoices, an_order(title="Œuvres"))
    with store.database.write() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        downgrade(config, "0002")
        connection.execute(text("UPDATE invoices SET search_text = 'old'"))
        alembic_upgrade(config, "head")
    (found,) = store.invoices.find(InvoiceFilter("œuvres"))
    assert found == invoice


def test_customers_of_before_are_found_by_their_email(store: Store) -> None:
    """The e-mail of an order had no column to be looked for in."""
    store.orders.import_orders(
        an_order(order_id=f"A-{n}", customer=a_customer(email=f"É{n}@Example.com"))
        for n in range(12)
    )
    with store.database.write() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        downgrade(config, "0011")
        alembic_upgrade(config, "head")
    for number in range(12):
        (one,) = store.customers.find(f"é{number}@example.com")
        assert one.orders == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user:s3cret@host/name",
        "postgresql://user:s3cret@host:port/name",
    ],
)
def test_an_unusable_url_is_a_setting_to_correct(url: str) -> None:
    with pytest.raises(ConfigurationError, match="STAKACTL_DATABASE_URL") as caught:
        Store.open(url)
    assert "s3cret" not in caught.value.message


def test_urls_as_frameworks_write_them(postgresql_url: str) -> None:
    plain = postgresql_url.replace("postgresql://", "postgres://", 1)
    Store.open(f"{plain}?schema=public&connection_limit=5").close()
    with pytest.raises(StoreMissing):
        Store.open(f"{plain}?schema=elsewhere")


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(DatabaseError, match="cannot be reached") as caught:
        Store.open("postgresql://user:s3cret@127.0.0.1:1/x")
    assert "s3cret" not in str(caught.value)


def test_a_user_that_the_server_does_not_know(postgresql_url: str) -> None:
    stranger = make_url(postgresql_url).set(username="nobody_here", password="s3cret")
    url = stranger.render_as_string(hide_password=False)
    with pytest.raises(DatabaseError, match="refused us") as caught:
        Store.open(url)
    assert "s3cret" not in caught.value.message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database " * 1000)
    with pytest.raises(StoreForeign, match="no SQLite database"):
        Store.open(f"sqlite:///{tmp_path}/notes.txt")


def test_sqlite_keeps_what_it_committed(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "store.db")
    store = Store.open(f"sqlite:///{tmp_path}/store.db")
    with store.database.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    store.close()
    assert pragmas == ["wal", 2, 1, 30_000]


def test_reading_orders_from_sqlite_loads_neither_alembic_nor_postgresql(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "store.db")
    code = (
        "import sys\n"
        "from stakactl.adapters.database.store import Store\n"
        "Store.open(sys.argv[1]).orders.count()\n"
        "loaded = {'alembic', 'psycopg', 'sqlalchemy.dialects.postgresql'}\n"
        "sys.exit(str(loaded & set(sys.modules)) if loaded & set(sys.modules) else 0)\n"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/store.db"]
    assert subprocess.run(command, env={**os.environ}).returncode == 0
