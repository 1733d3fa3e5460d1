"""Mail an invoice or a credit note once more, or to another address: a person's decision.

It is a mail of its own with a step and a Message-ID of its own; the earlier ones stay as they are.
"""

from dataclasses import dataclass, replace

from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.mail import Letter, NewMail, QueuedMail, not_queued
from stakactl.domain.runs import Outcome
from stakactl.errors import MailRefused, Refused
from stakactl.operations.invoice_files import known_invoice
from stakactl.operations.letters import read_content
from stakactl.operations.pdfs import customer_mail
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class SendInvoiceReport:
    """`earlier` are the mails that brought it before, newest first. Without `queued` it is a
    plan."""

    invoice: Invoice
    letter: Letter
    earlier: tuple[QueuedMail, ...]
    queued: QueuedMail | None = None
    run_id: str | None = None


def plan_send_invoice(ports: Ports, number: str, to: str | None) -> SendInvoiceReport:
    """Write the letter, queue nothing. Raises Refused where it cannot be written."""
    invoice = known_invoice(ports, number)
    if invoice.pdf_status is not PdfStatus.STORED:
        raise Refused(
            f"the PDF of {invoice.number} is not stored yet",
            hint="stakactl invoices upload stores it and queues its first mail",
        )
    mail = _mail(invoice, to)
    draft = not_queued(mail, ports.clock.now())
    try:
        letter = ports.letters.write(draft, read_content(ports, draft))
    except MailRefused as error:
        hint = "--to names another address: one, such as name@example.com"
        raise Refused(error.message, hint=hint) from error
    earlier = tuple(ports.outbox.about(mail.kind, mail.subject_id))
    return SendInvoiceReport(invoice, letter, earlier)


def send_invoice(ports: Ports, number: str, to: str | None) -> SendInvoiceReport:
    """Queue the mail under the next step. Raises Refused while an earlier one is on its way."""
    plan = plan_send_invoice(ports, number, to)
    with recorded_run(ports, "invoices send") as run:
        queued = ports.outbox.add_again(_mail(plan.invoice, to), ports.clock.now())
        run.ended(Outcome.OK, invoice=plan.invoice.number, mail=queued.mail_id)
    return replace(plan, queued=queued, run_id=run.run_id)


def _mail(invoice: Invoice, to: str | None) -> NewMail:
    mail = customer_mail(invoice)
    return mail if to is None else replace(mail, recipient=to)
