"""Orders joined with their Stripe objects, in pages, so that memory stays flat.

Each page is a short transaction of its own that continues after the last key of the page before:
nothing is kept open while the caller works, and what the caller changes cannot shift the pages.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    select,
    tuple_,
)

from stakactl.adapters.database.bulk import among, batches
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.cases.gather import gather
from stakactl.adapters.database.mirror.cases.orphans import orphan_payments
from stakactl.adapters.database.mirror.narrowing import doubtful_order_ids
from stakactl.adapters.database.order_rows import ORDER_COLUMNS, orders_of
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import Context

PAGE = 500
_INVOICEABLE = {OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED}
#: Excluded by name rather than included, so that SQLite walks the index on `settled_at`.
_NOT_INVOICEABLE = [status.value for status in OrderStatus if status not in _INVOICEABLE]


_notes = invoices.alias("credit_notes")
_CREDITED = (
    select(func.coalesce(func.sum(_notes.c.total_minor), 0))
    .where(_notes.c.credits_id == invoices.c.invoice_id)
    .scalar_subquery()
    .label("credited_minor")
)


class SqlCaseReader:
    """`CaseReader` on the order book, the mirror and the invoices."""

    def __init__(self, database: Database, page: int = PAGE) -> None:
        self._database = database
        self._page = page

    def cases(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Case]:
        period = _within(orders.c.created_at, since, until)
        return self._stream(_orders().where(*period), orders.c.created_at)

    def doubtful(
        self, context: Context, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Case]:
        self._database.refresh_statistics()
        period = _within(orders.c.created_at, since, until)
        for page in doubtful_order_ids(self._database, context, self._page):
            with self._database.read() as connection:
                wanted = among(connection, orders.c.order_id, page)
                query = _orders().where(wanted, *period).order_by(orders.c.order_id)
                found = _cases(connection, query)
            yield from found

    def count(self, since: datetime | None = None, until: datetime | None = None) -> int:
        period = _within(orders.c.created_at, since, until)
        query = select(func.count()).select_from(orders).where(*period)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def case(self, order_id: str) -> Case | None:
        with self._database.read() as connection:
            found = _cases(connection, _orders().where(orders.c.order_id == order_id))
            return found[0] if found else None

    def to_invoice(self, since: datetime, until: datetime | None = None) -> Iterator[Case]:
        elsewhere = func.coalesce(orders.c.invoice_number, "") != ""
        refunded = and_(
            orders.c.refunded_minor.is_not(None), orders.c.refunded_minor >= orders.c.amount_minor
        )
        query = _orders().where(
            orders.c.status.not_in(_NOT_INVOICEABLE),
            orders.c.amount_minor > 0,
            invoices.c.number.is_(None),
            ~elsewhere,
            ~refunded,
            *_within(orders.c.settled_at, since, until),
        )
        return self._stream(query, orders.c.settled_at)

    def of_orders(self, order_ids: Sequence[str]) -> Iterator[Case]:
        for page in batches(order_ids, self._page):
            with self._database.read() as connection:
                found = cases_of(connection, page)
            yield from (found[order_id] for order_id in page if order_id in found)

    def orphans(self) -> Iterator[OrphanPayment]:
        self._database.refresh_statistics()
        return orphan_payments(self._database, self._page)

    def _stream(self, query: Select[Any], moment: ColumnElement[Any]) -> Iterator[Case]:
        """The cases of the query's orders by `moment`, page by page."""
        self._database.refresh_statistics()
        ordered = query.order_by(moment, orders.c.order_id)
        key = tuple_(moment, orders.c.order_id)
        page = ordered
        while True:
            with self._database.read() as connection:
                found = _cases(connection, page.limit(self._page))
            yield from found
            if len(found) < self._page:
                return
            last = found[-1].order
            at = last.created_at if moment is orders.c.created_at else last.paid_at
            page = ordered.where(key > _after(moment, at or last.created_at, last.order_id))


def _orders() -> Select[Any]:
    """Orders with the number of their live invoice, and what was credited of it, at the end."""
    own = and_(invoices.c.order_id == orders.c.order_id, invoices.c.live)
    return select(*ORDER_COLUMNS, invoices.c.number, _CREDITED).select_from(
        orders.outerjoin(invoices, own)
    )


def _cases(connection: Connection, query: Select[Any]) -> list[Case]:
    rows = connection.execute(query).all()
    if not rows:
        return []
    found = orders_of(connection, rows)
    own = [(row[-2], row[-1]) for row in rows]
    return gather(connection, list(zip(found, own, strict=True)))


def cases_of(connection: Connection, order_ids: Sequence[str]) -> dict[str, Case]:
    """The cases of some orders, by order id, read in the caller's transaction."""
    wanted = among(connection, orders.c.order_id, order_ids)
    found = _cases(connection, _orders().where(wanted)) if order_ids else []
    return {case.order.order_id: case for case in found}


def _within(
    column: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    after = [] if since is None else [column >= since]
    return after if until is None else [*after, column < until]


def _after(moment: ColumnElement[Any], at: datetime, name: str) -> Any:
    return tuple_(literal(at, moment.type), literal(name))
