"""The report of `invoices stats`."""

from typing import TYPE_CHECKING

from stakactl.domain.invoice_stats import Figure, InvoiceFigures
from stakactl.output.view import Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.operations.invoice_stats import InvoiceStats

_COLUMNS = (
    Column("currency", "currency", priority=None),
    Column("figure", "invoices", style={"overdue": "red", "paid": "green", "cancelled": "dim"}),
    Column("count", "count", Kind.NUMBER),
    Column("total", "total", Kind.MONEY),
    Column("rate", "%", Kind.NUMBER),
)


def stats_view(report: "InvoiceStats") -> View:
    """The rows of one currency after those of the other. `rate` is told of what is paid."""
    return View(
        summary={
            "invoices": report.invoices,
            "credit_notes": report.credit_notes,
            "payment_rate": report.payment_rate,
            "since": report.since,
            "until": report.until,
        },
        items=[item for figures in report.figures for item in _items(figures)],
        columns=_COLUMNS,
        title="Invoices",
        labels={
            "payment_rate": "payment rate %",
            "since": "issued from",
            "until": "issued before",
        },
        empty="No invoice was issued in this period.",
        notes=() if report.figures else ("stakactl invoices generate issues them",),
    )


def _items(figures: InvoiceFigures) -> list[Item]:
    named: list[tuple[str, Figure]] = [
        ("issued", figures.issued),
        ("paid", figures.paid),
        ("waiting", figures.waiting),
        ("overdue", figures.overdue),
        ("cancelled", figures.cancelled),
        ("credited", figures.credit_notes),
    ]
    items: list[Item] = [
        {
            "currency": figures.currency,
            "figure": name,
            "count": figure.count,
            "total": figure.total,
            "rate": figures.payment_rate if figure is figures.paid else None,
        }
        for name, figure in named
    ]
    net: Item = {
        "currency": figures.currency,
        "figure": "net",
        "count": None,
        "total": figures.net,
        "rate": None,
    }
    return [*items, net]
