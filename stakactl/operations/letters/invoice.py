"""The letter of an invoice: its frozen content, and the PDF as it is stored."""

from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.letters import language_of
from stakactl.domain.letters.invoice import InvoiceLetter
from stakactl.domain.mail import QueuedMail
from stakactl.errors import MailRefused
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


def read(ports: Ports, mail: QueuedMail) -> InvoiceLetter:
    invoice = ports.invoices.get(mail.subject_id)
    if invoice is None:
        raise MailRefused(f"mail {mail.mail_id} is about an invoice that does not exist")
    pdf = ports.store.get(invoice.object_key)
    if pdf is None:
        raise MailRefused(f"the PDF of {invoice.number} is not in the store")
    return content(invoice.snapshot, pdf)


def samples(sampling: Sampling) -> tuple[InvoiceLetter, ...]:
    return (content(sampling.snapshot(), b"%PDF-1.7\n"),)


def content(snapshot: InvoiceSnapshot, pdf: bytes) -> InvoiceLetter:
    return InvoiceLetter(
        language=language_of(snapshot.locale),
        name=snapshot.buyer.name or snapshot.buyer.company,
        specimen=snapshot.specimen,
        snapshot=snapshot,
        pdf=pdf,
    )
