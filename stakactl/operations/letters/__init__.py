"""From a row of the outbox to the content of its letter: one reader per kind of mail.

A new kind is a content in `domain/letters`, a module here that reads it and makes samples of it,
its line in `_KINDS`, the values for its templates in `adapters/mail/values`, and the templates.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import MailKind, QueuedMail
from stakactl.operations.letters import invoice, reminder
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class KindOfLetter:
    """`read` gathers what the letter of a mail says. It raises MailRefused where there is nothing
    to say for ever, MailWithdrawn where the mail is no longer wanted, and any other error where
    it cannot be known now.

    `samples` are contents of invented data, one for each wording of the kind.
    """

    read: Callable[[Ports, QueuedMail], LetterContent]
    samples: Callable[[Sampling], tuple[LetterContent, ...]]


_KINDS: Mapping[MailKind, KindOfLetter] = {
    MailKind.INVOICE: KindOfLetter(invoice.read, invoice.samples),
    MailKind.REMINDER: KindOfLetter(reminder.read, reminder.samples),
}


def read_content(ports: Ports, mail: QueuedMail) -> LetterContent:
    return _KINDS[mail.kind].read(ports, mail)


def sample_contents(sampling: Sampling, kind: MailKind | None = None) -> Iterator[LetterContent]:
    """Samples of one kind, or of all."""
    for wanted in MailKind if kind is None else (kind,):
        yield from _KINDS[wanted].samples(sampling)
