"""Raise and take down the maintenance flag, and what it refuses while it stands.

The store decides; the application's copy in Redis follows, and where it cannot be reached that is
a warning: the flag of the store stands all the same.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from stakactl.domain.maintenance import Maintenance
from stakactl.domain.runs import Outcome
from stakactl.errors import CopyError, Refused
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """The flag that stands now, None where none does. `announced` says whether the application
    sees it, None where it has no copy or `warning` tells why that is not known."""

    flag: Maintenance | None
    announced: bool | None
    left: timedelta | None = None
    warning: str | None = None
    run_id: str | None = None


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


def raise_maintenance(
    ports: Ports, reason: str, raised_by: str, lasts: timedelta
) -> MaintenanceReport:
    """Raise the flag, or raise it anew with another reason and a new end."""
    seen, now = ports.maintenance.last(), ports.clock.now()
    _refuse_owned(seen, "a rollback raised it and keeps it up")
    flag = Maintenance(reason, raised_by, now, now + lasts)
    return _replace(ports, "maintenance on", seen, flag)


def end_maintenance(ports: Ports) -> MaintenanceReport:
    """Take the flag down; where none stands only the application's copy is withdrawn."""
    seen = ports.maintenance.last()
    _refuse_owned(seen, "a rollback raised it")
    return _replace(ports, "maintenance off", seen, None)


def _refuse_owned(seen: Maintenance | None, why: str) -> None:
    if seen is not None and seen.owner is not None:
        raise Refused(
            f"maintenance belongs to the rollback {seen.owner}: {why}",
            hint="stakactl rollback resume brings everything back",
        )


def _replace(
    ports: Ports, command: str, seen: Maintenance | None, flag: Maintenance | None
) -> MaintenanceReport:
    with recorded_run(ports, command, in_maintenance=True) as run:
        if not ports.maintenance.swap(seen, flag):
            raise Refused("somebody else changed it meanwhile", hint="stakactl maintenance status")
        warning = copy_flag(ports, flag)
        run.ended(Outcome.OK)
    return replace(maintenance_status(ports), warning=warning, run_id=run.run_id)


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
