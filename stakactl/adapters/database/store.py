"""Opening the store: one object that hands out the repositories, each loaded on first use."""

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.adapters.database.engine import Database, locate
from stakactl.adapters.database.schema import require_current

if TYPE_CHECKING:
    from stakactl.adapters.database.binding import SqlStoreBinding
    from stakactl.adapters.database.local_days import LocalDays
    from stakactl.operations import ports
    from stakactl.operations.ports.checklists import ChecklistLog
    from stakactl.operations.ports.rollback import RollbackLog

TIME_ZONE = "Europe/Paris"
LEASE = timedelta(seconds=90)


class Store:
    """stakactl's own database. The attributes are named as in `Ports`."""

    def __init__(
        self, database: Database, *, time_zone: str = TIME_ZONE, lease: timedelta = LEASE
    ) -> None:
        self.database = database
        self._time_zone = time_zone
        self._lease = lease

    @classmethod
    def open(cls, url: str, *, time_zone: str = TIME_ZONE, lease: timedelta = LEASE) -> "Store":
        """Open a store that exists and has our schema; nothing is ever created.

        Raises StoreMissing, StoreOutdated, StoreForeign or DatabaseError.
        """
        database = Database(locate(url))
        try:
            require_current(database)
        except BaseException:
            database.close()
            raise
        return cls(database, time_zone=time_zone, lease=lease)

    @cached_property
    def events(self) -> "ports.EventLog":
        from stakactl.adapters.database.mirror.events import SqlEventLog

        return SqlEventLog(self.database)

    @cached_property
    def orders(self) -> "ports.OrderBook":
        from stakactl.adapters.database.orders import SqlOrderBook

        return SqlOrderBook(self.database)

    @cached_property
    def ledger(self) -> "ports.ApplicationLedger":
        from stakactl.adapters.database.application import SqlApplicationLedger

        return SqlApplicationLedger(self.database)

    @cached_property
    def mirror(self) -> "ports.Mirror":
        from stakactl.adapters.database.mirror.mirror import SqlMirror

        return SqlMirror(self.database, self._local_days)

    @cached_property
    def figures(self) -> "ports.FigureBook":
        from stakactl.adapters.database.figures.book import SqlFigureBook

        return SqlFigureBook(self.database, self._local_days)

    @cached_property
    def customer_figures(self) -> "ports.CustomerFigureBook":
        from stakactl.adapters.database.figures.customers import SqlCustomerFigureBook

        return SqlCustomerFigureBook(self.database, self._local_days)

    @cached_property
    def subscription_book(self) -> "ports.SubscriptionBook":
        from stakactl.adapters.database.figures.subscriptions import SqlSubscriptionBook

        return SqlSubscriptionBook(self.database)

    @cached_property
    def _local_days(self) -> "LocalDays":
        from stakactl.adapters.database.local_days import LocalDays

        return LocalDays(self._time_zone)

    @cached_property
    def money(self) -> "ports.MoneyBook":
        from stakactl.adapters.database.mirror.money.book import SqlMoneyBook

        return SqlMoneyBook(self.database)

    @cached_property
    def cases(self) -> "ports.CaseReader":
        from stakactl.adapters.database.mirror.cases.reader import SqlCaseReader

        return SqlCaseReader(self.database)

    @cached_property
    def customers(self) -> "ports.CustomerBook":
        from stakactl.adapters.database.customers.book import SqlCustomerBook

        return SqlCustomerBook(self.database)

    @cached_property
    def invoices(self) -> "ports.InvoiceBook":
        from stakactl.adapters.database.invoices import SqlInvoiceBook

        return SqlInvoiceBook(self.database, self._time_zone)

    @cached_property
    def documents(self) -> "ports.DocumentLedger":
        from stakactl.adapters.database.documents import SqlDocumentLedger

        return SqlDocumentLedger(self.database)

    @cached_property
    def number_scan(self) -> "ports.NumberScan":
        from stakactl.adapters.database.numbers import SqlNumberScan

        return SqlNumberScan(self.database)

    @cached_property
    def outbox(self) -> "ports.Outbox":
        from stakactl.adapters.database.outbox import SqlOutbox

        return SqlOutbox(self.database)

    @cached_property
    def receivables(self) -> "ports.ReceivableBook":
        from stakactl.adapters.database.receivables.book import SqlReceivableBook

        return SqlReceivableBook(self.database)

    @cached_property
    def findings(self) -> "ports.FindingLog":
        from stakactl.adapters.database.finding_rows import SqlFindingLog

        return SqlFindingLog(self.database)

    @cached_property
    def changes(self) -> "ports.ChangeLog":
        from stakactl.adapters.database.records import SqlChangeLog

        return SqlChangeLog(self.database)

    @cached_property
    def runs(self) -> "ports.RunLog":
        from stakactl.adapters.database.records import SqlRunLog

        return SqlRunLog(self.database)

    @cached_property
    def facts(self) -> "ports.FactBook":
        from stakactl.adapters.database.facts import SqlFactBook

        return SqlFactBook(self.database)

    @cached_property
    def alerts(self) -> "ports.AlertBook":
        from stakactl.adapters.database.alerts import SqlAlertBook

        return SqlAlertBook(self.database)

    @cached_property
    def trail(self) -> "ports.TrailReader":
        from stakactl.adapters.database.mirror.trail.reader import SqlTrailReader

        return SqlTrailReader(self.database)

    @cached_property
    def lock(self) -> "ports.RunLock":
        from stakactl.adapters.database.lock import SqlRunLock

        return SqlRunLock(self.database, self._lease)

    @cached_property
    def maintenance(self) -> "ports.MaintenanceFlag":
        from stakactl.adapters.database.maintenance import SqlMaintenanceFlag

        return SqlMaintenanceFlag(self.database)

    @cached_property
    def audience(self) -> "ports.Audience":
        from stakactl.adapters.database.audience import SqlAudience

        return SqlAudience(self.database)

    @cached_property
    def restores(self) -> "ports.RestoreBook":
        from stakactl.adapters.database.restores import SqlRestoreBook

        return SqlRestoreBook(self.database)

    @cached_property
    def rollbacks(self) -> "RollbackLog":
        from stakactl.adapters.database.rollbacks import SqlRollbackLog

        return SqlRollbackLog(self.database)

    @cached_property
    def checklists(self) -> "ChecklistLog":
        from stakactl.adapters.database.checklists import SqlChecklistLog

        return SqlChecklistLog(self.database)

    @cached_property
    def binding(self) -> "SqlStoreBinding":
        from stakactl.adapters.database.binding import SqlStoreBinding

        return SqlStoreBinding(self.database)

    def close(self) -> None:
        self.database.close()
