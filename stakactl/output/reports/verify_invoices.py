"""The report of `invoices verify`."""

from typing import TYPE_CHECKING

from stakactl.output.reports.findings import COLUMNS, finding_item, hint_lines
from stakactl.output.view import Section, View

if TYPE_CHECKING:
    from stakactl.operations.verify_invoices import VerifyReport


def verify_view(report: "VerifyReport") -> View:
    findings = report.findings
    return View(
        outcome=report.outcome,
        summary={
            "invoices": report.invoices,
            "waiting": report.waiting,
            "findings": len(findings),
            "explained": report.lost,
            "unread": list(report.unread),
        },
        items=[finding_item(finding) for finding in findings],
        columns=COLUMNS,
        title="Findings",
        sections=(Section("What to do", hint_lines(findings)),) if findings else (),
        notes=_notes(report),
        empty="Nothing is wrong with what could be read."
        if report.unread
        else "Numbers, sums, payments, PDFs and the XML inside them hold.",
    )


def _notes(report: "VerifyReport") -> tuple[str, ...]:
    waits = ("stakactl invoices upload stores the PDFs that wait",) if report.waiting else ()
    lost = (
        f"{report.lost} numbers were issued before a restore and are not in the book: "
        "stakactl backup thaw shows them",
    )
    return (*waits, *lost) if report.lost else waits
