"""The letters of an invoice and of a credit note: the frozen content, and the PDF as issued."""

from typing import TypeVar

from stakactl.domain.documents import LONGEST_LINK, pdf_problem
from stakactl.domain.invoicing import Invoice
from stakactl.domain.letters import language_of
from stakactl.domain.letters.invoice import CreditNoteLetter, DocumentLetter, InvoiceLetter
from stakactl.domain.mail import MailKind, NewMail, QueuedMail
from stakactl.errors import MailRefused, NotFound
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports, SignedLink

Content = TypeVar("Content", bound=DocumentLetter)


def read_invoice(ports: Ports, mail: QueuedMail) -> InvoiceLetter:
    return _read(ports, mail, InvoiceLetter)


def read_credit_note(ports: Ports, mail: QueuedMail) -> CreditNoteLetter:
    return _read(ports, mail, CreditNoteLetter)


def invoice_samples(sampling: Sampling) -> tuple[InvoiceLetter, ...]:
    return (_sample(sampling, sampling.invoice(), InvoiceLetter),)


def credit_note_samples(sampling: Sampling) -> tuple[CreditNoteLetter, ...]:
    return (_sample(sampling, sampling.credit_note(), CreditNoteLetter),)


def invoice_mail(ports: Ports, order: str) -> NewMail:
    invoice = of_order(ports, order)
    return NewMail(MailKind.INVOICE, invoice.invoice_id, invoice.snapshot.buyer.email)


def credit_note_mail(ports: Ports, order: str) -> NewMail:
    """The newest credit note on the order's invoice."""
    invoice = of_order(ports, order)
    notes = ports.invoices.credits_of(invoice.invoice_id)
    if not notes:
        raise NotFound(f"{invoice.number} has no credit note", hint="stakactl invoices list")
    note = notes[-1]
    return NewMail(MailKind.CREDIT_NOTE, note.invoice_id, note.snapshot.buyer.email)


def of_order(ports: Ports, order: str) -> Invoice:
    """The order's invoice, by the order's id or by the invoice's own number or id."""
    invoice = ports.invoices.for_order(order) or ports.invoices.get(order)
    if invoice is None or invoice.is_credit_note:
        raise NotFound(
            f"order {order!r} has no invoice",
            hint=f"stakactl explain {order} says why; leave --order out for sample data"
            if order.isalnum()
            else "leave --order out for sample data",
        )
    return invoice


def known(ports: Ports, mail: QueuedMail) -> Invoice:
    """The invoice that a mail is about."""
    invoice = ports.invoices.get(mail.subject_id)
    if invoice is None:
        raise MailRefused(f"mail {mail.mail_id} is about an invoice that does not exist")
    return invoice


def _read(ports: Ports, mail: QueuedMail, kind: type[Content]) -> Content:
    invoice = known(ports, mail)
    pdf = _pdf(ports, invoice)
    link = ports.store.link(invoice.object_key, ports.policy.mail_link_seconds or LONGEST_LINK)
    return written(invoice, pdf, link, kind)


def _pdf(ports: Ports, invoice: Invoice) -> bytes:
    """The bytes that were issued, and never others. Raises MailRefused, StorageError."""
    pdf = ports.store.get(invoice.object_key)
    if pdf is None:
        raise MailRefused(f"the PDF of {invoice.number} is not in the store")
    problem = pdf_problem(pdf, frozenset({invoice.sha256 or ""}))
    if problem is not None:  # a later rendition may have taken its place
        stored = ports.documents.stored_pdf(invoice.invoice_id)
        problem = pdf_problem(pdf, stored.accepted) if stored else problem
    if problem is not None:
        raise MailRefused(
            f"the PDF of {invoice.number} in the store is not what was issued: {problem}"
        )
    return pdf


def written(invoice: Invoice, pdf: bytes, link: SignedLink, kind: type[Content]) -> Content:
    """A path in a folder is no link for a customer: it has no seconds, and is left out."""
    snapshot = invoice.snapshot
    opens = link.seconds is not None
    return kind(
        language=language_of(snapshot.locale),
        name=snapshot.buyer.name or snapshot.buyer.company,
        specimen=snapshot.specimen,
        snapshot=snapshot,
        pdf=pdf,
        link=link.url if opens else "",
        link_seconds=link.seconds or 0,
    )


def _sample(sampling: Sampling, invoice: Invoice, kind: type[Content]) -> Content:
    link = SignedLink("https://invoices.example/sample.pdf?signature=sample&for=7d", LONGEST_LINK)
    return written(invoice, b"%PDF-1.7\n", link, kind)
