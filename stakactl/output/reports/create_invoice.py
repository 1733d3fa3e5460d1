"""The report of `invoices create`: what stands on the page, line by line."""

from typing import TYPE_CHECKING

from stakactl.domain.invoicing import InvoiceSnapshot, PdfStatus
from stakactl.output.view import Cell, Column, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.create_invoice import CreateReport

LINES = (
    Column("title", "line", min_width=20),
    Column("quantity", "quantity", Kind.NUMBER, priority=1),
    Column("vat_rate", "VAT %", Kind.NUMBER),
    Column("net", "HT", Kind.MONEY),
    Column("vat", "TVA", Kind.MONEY, priority=2),
    Column("amount", "TTC", Kind.MONEY),
)


def create_view(report: "CreateReport", *, dry_run: bool = False) -> View:
    """`state` says what became of it: planned, queued (its PDF waits) or stored."""
    snapshot = report.snapshot
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "number": snapshot.number or None,
            "reference": snapshot.reference,
            "state": _state(report),
            "issued_before": report.issued_before,
            **_content(snapshot),
            "by_mail": report.by_mail,
            "reason": report.problem.message if report.problem else None,
            "dry_run": dry_run,
        },
        items=[
            {
                "title": line.title,
                "quantity": line.quantity,
                "vat_rate": line.vat_rate,
                "net": line.net,
                "vat": line.amount - line.net,
                "amount": line.amount,
            }
            for line in snapshot.lines
        ],
        columns=LINES,
        title=_title(report),
        labels={"total_net": "total HT", "total_vat": "total TVA", "total": "total TTC"},
        sections=_sections(report),
        notes=_notes(report),
    )


def _content(snapshot: InvoiceSnapshot) -> dict[str, Cell]:
    buyer, payment, period = snapshot.buyer, snapshot.payment, snapshot.period
    return {
        "buyer": buyer.company or buyer.name,
        "issued_on": snapshot.issued_on,
        "period_from": period.first if period else None,
        "period_to": period.last if period else None,
        "paid_at": payment.paid_at if payment else None,
        "paid_by": payment.method if payment else None,
        "due_on": snapshot.due_on,
        "total_net": snapshot.total_net,
        "total_vat": snapshot.total_vat,
        "total": snapshot.total,
    }


def _state(report: "CreateReport") -> str:
    if report.run_id is None and report.invoice is None:
        return "planned"
    kept = report.invoice is not None and report.invoice.pdf_status is PdfStatus.STORED
    done = report.run_id is not None and report.problem is None
    return "stored" if kept or done else "queued"


def _title(report: "CreateReport") -> str:
    return f"Invoice {report.snapshot.number}" if report.invoice else "Invoice to be issued"


def _sections(report: "CreateReport") -> tuple[Section, ...]:
    mentions = report.snapshot.legal_mentions
    return (Section("At its foot", mentions),) if report.invoice is None else ()


def _notes(report: "CreateReport") -> tuple[str, ...]:
    number, notes = report.snapshot.number, []
    if report.issued_before:
        notes.append(f"{report.snapshot.reference} had its invoice already: no second one was made")
    if report.invoice is None or report.run_id is None:
        return tuple(notes)
    if report.problem is not None:
        notes.append("stakactl invoices upload stores its PDF when the store answers")
    elif report.by_mail:
        notes.append("stakactl mail send sends it")
    else:
        notes.append(f"stakactl invoices pdf {number} fetches it for the customer")
    if report.snapshot.due_on is not None:
        notes.append(f"stakactl invoices mark {number} paid, once the money is there")
    return tuple(notes)
