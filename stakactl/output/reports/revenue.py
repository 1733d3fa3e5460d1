"""The report of `stats revenue`, and its chart."""

from stakactl.domain.revenue import RevenuePeriod
from stakactl.operations.revenue import RevenueReport
from stakactl.output.view import Cell, Chart, Column, Item, Kind, Section, View

COLUMNS = (
    Column("start", "from", Kind.DATE),
    Column("currency", "currency", priority=None),
    Column("payments", "payments", Kind.NUMBER, priority=3),
    Column("gross", "gross", Kind.MONEY),
    Column("refunds", "refunds", Kind.MONEY, priority=1),
    Column("disputes", "disputes", Kind.MONEY, priority=2),
    Column("fees", "fees", Kind.MONEY, priority=1),
    Column("net", "net", Kind.MONEY),
)


def revenue_view(report: RevenueReport, *, chart: bool) -> View:
    totals = report.totals
    summary: dict[str, Cell] = {
        "since": report.since,
        "until": report.until,
        "by": report.grain,
        "totals": [_item(total) for total in totals.values()],
    }
    return View(
        summary=summary,
        items=[_item(period) for period in report.periods],
        columns=COLUMNS,
        title=f"Revenue by {report.grain}",
        charts=revenue_charts(report) if chart else (),
        sections=(Section("In all", _total_lines(report)),) if report.periods else (),
        empty="No balance transactions in this period.",
        notes=() if report.periods else ("stakactl sync reads them from Stripe",),
    )


def _item(period: RevenuePeriod) -> Item:
    return {
        "start": period.start,
        "currency": period.gross.currency,
        "payments": period.payments,
        "gross": period.gross,
        "refunds": period.refunds,
        "disputes": period.disputes,
        "fees": period.fees,
        "net": period.net,
    }


def _total_lines(report: RevenueReport) -> tuple[str, ...]:
    return tuple(
        f"{total.payments} payments: {total.gross} - {total.refunds} refunds"
        f" - {total.disputes} disputes - {total.fees} fees = {total.net} net"
        for total in report.totals.values()
    )


def revenue_charts(report: RevenueReport) -> tuple[Chart, ...]:
    """One chart of net revenue for each settlement currency."""
    return tuple(
        Chart(
            f"Net revenue by {report.grain} ({currency.upper()})",
            tuple(
                (f"{period.start:%Y-%m-%d}", period.net)
                for period in report.periods
                if period.gross.currency == currency
            ),
        )
        for currency in report.totals
    )
