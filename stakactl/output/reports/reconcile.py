"""The report of `reconcile`."""

from collections import Counter

from stakactl.domain.findings import FindingState, FixState
from stakactl.operations.reconcile import ReconcileReport
from stakactl.output.reports.findings import (
    COLUMNS,
    FindingItems,
    hint_lines,
    resolved_section,
)
from stakactl.output.view import Section, View


def reconcile_view(report: ReconcileReport) -> View:
    findings = report.findings
    told = Counter[str]()
    for finding in findings:
        told["new"] += finding.state is FindingState.NEW
        told["planned"] += finding.fix is FixState.PLANNED
    notes = []
    if told["planned"]:
        notes.append(
            f"stakactl reconcile --fix repairs {told['planned']} of them; nothing was changed yet"
        )
    what_to_do = (Section("What to do", hint_lines(findings)),) if findings else ()
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "orders": report.orders_read,
            "findings": len(findings),
            "new": told["new"],
            "resolved": report.resolved.count,
            "planned": told["planned"],
            "applied": len(report.changes),
            "unread": list(report.unread),
        },
        items=FindingItems(findings),
        columns=COLUMNS,
        title="Findings",
        sections=(*what_to_do, *resolved_section(report.resolved)),
        notes=tuple(notes),
        empty="Nothing differs: orders, Stripe and invoices agree.",
    )
