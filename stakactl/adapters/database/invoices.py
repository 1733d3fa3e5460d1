"""The invoice book: numbers without gaps, frozen content, and where each PDF is.

A number is taken, its content frozen and the row written in ONE transaction that holds the
series' row: a crash leaves either the whole invoice or nothing, and the number is taken next
time. Rows are never deleted and their number, snapshot and object key never updated.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, literal_column, or_, select
from sqlalchemy.exc import IntegrityError

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.forgetting import forget_orders
from stakactl.adapters.database.freezing import is_lost, refuse_credited, refuse_frozen
from stakactl.adapters.database.invoice_search import SENT_AT, counted, searched, status_totals
from stakactl.adapters.database.issuing import Origin, next_place, write_document
from stakactl.adapters.database.outbox import enqueue
from stakactl.adapters.database.snapshots import from_json
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.domain.invoice_stats import StatusTotal
from stakactl.domain.invoice_status import Moments
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot, PdfStatus
from stakactl.domain.mail import NewMail
from stakactl.domain.numbering import Series
from stakactl.errors import DatabaseError, NotFound, Refused
from stakactl.operations.ports import EVERY_INVOICE, InvoiceFilter

Freeze = Callable[[str, date], InvoiceSnapshot]
FreezeCredit = Callable[[str, date, Invoice, list[Invoice]], InvoiceSnapshot | None]

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
    invoices.c.credits_id,
    invoices.c.by_mail,
)


class SqlInvoiceBook:
    """`InvoiceBook` on the tables `invoices` and `number_series`. Days end in `time_zone`."""

    def __init__(self, database: Database, time_zone: str = "Europe/Paris") -> None:
        self._database = database
        self._zone = ZoneInfo(time_zone)

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
        origin = Origin(order_id, customer_id, run_id)
        return self._issue(order_id, _of_order(order_id), origin, series, now, today, freeze)

    def issue_apart(
        self,
        reference: str,
        customer_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: Freeze,
        *,
        by_mail: bool = True,
    ) -> Invoice | None:
        origin = Origin("", customer_id, run_id, by_mail=by_mail)
        live = _of_reference(reference)
        return self._issue(reference, live, origin, series, now, today, freeze)

    def _issue(
        self,
        subject: str,
        live: ColumnElement[bool],
        origin: Origin,
        series: Series,
        now: datetime,
        today: date,
        freeze: Freeze,
    ) -> Invoice | None:
        try:
            with self._database.write() as connection:
                place = next_place(connection, series, today)
                if connection.execute(select(invoices.c.invoice_id).where(live)).first():
                    return None
                if is_lost(connection, subject):
                    return None
                snapshot = freeze(place.number, place.issued_on)
                return write_document(connection, place, origin, snapshot, now, self._zone)
        except DatabaseError as error:
            if isinstance(error.__cause__, IntegrityError) and self._one(live):
                return None  # another series was faster for the same order or reference
            raise

    def credit(
        self,
        invoice_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: FreezeCredit,
        *,
        cancel: bool = False,
    ) -> Invoice | None:
        with self._database.write() as connection:
            place = next_place(connection, series, today)
            invoice, earlier = _credited(connection, invoice_id)
            refuse_credited(connection, invoice.number)
            snapshot = freeze(place.number, place.issued_on, invoice, earlier)
            if cancel:
                _update(connection, invoice_id, {"cancelled_at": now, "live": False})
                forget_orders(connection, [invoice.order_id])
            if snapshot is None:
                return None
            origin = Origin(invoice.order_id, invoice.customer_id, run_id, invoice_id)
            return write_document(connection, place, origin, snapshot, now, self._zone)

    def credits_of(self, invoice_id: str) -> list[Invoice]:
        query = select(*INVOICE_COLUMNS).where(invoices.c.credits_id == invoice_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(invoices.c.issued_at, invoices.c.sequence))
            return [invoice_of(row) for row in rows]

    def mark_paid(self, invoice_id: str, was: datetime | None, paid_at: datetime | None) -> bool:
        column = invoices.c.paid_at
        stands = column.is_(None) if was is None else column == was
        this = (invoices.c.invoice_id == invoice_id) & invoices.c.cancelled_at.is_(None)
        with self._database.write() as connection:
            marked = invoices.update().where(this, stands).values(paid_at=paid_at)
            return connection.execute(marked).rowcount == 1

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
        self.mark_all_rendered({invoice_id: sha256})

    def mark_stored(self, invoice_id: str, at: datetime, *mails: NewMail) -> None:
        self.mark_all_stored({invoice_id: mails}, at)

    def mark_all_rendered(self, checksums: Mapping[str, str]) -> None:
        """The checksum of a stored PDF never changes."""
        with self._database.write() as connection:
            rows = _locked(connection, checksums)
            for invoice_id, sha256 in checksums.items():
                row = rows[invoice_id]
                if row.pdf_status != PdfStatus.STORED.value:
                    rendered = {"pdf_status": PdfStatus.RENDERED.value, "sha256": sha256}
                    _update(connection, invoice_id, rendered)
                elif row.sha256 != sha256:
                    raise Refused(
                        f"the PDF of {row.number} is stored with another checksum",
                        hint="stakactl never overwrites a stored PDF; "
                        "look at it with invoices show",
                    )

    def mark_all_stored(self, mails: Mapping[str, Sequence[NewMail]], at: datetime) -> None:
        stored = {"pdf_status": PdfStatus.STORED.value, "stored_at": at}
        with self._database.write() as connection:
            refuse_frozen(connection)
            rows = _locked(connection, mails)
            for invoice_id, queued in mails.items():
                row = rows[invoice_id]
                if row.pdf_status == PdfStatus.RESERVED.value:
                    raise Refused(f"the PDF of {row.number} has no checksum yet")
                if row.pdf_status == PdfStatus.RENDERED.value:
                    _update(connection, invoice_id, stored)
                for mail in queued:
                    enqueue(connection, mail, at)

    def get(self, number_or_id: str) -> Invoice | None:
        this = or_(invoices.c.number == number_or_id, invoices.c.invoice_id == number_or_id)
        return self._one(this)

    def for_order(self, order_id: str) -> Invoice | None:
        return self._one(_of_order(order_id))

    def for_reference(self, reference: str) -> Invoice | None:
        return self._one(_of_reference(reference))

    def find(self, wanted: InvoiceFilter = EVERY_INVOICE) -> list[Invoice]:
        query = searched(select(*INVOICE_COLUMNS), wanted)
        with self._database.read() as connection:
            return [invoice_of(row) for row in connection.execute(query)]

    def count(self, wanted: InvoiceFilter = EVERY_INVOICE) -> int:
        with self._database.read() as connection:
            return counted(connection, wanted)

    def totals(self, wanted: InvoiceFilter, now: datetime) -> list[StatusTotal]:
        with self._database.read() as connection:
            return status_totals(connection, wanted, now)

    def _one(self, this: Any) -> Invoice | None:
        with self._database.read() as connection:
            row = connection.execute(select(*INVOICE_COLUMNS).where(this)).first()
            return None if row is None else invoice_of(row)


def _of_order(order_id: str) -> ColumnElement[bool]:
    return (invoices.c.order_id == order_id) & invoices.c.live


def _of_reference(reference: str) -> ColumnElement[bool]:
    """In the words of the index that keeps it alone."""
    return and_(
        invoices.c.reference == reference,
        literal_column("reference <> ''"),
        invoices.c.cancelled_at.is_(None),
        invoices.c.credits_id.is_(None),
    )


def _credited(connection: Connection, invoice_id: str) -> tuple[Invoice, list[Invoice]]:
    """The invoice, which nobody else changes until the commit, and its credit notes so far."""
    _locked(connection, [invoice_id])
    this = or_(invoices.c.invoice_id == invoice_id, invoices.c.credits_id == invoice_id)
    query = select(*INVOICE_COLUMNS).where(this).order_by(invoices.c.issued_at, invoices.c.sequence)
    found = [invoice_of(row) for row in connection.execute(query)]
    invoice = next(one for one in found if one.invoice_id == invoice_id)
    return invoice, [one for one in found if one.is_credit_note]


def _locked(connection: Connection, invoice_ids: Iterable[str]) -> dict[str, Any]:
    """The rows by id, locked in the order of the ids, so that two runs over the same invoices do
    not wait for each other crosswise."""
    wanted = sorted(invoice_ids)
    columns = (invoices.c.invoice_id, invoices.c.number, invoices.c.pdf_status, invoices.c.sha256)
    query = select(*columns).where(invoices.c.invoice_id.in_(wanted))
    locked = connection.execute(query.order_by(invoices.c.invoice_id).with_for_update())
    rows = {row.invoice_id: row for row in locked}
    for invoice_id in wanted:
        if invoice_id not in rows:
            raise NotFound(f"no invoice {invoice_id}", hint="stakactl invoices list shows them")
    return rows


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
        credits_id,
        by_mail,
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
        credits_id,
        by_mail,
    )
