"""The services that tests run against: databases, each test with one of its own made from a
template, and an S3 server.

SQLite always; PostgreSQL where STAKACTL_TEST_POSTGRESQL_URL (by default a local server that
trusts us) answers, MariaDB where STAKACTL_TEST_MARIADB_URL (by default a local one whose root has
no password) does, Redis where STAKACTL_TEST_REDIS_URL (by default a local one) does. Where one
does not, its tests are skipped aloud, or fail when
STAKACTL_TEST_REQUIRE_SERVICES=1.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError

from stakactl.adapters.database.schema import HEAD, init_database
from stakactl.adapters.database.tables import all_tables
from tests.staka import Staka

DEFAULT_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
DEFAULT_MARIADB = "mysql://root@127.0.0.1:3306/mysql"
DEFAULT_REDIS = "redis://127.0.0.1:6379"
#: By this key a test holds a database of Redis that was empty.
REDIS_HELD = "stakactl_test"
BOTH = ["sqlite", "postgresql"]


#: Empties a migrated database for the next test; fails where its schema was changed.
CLEAN = f"""
DO $$
DECLARE name text; filled boolean;
BEGIN
  SET LOCAL lock_timeout = '2s';
  ASSERT (SELECT string_agg(version_num, ',') FROM stakactl_version) = '{HEAD}';
  ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') = {{tables}};
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('stakactl_version', 'store_info', 'orders')
  LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  DELETE FROM orders;
  UPDATE store_info SET account_id = NULL, mode = NULL, time_zone = NULL;
END $$
"""


class PostgresqlServer:
    """Makes, keeps and drops databases on a server: making one takes longer than most tests."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free: list[str] = []

    def take(self, template: str) -> str:
        """A migrated, empty database."""
        return self._free.pop() if self._free else self.create(template)

    def give_back(self, name: str) -> None:
        """Clean a database for the next test, or drop it when it is no longer as it was."""
        clean = CLEAN.format(tables=len(all_tables().tables) + 1)
        try:
            with psycopg.connect(self.url(name), connect_timeout=5) as connection:
                connection.execute(clean.encode())
        except psycopg.Error:
            self.drop(name)
        else:
            self._free.append(name)

    def close(self) -> None:
        for name in self._free:
            self.drop(name)

    def url(self, name: str) -> str:
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        name = f"stakactl_test_{uuid.uuid4().hex[:16]}"
        self._run(f"CREATE DATABASE {name} TEMPLATE \"{template}\" ENCODING 'UTF8'")
        # No test cuts the server's power, so commits need not wait for its disk.
        self._run(f"ALTER DATABASE {name} SET synchronous_commit = off")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """The PostgreSQL server for tests; skips or fails where none answers."""
    url = os.environ.get("STAKACTL_TEST_POSTGRESQL_URL", DEFAULT_POSTGRESQL)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        _without(f"NO POSTGRESQL, its tests do not run (STAKACTL_TEST_POSTGRESQL_URL): {error}")
    server = PostgresqlServer(url)
    yield server
    server.close()


def _without(reason: str) -> NoReturn:
    if os.environ.get("STAKACTL_TEST_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Engine]:
    """The MariaDB server for tests, as its administrator; skips or fails where none answers."""
    url = make_url(os.environ.get("STAKACTL_TEST_MARIADB_URL", DEFAULT_MARIADB))
    engine = create_engine(
        url.set(drivername="mysql+pymysql"),
        connect_args={"connect_timeout": 5},
        isolation_level="AUTOCOMMIT",
    )
    try:
        engine.connect().close()
    except OperationalError as error:
        engine.dispose()
        _without(f"NO MARIADB, its tests do not run (STAKACTL_TEST_MARIADB_URL): {error.orig}")
    yield engine
    engine.dispose()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A database of Redis that was empty, held for this test."""
    server = os.environ.get("STAKACTL_TEST_REDIS_URL", DEFAULT_REDIS)
    for number in range(15, 0, -1):
        with Redis.from_url(server, db=number) as redis:
            try:
                is_ours = redis.dbsize() == 0 and redis.set(REDIS_HELD, "1", nx=True, ex=600)
            except RedisError as error:
                _without(f"NO REDIS, its tests do not run (STAKACTL_TEST_REDIS_URL): {error}")
            if is_ours:
                yield f"{server}/{number}"
                redis.flushdb()
                return
    _without("NO EMPTY DATABASE IN REDIS, its tests do not run (STAKACTL_TEST_REDIS_URL)")


@contextmanager
def mariadb_database(server: Engine) -> Iterator[str]:
    """An empty database on MariaDB, as an application's URL."""
    name = f"stakactl_test_{uuid.uuid4().hex[:16]}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    try:
        url = server.url.set(drivername="mysql", database=name)
        yield url.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")


@pytest.fixture
def mariadb_url(mariadb_server: Engine) -> Iterator[str]:
    with mariadb_database(mariadb_server) as url:
        yield url


@pytest.fixture(scope="session")
def staka_application(mariadb_server: Engine) -> Iterator[Staka]:
    """The application of Staka Livres, once per worker: making its tables takes longer than most
    tests."""
    with mariadb_database(mariadb_server) as url, closing(Staka(url)) as staka:
        yield staka


@pytest.fixture
def staka(staka_application: Staka) -> Iterator[Staka]:
    """The application without orders. Whatever a test does, its tables stay as they were."""
    staka_application.begin()
    before = staka_application.tables()
    yield staka_application
    assert staka_application.tables() == before


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A migrated database to copy, once per worker."""
    name = postgresql_server.create()
    init_database(postgresql_server.url(name))
    yield name
    postgresql_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy, once per worker."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    init_database(f"sqlite:///{path}")
    return path


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer, postgresql_template: str) -> Iterator[str]:
    """A migrated, empty store on PostgreSQL."""
    name = postgresql_server.take(postgresql_template)
    yield postgresql_server.url(name)
    postgresql_server.give_back(name)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "stakactl.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        yield request.getfixturevalue("postgresql_url")


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table: on SQLite not even a file."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/home/stakactl.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The URL of an S3 server on loopback; each test makes a bucket of its own."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
