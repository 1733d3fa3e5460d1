"""Raise and take down the maintenance flag, and what it refuses while it stands.

The store decides; the application's copy in Redis follows, and where it cannot be reached that is
a warning: the flag of the store stands all the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stakactl.domain.mail import MailKind
from stakactl.domain.maintenance import Maintenance
from stakactl.domain.runs import Outcome
from stakactl.errors import CopyError, Refused
from stakactl.operations.mail import SendReport
from stakactl.operations.notices import audience, queue_ends, queue_notices, send_notices
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """The flag that stands now, None where none does. `announced` says whether the application
    sees it, None where it has no copy or `warning` tells why that is not known. `told` customers
    are told by mail, None where nobody is to be; `mail` is what was sent."""

    flag: Maintenance | None
    announced: bool | None
    left: timedelta | None = None
    warning: str | None = None
    run_id: str | None = None
    told: int | None = None
    mail: SendReport | None = None

    @property
    def outcome(self) -> Outcome:
        return self.mail.outcome if self.mail else Outcome.OK


def maintenance_status(ports: Ports) -> MaintenanceReport:
    """What stands, and what the application sees of it."""
    now = ports.clock.now()
    flag = ports.maintenance.last()
    if flag is not None and not flag.stands(now):
        flag = None
    left = flag.left(now) if flag else None
    if ports.maintenance_copy is None:
        return MaintenanceReport(flag, None, left)
    try:
        return MaintenanceReport(flag, ports.maintenance_copy.is_announced(), left)
    except CopyError as error:
        return MaintenanceReport(flag, None, left, error.message)


def plan_maintenance(ports: Ports, notify_since: datetime | None) -> MaintenanceReport:
    """What stands, and how many customers would be told. Changes nothing."""
    _refuse_owned(ports.maintenance.last(), "a rollback raised it and keeps it up")
    told = len(audience(ports, notify_since)) if notify_since else None
    return replace(maintenance_status(ports), told=told)


def raise_maintenance(
    ports: Ports,
    reason: str,
    raised_by: str,
    lasts: timedelta,
    notify_since: datetime | None = None,
) -> MaintenanceReport:
    """Raise the flag, or raise it anew with another reason and a new end. With `notify_since`,
    customers who were here since then are told, each once, however often it is raised anew."""
    seen, now = ports.maintenance.last(), ports.clock.now()
    _refuse_owned(seen, "a rollback raised it and keeps it up")
    recipients = audience(ports, notify_since) if notify_since else ()
    with recorded_run(ports, "maintenance on", in_maintenance=True) as run:
        notice_id = seen.notice_id if seen is not None and seen.stands(now) else None
        if notify_since is not None:
            notice_id = notice_id or run.run_id
        flag = Maintenance(reason, raised_by, now, now + lasts, notice_id=notice_id)
        warning = _swap(ports, seen, flag)
        mail = None
        if notify_since is not None and notice_id is not None:
            queue_notices(ports, notice_id, recipients, now, flag.until)
            mail = send_notices(ports, MailKind.MAINTENANCE, run.run_id)
        run.ended(mail.outcome if mail else Outcome.OK, told=len(recipients))
    told = len(recipients) if notify_since else None
    status = maintenance_status(ports)
    return replace(status, warning=warning, run_id=run.run_id, told=told, mail=mail)


def end_maintenance(ports: Ports) -> MaintenanceReport:
    """Take the flag down; where none stands only the application's copy is withdrawn. Those who
    were told of it are told that it is over."""
    seen = ports.maintenance.last()
    _refuse_owned(seen, "a rollback raised it")
    with recorded_run(ports, "maintenance off", in_maintenance=True) as run:
        notice_id = seen.notice_id if seen else None
        told = queue_ends(ports, notice_id) if notice_id else None
        warning = _swap(ports, seen, None)
        mail = send_notices(ports, MailKind.MAINTENANCE_END, run.run_id) if notice_id else None
        run.ended(mail.outcome if mail else Outcome.OK, told=told or 0)
    status = maintenance_status(ports)
    return replace(status, warning=warning, run_id=run.run_id, told=told, mail=mail)


def _refuse_owned(seen: Maintenance | None, why: str) -> None:
    if seen is not None and seen.owner is not None:
        raise Refused(
            f"maintenance belongs to the rollback {seen.owner}: {why}",
            hint="stakactl rollback resume brings everything back",
        )


def _swap(ports: Ports, seen: Maintenance | None, flag: Maintenance | None) -> str | None:
    """What went wrong with the application's copy, or None."""
    if not ports.maintenance.swap(seen, flag):
        raise Refused("somebody else changed it meanwhile", hint="stakactl maintenance status")
    return copy_flag(ports, flag)


def copy_flag(ports: Ports, flag: Maintenance | None) -> str | None:
    """Tell the application; what went wrong there, or None."""
    if ports.maintenance_copy is None:
        return None
    try:
        if flag is None:
            ports.maintenance_copy.withdraw()
        else:
            ports.maintenance_copy.announce(flag.left(ports.clock.now()))
    except CopyError as error:
        return error.message
    return None
