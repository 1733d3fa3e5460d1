"""From an issued invoice to its stored PDF and its queued mail.

Reserved → rendered → stored: each step is durable before the next begins, so that a crash
anywhere resumes with the same bytes.
"""

from collections.abc import Iterator
from hashlib import sha256

from stakactl.domain.documents import pdf_problem
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.mail import MailKind, NewMail
from stakactl.operations.ports import InvoiceStore, Ports

#: Older versions than this many of one object are not looked through.
MAX_VERSIONS = 20


def sweep_spool(ports: Ports) -> None:
    """Drop the PDFs that a run stored and recorded but died before it could drop them."""
    for invoice_id in ports.spool.waiting():
        invoice = ports.invoices.get(invoice_id)
        if invoice is not None and invoice.pdf_status is PdfStatus.STORED:
            ports.spool.discard(invoice_id)


def keep_pdf(ports: Ports, invoice: Invoice) -> bytes:
    """The invoice's bytes: from the spool where they wait, from the store if an interrupted run
    got that far, or rendered now and kept in the spool."""
    if invoice.pdf_status is PdfStatus.RENDERED:
        waiting = ports.spool.load(invoice.invoice_id)
        if waiting is None:
            waiting = ports.store.get(invoice.object_key)
        if waiting is not None and sha256(waiting).hexdigest() == invoice.sha256:
            return waiting
    pdf = ports.renderer.render(invoice.snapshot)
    ports.spool.save(invoice.invoice_id, pdf)
    ports.invoices.mark_rendered(invoice.invoice_id, sha256(pdf).hexdigest())
    return pdf


def store_pdf(ports: Ports, invoice: Invoice) -> None:
    """Put the PDF into the store, once, and queue the customer's mail with the record of it."""
    pdf = keep_pdf(ports, invoice)
    ports.store.put_if_absent(invoice.object_key, pdf)
    record_stored(ports, invoice)


def record_stored(ports: Ports, invoice: Invoice) -> None:
    """The store has the PDF: say so, queue the mails, and stop keeping it."""
    ports.invoices.mark_stored(invoice.invoice_id, ports.clock.now(), *_mails_about(ports, invoice))
    ports.spool.discard(invoice.invoice_id)


def _mails_about(ports: Ports, invoice: Invoice) -> Iterator[NewMail]:
    """The customer's mail and the company's own notice, unless what they tell of is older than
    MAIL_SINCE."""
    since = ports.policy.mail_since
    payment = invoice.snapshot.payment
    moment = payment.paid_at if payment else invoice.issued_at
    if since is None or moment < since:
        return
    yield customer_mail(invoice)
    admin = ports.policy.admin
    if payment is not None and admin.payments and admin.address:
        yield NewMail(MailKind.PAYMENT_NOTICE, invoice.invoice_id, admin.address)


def customer_mail(invoice: Invoice) -> NewMail:
    """The mail that brings an invoice or a credit note to its buyer."""
    kind = MailKind.CREDIT_NOTE if invoice.is_credit_note else MailKind.INVOICE
    return NewMail(kind, invoice.invoice_id, invoice.snapshot.buyer.email)


def kept_version(
    store: InvoiceStore, key: str, accepted: frozenset[str]
) -> tuple[str, bytes] | None:
    """The newest older version that is one of the recorded renditions, and its bytes."""
    for version in store.older_versions(key)[:MAX_VERSIONS]:
        content = store.get_version(key, version)
        if content is not None and pdf_problem(content, accepted) is None:
            return version, content
    return None
