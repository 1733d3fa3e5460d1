"""Reports of the `orders` commands."""

from typing import TYPE_CHECKING

from stakactl.domain.findings import Finding
from stakactl.domain.orders import Order
from stakactl.output.reports.findings import COLUMNS, finding_item, hint_lines
from stakactl.output.view import STATES, Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.import_orders import ImportReport

_LISTED = (
    Column("order_id", "order", min_width=10),
    Column("created_at", "created", Kind.DATE, priority=2),
    Column("status", "status", style=STATES),
    Column("amount", "amount", Kind.MONEY),
    Column("title", "title", min_width=24, max_width=30, priority=3),
    Column("customer", "customer", min_width=12, max_width=30, priority=1),
    Column("email", "e-mail", priority=None),
    Column("stripe_session_id", "session", priority=None),
    Column("stripe_payment_intent_id", "payment intent", priority=None),
)

_LABELS = {"email": "e-mail", "vat_rate": "VAT %", "stripe_payment_intent_id": "payment intent"}


def list_view(orders: list[Order], total: int) -> View:
    return View(
        summary={"shown": len(orders), "orders_in_all": total},
        items=[order_item(order) for order in orders],
        columns=_LISTED,
        title="Orders",
        empty="No order matches.",
        notes=() if total else ("stakactl orders import FILE takes them in",),
    )


def order_item(order: Order) -> Item:
    return {
        "order_id": order.order_id,
        "created_at": order.created_at,
        "status": order.status,
        "amount": order.amount,
        "refunded": order.refunded,
        "title": order.title,
        "customer": order.customer.company or order.customer.name,
        "email": order.customer.email,
        "country": order.customer.address.country or None,
        "vat_rate": order.vat_rate,
        "paid_at": order.paid_at,
        "stripe_session_id": order.stripe_session_id,
        "stripe_payment_intent_id": order.stripe_payment_intent_id,
        "dispute_status": order.dispute_status,
        "invoice_number": order.invoice_number,
    }


def show_view(
    order: Order, invoice_number: str | None, findings: tuple[Finding, ...], *, judged: bool
) -> View:
    """One order; the items are what differs. `judged`: enough of Stripe is known to tell."""
    return View(
        summary={**order_item(order), "invoice_number": invoice_number or order.invoice_number},
        items=[finding_item(finding) for finding in findings],
        columns=tuple(column for column in COLUMNS if column.key != "object"),
        title=f"Order {order.order_id}",
        sections=(Section("What to do", hint_lines(findings)),) if findings else (),
        empty="Nothing differs between this order, Stripe and its invoice."
        if judged
        else "Stripe was not read since this order, so it cannot be judged: run stakactl sync",
        labels=_LABELS,
    )


def import_view(report: "ImportReport") -> View:
    counts = report.counts
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "created": counts.created,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "problems": len(report.skipped),
            "dry_run": report.run_id is None,
        },
        items=[{"problem": problem} for problem in report.skipped],
        columns=(Column("problem", "left out", min_width=40, max_width=78),),
        title="Rows that were left out" if report.skipped else "",
        notes=("stakactl reconcile compares them with Stripe",),
    )
