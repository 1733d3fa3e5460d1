"""Filling the mirror: rows per second against adding SQLModel objects to a session.

The same objects go into the same tables, on the same database, in turns; each round begins with
an empty one. `session.add` gets fewer of them, so that nobody waits for it.
"""

import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NAME = "mirror"

ROUNDS = 3
PAYMENTS = 25_000  # four objects each
PAYMENTS_BY_ORM = 2_500
PAGE = 100
PAGES_PER_BATCH = 100
TARGET_ROWS_PER_SECOND = 50_000
TARGET_RATIO = 5.0
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True)
class Measured:
    ours: float
    orm: float

    @property
    def ratio(self) -> float:
        return self.ours / self.orm


def run() -> bool:
    things = _objects(PAYMENTS)
    results = {}
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        results["SQLite"] = _measure(lambda: _sqlite(Path(folder)), things)
    try:
        results["PostgreSQL"] = _measure(_postgresql, things)
    except ConnectionError as error:
        print(f"left out: PostgreSQL ({error})")
    print(f"\nFilling the mirror, {len(things):,} objects, medians of {ROUNDS} rounds in turns")
    print(f"{'':<12}{'rows/s':>10}{'session.add':>13}{'ratio':>8}  target")
    met = [_line(name, measured) for name, measured in results.items()]
    return all(met)


def _line(name: str, measured: Measured) -> bool:
    absolute = name != "SQLite" or measured.ours >= TARGET_ROWS_PER_SECOND
    met = absolute and measured.ratio >= TARGET_RATIO
    wanted = f">= {TARGET_RATIO:g} x"
    if name == "SQLite":
        wanted += f" and >= {TARGET_ROWS_PER_SECOND:,}/s"
    print(
        f"{name:<12}{measured.ours:>10,.0f}{measured.orm:>13,.0f}{measured.ratio:>7.1f}x"
        f"  {wanted} {'met' if met else 'MISSED'}"
    )
    return met


def _measure(database: Callable[[], Any], things: list[Any]) -> Measured:
    ours, orm = [], []
    few = things[: PAYMENTS_BY_ORM * 4]
    for _ in range(ROUNDS):
        with database() as url:
            ours.append(len(things) / _seconds(_by_mirror, url, things))
        with database() as url:
            orm.append(len(few) / _seconds(_by_orm, url, few))
    return Measured(statistics.median(ours), statistics.median(orm))


def _seconds(fill: Callable[[Any, list[Any]], None], url: str, things: list[Any]) -> float:
    from stakactl.adapters.database.store import Store

    store = Store.open(url)
    try:
        started = time.perf_counter()
        fill(store, things)
        seconds = time.perf_counter() - started
        counted = store.mirror.count()
    finally:
        store.close()
    if counted != len(things):
        raise RuntimeError(f"{counted} of {len(things)} objects arrived")
    return seconds


def _by_mirror(store: Any, things: list[Any]) -> None:
    """As a sync does it: some pages to a transaction, with what of the lists they complete."""
    from stakactl.domain.stripe_objects import StripeKind
    from stakactl.domain.windows import Window
    from stakactl.operations.ports import Wanted

    size = PAGE * PAGES_PER_BATCH
    for start in range(0, len(things), size):
        since = _BEGAN + timedelta(days=start)
        covered = [Wanted(StripeKind.CHARGE, Window(since, since + timedelta(days=size)))]
        store.mirror.upsert(things[start : start + size], covered)


def _by_orm(store: Any, things: list[Any]) -> None:
    """What one would write with SQLModel: an object per row, added to a session."""
    from sqlmodel import Session

    from stakactl.adapters.database.mirror.rows import table_and_values
    from stakactl.adapters.database.tables import stripe as tables

    rows = {
        tables.sessions: tables.SessionRow,
        tables.intents: tables.IntentRow,
        tables.charges: tables.ChargeRow,
        tables.balance_transactions: tables.BalanceRow,
    }
    with Session(store.database.engine) as session:
        for thing in things:
            table, values = table_and_values(thing, UTC)
            session.add(rows[table](**values))
        session.commit()


_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


def _objects(payments: int) -> list[Any]:
    """Sessions, PaymentIntents, charges and balance transactions with ids as Stripe's are."""
    from stakactl.domain.money import Money
    from stakactl.domain.stripe_objects import (
        BalanceTransaction,
        Charge,
        CheckoutSession,
        PaymentIntent,
    )

    found: list[Any] = []
    for number in range(payments):
        key = uuid.uuid5(uuid.NAMESPACE_URL, str(number)).hex[:24]
        at = _BEGAN + timedelta(minutes=number)
        amount, fee = Money(4_680 + number % 900, "eur"), Money(95, "eur")
        found += [
            CheckoutSession(
                f"cs_live_{key}", at, True, "complete", "paid", "payment", amount, None,
                f"pi_{key}", None, f"cus_{key}", "FR", f"order-{number}", None,
            ),
            PaymentIntent(
                f"pi_{key}", at, True, "succeeded", amount, amount.minor, f"ch_{key}",
                f"cus_{key}", "card", None, f"order-{number}",
            ),
            Charge(
                f"ch_{key}", at, True, "succeeded", amount, 0, f"pi_{key}", f"txn_{key}",
                "card", True, None,
            ),
            BalanceTransaction(
                f"txn_{key}", at, at + timedelta(days=7), "charge", "charge", amount, fee,
                amount - fee, f"ch_{key}",
            ),
        ]  # fmt: skip
    return found


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    from stakactl.adapters.database.schema import init_database

    path = folder / f"{uuid.uuid4().hex}.db"
    init_database(f"sqlite:///{path}")
    yield f"sqlite:///{path}"
    for leftover in folder.glob(f"{path.name}*"):
        leftover.unlink()


@contextmanager
def _postgresql() -> Iterator[str]:
    """A database of its own on the server of STAKACTL_TEST_POSTGRESQL_URL or on this machine."""
    import psycopg
    from sqlalchemy import make_url

    from stakactl.adapters.database.schema import init_database

    server = os.environ.get("STAKACTL_TEST_POSTGRESQL_URL", POSTGRESQL)
    name = f"stakactl_bench_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error).splitlines()[0]) from error
    with connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            init_database(url)
            yield url
        finally:
            with suppress(psycopg.Error):
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
