"""The report of `customers sync`."""

from collections import Counter
from collections.abc import Iterator

from stakactl.domain.findings import FindingState, FixState
from stakactl.operations.customers.changed import ObjectChange
from stakactl.operations.customers.sync import CustomerSyncReport
from stakactl.output.reports.customer_items import called
from stakactl.output.reports.findings import COLUMNS, FindingItems, count_lines, hint_lines
from stakactl.output.view import Cell, Section, View

#: So many changed objects are told one by one; -o json has them all.
_MOST = 10
_STYLES = {r"^new ": "green", r"^gone ": "yellow"}


def sync_view(report: CustomerSyncReport) -> View:
    findings = report.findings
    fates = {
        fate: Counter(str(f.discrepancy) for f in findings if f.fix is fate)
        for fate in (FixState.APPLIED, FixState.PLANNED)
    }
    planned = sum(fates[FixState.PLANNED].values())
    name = report.identity.name
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "customer": name,
            "known_by": report.identity.kind,
            "stripe_customers": list(report.identity.stripe_ids),
            "objects_read": sum(report.read.values()),
            "read": [{"kind": kind, "objects": count} for kind, count in report.read.items()],
            "objects_changed": len(report.changed),
            "changed": [_change_item(change) for change in report.changed],
            "orders": report.orders,
            "findings": len(findings),
            "new": sum(finding.state is FindingState.NEW for finding in findings),
            "planned": planned,
            "applied": len(report.changes),
            "unread": list(report.unread),
        },
        items=FindingItems(findings),
        columns=COLUMNS,
        title=f"Customer {name}, read again",
        sections=(
            *_changed_section(report.changed),
            *(
                Section(title, count_lines(fates[fate]))
                for fate, title in (
                    (FixState.APPLIED, "Repaired"),
                    (FixState.PLANNED, "Can be repaired"),
                )
                if fates[fate]
            ),
            *([Section("What to do", hint_lines(findings))] if findings else []),
        ),
        notes=tuple(_notes(report, planned)),
        empty="Nothing differs between this customer's orders, Stripe and the invoices."
        if report.orders
        else "There is no order to compare.",
    )


def _notes(report: CustomerSyncReport, planned: int) -> Iterator[str]:
    if planned:
        name = called(report.identity)
        yield f"stakactl customers sync {name} --fix repairs {planned} of them"
    if any(finding.fix is FixState.SKIPPED for finding in report.findings):
        yield (
            "What was skipped changed meanwhile, or is younger than the last whole sync:"
            " stakactl reconcile --fix reads everything first"
        )


def _changed_section(changed: tuple[ObjectChange, ...]) -> tuple[Section, ...]:
    if not changed:
        return (Section("The local copy", ("Stripe has nothing that was not known.",)),)
    lines = [_change_line(change) for change in changed[:_MOST]]
    more = len(changed) - len(lines)
    lines += [f"and {more} more with -o json"] if more else []
    return (Section("Changed in the local copy", tuple(lines), _STYLES),)


def _change_line(change: ObjectChange) -> str:
    what = f"{change.kind} {change.object_id}"
    if change.before is None:
        return f"new {what}: {change.after}"
    if change.after is None:
        return f"gone {what}: was {change.before}"
    return f"{what}: {change.before} → {change.after}"


def _change_item(change: ObjectChange) -> dict[str, Cell]:
    return {
        "kind": change.kind,
        "id": change.object_id,
        "before": change.before,
        "after": change.after,
    }
