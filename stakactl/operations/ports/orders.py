"""The application's orders, alone and joined with what Stripe knows of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.changes import Change
from stakactl.domain.orders import Customer, Order, OrderStatus
from stakactl.domain.reconciliation import Context


@dataclass(frozen=True, slots=True)
class OrderFilter:
    status: OrderStatus | None = None
    search: str = ""  # in order id, title, e-mail and name
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ImportCounts:
    created: int
    updated: int
    unchanged: int


class OrderBook(Protocol):
    def import_orders(self, orders: Iterable[Order]) -> ImportCounts:
        """Insert or update by `order_id`, all or nothing.

        Newer (`updated_at`) wins; a settled order never goes back to pending, failed or expired;
        what stakactl itself recorded (refunds, disputes, links) is kept where the import is silent.
        """

    def preview_import(self, orders: Iterable[Order]) -> ImportCounts:
        """What `import_orders` would count; changes nothing."""

    def get(self, order_id: str) -> Order | None: ...

    def customer(self, customer_id: str) -> Customer | None:
        """As the newest order of this `customer_id`, or `stripe_customer_id`, knows them."""

    def find(self, wanted: OrderFilter) -> list[Order]:
        """Newest first."""

    def count(self) -> int: ...

    def apply(self, change: Change, run_id: str, at: datetime, undoes: int | None = None) -> bool:
        """Compare and swap: writes `after` if the order still holds `before`, and the record of
        the change in the same transaction. False when the order holds something else, or when the
        change `undoes` (its `change_id`) was taken back before."""


class CaseReader(Protocol):
    """Orders joined with their Stripe objects and invoices, streamed so that memory stays flat."""

    def cases(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Case]:
        """Every order created in the period, oldest first."""

    def doubtful(
        self, context: Context, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Case]:
        """Orders created in the period that may have a finding: all that have one, and few
        others. In the order of their ids."""

    def count(self, since: datetime | None = None, until: datetime | None = None) -> int:
        """How many orders were created in the period."""

    def case(self, order_id: str) -> Case | None: ...

    def of_orders(self, order_ids: Sequence[str]) -> Iterator[Case]:
        """The cases of these orders, in the order of the ids; unknown ids are left out."""

    def to_invoice(self, since: datetime, until: datetime | None = None) -> Iterator[Case]:
        """Settled orders paid in the period, with an amount, without invoice of ours or of the
        application, oldest payment first. Orders fully refunded are left out: they wait for
        their credit note."""

    def orphans(self) -> Iterator[OrphanPayment]: ...
