"""The report of `sync orders`."""

from stakactl.operations.sync_orders import OrdersSyncReport
from stakactl.output.view import Column, Section, View


def orders_sync_view(report: OrdersSyncReport, orders: int) -> View:
    sections = []
    if report.deleted:
        sections.append(Section("No longer in the application", report.deleted))
    notes = []
    if report.deleted:
        notes.append("they are kept; stakactl reconcile tells where one of them was paid")
    if report.unread:
        notes.append("correct these rows in the application, or the mapping (docs/mapping.md)")
    return View(
        outcome=report.outcome,
        summary={
            "compared": "every row" if report.whole else "rows changed since the last time",
            "read": report.read,
            "created": report.created,
            "updated": report.updated,
            "deleted": list(report.deleted),
            "orders_in_store": orders,
            "unread": list(report.unread),
        },
        items=[{"row": problem} for problem in report.unread],
        columns=(Column("row", "not taken", min_width=30, max_width=100),),
        title="Orders of the application",
        empty="Every row could be taken.",
        sections=tuple(sections),
        notes=tuple(notes),
    )
