"""Reports of the `invoices` commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from stakactl.domain.invoice_status import InvoiceStatus, status_of
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money
from stakactl.output.view import STATES, Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.invoice_plan import InvoicePlan, NotIssued
    from stakactl.operations.invoices import InvoicesReport, Issued

_STATUSES: Mapping[str, str] = {
    InvoiceStatus.GENERATED: "yellow",
    InvoiceStatus.SENT: "yellow",
    InvoiceStatus.PAID: "green",
    InvoiceStatus.OVERDUE: "red",
    InvoiceStatus.CANCELLED: "dim",
}
_GENERATED = (
    Column("number", "number", min_width=16),
    Column("order_id", "order", min_width=10),
    Column("buyer", "buyer", min_width=10, max_width=30, priority=1),
    Column("total", "total", Kind.MONEY),
    Column("state", "state", style=STATES),
    Column("reason", "reason", priority=2, min_width=12),
    Column("hint", "hint", priority=None),
    Column("reference", "reference", priority=None),
)
_LISTED = (
    Column("number", "number", min_width=16),
    Column("kind", "kind", priority=None),
    Column("credits", "credits", priority=None),
    Column("issued_on", "issued", Kind.DATE, priority=1),
    Column("order_id", "order", min_width=10, priority=3),
    Column("buyer", "buyer", min_width=10, max_width=30),
    Column("total", "total", Kind.MONEY),
    Column("status", "status", style=_STATUSES),
    Column("pdf", "PDF", style=STATES, priority=2),
    Column("sent_at", "sent", Kind.DATE, priority=None),
    Column("due_at", "due", Kind.DATE, priority=None),
    Column("paid_at", "paid", Kind.DATE, priority=None),
    Column("cancelled_at", "cancelled", Kind.DATE, priority=None),
    Column("reference", "reference", priority=None),
    Column("invoice_id", "id", priority=None),
    Column("object_key", "stored as", priority=None),
    Column("sha256", "SHA-256", priority=None),
)


def generate_view(report: "InvoicesReport") -> View:
    items = [_issued_item(item) for item in (*report.resumed, *report.issued)]
    items += [_waiting_item(item, "waits") for item in report.blocked]
    items += [_waiting_item(item, "failed") for item in report.failed]
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "issued": len(report.issued),
            "resumed": len(report.resumed),
            "stored": report.stored,
            "blocked": len(report.blocked),
            "failed": len(report.failed),
        },
        items=items,
        columns=_GENERATED,
        title="Invoices",
        sections=_waiting_sections(report.blocked),
        notes=("stakactl mail send sends them",) if report.issued else (),
        empty="Every paid order of the period has its invoice.",
    )


def plan_view(plan: "InvoicePlan") -> View:
    """What `--dry-run` shows: orders without numbers, because none was taken."""
    items: list[Item] = [
        {
            "number": None,
            "order_id": case.order.order_id,
            "buyer": case.order.customer.company or case.order.customer.name,
            "total": case.order.amount,
            "state": "planned",
            "reason": None,
            "hint": None,
            "reference": None,
        }
        for case, _ in plan.ready
    ]
    items += [_waiting_item(item, "waits") for item in plan.blocked]
    return View(
        summary={"planned": len(plan.ready), "blocked": len(plan.blocked), "dry_run": True},
        items=items,
        columns=_GENERATED,
        title="Invoices that would be issued",
        sections=_waiting_sections(plan.blocked),
        empty="Every paid order of the period has its invoice.",
    )


def _issued_item(item: "Issued") -> Item:
    return {
        "number": item.number,
        "order_id": item.order_id or None,
        "buyer": item.buyer,
        "total": item.total,
        "state": "stored" if item.stored else "queued",
        "reason": None,
        "hint": None,
        "reference": item.reference or None,
    }


def _waiting_item(item: "NotIssued", state: str) -> Item:
    total: Money | None = None
    return {
        "number": None,
        "order_id": item.order_id or None,
        "buyer": None,
        "total": total,
        "state": state,
        "reason": item.reason,
        "hint": item.hint,
        "reference": item.reference or None,
    }


def _waiting_sections(blocked: "tuple[NotIssued, ...]") -> tuple[Section, ...]:
    hints = {item.reason: f"{item.subject}: {item.reason} — {item.hint}" for item in blocked}
    return (Section("What waits for a person", tuple(hints.values())[:6]),) if hints else ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of what matches. Pages count from 1 and hold up to `limit` invoices."""

    invoices: tuple[Invoice, ...]
    matching: int
    issued_in_all: int
    page: int
    limit: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.matching // self.limit))


def list_view(listed: Listed, now: datetime) -> View:
    return View(
        summary={
            "shown": len(listed.invoices),
            "matching": listed.matching,
            "issued_in_all": listed.issued_in_all,
            "page": listed.page,
            "pages": listed.pages,
        },
        items=[invoice_item(invoice, now) for invoice in listed.invoices],
        columns=_LISTED,
        title="Invoices",
        empty="Nothing is on this page." if listed.matching else "No invoice matches.",
        notes=_where_more_is(listed),
    )


def _where_more_is(listed: Listed) -> tuple[str, ...]:
    if not listed.issued_in_all:
        return ("stakactl invoices generate issues them",)
    if listed.page < listed.pages:
        return (f"--page {listed.page + 1} shows the next of {listed.pages} pages",)
    if listed.page > listed.pages:
        return (f"--page {listed.pages} is the last one",)
    return ()


def invoice_item(invoice: Invoice, now: datetime) -> Item:
    snapshot, moments = invoice.snapshot, invoice.moments
    return {
        "invoice_id": invoice.invoice_id,
        "number": invoice.number,
        "kind": "credit_note" if invoice.is_credit_note else "invoice",
        "credits": snapshot.credited.number if snapshot.credited else None,
        "order_id": invoice.order_id or None,
        "reference": invoice.reference or None,
        "issued_on": snapshot.issued_on,
        "buyer": snapshot.buyer.company or snapshot.buyer.name,
        "total_net": snapshot.total_net,
        "total_vat": snapshot.total_vat,
        "total": snapshot.total,
        "status": status_of(moments, now),
        "sent_at": moments.sent_at,
        "due_on": snapshot.due_on,
        "due_at": moments.due_at,
        "paid_at": moments.paid_at,
        "cancelled_at": moments.cancelled_at,
        "pdf": invoice.pdf_status,
        "object_key": invoice.object_key,
        "sha256": invoice.sha256,
        "run_id": invoice.run_id,
    }


def show_view(invoice: Invoice, location: str, retain_until: date, now: datetime) -> View:
    """One invoice; its lines are the items. `location` is where the PDF can be opened."""
    return View(
        summary={
            **invoice_item(invoice, now),
            "retain_until": retain_until,
            "location": location,
        },
        items=[
            {
                "title": line.title,
                "quantity": line.quantity,
                "vat_rate": line.vat_rate,
                "net": line.net,
                "amount": line.amount,
            }
            for line in invoice.snapshot.lines
        ],
        columns=(
            Column("title", "line", min_width=20),
            Column("quantity", "quantity", Kind.NUMBER, priority=1),
            Column("vat_rate", "VAT %", Kind.NUMBER),
            Column("net", "HT", Kind.MONEY),
            Column("amount", "TTC", Kind.MONEY),
        ),
        title=f"{'Credit note' if invoice.is_credit_note else 'Invoice'} {invoice.number}",
        labels={
            "total_vat": "total VAT",
            "pdf": "PDF",
            "sha256": "SHA-256",
            "retain_until": "to be kept until",
            "location": "open",
        },
    )
