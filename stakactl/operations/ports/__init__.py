"""What the operations need from the world, as protocols, one module per feature.

Real implementations live in `adapters`, recording fakes in `tests/fakes_*.py`; both pass the same
contract tests. `Ports` bundles them: the Container of `wiring` is one, built on first use.

Unless said otherwise every method is its own transaction, times are aware UTC and a failing
service raises the `ServiceError` of its kind.
"""

from typing import Protocol

from stakactl.operations.ports.invoices import InvoiceBook, InvoiceRenderer, InvoiceStore, PdfSpool
from stakactl.operations.ports.mail import LetterWriter, Mailer, Outbox
from stakactl.operations.ports.orders import CaseReader, ImportCounts, OrderBook, OrderFilter
from stakactl.operations.ports.records import ChangeLog, FindingLog, Look, RunLog
from stakactl.operations.ports.stripe import (
    Mirror,
    Page,
    Retrieved,
    StripeGateway,
    Unread,
    Wanted,
    Window,
)
from stakactl.operations.ports.system import (
    Clock,
    Policy,
    Progress,
    RunLock,
    StageProgress,
    StoreBinding,
)

__all__ = [
    "CaseReader",
    "ChangeLog",
    "Clock",
    "FindingLog",
    "ImportCounts",
    "InvoiceBook",
    "InvoiceRenderer",
    "InvoiceStore",
    "LetterWriter",
    "Look",
    "Mailer",
    "Mirror",
    "OrderBook",
    "OrderFilter",
    "Outbox",
    "Page",
    "PdfSpool",
    "Policy",
    "Ports",
    "Progress",
    "Retrieved",
    "RunLock",
    "RunLog",
    "StageProgress",
    "StoreBinding",
    "StripeGateway",
    "Unread",
    "Wanted",
    "Window",
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
    def orders(self) -> OrderBook: ...
    @property
    def cases(self) -> CaseReader: ...
    @property
    def invoices(self) -> InvoiceBook: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def findings(self) -> FindingLog: ...
    @property
    def changes(self) -> ChangeLog: ...
    @property
    def runs(self) -> RunLog: ...
    @property
    def lock(self) -> RunLock: ...
    @property
    def binding(self) -> StoreBinding: ...
    @property
    def renderer(self) -> InvoiceRenderer: ...
    @property
    def spool(self) -> PdfSpool: ...
    @property
    def store(self) -> InvoiceStore: ...
    @property
    def letters(self) -> LetterWriter: ...
    @property
    def mailer(self) -> Mailer: ...
