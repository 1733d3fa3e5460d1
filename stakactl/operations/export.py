"""Hand over the invoices of a period: a table, and the PDFs as they were issued.

Read and written in batches, so that memory does not grow with the period. A PDF that is missing
or is not what was issued is named and left out; a store that fails as a whole ends the export,
because files without PDFs would be taken for the whole.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.documents import checksum, pdf_problem
from stakactl.domain.invoice_export import ExportedInvoice, RateTotal, Totals, pdf_name
from stakactl.domain.invoice_status import status_of
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused, StorageError
from stakactl.operations.invoice_files import fetch_pdf
from stakactl.operations.ports import ExportFiles, InvoiceFilter, Ports
from stakactl.operations.scope import Scope

READERS = 8
BATCH = 64
#: After so many PDFs in a row that the store did not give, it is taken for down.
MAX_FAILED = 3

#: An invoice is due when its last day is over: the moment belongs to the next one already.
_MOMENT = timedelta(microseconds=1)

Recorded = tuple[Invoice, frozenset[str]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice whose PDF is not handed over, and why."""

    invoice: Invoice
    problem: StorageError | Refused


@dataclass(frozen=True, slots=True)
class ExportReport:
    """`pdfs` is how many are handed over; `left_out` are in the table alone."""

    scope: Scope
    invoices: int
    credit_notes: int
    pdfs: int
    totals: tuple[RateTotal, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.left_out else Outcome.OK


def export_invoices(ports: Ports, scope: Scope, files: ExportFiles) -> ExportReport:
    """Write what was issued in the period into `files`, in the order of the numbers, invoices
    before credit notes. Raises StorageError when the PDF store fails as a whole."""
    totals, left_out, pdfs, now = Totals(), list[LeftOut](), 0, ports.clock.now()
    count = ports.invoices.count(InvoiceFilter(since=scope.since, until=scope.until))
    recorded = ports.documents.numbered(scope.since, scope.until)
    with ports.progress.stage("Exporting invoices", count) as stage:
        for invoice, pdf in _with_pdfs(ports, recorded, left_out, wanted=files.hold_pdfs):
            exported = _exported(ports, invoice, pdf, now, holds_pdf=files.hold_pdfs)
            files.add(exported, pdf)
            totals.add(exported)
            pdfs += pdf is not None
            stage.advance()
    return ExportReport(
        scope, totals.invoices, totals.credit_notes, pdfs, totals.by_rate(), tuple(left_out)
    )


def _exported(
    ports: Ports, invoice: Invoice, pdf: bytes | None, now: datetime, *, holds_pdf: bool
) -> ExportedInvoice:
    moments = invoice.moments
    local = ports.clock.local_date
    is_there = pdf is not None if holds_pdf else invoice.pdf_status is PdfStatus.STORED
    return ExportedInvoice(
        invoice,
        status_of(moments, now),
        local(moments.paid_at) if moments.paid_at else None,
        local(moments.due_at - _MOMENT) if moments.due_at else None,
        pdf_name(invoice.number) if is_there else "",
        checksum(pdf) if pdf is not None else invoice.sha256 or "",
    )


def _with_pdfs(
    ports: Ports, recorded: Iterable[Recorded], left_out: list[LeftOut], *, wanted: bool
) -> Iterator[tuple[Invoice, bytes | None]]:
    """Each invoice with its PDF; None where it is not wanted, or left out."""
    if not wanted:
        yield from ((invoice, None) for invoice, _ in recorded)
        return
    reading = _Reading(ports, left_out)
    batch: list[Recorded] = []
    with ThreadPoolExecutor(READERS) as readers:
        for one in recorded:
            batch.append(one)
            if len(batch) == BATCH:
                yield from reading.read(readers, batch)
                batch = []
        yield from reading.read(readers, batch)


@dataclass(slots=True)
class _Reading:
    """Reads PDFs several at a time. `failed` counts those in a row that the store did not give."""

    ports: Ports
    left_out: list[LeftOut]
    failed: int = 0

    def read(
        self, readers: ThreadPoolExecutor, batch: list[Recorded]
    ) -> Iterator[tuple[Invoice, bytes | None]]:
        for (invoice, _), found in zip(batch, readers.map(self._stored, batch), strict=True):
            yield invoice, self._judged(invoice, found)

    def _stored(self, one: Recorded) -> bytes | StorageError | None:
        """The bytes, if they are what was issued."""
        invoice, accepted = one
        if invoice.pdf_status is not PdfStatus.STORED:
            return None
        try:
            pdf = self.ports.store.get(invoice.object_key)
        except StorageError as error:
            return error
        sound = pdf is not None and pdf_problem(pdf, accepted) is None
        return pdf if sound else None

    def _judged(self, invoice: Invoice, found: bytes | StorageError | None) -> bytes | None:
        if isinstance(found, StorageError):
            self.failed += 1
            if self.failed >= MAX_FAILED:
                raise found
            self.left_out.append(LeftOut(invoice, found))
            return None
        self.failed = 0
        if found is not None:
            return found
        try:  # asked anew: it may have been stored meanwhile, or wait in the home
            return fetch_pdf(self.ports, invoice)
        except (StorageError, Refused) as error:
            self.left_out.append(LeftOut(invoice, error))
            return None
