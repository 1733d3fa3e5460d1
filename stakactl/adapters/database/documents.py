"""What is recorded of issued invoices and their PDFs, for whoever checks them.

Each page is a short transaction of its own that continues after the last key of the page before:
memory stays flat, and nothing is kept open while the store of the PDFs is asked.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from stakactl.adapters.database.bulk import among, batches, insert_missing, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.invoices import INVOICE_COLUMNS, invoice_of
from stakactl.adapters.database.tables.invoices import invoices, pdf_checks, renditions
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.records import findings
from stakactl.adapters.database.tables.restores import lost_numbers
from stakactl.domain.documents import PdfCheck, StoredPdf
from stakactl.domain.findings import Discrepancy
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.money import Money

PAGE = 2000
#: So many frozen contents are read and added up in one look; 1,000,000 take half a year.
AUDITED = 5000
RECENT = timedelta(days=7)
#: Excluded by name rather than included, so that SQLite walks the index on the object keys.
_UNFINISHED = [PdfStatus.RESERVED.value, PdfStatus.RENDERED.value]


class SqlDocumentLedger:
    """`DocumentLedger` on the tables `invoices`, `renditions` and `pdf_checks`."""

    def __init__(self, database: Database, page: int = PAGE, audited: int = AUDITED) -> None:
        self._database = database
        self._page = page
        self._audited = audited

    def stored(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[StoredPdf]:
        ordered = _stored().order_by(invoices.c.object_key).limit(self._page)
        page = ordered = ordered.where(*_issued_in(since, until))
        while True:
            with self._database.read() as connection:
                found = _stored_pdfs(connection, page)
            yield from found
            if len(found) < self._page:
                return
            page = ordered.where(invoices.c.object_key > found[-1].object_key)

    def stored_of(self, order_id: str) -> list[StoredPdf]:
        with self._database.read() as connection:
            return _stored_pdfs(connection, _stored().where(invoices.c.order_id == order_id))

    def stored_pdf(self, number_or_id: str) -> StoredPdf | None:
        this = or_(invoices.c.number == number_or_id, invoices.c.invoice_id == number_or_id)
        with self._database.read() as connection:
            found = _stored_pdfs(connection, _stored().where(this))
        return found[0] if found else None

    def is_known(self, object_key: str) -> bool:
        ours = select(invoices.c.invoice_id).where(invoices.c.object_key == object_key)
        lost = select(lost_numbers.c.number).where(lost_numbers.c.object_key == object_key)
        with self._database.read() as connection:
            return any(connection.execute(query).first() for query in (ours, lost))

    def record_checks(self, checks: Iterable[PdfCheck]) -> None:
        for batch in batches(checks, self._page):
            rows = [
                {
                    "invoice_id": check.invoice_id,
                    "checked_at": check.checked_at,
                    "fingerprint": check.fingerprint,
                    "sound": check.sound,
                }
                for check in batch
            ]
            with self._database.write() as connection:
                upsert(connection, pdf_checks, rows)

    def add_rendition(self, invoice_id: str, sha256: str, at: datetime, run_id: str) -> None:
        row = {"invoice_id": invoice_id, "sha256": sha256, "recorded_at": at, "run_id": run_id}
        with self._database.write() as connection:
            insert_missing(connection, renditions, row)

    def to_audit(self, now: datetime) -> Iterator[tuple[Invoice, Money | None]]:
        with self._database.read() as connection:
            count = connection.scalar(select(func.count()).select_from(invoices)) or 0
        yield from self._with_dues(_due(max(1, -(-count // self._audited)), now))

    def issued(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[tuple[Invoice, Money | None]]:
        yield from self._with_dues(_invoiced().where(*_issued_in(since, until)))

    def numbered(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[tuple[Invoice, frozenset[str]]]:
        """Each series of a year on its own, from its first number of the period to its last, so
        that both databases walk the index on the numbers and sort nothing."""
        period = _issued_in(since, until)
        with self._database.read() as connection:
            stretches = connection.execute(_stretches(period)).all()
        for _, series, year, first, last in stretches:
            this = (invoices.c.series == series) & (invoices.c.year == year)
            query = select(*INVOICE_COLUMNS, invoices.c.sequence).where(this, *period)
            yield from self._counted_up(query, first, last)

    def _counted_up(
        self, query: Select[Any], first: int, last: int
    ) -> Iterator[tuple[Invoice, frozenset[str]]]:
        query = query.order_by(invoices.c.sequence).limit(self._page)
        while first <= last:
            page = query.where(invoices.c.sequence.between(first, last))
            with self._database.read() as connection:
                rows = connection.execute(page).all()
                further = _renditions(connection, [row[0] for row in rows])
            for row in rows:
                invoice = invoice_of(row[:-1])
                hashes = {invoice.sha256 or "", *further.get(invoice.invoice_id, ())}
                yield invoice, frozenset(hashes)
            first = rows[-1][-1] + 1 if len(rows) == self._page else last + 1

    def issued_as(self, number_or_id: str) -> tuple[Invoice, Money | None] | None:
        this = or_(invoices.c.number == number_or_id, invoices.c.invoice_id == number_or_id)
        return next(self._with_dues(_invoiced().where(this)), None)

    def _with_dues(self, query: Select[Any]) -> Iterator[tuple[Invoice, Money | None]]:
        ordered = query.order_by(invoices.c.invoice_id).limit(self._page)
        page = ordered
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            for row in rows:
                due = None if row[-2] is None else Money(row[-2], row[-1])
                yield invoice_of(row[:-2]), due
            if len(rows) < self._page:
                return
            page = ordered.where(invoices.c.invoice_id > rows[-1][0])


def _issued_in(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    after = [] if since is None else [invoices.c.issued_at >= since]
    return after if until is None else [*after, invoices.c.issued_at < until]


def _stretches(period: list[ColumnElement[bool]]) -> Select[Any]:
    """The first and the last number of each series and year, those of invoices first."""
    is_note = invoices.c.credits_id.is_not(None).label("is_note")
    sequence = invoices.c.sequence
    ends = (func.min(sequence), func.max(sequence))
    query = select(is_note, invoices.c.series, invoices.c.year, *ends).where(*period)
    place = (is_note, invoices.c.series, invoices.c.year)
    return query.group_by(*place).order_by(*place)


def _stored() -> Select[Any]:
    """The PDFs that the store must hold, each with its last check."""
    checked = pdf_checks.c.invoice_id == invoices.c.invoice_id
    return (
        select(
            invoices.c.invoice_id,
            invoices.c.number,
            invoices.c.order_id,
            invoices.c.issued_at,
            invoices.c.object_key,
            invoices.c.sha256,
            pdf_checks.c.checked_at,
            pdf_checks.c.fingerprint,
            pdf_checks.c.sound,
        )
        .select_from(invoices.outerjoin(pdf_checks, checked))
        .where(invoices.c.pdf_status.not_in(_UNFINISHED))
    )


def _stored_pdfs(connection: Connection, query: Select[Any]) -> list[StoredPdf]:
    rows = connection.execute(query).all()
    further = _renditions(connection, [row[0] for row in rows])
    return [
        StoredPdf(
            invoice_id,
            number,
            order_id or None,
            issued_at,
            key,
            sha256,
            frozenset({sha256, *further.get(invoice_id, ())}),
            checked_at,
            fingerprint,
            bool(sound),
        )
        for (
            invoice_id,
            number,
            order_id,
            issued_at,
            key,
            sha256,
            checked_at,
            fingerprint,
            sound,
        ) in rows
    ]


def _renditions(connection: Connection, invoice_ids: list[str]) -> dict[str, list[str]]:
    """The further renditions of each invoice: hardly any has one, so they are read apart."""
    query = select(renditions.c.invoice_id, renditions.c.sha256)
    query = query.where(among(connection, renditions.c.invoice_id, invoice_ids))
    found: dict[str, list[str]] = {}
    for invoice_id, sha256 in connection.execute(query):
        found.setdefault(invoice_id, []).append(sha256)
    return found


def _invoiced() -> Select[Any]:
    """Invoices with the amount of their order."""
    return select(*INVOICE_COLUMNS, orders.c.amount_minor, orders.c.currency).select_from(
        invoices.outerjoin(orders, orders.c.order_id == invoices.c.order_id)
    )


def _due(parts: int, now: datetime) -> Select[Any]:
    """Invoices with the amount of their order: one part of them, recent ones, and suspects."""
    suspects = select(findings.c.invoice_number).where(
        findings.c.discrepancy == Discrepancy.INVOICE_AMOUNT.value,
        findings.c.resolved_at.is_(None),
        findings.c.invoice_number.is_not(None),
    )
    query = _invoiced()
    if parts == 1:
        return query
    return query.where(
        or_(
            invoices.c.sequence % parts == now.toordinal() % parts,
            and_(invoices.c.issued_at >= now - RECENT, invoices.c.issued_at <= now),
            invoices.c.number.in_(suspects),
        )
    )
