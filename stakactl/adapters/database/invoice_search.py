"""Which invoices a search means: filters and sort orders as SQL.

The status is derived, so its rule stands here a second time, in SQL; a contract test holds the
two against each other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select

from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.domain.invoice_status import InvoiceSort, InvoiceStatus
from stakactl.domain.mail import MailKind
from stakactl.operations.ports import InvoiceFilter

#: When the customer's mail left; None while it did not.
SENT_AT = (
    select(outbox.c.sent_at)
    .where(
        outbox.c.kind == MailKind.INVOICE.value,
        outbox.c.subject_id == invoices.c.invoice_id,
        outbox.c.step == 0,
    )
    .scalar_subquery()
    .label("mail_sent_at")
)

_SORTED = {
    "issued": (invoices.c.issued_at, invoices.c.year, invoices.c.sequence),
    "number": (invoices.c.series, invoices.c.year, invoices.c.sequence),
    "total": (invoices.c.currency, invoices.c.total_minor, invoices.c.number),
    "due": (invoices.c.due_at.is_(None), invoices.c.due_at, invoices.c.number),
}


def searched(query: Select[Any], wanted: InvoiceFilter) -> Select[Any]:
    """The page of `query` that was asked for."""
    return (
        query.where(*_conditions(wanted))
        .order_by(*_order(wanted.sort))
        .limit(wanted.limit)
        .offset(wanted.offset)
    )


def _conditions(wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.search:
        needle = wanted.search.casefold()
        conditions.append(invoices.c.search_text.contains(needle, autoescape=True))
    if wanted.customer_id:
        conditions.append(invoices.c.customer_id == wanted.customer_id)
    if wanted.since is not None:
        conditions.append(invoices.c.issued_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(invoices.c.issued_at < wanted.until)
    if wanted.status is not None:
        conditions.append(_has_status(*wanted.status))
    return conditions


def _has_status(status: InvoiceStatus, now: datetime) -> ColumnElement[bool]:
    cancelled = invoices.c.cancelled_at.is_not(None)
    paid = invoices.c.paid_at.is_not(None)
    overdue = and_(invoices.c.due_at.is_not(None), invoices.c.due_at <= now)
    decisive = [
        (InvoiceStatus.CANCELLED, cancelled),
        (InvoiceStatus.PAID, paid),
        (InvoiceStatus.OVERDUE, overdue),
        (InvoiceStatus.SENT, SENT_AT.is_not(None)),
    ]
    earlier: list[ColumnElement[bool]] = []
    for candidate, condition in decisive:
        if candidate is status:
            return and_(condition, *map(not_, earlier))
        earlier.append(condition)
    return not_(or_(*earlier))


def _order(sort: InvoiceSort) -> list[ColumnElement[Any]]:
    columns = _SORTED[sort.removeprefix("-")]
    return [column.desc() if sort.startswith("-") else column.asc() for column in columns]
