"""Tell customers that the service is closed for a while, and that it is open again.

A notice is a row of the outbox, one per maintenance and person, so that whatever is typed again
tells nobody twice. Notices leave during maintenance, when all other mail waits; one that is still
in the queue when it is over is withdrawn. The end is told to those whom the first may have reached.
"""

from collections.abc import Sequence
from datetime import datetime

from stakactl.domain.letters import language_of
from stakactl.domain.letters.maintenance import MaintenanceEnd, MaintenanceNotice
from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.domain.notices import Recipient, notice_subject
from stakactl.domain.runs import Mode
from stakactl.errors import Refused
from stakactl.operations.mail import SendReport, send_outbox
from stakactl.operations.ports import Ports
from stakactl.operations.reminders import mailing_since

_MAY_HAVE_IT = (MailStatus.SENT, MailStatus.UNKNOWN, MailStatus.SENDING)


def audience(ports: Ports, since: datetime) -> tuple[Recipient, ...]:
    """Who would be told: nobody who was last here before MAIL_SINCE. Raises Refused where they are
    more than NIGHTLY_MAX_MAILS, before the first is."""
    found = tuple(ports.audience.lately(max(since, mailing_since(ports))))
    ceiling = ports.policy.nightly_max_mails
    if len(found) > ceiling:
        raise Refused(
            f"{len(found)} customers would be told, more than NIGHTLY_MAX_MAILS ({ceiling}): "
            "nobody was",
            hint="a shorter --notify-since, such as 7d; or raise NIGHTLY_MAX_MAILS",
        )
    return found


def queue_notices(
    ports: Ports,
    notice_id: str,
    recipients: Sequence[Recipient],
    starts_at: datetime,
    ends_at: datetime | None,
) -> int:
    """How many were queued that were not before."""
    return ports.outbox.add_all(
        [_notice(ports, notice_id, each, starts_at, ends_at) for each in recipients],
        ports.clock.now(),
    )


def _notice(
    ports: Ports,
    notice_id: str,
    recipient: Recipient,
    starts_at: datetime,
    ends_at: datetime | None,
) -> NewMail:
    content = MaintenanceNotice(
        language=language_of(recipient.locale),
        name=recipient.name,
        specimen=ports.policy.mode is Mode.TEST,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    subject = notice_subject(notice_id, recipient.email)
    return NewMail(MailKind.MAINTENANCE, subject, recipient.email, details=content.details())


def queue_ends(ports: Ports, notice_id: str) -> int:
    """The same of the end, to those who may have the notice."""
    now = ports.clock.now()
    ends = []
    for notice in ports.outbox.notices(notice_id):
        if notice.status in _MAY_HAVE_IT:
            over = {**notice.details, "ends_at": now.isoformat()}
            details = MaintenanceEnd.from_details(over).details()
            kind = MailKind.MAINTENANCE_END
            ends.append(NewMail(kind, notice.subject_id, notice.recipient, details=details))
    return ports.outbox.add_all(ends, now)


def send_notices(ports: Ports, kind: MailKind, run_id: str) -> SendReport:
    """Those of one kind alone, at once."""
    return send_outbox(ports, run_id, kind)
