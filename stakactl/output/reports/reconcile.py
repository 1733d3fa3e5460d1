"""The report of `reconcile`."""

import shlex
from collections import Counter
from dataclasses import replace

from stakactl.domain.findings import FindingState, FixState
from stakactl.operations.plan_files import ApplyReport
from stakactl.operations.reconcile import ReconcileReport
from stakactl.output.reports.bridge import bridge_sections, bridge_summary
from stakactl.output.reports.findings import (
    COLUMNS,
    FindingItems,
    count_lines,
    finding_item,
    hint_lines,
    resolved_section,
)
from stakactl.output.view import Section, View

#: What became of each repair is what matters here.
_APPLIED = tuple(replace(c, priority=0) if c.key == "fix" else c for c in COLUMNS)


def reconcile_view(report: ReconcileReport) -> View:
    findings = report.findings
    told = Counter[str]()
    fates = {FixState.PLANNED: Counter[str](), FixState.APPLIED: Counter[str]()}
    for finding in findings:
        told["new"] += finding.state is FindingState.NEW
        told["planned"] += finding.fix is FixState.PLANNED
        if finding.fix in fates:
            fates[finding.fix][str(finding.discrepancy)] += 1
    notes = []
    if told["planned"]:
        notes.append(
            f"stakactl reconcile --fix repairs {told['planned']} of them; nothing was changed yet"
        )
    repairs = [
        Section(title, count_lines(fates[fate]))
        for fate, title in ((FixState.APPLIED, "Repaired"), (FixState.PLANNED, "Can be repaired"))
        if fates[fate]
    ]
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
            **bridge_summary(report.bridge),
        },
        items=FindingItems(findings),
        columns=COLUMNS,
        title="Findings",
        sections=(
            *repairs,
            *what_to_do,
            *resolved_section(report.resolved),
            *bridge_sections(report.bridge),
        ),
        notes=tuple(notes),
        labels={"bridge_missing": "bridge"},
        empty="Nothing differs: orders, Stripe and invoices agree.",
    )


def plan_view(report: ReconcileReport, path: str, sha256: str) -> View:
    """A reconciliation whose plan was written for review."""
    view = reconcile_view(report)
    planned = sum(finding.fix is FixState.PLANNED for finding in report.findings)
    repairs = "repair" if planned == 1 else "repairs"
    return replace(
        view,
        summary={**view.summary, "plan_file": path, "plan_sha256": sha256},
        notes=(
            f"{path} names {planned} {repairs}; nothing was changed yet.",
            f"stakactl reconcile --apply {shlex.quote(path)} makes exactly these",
        ),
        labels={**view.labels, "plan_sha256": "plan SHA-256"},
    )


def apply_view(report: ApplyReport) -> View:
    """What became of each repair of a plan."""
    findings = [fate.finding for fate in report.fates]
    counts = Counter(finding.fix for finding in findings)
    skipped: dict[str, list[str]] = {}
    for fate in report.fates:
        if fate.reason is not None:
            skipped.setdefault(fate.reason, []).append(fate.finding.subject)
    lines = (f"{', '.join(subjects)}: {why}" for why, subjects in skipped.items())
    notes = []
    if counts[FixState.PLANNED]:
        notes.append("Nothing was changed yet; without --dry-run these are repaired.")
    if any(fate.reason and fate.stands for fate in report.fates):
        notes.append("stakactl reconcile shows what stands now")
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "orders": len({finding.order_id for finding in findings if finding.order_id}),
            "findings": len(findings),
            "new": sum(finding.state is FindingState.NEW for finding in findings),
            "planned": counts[FixState.PLANNED],
            "applied": counts[FixState.APPLIED],
            "skipped": counts[FixState.SKIPPED],
            "unread": list(report.unread),
            "bridge": [],
            "bridge_missing": None,
            "plan_of_run": report.plan.run_id,
            "plan_made_at": report.plan.created_at,
            "reasons": [{"reason": why, "of": subjects} for why, subjects in skipped.items()],
        },
        items=[finding_item(finding) for finding in findings],
        columns=_APPLIED,
        title="Repairs of the plan",
        sections=(Section("Not done", tuple(lines)),) if skipped else (),
        notes=tuple(notes),
        empty="The plan names no repair.",
    )
