"""One mail of the outbox: its letter, its way out, and what became of it.

While a mail server thinks about a mail, the next letter is written: that is most of the work.
"""

from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.mail import Letter, MailStatus, QueuedMail, next_attempt
from stakactl.errors import (
    MailDeferred,
    MailError,
    MailRefused,
    MailUncertain,
    MailWithdrawn,
    ServiceError,
    StakactlError,
)
from stakactl.operations.letters import read_content
from stakactl.operations.ports import Ports

#: After so many PDFs that could not be read the store is taken for down.
MAX_UNREADABLE = 3


@dataclass(frozen=True, slots=True)
class MailResult:
    mail_id: int
    recipient: str
    status: MailStatus
    error: str | None = None
    next_attempt_at: datetime | None = None


@dataclass(slots=True)
class Sending:
    """A run's mails so far. `written` are letters of mails whose turn comes next, or why there is
    none."""

    results: list[MailResult] = field(default_factory=list)
    stopped: str | None = None
    unreadable: int = 0
    written: dict[int, Letter | Exception] = field(default_factory=dict)


def settle(
    ports: Ports,
    mail: QueuedMail,
    status: MailStatus,
    sending: Sending,
    error: str | None = None,
) -> None:
    ports.outbox.settle(mail.mail_id, status, ports.clock.now(), error)
    sending.results.append(MailResult(mail.mail_id, mail.recipient, status, error))


def send_one(ports: Ports, mail: QueuedMail, sending: Sending, upcoming: QueuedMail | None) -> None:
    """Send a claimed mail, and write the letter of the upcoming one meanwhile. Until the transport
    has it, any failure puts it back into the queue."""
    letter = _letter(ports, mail, sending)
    if letter is None:
        return

    def meanwhile() -> None:
        if upcoming is not None:
            sending.written[upcoming.mail_id] = following = _written(ports, upcoming)
            if isinstance(following, Letter):
                ports.mailer.prepare(following)

    try:
        ports.mailer.send(letter, meanwhile)
    except MailRefused as error:
        settle(ports, mail, MailStatus.FAILED, sending, error.message)
    except MailDeferred as error:
        _defer(ports, mail, sending, error.message)
    except MailUncertain as error:
        settle(ports, mail, MailStatus.UNKNOWN, sending, error.message)
    except MailError as error:
        settle(ports, mail, MailStatus.QUEUED, sending, error.message)
        sending.stopped = error.message
    else:
        settle(ports, mail, MailStatus.SENT, sending)


def _written(ports: Ports, mail: QueuedMail) -> Letter | Exception:
    """Whatever goes wrong is told when it is this mail's turn."""
    try:
        return ports.letters.write(mail, read_content(ports, mail))
    except Exception as error:
        return error


def _letter(ports: Ports, mail: QueuedMail, sending: Sending) -> Letter | None:
    """None: there is none, and the mail is settled."""
    written = sending.written.pop(mail.mail_id, None) or _written(ports, mail)
    if isinstance(written, Letter):
        return written
    if isinstance(written, MailRefused):
        settle(ports, mail, MailStatus.FAILED, sending, written.message)
    elif isinstance(written, MailWithdrawn):
        settle(ports, mail, MailStatus.WITHDRAWN, sending, written.message)
    elif isinstance(written, StakactlError):
        settle(ports, mail, MailStatus.QUEUED, sending, written.message)
        if not isinstance(written, ServiceError):
            raise written  # settings or templates: the next mail would fail as well
        sending.unreadable += 1
        if sending.unreadable >= MAX_UNREADABLE:
            sending.stopped = written.message
    else:
        raise written
    return None


def _defer(ports: Ports, mail: QueuedMail, sending: Sending, error: str) -> None:
    until = next_attempt(mail.deferrals + 1, ports.clock.now())
    if until is None:
        given_up = f"given up after {mail.deferrals + 1} refusals; the last: {error}"
        settle(ports, mail, MailStatus.FAILED, sending, given_up)
        return
    ports.outbox.defer(mail.mail_id, error, until)
    queued = MailStatus.QUEUED
    sending.results.append(MailResult(mail.mail_id, mail.recipient, queued, error, until))
