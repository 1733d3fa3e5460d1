"""stakactl's own store: one database, opened once, and the books that it is read and written by."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.wiring.foundation import Foundation

if TYPE_CHECKING:
    from stakactl.adapters.database.dump import SqlStoreDump
    from stakactl.adapters.database.schema import SchemaStatus
    from stakactl.adapters.database.store import Store
    from stakactl.operations.ports import (
        AlertBook,
        ApplicationLedger,
        Audience,
        CaseReader,
        ChangeLog,
        CustomerBook,
        CustomerFigureBook,
        DocumentLedger,
        EventLog,
        FactBook,
        FigureBook,
        FindingLog,
        InvoiceBook,
        MaintenanceCopy,
        MaintenanceFlag,
        Mirror,
        MoneyBook,
        NumberScan,
        OrderBook,
        Outbox,
        ReceivableBook,
        RestoreBook,
        RunLock,
        RunLog,
        StoreBinding,
        SubscriptionBook,
        TrailReader,
    )
    from stakactl.operations.ports.checklists import ChecklistLog
    from stakactl.operations.ports.rollback import RollbackLog


class StoreParts(Foundation):
    """Each book is a view of the one open store."""

    @cached_property
    def _store(self) -> Store:
        from stakactl.adapters.database.store import Store

        if self._demo is not None:
            self._demo.require_world()
        store = Store.open(self.settings.store_url, time_zone=self.settings.stakactl_time_zone)
        self._opened.callback(store.close)
        if self.settings.stripe_secret_key is not None:
            store.binding.require_mode(self.mode)
        return store

    @property
    def mirror(self) -> Mirror:
        return self._store.mirror

    @property
    def events(self) -> EventLog:
        return self._store.events

    @property
    def money(self) -> MoneyBook:
        return self._store.money

    @property
    def figures(self) -> FigureBook:
        return self._store.figures

    @property
    def customer_figures(self) -> CustomerFigureBook:
        return self._store.customer_figures

    @property
    def subscription_book(self) -> SubscriptionBook:
        return self._store.subscription_book

    @property
    def orders(self) -> OrderBook:
        return self._store.orders

    @property
    def ledger(self) -> ApplicationLedger:
        return self._store.ledger

    @property
    def cases(self) -> CaseReader:
        return self._store.cases

    @property
    def customers(self) -> CustomerBook:
        return self._store.customers

    @property
    def invoices(self) -> InvoiceBook:
        return self._store.invoices

    @property
    def documents(self) -> DocumentLedger:
        return self._store.documents

    @property
    def number_scan(self) -> NumberScan:
        return self._store.number_scan

    @property
    def outbox(self) -> Outbox:
        return self._store.outbox

    @property
    def receivables(self) -> ReceivableBook:
        return self._store.receivables

    @property
    def findings(self) -> FindingLog:
        return self._store.findings

    @property
    def changes(self) -> ChangeLog:
        return self._store.changes

    @property
    def runs(self) -> RunLog:
        return self._store.runs

    @property
    def trail(self) -> TrailReader:
        return self._store.trail

    @property
    def facts(self) -> FactBook:
        return self._store.facts

    @property
    def alerts(self) -> AlertBook:
        return self._store.alerts

    @property
    def lock(self) -> RunLock:
        return self._store.lock

    @property
    def maintenance(self) -> MaintenanceFlag:
        return self._store.maintenance

    @cached_property
    def maintenance_copy(self) -> MaintenanceCopy | None:
        """Where the application reads the flag; None without REDIS_URL."""
        if self.settings.redis_url is None:
            return None
        from stakactl.adapters.redis_flag import RedisMaintenanceCopy

        copy = RedisMaintenanceCopy(self.settings.redis_url.get_secret_value())
        self._opened.callback(copy.close)
        return copy

    @property
    def audience(self) -> Audience:
        return self._store.audience

    @property
    def restores(self) -> RestoreBook:
        return self._store.restores

    @property
    def rollbacks(self) -> RollbackLog:
        return self._store.rollbacks

    @property
    def checklists(self) -> ChecklistLog:
        return self._store.checklists

    @property
    def binding(self) -> StoreBinding:
        return self._store.binding

    @property
    def store_dump(self) -> SqlStoreDump:
        from stakactl.adapters.database.dump import SqlStoreDump

        return SqlStoreDump(self.settings.store_url)

    def init_database(self) -> None:
        from stakactl.adapters.database.schema import init_database

        init_database(self.settings.store_url)

    def upgrade_database(self) -> None:
        from stakactl.adapters.database.schema import upgrade

        upgrade(self.settings.store_url)

    def schema_status(self) -> SchemaStatus:
        from stakactl.adapters.database.schema import schema_status

        return schema_status(self.settings.store_url)
