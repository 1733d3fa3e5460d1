"""One small shop on MariaDB, PostgreSQL and SQLite: read alike, written alike, never altered."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from stakactl.adapters.orders.application import opening
from stakactl.adapters.orders.application.application import MappedApplication
from stakactl.adapters.orders.application.mapping import load_mapping
from stakactl.domain.changes import Change
from stakactl.domain.money import Money
from stakactl.domain.orders import Order, OrderStatus
from stakactl.errors import ConfigurationError, DatabaseError
from stakactl.operations.ports import Holding
from tests.builders import NOW
from tests.services import PostgresqlServer

MAPPING = """
[orders]
table = "Order"
time_zone = "Europe/Paris"
amount_unit = "major"

[joins.buyer]
table = "buyer"
on = { buyerId = "id" }

[columns]
order_id = "id"
created_at = "createdAt"
updated_at = "updatedAt"
amount = "total"
currency = "currency"
title = "select"
customer_email = "buyer.email"
customer_name = "buyer.name"
stripe_session_id = "session"
stripe_payment_intent_id = "intent"
paid_at = "paidAt"
refunded_minor = "refunded"

[[status]]
is = "paid"
when = { state = "PAID" }

[[status]]
is = "pending"
when = { state = ["OPEN", ""] }

[set.paid]
state = "PAID"
"""

#: Words of SQL and capitals as names; an enumeration and times with a zone where there are any.
TABLES = {
    "mysql": """
        CREATE TABLE buyer (id INT PRIMARY KEY, email TEXT, name TEXT);
        CREATE TABLE `Order` (id INT PRIMARY KEY, buyerId INT, createdAt DATETIME(3),
          updatedAt TIMESTAMP(3) NULL, total DECIMAL(10, 3), currency CHAR(3), `select` TEXT,
          session TEXT, intent TEXT, paidAt DATETIME(3), refunded BIGINT,
          state ENUM('OPEN', 'PAID', 'GONE'))""",
    "postgresql": """
        CREATE SCHEMA shop;
        CREATE TYPE shop."State" AS ENUM ('OPEN', 'PAID', 'GONE');
        CREATE TABLE shop.buyer (id INT PRIMARY KEY, email TEXT, name TEXT);
        CREATE TABLE shop."Order" (id INT PRIMARY KEY, "buyerId" INT, "createdAt" TIMESTAMP(3),
          "updatedAt" TIMESTAMPTZ(3), total DECIMAL(10, 3), currency CHAR(3), "select" TEXT,
          session TEXT, intent TEXT, "paidAt" TIMESTAMP(3), refunded BIGINT,
          state shop."State")""",
    "sqlite": """
        CREATE TABLE buyer (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
        CREATE TABLE "Order" (id INTEGER PRIMARY KEY, "buyerId" INTEGER, "createdAt" DATETIME,
          "updatedAt" DATETIME, total DECIMAL, currency TEXT, "select" TEXT, session TEXT,
          intent TEXT, "paidAt" DATETIME, refunded INTEGER, state TEXT)""",
}
CREATED = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)


class StandingClock:
    def now(self) -> datetime:
        return NOW

    def local_date(self, moment: datetime) -> Any:
        return moment.date()


class Shop:
    """The shop's own way to its database, and ours."""

    def __init__(self, kind: str, url: str, folder: Path) -> None:
        self.kind = kind
        self.url = url
        self.engine = self._connect()
        for statement in TABLES[kind].split(";"):
            self.run(statement)
        (folder / "shop.toml").write_text(MAPPING, encoding="utf-8")
        query = "?schema=shop&connection_limit=5" if kind == "postgresql" else ""
        self.application: MappedApplication = opening.open_application(
            url + query,
            "ORDERS_DATABASE_URL",
            folder,
            "shop.toml",
            folder,
            opening.by_sql(StandingClock()),
            page=2,
        )
        self.run("INSERT INTO buyer VALUES (7, 'zoé@example.com', 'Zoé 🖋')")

    def _connect(self) -> Engine:
        drivers = {"mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
        url = make_url(self.url)
        arguments = {"options": "-c search_path=shop"} if self.kind == "postgresql" else {}
        return create_engine(
            url.set(drivername=drivers.get(self.kind, "sqlite")), connect_args=arguments
        )

    def run(self, statement: str, **values: Any) -> list[Any]:
        if self.kind == "mysql":
            statement = re.sub(r'"(\w+)"', r"`\1`", statement)
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

    def moment(self, when: datetime, *, zoned: bool = False) -> Any:
        """As the shop's ORM writes it: local time, but UTC where the column has a zone; SQLite
        has milliseconds since 1970."""
        if self.kind == "sqlite":
            return int(when.timestamp() * 1000)
        if zoned:
            return when if self.kind == "postgresql" else when.replace(tzinfo=None)
        local = when.astimezone(load_mapping("shop.toml", self.folder).zone)
        return local.replace(tzinfo=None)

    folder: Path

    def order(self, number: int = 1, **values: Any) -> None:
        row = {
            "id": number,
            "buyerId": 7,
            "createdAt": self.moment(CREATED),
            "updatedAt": self.moment(CREATED, zoned=True),
            "total": "468.00",
            "currency": "eur",
            "select": "Livre",
            "session": f"cs_live_{number}",
            "state": "OPEN",
        } | values
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(
            f'CAST(:{n} AS shop."State")' if n == "state" and self.kind == "postgresql" else f":{n}"
            for n in row
        )
        if self.kind == "mysql":
            self.run("SET time_zone = '+00:00'")
        self.run(f'INSERT INTO "Order" ({names}) VALUES ({places})', **row)

    def rows(self) -> list[Any]:
        return self.run('SELECT * FROM "Order" ORDER BY id')

    def orders(self) -> dict[str, Order]:
        taken = [
            self.application.order_of(row) for page in self.application.everything() for row in page
        ]
        return {entry.order.order_id: entry.order for entry in taken if entry.order}

    def close(self) -> None:
        self.engine.dispose()
        self.application.close()


@pytest.fixture(params=["mysql", "postgresql", "sqlite"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    Shop.folder = tmp_path
    if request.param == "mysql":
        url = request.getfixturevalue("mariadb_url")
    elif request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        name = server.create()
        with closing(Shop(request.param, server.url(name), tmp_path)) as opened:
            yield opened
        server.drop(name)
        return
    else:
        url = f"sqlite:///{tmp_path}/shop.db"
    with closing(Shop(request.param, url, tmp_path)) as opened:
        yield opened


PAID = Change(
    "1",
    "fnd_1",
    "PAID_NOT_RECORDED",
    {"status": "pending", "paid_at": None, "stripe_payment_intent_id": None},
    {"status": "paid", "paid_at": "2026-03-05T10:00:00+00:00", "stripe_payment_intent_id": "pi_1"},
)


def test_an_order_is_the_same_everywhere(shop: Shop) -> None:
    shop.order()
    order = shop.orders()["1"]
    assert (order.amount, order.status) == (Money(46800, "eur"), OrderStatus.PENDING)
    assert (order.created_at, order.updated_at) == (CREATED, CREATED)
    assert (order.customer.email, order.customer.name) == ("zoé@example.com", "Zoé 🖋")
    assert (order.title, order.stripe_session_id) == ("Livre", "cs_live_1")


def test_amounts_follow_the_currency(shop: Shop) -> None:
    shop.order(1, total="468", currency="jpy")
    shop.order(2, total="468.005", currency="kwd")
    shop.order(3, total="468.005", currency="eur")
    shop.order(4, total="468", currency="xyz")
    found = shop.orders()
    assert found["1"].amount == Money(468, "jpy")
    assert found["2"].amount == Money(468005, "kwd")
    assert set(found) == {"1", "2"}
    rows = shop.application.find(["3", "4"])
    problems = sorted(str(shop.application.order_of(row).problem) for row in rows)
    assert "column total" in problems[0]
    assert "column currency" in problems[1]


def test_pages_and_what_changed(shop: Shop) -> None:
    for number in range(1, 8):
        shop.order(number, updatedAt=shop.moment(CREATED + timedelta(days=number // 3), zoned=True))
    assert len(shop.orders()) == 7
    since = CREATED + timedelta(days=1)
    found = {row.order_id for page in shop.application.changed_since(since) for row in page}
    everything = {str(number) for number in range(1, 8)}
    assert found == (everything if shop.kind == "sqlite" else {"3", "4", "5", "6", "7"})
    assert [row.order_id for row in shop.application.find(["3", "99", "x"])] == ["3"]


def test_a_change_is_written_and_taken_back(shop: Shop) -> None:
    shop.order()
    before = shop.rows()
    writer = shop.application.writer
    prepared = writer.prepare(PAID)
    assert prepared is not None
    assert writer.holding(prepared) is Holding.BEFORE
    assert writer.write(prepared)
    assert writer.holding(prepared) is Holding.AFTER
    order = shop.orders()["1"]
    assert (order.status, order.stripe_payment_intent_id) == (OrderStatus.PAID, "pi_1")
    assert order.paid_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    assert order.updated_at == NOW
    assert not writer.write(prepared)
    assert writer.write(prepared.inverse())
    changed = [dict(row._mapping) for row in shop.rows()]
    same = [dict(row._mapping) for row in before]
    for row in (*changed, *same):
        del row["updatedAt"]
    assert changed == same


@pytest.mark.parametrize("meanwhile", ["state = 'GONE'", "intent = 'pi_2'", "state = NULL"])
def test_nothing_is_written_over_what_changed(shop: Shop, meanwhile: str) -> None:
    shop.order()
    writer = shop.application.writer
    prepared = writer.prepare(PAID)
    assert prepared is not None
    shop.run(f'UPDATE "Order" SET {meanwhile}')
    before = shop.rows()
    assert not writer.write(prepared)
    assert shop.rows() == before
    assert writer.holding(prepared) is Holding.OTHER
    shop.run('DELETE FROM "Order"')
    assert not writer.write(prepared)
    assert writer.holding(prepared) is Holding.GONE


def test_reading_cannot_write(shop: Shop) -> None:
    shop.order()
    name = "shop.buyer" if shop.kind == "postgresql" else "buyer"
    with pytest.raises(DatabaseError, match=r"(?i)read.?only"):
        delete_while_reading(shop, name)
    assert len(shop.run("SELECT * FROM buyer")) == 1


def delete_while_reading(shop: Shop, name: str) -> None:
    with shop.application._database.read() as connection:
        connection.execute(text(f"DELETE FROM {name}"))


def test_a_mapping_that_does_not_fit_is_told_as_a_whole(shop: Shop) -> None:
    path = shop.folder / "wrong.toml"
    wrong = MAPPING.replace('"total"', '"totale"').replace('table = "buyer"', 'table = "buyers"')
    path.write_text(wrong, encoding="utf-8")
    query = "?schema=shop" if shop.kind == "postgresql" else ""
    application = opening.open_application(
        shop.url + query, "ORDERS_DATABASE_URL", shop.folder, "wrong.toml", shop.folder,
        opening.off(),
    )  # fmt: skip
    with pytest.raises(ConfigurationError) as caught:
        list(application.everything())
    application.close()
    message = caught.value.message
    assert "there is no table 'buyers'; did you mean 'buyer'?" in message
    assert "[columns] amount: Order has no column 'totale'; did you mean 'total'?" in message


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("mysql://root:geheim@127.0.0.1:1/shop", DatabaseError, "cannot be reached"),
        ("postgresql://u:geheim@127.0.0.1:1/shop", DatabaseError, "cannot be reached"),
        ("sqlite:////nowhere/shop.db", DatabaseError, "cannot be reached"),
    ],
)
def test_a_database_that_does_not_answer(
    tmp_path: Path, url: str, error: type[Exception], words: str
) -> None:
    application = opening.open_application(
        url, "ORDERS_DATABASE_URL", tmp_path, "staka", tmp_path, opening.off()
    )
    with pytest.raises(error, match=words) as caught:
        list(application.everything())
    application.close()
    assert "geheim" not in str(caught.value)


def test_a_user_or_database_that_the_server_does_not_know(mariadb_url: str, tmp_path: Path) -> None:
    known = make_url(mariadb_url)
    for url, error, words in (
        (known.set(username="nobody", password="geheim"), DatabaseError, "refused us"),
        (known.set(database="nowhere"), ConfigurationError, "does not exist"),
    ):
        application = opening.open_application(
            url.render_as_string(hide_password=False),
            "DATABASE_URL", tmp_path, "staka", tmp_path, opening.off(),
        )  # fmt: skip
        with pytest.raises(error, match=words) as caught:
            list(application.everything())
        application.close()
        assert "geheim" not in str(caught.value)
        assert "DATABASE_URL" in str(caught.value.hint)


def test_a_driver_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pymysql", None)
    application = opening.open_application(
        "mysql://root@127.0.0.1/shop", "DATABASE_URL", tmp_path, "staka", tmp_path, opening.off()
    )
    with pytest.raises(ConfigurationError) as caught:
        list(application.everything())
    assert "stakactl[mysql]" in str(caught.value.hint)
