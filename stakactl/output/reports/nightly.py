"""The report of the night, on a terminal and kept under `reports/`."""

from collections import Counter

from stakactl.domain.mail import MailStatus
from stakactl.operations.nightly import NightlyReport
from stakactl.output.reports.alerts import alert_sections, alert_summary
from stakactl.output.reports.bridge import bridge_sections, bridge_summary
from stakactl.output.reports.findings import (
    CLASS_STYLES,
    COLUMNS,
    FindingItems,
    class_lines,
    count_lines,
    resolved_section,
)
from stakactl.output.reports.revenue import revenue_charts
from stakactl.output.view import Cell, Section, View

_STAGE_STYLES = {
    r"\bok\b": "green",
    r"\b(findings|pending|partial|refused)\b": "yellow",
    r"\bincomplete\b": "red",
}


def nightly_view(report: NightlyReport) -> View:
    sections = [Section("Stages", _stage_lines(report), _STAGE_STYLES)]
    sections += alert_sections(report.alerts)
    if report.repaired:
        repaired = Counter(str(finding.discrepancy) for finding in report.repaired)
        sections.append(Section("Repaired", count_lines(repaired)))
    if report.invoices and report.invoices.failed:
        lines = tuple(f"{item.subject}: {item.reason}" for item in report.invoices.failed[:6])
        sections.append(Section("Invoices that wait", lines))
    if report.remaining:
        sections.append(Section("What remains", class_lines(report.remaining), CLASS_STYLES))
    sections += resolved_section(report.resolved)
    sections += bridge_sections(report.bridge)
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary=nightly_summary(report),
        items=FindingItems(report.remaining),
        columns=COLUMNS,
        title=f"Night of {report.started_at:%Y-%m-%d}",
        brief=True,
        sections=tuple(sections),
        charts=revenue_charts(report.revenue) if report.revenue else (),
        notes=(*_reminder_notes(report), *_remaining_notes(report)),
    )


def _remaining_notes(report: NightlyReport) -> tuple[str, ...]:
    if report.remaining:
        return ("stakactl reconcile shows each finding",)
    return ("Nothing remains: every euro has its order, invoice, PDF and mail.",)


def _reminder_notes(report: NightlyReport) -> tuple[str, ...]:
    plan = report.reminders
    if plan is None or plan.is_open or not plan.count:
        return ()
    due = "1 reminder is" if plan.count == 1 else f"{plan.count} reminders are"
    return (f"{due} due: stakactl reminders send, from {plan.opens_at:%a %Y-%m-%d %H:%M} on",)


def nightly_summary(report: NightlyReport) -> dict[str, Cell]:
    invoices, mail = report.invoices, report.mail
    return {
        "orders": report.orders_read,
        "stripe_objects_read": sum(report.sync.listed.values()) if report.sync else 0,
        "repaired": len(report.repaired),
        "remaining": len(report.remaining),
        "resolved": report.resolved.count,
        "invoices_issued": len(invoices.issued) if invoices else 0,
        "invoices_resumed": len(invoices.resumed) if invoices else 0,
        "invoices_waiting": len(invoices.blocked) if invoices else 0,
        "pdfs_stored": invoices.stored if invoices else 0,
        "reminders_due": report.reminders.count if report.reminders else 0,
        "reminders_queued": report.reminders_queued,
        "mails_sent": mail.count(MailStatus.SENT) if mail else 0,
        "mails_not_sent": len(mail.results) - mail.count(MailStatus.SENT) if mail else 0,
        "unread": list(report.sync.unread) if report.sync else [],
        "stages": [
            {
                "name": stage.name,
                "outcome": stage.outcome,
                "milliseconds": round(stage.seconds * 1000),
                "error": stage.error,
            }
            for stage in report.stages
        ],
        **alert_summary(report.alerts),
        **bridge_summary(report.bridge),
    }


def _stage_lines(report: NightlyReport) -> tuple[str, ...]:
    lines = []
    for stage in report.stages:
        text = f"{stage.name:<12} {stage.outcome:<11} {stage.seconds:6.1f} s"
        lines.append(text)
        if stage.error:
            lines.append(f"  {stage.error}")
        if stage.hint:
            lines.append(f"  → {stage.hint}")
    return tuple(lines)
