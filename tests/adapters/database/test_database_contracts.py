"""The store keeps every promise of its ports, on SQLite and on PostgreSQL."""

from collections.abc import Callable

import pytest

from stakactl.adapters.database.mirror.cases.reader import SqlCaseReader
from stakactl.adapters.database.mirror.money.book import SqlMoneyBook
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables import all_tables
from stakactl.operations.ports import CaseReader, MoneyBook
from tests.contracts.alert_book import AlertBookContract
from tests.contracts.case_reader import CaseReaderContract
from tests.contracts.customer_book import CustomerBookContract
from tests.contracts.event_log import EventLogContract
from tests.contracts.fact_book import FactBookContract
from tests.contracts.invoice_book import InvoiceBookContract
from tests.contracts.maintenance import MaintenanceFlagContract
from tests.contracts.mirror import MirrorContract
from tests.contracts.money_book import MoneyBookContract
from tests.contracts.narrowing import NarrowingContract
from tests.contracts.order_book import OrderBookContract
from tests.contracts.outbox import OutboxContract
from tests.contracts.records import (
    ChangeLogContract,
    FindingLogContract,
    RunLockContract,
    RunLogContract,
    StoreBindingContract,
)


class TestOrderBook(OrderBookContract):
    pass


class TestMirror(MirrorContract):
    pass


class TestMoneyBook(MoneyBookContract):
    @pytest.fixture
    def money(self, store: Store) -> MoneyBook:
        """Pages of two, so that most tests cross their borders."""
        return SqlMoneyBook(store.database, page=2)


class TestEventLog(EventLogContract):
    pass


class TestCaseReader(CaseReaderContract):
    @pytest.fixture
    def cases(self, store: Store) -> CaseReader:
        """Pages of five, so that every test that reads more crosses their borders."""
        return SqlCaseReader(store.database, page=5)


class TestCustomerBook(CustomerBookContract):
    pass


class TestNarrowing(NarrowingContract):
    @pytest.fixture
    def cases(self, store: Store) -> CaseReader:
        return SqlCaseReader(store.database, page=10)

    @pytest.fixture
    def emptied(self, store: Store) -> Callable[[], None]:
        def empty() -> None:
            with store.database.write() as connection:
                for table in reversed(all_tables().sorted_tables):
                    if table.name != "store_info":
                        connection.execute(table.delete())

        return empty


class TestInvoiceBook(InvoiceBookContract):
    pass


class TestOutbox(OutboxContract):
    pass


class TestAlertBook(AlertBookContract):
    pass


class TestFactBook(FactBookContract):
    pass


class TestRunLog(RunLogContract):
    pass


class TestChangeLog(ChangeLogContract):
    pass


class TestFindingLog(FindingLogContract):
    pass


class TestRunLock(RunLockContract):
    pass


class TestMaintenanceFlag(MaintenanceFlagContract):
    pass


class TestStoreBinding(StoreBindingContract):
    pass
