"""The invoice book: numbers without gaps, frozen content, and where each PDF is.

A number is taken, its content frozen and the row written in ONE transaction that holds the
series' row: a crash leaves either the whole invoice or nothing, and the number is taken next
time. Rows are never deleted and their number, snapshot and object key never updated.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.exc import IntegrityError

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.invoice_search import SENT_AT, searched
from stakactl.adapters.database.order_rows import search_text
from stakactl.adapters.database.outbox import enqueue
from stakactl.adapters.database.snapshots import from_json, to_json
from stakactl.adapters.database.tables.invoices import invoices, number_series
from stakactl.domain.invoice_status import Moments
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot, PdfStatus, object_key
from stakactl.domain.mail import NewMail
from stakactl.domain.numbering import Series, numbering_date
from stakactl.errors import DatabaseError, NotFound, Refused
from stakactl.operations.ports import EVERY_INVOICE, InvoiceFilter

Freeze = Callable[[str, date], InvoiceSnapshot]

INVOICE_COLUMNS = (
    invoices.c.invoice_id,
    invoices.c.number,
    invoices.c.series,
    invoices.c.order_id,
    invoices.c.customer_id,
    invoices.c.issued_at,
    invoices.c.snapshot,
    invoices.c.pdf_status,
    invoices.c.object_key,
    invoices.c.sha256,
    invoices.c.run_id,
    SENT_AT,
    invoices.c.due_at,
    invoices.c.paid_at,
    invoices.c.cancelled_at,
)


class SqlInvoiceBook:
    """`InvoiceBook` on the tables `invoices` and `number_series`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(
        self,
        order_id: str,
        customer_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: Freeze,
    ) -> Invoice | None:
        try:
            with self._database.write() as connection:
                return _issue(connection, order_id, customer_id, series, now, today, run_id, freeze)
        except DatabaseError as error:
            if isinstance(error.__cause__, IntegrityError) and self.for_order(order_id):
                return None  # another series was faster for the same order
            raise

    def unfinished(self) -> list[Invoice]:
        waiting = [PdfStatus.RESERVED.value, PdfStatus.RENDERED.value]
        query = (
            select(*INVOICE_COLUMNS)
            .where(invoices.c.pdf_status.in_(waiting))
            .order_by(invoices.c.series, invoices.c.year, invoices.c.sequence)
        )
        with self._database.read() as connection:
            return [invoice_of(row) for row in connection.execute(query)]

    def mark_rendered(self, invoice_id: str, sha256: str) -> None:
        """The checksum of a stored PDF never changes."""
        with self._database.write() as connection:
            row = _locked(connection, invoice_id)
            if row.pdf_status != PdfStatus.STORED.value:
                rendered = {"pdf_status": PdfStatus.RENDERED.value, "sha256": sha256}
                _update(connection, invoice_id, rendered)
            elif row.sha256 != sha256:
                raise Refused(
                    f"the PDF of {row.number} is stored with another checksum",
                    hint="stakactl never overwrites a stored PDF; look at it with invoices show",
                )

    def mark_stored(self, invoice_id: str, at: datetime, mail: NewMail | None) -> None:
        with self._database.write() as connection:
            row = _locked(connection, invoice_id)
            if row.pdf_status == PdfStatus.RESERVED.value:
                raise Refused(f"the PDF of {row.number} has no checksum yet")
            if row.pdf_status == PdfStatus.RENDERED.value:
                stored = {"pdf_status": PdfStatus.STORED.value, "stored_at": at}
                _update(connection, invoice_id, stored)
            if mail is not None:
                enqueue(connection, mail, at)

    def get(self, number_or_id: str) -> Invoice | None:
        this = or_(invoices.c.number == number_or_id, invoices.c.invoice_id == number_or_id)
        return self._one(this)

    def for_order(self, order_id: str) -> Invoice | None:
        return self._one((invoices.c.order_id == order_id) & invoices.c.live)

    def find(self, wanted: InvoiceFilter = EVERY_INVOICE) -> list[Invoice]:
        query = searched(select(*INVOICE_COLUMNS), wanted)
        with self._database.read() as connection:
            return [invoice_of(row) for row in connection.execute(query)]

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(invoices)) or 0

    def _one(self, this: Any) -> Invoice | None:
        with self._database.read() as connection:
            row = connection.execute(select(*INVOICE_COLUMNS).where(this)).first()
            return None if row is None else invoice_of(row)


def _issue(
    connection: Connection,
    order_id: str,
    customer_id: str,
    series: Series,
    now: datetime,
    today: date,
    run_id: str,
    freeze: Freeze,
) -> Invoice | None:
    """Everything that happens between taking a number and committing it."""
    year, sequence, last_issued_on = _lock_series(connection, series)
    live = select(invoices.c.invoice_id).where(invoices.c.order_id == order_id, invoices.c.live)
    if connection.execute(live).first() is not None:
        return None
    issued_on = numbering_date(today, last_issued_on)
    sequence = sequence + 1 if issued_on.year == year else 1
    number = series.number(issued_on.year, sequence)
    snapshot = freeze(number, issued_on)
    if (snapshot.number, snapshot.issued_on) != (number, issued_on):
        raise ValueError(f"the snapshot of {number} carries another number or date")
    invoice_id = f"inv_{uuid.uuid4().hex[:20]}"
    key = object_key(customer_id, invoice_id, number)
    invoice = Invoice(
        invoice_id=invoice_id,
        number=number,
        series=series.prefix,
        order_id=order_id,
        customer_id=customer_id,
        issued_at=now,
        snapshot=snapshot,
        pdf_status=PdfStatus.RESERVED,
        object_key=key,
        sha256=None,
        run_id=run_id,
        moments=Moments(paid_at=snapshot.payment.paid_at if snapshot.payment else None),
    )
    connection.execute(invoices.insert(), _values(invoice, sequence))
    taken = {"year": issued_on.year, "sequence": sequence, "last_issued_on": issued_on}
    this = number_series.c.series == series.prefix
    connection.execute(number_series.update().where(this).values(**taken))
    return invoice


def _lock_series(connection: Connection, series: Series) -> tuple[int, int, date | None]:
    """The last year, sequence and issue date of a series, which is ours until the commit."""
    this = number_series.c.series == series.prefix
    query = select(number_series.c.year, number_series.c.sequence, number_series.c.last_issued_on)
    query = query.where(this).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        first = {"series": series.prefix, "year": 0, "sequence": 0}
        insert_missing(connection, number_series, first)
        row = connection.execute(query).one()
    return row[0], row[1], row[2]


def _values(invoice: Invoice, sequence: int) -> dict[str, Any]:
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
        "customer_id": invoice.customer_id,
        "issued_at": invoice.issued_at,
        "issued_on": snapshot.issued_on,
        "live": True,
        "total_minor": snapshot.total.minor,
        "currency": snapshot.total.currency,
        "snapshot": to_json(snapshot),
        "search_text": search_text(
            invoice.number, invoice.order_id, buyer.name, buyer.email, *titles
        ),
        "pdf_status": invoice.pdf_status.value,
        "object_key": invoice.object_key,
        "run_id": invoice.run_id,
        "due_at": invoice.moments.due_at,
        "paid_at": invoice.moments.paid_at,
    }


def _locked(connection: Connection, invoice_id: str) -> Any:
    columns = (invoices.c.number, invoices.c.pdf_status, invoices.c.sha256)
    query = select(*columns).where(invoices.c.invoice_id == invoice_id).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"no invoice {invoice_id}", hint="stakactl invoices list shows them")
    return row


def _update(connection: Connection, invoice_id: str, values: dict[str, Any]) -> None:
    connection.execute(
        invoices.update().where(invoices.c.invoice_id == invoice_id).values(**values)
    )


def invoice_of(row: Any) -> Invoice:
    (
        invoice_id,
        number,
        series,
        order_id,
        customer_id,
        issued_at,
        snapshot,
        pdf_status,
        key,
        sha256,
        run_id,
        *moments,
    ) = row
    return Invoice(
        invoice_id,
        number,
        series,
        order_id,
        customer_id,
        issued_at,
        from_json(snapshot),
        PdfStatus(pdf_status),
        key,
        sha256,
        run_id,
        Moments(*moments),
    )
