"""The letters of an invoice and of a credit note: the frozen content, and the PDF as issued."""

from typing import TypeVar

from stakactl.domain.documents import LONGEST_LINK, pdf_problem
from stakactl.domain.invoicing import Invoice
from stakactl.domain.letters import language_of
from stakactl.domain.letters.invoice import CreditNoteLetter, DocumentLetter, InvoiceLetter
from stakactl.domain.mail import QueuedMail
from stakactl.errors import MailRefused
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
    stored = ports.documents.stored_pdf(invoice.invoice_id)
    problem = pdf_problem(pdf, stored.accepted if stored else frozenset({invoice.sha256 or ""}))
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
