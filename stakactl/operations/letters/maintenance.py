"""The notices of a maintenance and of its end, as they were queued."""

from datetime import timedelta
from typing import TypeVar

from stakactl.domain.letters import Language
from stakactl.domain.letters.maintenance import Announcement, MaintenanceEnd, MaintenanceNotice
from stakactl.domain.mail import QueuedMail
from stakactl.domain.notices import notice_of
from stakactl.errors import MailRefused, MailWithdrawn
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports

Content = TypeVar("Content", bound=Announcement)


def read_notice(ports: Ports, mail: QueuedMail) -> MaintenanceNotice:
    """Raises MailWithdrawn once the maintenance that it names is over: nobody hears of it
    afterwards."""
    notice_id, flag = notice_of(mail.subject_id), ports.maintenance.last()
    on = flag.notice_id if flag is not None and flag.stands(ports.clock.now()) else None
    if notice_id and notice_id != on:
        raise MailWithdrawn("the maintenance was over before it was sent")
    return _read(mail, MaintenanceNotice)


def read_end(ports: Ports, mail: QueuedMail) -> MaintenanceEnd:
    return _read(mail, MaintenanceEnd)


def notice_samples(sampling: Sampling) -> tuple[MaintenanceNotice, ...]:
    return (_sample(sampling, MaintenanceNotice),)


def end_samples(sampling: Sampling) -> tuple[MaintenanceEnd, ...]:
    return (_sample(sampling, MaintenanceEnd),)


def _read(mail: QueuedMail, kind: type[Content]) -> Content:
    try:
        return kind.from_details(mail.details)
    except (KeyError, ValueError) as error:
        raise MailRefused(f"mail {mail.mail_id} does not say what to announce") from error


def _sample(sampling: Sampling, kind: type[Content]) -> Content:
    french = sampling.language is Language.FRENCH
    return kind(
        language=sampling.language,
        name=sampling.buyer.name,
        starts_at=sampling.now,
        ends_at=sampling.now + timedelta(hours=2),
        reason="mise à jour du paiement" if french else "an update of our payment pages",
    )
