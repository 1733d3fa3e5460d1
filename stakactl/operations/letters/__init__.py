"""From a row of the outbox to the content of its letter: one reader per kind of mail.

A new kind is a content in `domain/letters`, a module here that reads it and makes samples of it,
its line in `_KINDS`, the values for its templates in `adapters/mail/values`, and the templates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import MailKind, NewMail, QueuedMail
from stakactl.errors import UsageError
from stakactl.operations.letters import (
    alert,
    invoice,
    maintenance,
    nightly_report,
    payment_notice,
    reminder,
)
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class KindOfLetter:
    """`read` gathers what the letter of a mail says. It raises MailRefused where there is nothing
    to say for ever, MailWithdrawn where the mail is no longer wanted, and any other error where
    it cannot be known now.

    `samples` are contents of invented data, one for each wording of the kind. `of_order` is the
    mail that an order has or would have; None for a kind that is about no order. It raises
    NotFound where the order has nothing to tell of.
    """

    read: Callable[[Ports, QueuedMail], LetterContent]
    samples: Callable[[Sampling], tuple[LetterContent, ...]]
    of_order: Callable[[Ports, str], NewMail] | None = None


_KINDS: Mapping[MailKind, KindOfLetter] = {
    MailKind.INVOICE: KindOfLetter(
        invoice.read_invoice, invoice.invoice_samples, invoice.invoice_mail
    ),
    MailKind.CREDIT_NOTE: KindOfLetter(
        invoice.read_credit_note, invoice.credit_note_samples, invoice.credit_note_mail
    ),
    MailKind.PAYMENT_NOTICE: KindOfLetter(
        payment_notice.read, payment_notice.samples, payment_notice.mail
    ),
    MailKind.MAINTENANCE: KindOfLetter(maintenance.read_notice, maintenance.notice_samples),
    MailKind.MAINTENANCE_END: KindOfLetter(maintenance.read_end, maintenance.end_samples),
    MailKind.NIGHTLY_REPORT: KindOfLetter(nightly_report.read, nightly_report.samples),
    MailKind.ALERT: KindOfLetter(alert.read, alert.samples),
    MailKind.REMINDER: KindOfLetter(reminder.read, reminder.samples),
}


def read_content(ports: Ports, mail: QueuedMail) -> LetterContent:
    return _KINDS[mail.kind].read(ports, mail)


def sample_contents(sampling: Sampling, kind: MailKind | None = None) -> Iterator[LetterContent]:
    """Samples of one kind, or of all."""
    for wanted in MailKind if kind is None else (kind,):
        yield from _KINDS[wanted].samples(sampling)


def mail_of_order(ports: Ports, kind: MailKind, order: str) -> NewMail:
    """The mail of a kind that an order has or would have. Raises UsageError, NotFound."""
    of_order = _KINDS[kind].of_order
    if of_order is None:
        raise UsageError(f"{kind} is about no order", hint="leave --order out for sample data")
    return of_order(ports, order)
