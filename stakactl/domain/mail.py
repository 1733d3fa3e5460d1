"""The outbox: a mail is a row that is written with its cause and sent afterwards, once.

Exactly-once is impossible over SMTP: where the answer to DATA is lost nobody knows whether the
server has the mail. Such a row becomes `unknown` and is never sent again without a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
#: How long a mail waits after each passing no. Greylisting lets in what comes again after some
#: minutes; RFC 5321 (4.5.4.1) wants at least four days of trying in all.
BACK_OFF = (5 * _MINUTE, 15 * _MINUTE, _HOUR, 4 * _HOUR, 12 * _HOUR, *[24 * _HOUR] * 4)


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
    CREDIT_NOTE = "credit-note"
    PAYMENT_NOTICE = "payment-notice"
    MAINTENANCE = "maintenance"
    MAINTENANCE_END = "maintenance-end"
    NIGHTLY_REPORT = "nightly-report"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to put into the outbox. `subject_id` is what it is about, such as an invoice id.

    `details` is what its letter says and the store does not hold elsewhere.
    """

    kind: MailKind
    subject_id: str
    recipient: str
    step: int = 0
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A row of the outbox, unique by (`kind`, `subject_id`, `step`).

    `subject_id` is the id of what the mail is about (an invoice id, a run id). `message_id` is
    derived from the unique key, so that the same mail has the same Message-ID for ever.
    `deferrals` counts the passing refusals since it was queued; `next_attempt_at` is when it may
    be tried again, None for at once.
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
    deferrals: int = 0
    next_attempt_at: datetime | None = None
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for a transport. All header fields are plain text without line breaks.

    `reply_to` is "" where answers go to the sender.
    """

    message_id: str
    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    sent_on: datetime
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()


def next_attempt(deferrals: int, now: datetime) -> datetime | None:
    """When a mail is tried again that was refused in passing for the `deferrals`-th time; None
    when it has been tried long enough."""
    return now + BACK_OFF[deferrals - 1] if deferrals <= len(BACK_OFF) else None


def not_queued(mail: NewMail, at: datetime) -> QueuedMail:
    """The row that a mail would be, for a letter that is only looked at."""
    return QueuedMail(
        mail_id=0,
        kind=mail.kind,
        subject_id=mail.subject_id,
        step=mail.step,
        recipient=mail.recipient,
        status=MailStatus.QUEUED,
        message_id="<preview@stakactl.invalid>",
        queued_at=at,
        sent_at=None,
        attempts=0,
        error=None,
        details=mail.details,
    )
