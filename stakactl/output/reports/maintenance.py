"""The report of the `maintenance` commands."""

from typing import TYPE_CHECKING

from stakactl.domain.mail import MailStatus
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.maintenance import MaintenanceReport


def maintenance_view(report: "MaintenanceReport", *, dry_run: bool = False) -> View:
    """Findings never come of it: a flag that stands is what somebody wanted."""
    flag = report.flag
    return View(
        run_id=report.run_id,
        outcome=report.outcome,
        title="Maintenance (nothing is changed yet)" if dry_run else "Maintenance",
        summary={
            "maintenance": "on" if flag else "off",
            "reason": flag.reason if flag else None,
            "raised_by": flag.raised_by if flag else None,
            "since": flag.since if flag else None,
            "until": flag.until if flag else None,
            "seconds_left": None if report.left is None else int(report.left.total_seconds()),
            "rollback": flag.owner if flag else None,
            "application": _application(report),
            "told": report.told,
            "mails_sent": report.mail.count(MailStatus.SENT) if report.mail else None,
            "dry_run": dry_run,
        },
        notes=_notes(report),
    )


def _application(report: "MaintenanceReport") -> str:
    """What the application finds in Redis."""
    if report.announced is None:
        return "not known" if report.warning else "not told (REDIS_URL is not set)"
    return "in maintenance" if report.announced else "working"


def _notes(report: "MaintenanceReport") -> tuple[str, ...]:
    waits = report.mail is not None and report.mail.count(MailStatus.SENT) < len(
        report.mail.results
    )
    if report.mail is not None and (waits or report.mail.stopped):
        why = report.mail.stopped or "see stakactl mail list"
        return (f"Not every mail left ({why}): stakactl mail send tries those that wait",)
    flag, announced = report.flag, report.announced
    if flag is not None and flag.owner is not None:
        return ("stakactl rollback resume ends it",)
    if flag is not None and announced is False:
        return ("The application does not know of it: stakactl maintenance on tells it again",)
    if flag is not None:
        return ("stakactl maintenance off ends it",)
    if announced:
        return ("The application still thinks that it is on: stakactl maintenance off",)
    return ()
