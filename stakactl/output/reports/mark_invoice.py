"""The report of `invoices mark`."""

from typing import TYPE_CHECKING

from stakactl.domain.invoice_status import status_of
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.mark_invoice import MarkReport


def mark_view(report: "MarkReport") -> View:
    return View(
        run_id=report.run_id,
        summary={
            "number": report.after.number,
            "status": status_of(report.after.moments, report.now),
            "was": status_of(report.before.moments, report.now),
            "paid_at": report.after.moments.paid_at,
            "dry_run": report.run_id is None,
        },
    )
