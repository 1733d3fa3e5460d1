"""Take an invoice back into the book from its PDF, after a restore that forgot it.

What the store knows of the order is frozen once more under the number and the date of the PDF.
Only where the PDF says the same, to the last amount and address, is that the invoice: its bytes
are the document that the customer has, and their checksum is recorded.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from stakactl.domain.credit_notes import credit_snapshot, remaining
from stakactl.domain.customers import customer_key
from stakactl.domain.documents import checksum
from stakactl.domain.invoice_status import Moments
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot, PdfStatus, draft, object_key
from stakactl.domain.restores import Found, PdfFacts
from stakactl.domain.vat import VatBlocked
from stakactl.errors import ServiceError
from stakactl.operations.invoice_snapshot import freeze_snapshot
from stakactl.operations.pdfs import mails_about
from stakactl.operations.ports import Ports

_NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Again:
    """A document as it must have been frozen, and whose it is."""

    snapshot: InvoiceSnapshot
    customer_id: str
    credits_id: str | None = None


def take_back(ports: Ports, found: Found, run_id: str) -> bool:
    """Whether it is in the book now. A PDF that waits in the home goes on waiting for the store,
    and its mail cannot have left; that of a stored one may have."""
    invoice = as_issued(ports, found, run_id)
    if invoice is None:
        return False
    mails = tuple(mails_about(ports, invoice)) if invoice.pdf_status is PdfStatus.STORED else ()
    return ports.restores.take_back(invoice, found.position, mails)


def as_issued(ports: Ports, found: Found, run_id: str) -> Invoice | None:
    """The invoice as it was; None where what the store knows does not make this PDF."""
    again = _frozen_again(ports, found, found.facts) if found.facts else None
    if again is None:
        return None
    try:
        stored = ports.store.get(found.object_key) if found.object_key else None
        pdf = stored or ports.spool.load(found.invoice_id)
    except ServiceError:
        return None
    if pdf is None or ports.reader.differences(pdf, again.snapshot):
        return None
    return _invoice_of(found, again, pdf, run_id, stored=stored is not None)


def _invoice_of(found: Found, again: _Again, pdf: bytes, run_id: str, *, stored: bool) -> Invoice:
    snapshot = again.snapshot
    key = object_key(again.customer_id, found.invoice_id, found.number)
    return Invoice(
        invoice_id=found.invoice_id,
        number=found.number,
        series=found.position.series,
        order_id=snapshot.order_id,
        customer_id=again.customer_id,
        issued_at=datetime.combine(snapshot.issued_on, _NOON),  # the hour is nowhere on it
        snapshot=snapshot,
        pdf_status=PdfStatus.STORED if stored else PdfStatus.RENDERED,
        object_key=found.object_key or key,
        sha256=checksum(pdf),
        run_id=run_id,
        moments=Moments(paid_at=snapshot.payment.paid_at if snapshot.payment else None),
        credits_id=again.credits_id,
    )


def _frozen_again(ports: Ports, found: Found, facts: PdfFacts) -> _Again | None:
    """None where the store does not know what it was made of."""
    policy, series = ports.policy, found.position.series
    if facts.credits:
        return _credit_note(ports, facts) if series == policy.credit_series.prefix else None
    return _paid_order(ports, facts) if series == policy.series.prefix else None


def _paid_order(ports: Ports, facts: PdfFacts) -> _Again | None:
    case = ports.cases.case(facts.subject) if facts.subject else None
    if case is None or case.invoice_number is not None:
        return None
    content = draft(
        case.order,
        country=case.customer_country,
        default_rate=ports.policy.default_vat_rate,
        stripe_tax_minor=case.stripe_tax_minor,
    )
    if isinstance(content, VatBlocked):
        return None
    snapshot = freeze_snapshot(ports, case, content, facts.number, facts.issued_on)
    return _Again(snapshot, customer_key(case.order))


def _credit_note(ports: Ports, facts: PdfFacts) -> _Again | None:
    """Its reason is words on the page alone; they stay there."""
    invoice = ports.invoices.get(facts.credits)
    if invoice is None or invoice.is_credit_note:
        return None
    earlier = [note.snapshot for note in ports.invoices.credits_of(invoice.invoice_id)]
    left = remaining(invoice.snapshot, earlier)
    fits = facts.total.currency == left.currency and 0 < facts.total.minor <= left.minor
    if not fits:
        return None
    snapshot = credit_snapshot(
        invoice.snapshot,
        earlier,
        facts.total,
        number=facts.number,
        issued_on=facts.issued_on,
        reason="",
    )
    return _Again(snapshot, invoice.customer_id, invoice.invoice_id)
