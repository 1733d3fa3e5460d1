"""The report of `reconcile`."""

from stakactl.domain.findings import FindingState, FixState
from stakactl.operations.reconcile import ReconcileReport
from stakactl.output.reports.bridge import bridge_sections, bridge_summary
from stakactl.output.reports.findings import COLUMNS, finding_item, hint_lines
from stakactl.output.view import Section, View


def reconcile_view(report: ReconcileReport) -> View:
    findings = report.findings
    planned = sum(finding.fix is FixState.PLANNED for finding in findings)
    notes = []
    if planned:
        notes.append(f"stakactl reconcile --fix repairs {planned} of them; nothing was changed yet")
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "orders": report.orders_read,
            "findings": len(findings),
            "new": sum(finding.state is FindingState.NEW for finding in findings),
            "planned": planned,
            "applied": len(report.changes),
            "unread": list(report.unread),
            **bridge_summary(report.bridge),
        },
        items=[finding_item(finding) for finding in findings],
        columns=COLUMNS,
        title="Findings",
        sections=(
            *((Section("What to do", hint_lines(findings)),) if findings else ()),
            *bridge_sections(report.bridge),
        ),
        notes=tuple(notes),
        empty="Nothing differs: orders, Stripe and invoices agree.",
    )
