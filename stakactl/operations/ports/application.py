"""The application's own database and webhook, and what we remember of its orders."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from stakactl.domain.changes import Change, FieldValue, RecordedChange
from stakactl.domain.orders import Order, OrderStatus
from stakactl.operations.ports.orders import ImportCounts


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One row of the application's orders. `digest` changes with anything that is read of it;
    `values` is what `Application.order_of` makes an order of."""

    order_id: str
    digest: str
    updated_at: datetime | None
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a row was made of: an order, a `problem` that says why not, or neither where the
    mapping says that it is no order."""

    row: ApplicationRow
    order: Order | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the application has a place for: names of `Order`'s fields, and states of an order.
    Of everything else our own record is the only one."""

    fields: frozenset[str]
    statuses: frozenset[OrderStatus]


class Holding(StrEnum):
    """What an order in the application holds, seen against a change."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"
    GONE = "gone"


class OrderWriter(Protocol):
    """Makes changes where the application keeps its orders, as ORDERS_WRITE allows."""

    def obstacle(self, change: Change) -> str | None:
        """Why this change cannot be made and what to do about it; None when it can."""

    def prepare(self, change: Change) -> Change | None:
        """The change as it is recorded and written, with the application's own columns as
        `table.column`. None when the order no longer holds `before`."""

    def write(self, change: Change) -> bool:
        """Make a prepared change, if everything before it still holds. True when it is certain
        that it was made. Raises ServiceError; then nobody knows before the order is read again.
        """

    def holding(self, change: Change) -> Holding:
        """What the order holds now, seen against a prepared change."""


class Application(Protocol):
    """The application's orders, read only but through `writer`. Raises DatabaseError, and
    ConfigurationError where the mapping does not fit the database."""

    @property
    def source(self) -> str:
        """Names database and mapping; another one has other orders."""

    @property
    def issues_invoices(self) -> bool: ...
    @property
    def told(self) -> Told: ...
    @property
    def writer(self) -> OrderWriter: ...

    def everything(self) -> Iterator[Sequence[ApplicationRow]]:
        """All rows, page by page."""

    def changed_since(self, moment: datetime) -> Iterator[Sequence[ApplicationRow]]:
        """Rows that say that they, or their invoices, were changed since; all rows where the
        application does not say."""

    def find(self, order_ids: Sequence[str]) -> list[ApplicationRow]:
        """Those of the rows that exist."""

    def order_of(self, row: ApplicationRow) -> Taken: ...

    def columns_of(self, row: ApplicationRow) -> dict[str, FieldValue]:
        """The columns of the row's own table, as changes name them: `table.column`."""

    def reaches(self, change: Change) -> bool:
        """Whether the application has a place for anything that the change changes."""


@dataclass(frozen=True, slots=True)
class ApplicationReading:
    """How far the application was read: all that it says was changed until `read_until`."""

    source: str
    read_until: datetime
    compared_at: datetime


class ApplicationLedger(Protocol):
    """What our store remembers of the application's orders; they stand in the order book too."""

    def reading(self) -> ApplicationReading | None: ...

    def finish(self, reading: ApplicationReading) -> None: ...

    def digests(self, order_ids: Sequence[str]) -> dict[str, str]:
        """Of the rows that were taken without a problem."""

    def take(self, taken: Sequence[Taken], told: Told, at: datetime) -> ImportCounts:
        """Bring the order book to what the application says, in one transaction. It is right
        about what it tells, a paid order that it calls pending included; the rest is kept."""

    def holds(self, order_id: str) -> bool:
        """Whether the order lives in the application."""

    def ids(self) -> Iterator[list[str]]:
        """Every order that we know to live there, page by page."""

    def mark_deleted(self, order_ids: Sequence[str], at: datetime) -> None:
        """They are in the application no more: kept in the order book, marked."""

    def problems(self) -> list[tuple[str, str]]:
        """Order id and reason of every row that could not be taken."""

    def settle(
        self,
        change: Change,
        taken: Taken,
        told: Told,
        run_id: str,
        at: datetime,
        intent_id: int,
        undoes: int | None = None,
    ) -> None:
        """Record that an intended change is done, and take the order as it is now, in one
        transaction; fields that the application has no place for get the change's values."""

    def open_intents(self) -> list[RecordedChange]:
        """Changes of orders that were begun and not ended, oldest first."""

    def undone_by(self, change: Change) -> int | None:
        """The `change_id` that this inverse takes back."""

    def event_about(self, object_id: str, event_type: str) -> str | None:
        """The newest event of Stripe's feed of this type about this object."""
