"""From an issued invoice to its stored PDF and its queued mail.

Reserved → rendered → stored: each step is durable before the next begins, so that a crash
anywhere resumes with the same bytes. `keep` and `put` are the two steps that need no database and
run anywhere (ports/workers.py); between them the checksum is recorded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from stakactl.domain.documents import pdf_problem
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot, PdfStatus
from stakactl.domain.mail import MailKind, NewMail
from stakactl.errors import DiskError, ServiceError, StorageConflict, StorageError
from stakactl.operations.ports import InvoiceStore, PdfDesk, Ports

#: Older versions than this many of one object are not looked through.
MAX_VERSIONS = 20


@dataclass(frozen=True, slots=True)
class ToKeep:
    """An invoice whose PDF must wait in the spool; `sha256` where it was rendered before."""

    invoice_id: str
    object_key: str
    snapshot: InvoiceSnapshot
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The PDF waits in the spool; `rendered` now, so that its checksum is still to be recorded."""

    invoice_id: str
    sha256: str
    rendered: bool


@dataclass(frozen=True, slots=True)
class ToPut:
    """A PDF that waits in the spool and must come into the store, where it is kept until then."""

    invoice_id: str
    object_key: str
    sha256: str
    retain_until: date


@dataclass(frozen=True, slots=True)
class Put:
    invoice_id: str


@dataclass(frozen=True, slots=True)
class NotDone:
    """A step that failed; the invoice waits for the next run."""

    invoice_id: str
    problem: ServiceError


def keep(desk: PdfDesk, task: ToKeep) -> Kept | NotDone:
    """Have the invoice's bytes in the spool: where they wait already, from the store if an
    interrupted run got that far, or rendered now."""
    try:
        if task.sha256 is not None:
            waiting = desk.spool.load(task.invoice_id)
            if waiting is not None and _is(waiting, task.sha256):
                return Kept(task.invoice_id, task.sha256, rendered=False)
            stored = desk.store.get(task.object_key) if waiting is None else None
            if stored is not None and _is(stored, task.sha256):
                desk.spool.save(task.invoice_id, stored)
                return Kept(task.invoice_id, task.sha256, rendered=False)
        pdf = desk.renderer.render(task.snapshot)
        desk.spool.save(task.invoice_id, pdf)
    except ServiceError as error:
        return NotDone(task.invoice_id, error)
    return Kept(task.invoice_id, sha256(pdf).hexdigest(), rendered=True)


def put(desk: PdfDesk, task: ToPut) -> Put | NotDone:
    """Put the PDF into the store, once."""
    try:
        pdf = desk.spool.load(task.invoice_id)
        if pdf is not None and _is(pdf, task.sha256):
            desk.store.put_if_absent(task.object_key, pdf, task.retain_until)
        elif not _is(desk.store.get(task.object_key) or b"", task.sha256):
            # Another run that was faster stores it and drops it from the spool.
            raise DiskError(
                f"the PDF of {task.invoice_id} that waited in the home is gone or damaged",
                hint="run the command again: it is made again from the frozen invoice",
            )
    except ServiceError as error:
        return NotDone(task.invoice_id, error)
    return Put(task.invoice_id)


def store_is_down(result: Put | NotDone) -> bool:
    """Whether it failed as a whole, and not over this one PDF."""
    return (
        isinstance(result, NotDone)
        and isinstance(result.problem, StorageError)
        and not isinstance(result.problem, StorageConflict)
    )


def _is(pdf: bytes, checksum: str) -> bool:
    return sha256(pdf).hexdigest() == checksum


def to_keep(invoice: Invoice) -> ToKeep:
    rendered = invoice.pdf_status is PdfStatus.RENDERED
    checksum = invoice.sha256 if rendered else None
    return ToKeep(invoice.invoice_id, invoice.object_key, invoice.snapshot, checksum)


def to_put(ports: Ports, invoice: Invoice, checksum: str) -> ToPut:
    keep_until = retain_until(ports, invoice)
    return ToPut(invoice.invoice_id, invoice.object_key, checksum, keep_until)


def retain_until(ports: Ports, invoice: Invoice) -> date:
    """The last day on which the invoice must be kept."""
    return ports.policy.year_end.retain_until(invoice.snapshot.issued_on)


def store_pdf(ports: Ports, invoice: Invoice) -> None:
    """Render one PDF, put it into the store and queue the customer's mail with the record of it.
    Raises ServiceError; the next run goes on from there."""
    kept = keep(ports, to_keep(invoice))
    if isinstance(kept, NotDone):
        raise kept.problem
    if kept.rendered:
        ports.invoices.mark_rendered(invoice.invoice_id, kept.sha256)
    done = put(ports, to_put(ports, invoice, kept.sha256))
    if isinstance(done, NotDone):
        raise done.problem
    ports.invoices.mark_stored(invoice.invoice_id, ports.clock.now(), *mails_about(ports, invoice))
    ports.spool.discard(invoice.invoice_id)


def record_stored(ports: Ports, invoices: Sequence[Invoice]) -> None:
    """The store has these PDFs: say so, queue their mails, and stop keeping them."""
    mails = {invoice.invoice_id: tuple(mails_about(ports, invoice)) for invoice in invoices}
    ports.invoices.mark_all_stored(mails, ports.clock.now())
    for invoice in invoices:
        ports.spool.discard(invoice.invoice_id)


def sweep_spool(ports: Ports, unfinished: Iterable[Invoice]) -> None:
    """Drop the PDFs that a run stored and recorded but died before it could drop them."""
    waiting = {invoice.invoice_id for invoice in unfinished}
    for invoice_id in ports.spool.waiting():
        if invoice_id in waiting:
            continue
        invoice = ports.invoices.get(invoice_id)
        if invoice is not None and invoice.pdf_status is PdfStatus.STORED:
            ports.spool.discard(invoice_id)


def mails_about(ports: Ports, invoice: Invoice) -> Iterator[NewMail]:
    """The customer's mail and the company's own notice, unless what they tell of is older than
    MAIL_SINCE; whoever makes an invoice by hand says so then."""
    since = ports.policy.mail_since
    payment = invoice.snapshot.payment
    moment = payment.paid_at if payment else invoice.issued_at
    if invoice.order_id and (since is None or moment < since):
        return
    if invoice.by_mail:
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
