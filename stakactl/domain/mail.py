"""The outbox: a mail is a row that is written with its cause and sent afterwards, once.

Exactly-once is impossible over SMTP: where the answer to DATA is lost nobody knows whether the
server has the mail. Such a row becomes `unknown` and is never sent again without a person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailStatus(StrEnum):
    """`withdrawn`: before it was sent, what the mail says was no longer so."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


class MailKind(StrEnum):
    INVOICE = "invoice"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to put into the outbox. `subject_id` is what it is about, such as an invoice id."""

    kind: MailKind
    subject_id: str
    recipient: str
    step: int = 0


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A row of the outbox, unique by (`kind`, `subject_id`, `step`).

    `subject_id` is the id of what the mail is about (an invoice id, a run id). `message_id` is
    derived from the unique key, so that the same mail has the same Message-ID for ever.
    """

    mail_id: int
    kind: MailKind
    subject_id: str
    step: int
    recipient: str
    status: MailStatus
    message_id: str
    queued_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for a transport. All header fields are plain text without line breaks."""

    message_id: str
    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    sent_on: datetime
    attachments: tuple[Attachment, ...] = ()
