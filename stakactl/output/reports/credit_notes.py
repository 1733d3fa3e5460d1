"""The report of `invoices credit` and `invoices cancel`."""

from typing import TYPE_CHECKING

from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.credit_notes import CreditReport


def credit_view(report: "CreditReport") -> View:
    """`state` says whether the PDF of the note is stored; None where there is no note."""
    note, problem = report.note, report.problem
    planned = report.run_id is None
    state = "planned" if planned else None if note is None else "queued" if problem else "stored"
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "number": note.number if note else None,
            "invoice": report.invoice.number,
            "amount": report.amount,
            "left": report.left,
            "state": state,
            "cancelled": report.cancel and not planned,
            "reason": problem.message if problem else None,
            "invoiced_again": report.invoiced_again,
            "dry_run": planned,
        },
        notes=_notes(report),
    )


def _notes(report: "CreditReport") -> tuple[str, ...]:
    again = (_again(report),) if report.invoiced_again else ()
    if report.run_id is None or report.note is None:
        return again
    if report.problem is not None:
        return ("stakactl invoices upload stores its PDF when the store answers", *again)
    return (f"stakactl invoices pdf {report.note.number} fetches it for the customer", *again)


def _again(report: "CreditReport") -> str:
    return (
        f"order {report.invoice.order_id} is still paid: the next invoices generate (nightly too) "
        "issues a new invoice for it, as the order is then; correct the order first"
    )
