"""What the operations need from the world, as protocols, one module per feature.

Real implementations live in `adapters`, recording fakes in `tests/fakes_*.py`; both pass the same
contract tests. `Ports` bundles them: the Container of `wiring` is one, built on first use.

Unless said otherwise every method is its own transaction, times are aware UTC and a failing
service raises the `ServiceError` of its kind.
"""

from typing import Protocol

from stakactl.domain.alerts import Rule
from stakactl.domain.windows import Window
from stakactl.operations.ports.alerts import AlertBook, AlertChannel, FactBook, Machine
from stakactl.operations.ports.application import (
    Application,
    ApplicationLedger,
    ApplicationReading,
    ApplicationRow,
    Holding,
    OrderWriter,
    Taken,
    Told,
)
from stakactl.operations.ports.audience import Audience
from stakactl.operations.ports.customer_figures import (
    CustomerAnswer,
    CustomerFigureBook,
    CustomerQuestion,
)
from stakactl.operations.ports.customers import CustomerBook
from stakactl.operations.ports.documents import DocumentLedger, NumberScan
from stakactl.operations.ports.events import EventLog
from stakactl.operations.ports.exports import ExportFiles, InvoiceTable
from stakactl.operations.ports.figures import FigureBook, RevenueAnswer, RevenueQuestion
from stakactl.operations.ports.invoices import (
    EVERY_INVOICE,
    InvoiceBook,
    InvoiceFilter,
    InvoiceReader,
    InvoiceRenderer,
    InvoiceStore,
    PdfSpool,
    SignedLink,
    StoredObject,
)
from stakactl.operations.ports.mail import LetterWriter, Mailer, MailPace, Outbox
from stakactl.operations.ports.maintenance import MaintenanceCopy, MaintenanceFlag
from stakactl.operations.ports.money import MoneyBook
from stakactl.operations.ports.orders import CaseReader, ImportCounts, OrderBook, OrderFilter
from stakactl.operations.ports.receivables import ReceivableBook
from stakactl.operations.ports.records import ChangeLog, FindingLog, Look, RunLog
from stakactl.operations.ports.reports import ReportArchive
from stakactl.operations.ports.restores import RestoreBook
from stakactl.operations.ports.stripe import (
    EventQuery,
    Mirror,
    Page,
    Reading,
    Retrieved,
    StripeGateway,
    Unread,
    Wanted,
)
from stakactl.operations.ports.subscriptions import (
    SubscriptionAnswer,
    SubscriptionBook,
    SubscriptionQuestion,
)
from stakactl.operations.ports.system import (
    AdminMail,
    Clock,
    Policy,
    Progress,
    RunLock,
    StageProgress,
    StoreBinding,
)
from stakactl.operations.ports.trail import TrailReader
from stakactl.operations.ports.webhooks import EventReceiver
from stakactl.operations.ports.workers import Executor, PdfDesk, Workers

__all__ = [
    "EVERY_INVOICE",
    "AdminMail",
    "AlertBook",
    "AlertChannel",
    "Application",
    "ApplicationLedger",
    "ApplicationReading",
    "ApplicationRow",
    "Audience",
    "CaseReader",
    "ChangeLog",
    "Clock",
    "CustomerAnswer",
    "CustomerBook",
    "CustomerFigureBook",
    "CustomerQuestion",
    "DocumentLedger",
    "EventLog",
    "EventQuery",
    "EventReceiver",
    "Executor",
    "ExportFiles",
    "FactBook",
    "FigureBook",
    "FindingLog",
    "Holding",
    "ImportCounts",
    "InvoiceBook",
    "InvoiceFilter",
    "InvoiceReader",
    "InvoiceRenderer",
    "InvoiceStore",
    "InvoiceTable",
    "LetterWriter",
    "Look",
    "Machine",
    "MailPace",
    "Mailer",
    "MaintenanceCopy",
    "MaintenanceFlag",
    "Mirror",
    "MoneyBook",
    "NumberScan",
    "OrderBook",
    "OrderFilter",
    "OrderWriter",
    "Outbox",
    "Page",
    "PdfDesk",
    "PdfSpool",
    "Policy",
    "Ports",
    "Progress",
    "Reading",
    "ReceivableBook",
    "ReportArchive",
    "RestoreBook",
    "Retrieved",
    "RevenueAnswer",
    "RevenueQuestion",
    "RunLock",
    "RunLog",
    "SignedLink",
    "StageProgress",
    "StoreBinding",
    "StoredObject",
    "StripeGateway",
    "SubscriptionAnswer",
    "SubscriptionBook",
    "SubscriptionQuestion",
    "Taken",
    "Told",
    "TrailReader",
    "Unread",
    "Wanted",
    "Window",
    "Workers",
]


class Ports(Protocol):
    """Everything an operation may ask for, built on first use."""

    @property
    def policy(self) -> Policy: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def stripe(self) -> StripeGateway: ...
    @property
    def mirror(self) -> Mirror: ...
    @property
    def events(self) -> EventLog: ...
    @property
    def money(self) -> MoneyBook: ...
    @property
    def figures(self) -> FigureBook: ...
    @property
    def customer_figures(self) -> CustomerFigureBook: ...
    @property
    def subscription_book(self) -> SubscriptionBook: ...
    @property
    def orders(self) -> OrderBook: ...
    @property
    def application(self) -> Application | None: ...
    @property
    def ledger(self) -> ApplicationLedger: ...
    @property
    def cases(self) -> CaseReader: ...
    @property
    def customers(self) -> CustomerBook: ...
    @property
    def invoices(self) -> InvoiceBook: ...
    @property
    def documents(self) -> DocumentLedger: ...
    @property
    def number_scan(self) -> NumberScan: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def receivables(self) -> ReceivableBook: ...
    @property
    def findings(self) -> FindingLog: ...
    @property
    def changes(self) -> ChangeLog: ...
    @property
    def runs(self) -> RunLog: ...
    @property
    def trail(self) -> TrailReader: ...
    @property
    def lock(self) -> RunLock: ...
    @property
    def maintenance(self) -> MaintenanceFlag: ...
    @property
    def maintenance_copy(self) -> MaintenanceCopy | None: ...
    @property
    def audience(self) -> Audience: ...
    @property
    def restores(self) -> RestoreBook: ...
    @property
    def binding(self) -> StoreBinding: ...

    @property
    def renderer(self) -> InvoiceRenderer: ...
    @property
    def reader(self) -> InvoiceReader: ...
    @property
    def spool(self) -> PdfSpool: ...
    @property
    def store(self) -> InvoiceStore: ...
    @property
    def workers(self) -> Workers: ...
    @property
    def reports(self) -> ReportArchive: ...
    @property
    def letters(self) -> LetterWriter: ...
    @property
    def mailer(self) -> Mailer: ...
    @property
    def facts(self) -> FactBook: ...
    @property
    def machine(self) -> Machine: ...
    @property
    def alert_rules(self) -> tuple[Rule, ...]: ...
    @property
    def alerts(self) -> AlertBook: ...
    @property
    def alert_channel(self) -> AlertChannel | None: ...
    @property
    def mail_pace(self) -> MailPace: ...
