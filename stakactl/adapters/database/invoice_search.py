"""Which invoices a search means, and what they add up to: filters, sort orders, sums as SQL.

The status is derived, so its rule stands here a second time, in SQL; a contract test holds the
two against each other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.domain.invoice_stats import StatusTotal
from stakactl.domain.invoice_status import DocumentKind, InvoiceSort, InvoiceStatus
from stakactl.domain.mail import MailKind
from stakactl.domain.money import Money
from stakactl.operations.ports import InvoiceFilter

#: When the customer's mail left; None while it did not.
SENT_AT = (
    select(outbox.c.sent_at)
    .where(
        outbox.c.kind.in_([MailKind.INVOICE.value, MailKind.CREDIT_NOTE.value]),
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


def counted(connection: Connection, wanted: InvoiceFilter) -> int:
    """How many match, on all pages."""
    query = select(func.count()).select_from(invoices).where(*_conditions(wanted))
    return connection.scalar(query) or 0


def status_totals(
    connection: Connection, wanted: InvoiceFilter, now: datetime
) -> list[StatusTotal]:
    """All that match, on all pages, added up by kind, status and currency."""
    each = (
        select(
            invoices.c.credits_id.is_not(None).label("credit_note"),
            _status_at(now).label("status"),
            invoices.c.currency,
            invoices.c.total_minor,
        )
        .where(*_conditions(wanted))
        .subquery()
    )
    group = (each.c.credit_note, each.c.status, each.c.currency)
    query = select(*group, func.count(), func.sum(each.c.total_minor)).group_by(*group)
    return [
        StatusTotal(
            DocumentKind.CREDIT_NOTE if credit_note else DocumentKind.INVOICE,
            InvoiceStatus(status),
            count,
            Money(int(minor), currency),  # PostgreSQL sums whole numbers up to a decimal
        )
        for credit_note, status, currency, count, minor in connection.execute(query)
    ]


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
        status, now = wanted.status
        conditions.append(_status_at(now) == status.value)
    if wanted.kind is not None:
        is_note = wanted.kind is DocumentKind.CREDIT_NOTE
        of_one = invoices.c.credits_id
        conditions.append(of_one.is_not(None) if is_note else of_one.is_(None))
    return conditions


def _status_at(now: datetime) -> ColumnElement[str]:
    """The status at a moment; NULL is after no moment."""
    return case(
        (invoices.c.cancelled_at.is_not(None), InvoiceStatus.CANCELLED.value),
        (invoices.c.paid_at.is_not(None), InvoiceStatus.PAID.value),
        (invoices.c.due_at <= now, InvoiceStatus.OVERDUE.value),
        (SENT_AT.is_not(None), InvoiceStatus.SENT.value),
        else_=InvoiceStatus.GENERATED.value,
    )


def _order(sort: InvoiceSort) -> list[ColumnElement[Any]]:
    columns = _SORTED[sort.removeprefix("-")]
    return [column.desc() if sort.startswith("-") else column.asc() for column in columns]
