"""Whether issued invoices hold before a tax inspector: numbers, sums, payments, stored bytes, XML.

The checks are those of a reconciliation. There they are spread over nights; here every frozen
content is added up and every PDF read to its last byte, the XML inside it too. Nothing is recorded
as a finding: the nightly reconciliation does that.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from stakactl.domain.documents import StoredPdf
from stakactl.domain.findings import Finding
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.pdfs import altered
from stakactl.domain.runs import Outcome
from stakactl.errors import NotFound
from stakactl.operations.compare import context_of
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope
from stakactl.operations.sweeps.amounts import amounts_finding
from stakactl.operations.sweeps.documents import every_document, named_documents
from stakactl.operations.sweeps.numbers import invoice_numbers


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`waiting` are invoices whose PDF is not stored yet; `unread` what the store did not tell,
    `lost` the numbers that a restore explains: taken, and without an invoice in the book."""

    invoices: int
    waiting: int
    findings: tuple[Finding, ...]
    unread: tuple[str, ...]
    lost: int = 0

    @property
    def outcome(self) -> Outcome:
        if self.unread:
            return Outcome.INCOMPLETE
        return Outcome.FINDINGS if self.findings else Outcome.OK


def verify_period(ports: Ports, scope: Scope) -> VerifyReport:
    """Everything that was issued in the period, and the series as a whole."""
    context, unread = context_of(ports), list[str]()
    findings = [finding for finding, _ in invoice_numbers(ports, scope, context, unread)]
    tally = _Tally()
    with ports.progress.stage("Checking amounts", ports.invoices.count()) as stage:
        for invoice, due in ports.documents.issued(scope.since, scope.until):
            findings += tally.checked(ports, invoice, due)
            stage.advance()
    looked = every_document(ports, scope, context.now, unread, _content_of(ports))
    findings += (found for found, _ in looked)
    return replace(tally.report(findings, unread), lost=len(ports.restores.lost()))


def verify_named(ports: Ports, numbers: Iterable[str]) -> VerifyReport:
    """These invoices alone; a series can only be judged as a whole."""
    tally, unread = _Tally(), list[str]()
    findings: list[Finding] = []
    pdfs: list[StoredPdf] = []
    for number in dict.fromkeys(numbers):
        found = ports.documents.issued_as(number)
        if found is None:
            raise NotFound(f"no invoice {number!r}", hint="stakactl invoices list --search TEXT")
        findings += tally.checked(ports, *found)
        pdf = ports.documents.stored_pdf(number)
        pdfs += [pdf] if pdf is not None else []
    looked = named_documents(ports, pdfs, ports.clock.now(), unread, _content_of(ports))
    return tally.report([*findings, *(found for found, _ in looked)], unread)


def _content_of(ports: Ports) -> Callable[[StoredPdf, bytes], Finding | None]:
    """Compares the XML inside a PDF with what was frozen."""

    def look(pdf: StoredPdf, content: bytes) -> Finding | None:
        invoice = ports.invoices.get(pdf.invoice_id)
        if invoice is None:
            return None
        differences = ports.reader.differences(content, invoice.snapshot)
        return altered(pdf, differences) if differences else None

    return look


@dataclass(slots=True)
class _Tally:
    invoices: int = 0
    waiting: int = 0

    def checked(self, ports: Ports, invoice: Invoice, due: Money | None) -> list[Finding]:
        self.invoices += 1
        self.waiting += invoice.pdf_status is not PdfStatus.STORED
        finding = amounts_finding(ports, invoice, due)
        return [] if finding is None else [finding]

    def report(self, findings: list[Finding], unread: list[str]) -> VerifyReport:
        return VerifyReport(self.invoices, self.waiting, tuple(findings), tuple(unread))
