"""A store of its own for each test, on SQLite and on PostgreSQL, and its repositories."""

from collections.abc import Iterator

import pytest

from stakactl.adapters.database.store import Store
from stakactl.operations import ports


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def orders(store: Store) -> ports.OrderBook:
    return store.orders


@pytest.fixture
def mirror(store: Store) -> ports.Mirror:
    return store.mirror


@pytest.fixture
def cases(store: Store) -> ports.CaseReader:
    return store.cases


@pytest.fixture
def customers(store: Store) -> ports.CustomerBook:
    return store.customers


@pytest.fixture
def events(store: Store) -> ports.EventLog:
    return store.events


@pytest.fixture
def invoices(store: Store) -> ports.InvoiceBook:
    return store.invoices


@pytest.fixture
def outbox(store: Store) -> ports.Outbox:
    return store.outbox


@pytest.fixture
def findings(store: Store) -> ports.FindingLog:
    return store.findings


@pytest.fixture
def changes(store: Store) -> ports.ChangeLog:
    return store.changes


@pytest.fixture
def runs(store: Store) -> ports.RunLog:
    return store.runs


@pytest.fixture
def facts(store: Store) -> ports.FactBook:
    return store.facts


@pytest.fixture
def alerts(store: Store) -> ports.AlertBook:
    return store.alerts


@pytest.fixture
def lock(store: Store) -> ports.RunLock:
    return store.lock


@pytest.fixture
def flag(store: Store) -> ports.MaintenanceFlag:
    return store.maintenance


@pytest.fixture
def binding(store: Store) -> ports.StoreBinding:
    return store.binding
