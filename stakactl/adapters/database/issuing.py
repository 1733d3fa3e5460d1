"""Taking the next number of a series: the counter row and the document, in one transaction.

A crash leaves either the whole document or nothing, and the number is taken next time. Invoices
and credit notes have series of their own and this one way to a number.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.figures.forgetting import forget_orders
from stakactl.adapters.database.freezing import refuse_frozen
from stakactl.adapters.database.order_rows import search_text
from stakactl.adapters.database.snapshots import to_json
from stakactl.adapters.database.tables.invoices import invoices, number_series
from stakactl.domain.invoice_status import Moments
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot, PdfStatus, object_key
from stakactl.domain.numbering import Series, numbering_date


@dataclass(frozen=True, slots=True)
class Place:
    """The next place of a series, which is ours until the commit."""

    series: Series
    sequence: int
    issued_on: date

    @property
    def number(self) -> str:
        return self.series.number(self.issued_on.year, self.sequence)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose document it is, and by which run. `order_id` is empty where it belongs to no order;
    `credits_id` is the invoice that it credits."""

    order_id: str
    customer_id: str
    run_id: str
    credits_id: str | None = None
    by_mail: bool = True


def next_place(connection: Connection, series: Series, today: date) -> Place:
    """Locks the series; nothing is written yet. Raises Refused in a frozen store."""
    refuse_frozen(connection)
    year, sequence, last_issued_on = _locked_counter(connection, series)
    issued_on = numbering_date(today, last_issued_on)
    return Place(series, sequence + 1 if issued_on.year == year else 1, issued_on)


def _locked_counter(connection: Connection, series: Series) -> tuple[int, int, date | None]:
    """The last year, sequence and issue date of a series."""
    this = number_series.c.series == series.prefix
    query = select(number_series.c.year, number_series.c.sequence, number_series.c.last_issued_on)
    query = query.where(this).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        first = {"series": series.prefix, "year": 0, "sequence": 0}
        insert_missing(connection, number_series, first)
        row = connection.execute(query).one()
    return row[0], row[1], row[2]


def write_document(
    connection: Connection,
    place: Place,
    origin: Origin,
    snapshot: InvoiceSnapshot,
    now: datetime,
    zone: ZoneInfo,
) -> Invoice:
    """The row of the document, and the counter moved to its place. Days end in `zone`."""
    number = place.number
    if (snapshot.number, snapshot.issued_on) != (number, place.issued_on):
        raise ValueError(f"the snapshot of {number} carries another number or date")
    invoice_id = f"inv_{uuid.uuid4().hex[:20]}"
    invoice = Invoice(
        invoice_id=invoice_id,
        number=number,
        series=place.series.prefix,
        order_id=origin.order_id,
        customer_id=origin.customer_id,
        issued_at=now,
        snapshot=snapshot,
        pdf_status=PdfStatus.RESERVED,
        object_key=object_key(origin.customer_id, invoice_id, number),
        sha256=None,
        run_id=origin.run_id,
        moments=Moments(
            due_at=end_of(snapshot.due_on, zone),
            paid_at=snapshot.payment.paid_at if snapshot.payment else None,
        ),
        credits_id=origin.credits_id,
        by_mail=origin.by_mail,
    )
    insert_document(connection, invoice, place.sequence)
    taken = {
        "year": place.issued_on.year,
        "sequence": place.sequence,
        "last_issued_on": place.issued_on,
    }
    this = number_series.c.series == place.series.prefix
    connection.execute(number_series.update().where(this).values(**taken))
    return invoice


def insert_document(connection: Connection, invoice: Invoice, sequence: int) -> None:
    """The row of the document alone."""
    connection.execute(invoices.insert(), _values(invoice, sequence))
    forget_orders(connection, [invoice.order_id])


def end_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The moment in which the day is over: it may be paid all that day."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def _values(invoice: Invoice, sequence: int) -> dict[str, Any]:
    """Only an order's one invoice is `live`: no credit note is, nor what belongs to no order."""
    snapshot = invoice.snapshot
    buyer = snapshot.buyer
    titles = [line.title for line in snapshot.lines]
    return {
        "invoice_id": invoice.invoice_id,
        "number": invoice.number,
        "series": invoice.series,
        "year": snapshot.issued_on.year,
        "sequence": sequence,
        "order_id": invoice.order_id,
        "reference": invoice.reference,
        "customer_id": invoice.customer_id,
        "issued_at": invoice.issued_at,
        "issued_on": snapshot.issued_on,
        "live": bool(invoice.order_id) and not invoice.is_credit_note,
        "total_minor": snapshot.total.minor,
        "currency": snapshot.total.currency,
        "snapshot": to_json(snapshot),
        "search_text": search_text(
            invoice.number, invoice.subject, buyer.name, buyer.company, buyer.email, *titles
        ),
        "pdf_status": invoice.pdf_status.value,
        "object_key": invoice.object_key,
        "sha256": invoice.sha256,
        "run_id": invoice.run_id,
        "due_at": invoice.moments.due_at,
        "paid_at": invoice.moments.paid_at,
        "credits_id": invoice.credits_id,
        "by_mail": invoice.by_mail,
    }
