"""The report of `stats revenue`, and its chart."""

from collections.abc import Mapping
from pathlib import Path

from stakactl.domain.money import Money
from stakactl.domain.revenue import (
    NOTHING,
    Breakdown,
    Figures,
    RevenuePeriod,
    Split,
    change_percent,
    without_gaps,
)
from stakactl.operations.revenue import RevenueReport, Tie
from stakactl.output.reports.lines import compared_line, share_line
from stakactl.output.view import Cell, Chart, Column, Item, Kind, Section, View

COLUMNS = (
    Column("start", "from", Kind.DATE),
    Column("end", "to", Kind.DATE, priority=None),
    Column("currency", "currency", priority=None),
    Column("payments", "payments", Kind.NUMBER, priority=3),
    Column("gross", "gross", Kind.MONEY),
    Column("refunds", "refunds", Kind.MONEY, priority=2),
    Column("disputes", "disputes", Kind.MONEY, priority=4),
    Column("fees", "fees", Kind.MONEY, priority=5),
    Column("net", "net", Kind.MONEY),
    Column("vat", "VAT", Kind.MONEY, priority=1),
    Column("without_vat", "without VAT", Kind.MONEY, priority=1),
    Column("vat_unknown", "VAT unknown", Kind.MONEY, priority=6),
)
_LABELS = {
    "vat": "VAT",
    "without_vat": "without VAT",
    "vat_unknown": "VAT unknown on",
}
_TOLD = ("gross", "refunds", "disputes", "fees", "net", "vat", "vat_unknown", "without_vat")
_TITLES = {
    Split.COUNTRY: "Countries",
    Split.CITY: "Cities",
    Split.PRODUCT: "Products",
    Split.LEVEL: "Levels",
}
#: So many of each split on the terminal; JSON and the page have more.
_SHOWN = 5
_STYLES = {r"^\w+: tied": "green", r"^\w+: residual.*": "bold red"}


def revenue_view(report: RevenueReport, *, chart: bool, page: Path | None = None) -> View:
    return View(
        outcome=report.outcome,
        summary={**_summary(report), "page": str(page) if page else None},
        items=[_period_item(period) for period in report.periods],
        columns=COLUMNS,
        title=f"Revenue by {report.grain}",
        charts=revenue_charts(report) if chart else (),
        sections=_sections(report) if report.periods else (),
        empty="No balance transactions in this period.",
        notes=_notes(report),
    )


def _notes(report: RevenueReport) -> tuple[str, ...]:
    if not report.periods:
        return ("stakactl sync reads them from Stripe",)
    if any(total.vat_unknown for total in report.totals.values()):
        return (
            "VAT is unknown where neither an invoice, the order nor Stripe states it:"
            " stakactl invoices generate, or vat_rate in the orders.",
        )
    return ()


def _summary(report: RevenueReport) -> dict[str, Cell]:
    earlier = report.earlier
    summary: dict[str, Cell] = {
        "since": report.since,
        "until": report.until,
        "by": report.grain,
        "totals": [_item(currency, total) for currency, total in report.totals.items()],
        "compared_since": earlier.since if earlier else None,
        "compared_until": earlier.until if earlier else None,
        "compared_totals": [
            _item(currency, total)
            for currency, total in (earlier.totals.items() if earlier else ())
        ],
        "splits": [_split_item(one) for one in report.breakdowns],
        "ties": [
            {
                "currency": tie.transactions.currency,
                "transactions": tie.transactions,
                "explained": tie.explained,
                "residual": tie.residual,
            }
            for tie in report.ties
        ],
    }
    return summary


def _period_item(period: RevenuePeriod) -> Item:
    return {
        "start": period.start,
        "end": period.end,
        **_item(period.currency, period.figures),
    }


def _item(currency: str, figures: Figures) -> dict[str, Cell]:
    told: dict[str, Cell] = {name: Money(getattr(figures, name), currency) for name in _TOLD}
    return {"currency": currency, "payments": figures.payments, **told}


def _split_item(one: Breakdown) -> Item:
    named: list[Cell] = [
        {"name": share.name, "detail": share.detail or None, **_item(one.currency, share.figures)}
        for share in one.top
    ]
    return {
        "split": one.split,
        "currency": one.currency,
        "top": named,
        "others": one.others,
        "rest": _item(one.currency, one.rest),
        "unknown": _item(one.currency, one.unknown),
    }


def _sections(report: RevenueReport) -> tuple[Section, ...]:
    sections = [
        Section(_heading(report, currency), _total_lines(report, currency))
        for currency in report.totals
    ]
    for one in report.breakdowns:
        if one.top:
            title = f"{_TITLES[one.split]}, net ({one.currency.upper()})"
            sections.append(Section(title, _share_lines(one, report.totals)))
    lines = tuple(_tie_line(tie, report) for tie in report.ties)
    sections.append(Section("Tied to the balance transactions", lines, _STYLES))
    return tuple(sections)


def _heading(report: RevenueReport, currency: str) -> str:
    compared = report.earlier
    against = f", against {compared.since} to {compared.until}" if compared else ""
    return f"In all, {currency.upper()}{against}"


def _total_lines(report: RevenueReport, currency: str) -> tuple[str, ...]:
    total = report.totals[currency]
    before = report.earlier.totals.get(currency, NOTHING) if report.earlier else None
    lines = [
        compared_line(
            "payments", str(total.payments), None if before is None else str(before.payments)
        )
    ]
    for name in _TOLD:
        now: int = getattr(total, name)
        then: int | None = None if before is None else getattr(before, name)
        if name == "vat_unknown" and not now and not then:
            continue
        lines.append(
            compared_line(
                _LABELS.get(name, name),
                str(Money(now, currency)),
                None if then is None else str(Money(then, currency)),
                None if then is None else change_percent(now, then),
            )
        )
    return tuple(lines)


def _share_lines(one: Breakdown, totals: Mapping[str, Figures]) -> tuple[str, ...]:
    whole = totals[one.currency].net
    shown = one.top[:_SHOWN]
    hidden = one.others + len(one.top) - len(shown)
    rest = sum((share.figures for share in one.top[_SHOWN:]), one.rest)
    rows = [
        (f"{share.name} ({share.detail})" if share.detail else share.name, share.figures)
        for share in shown
    ]
    if hidden:
        rows.append((f"{hidden} more", rest))
    if one.unknown.gross or one.unknown.net:
        rows.append(("not known", one.unknown))
    return tuple(share_line(name, part.net, whole, one.currency) for name, part in rows)


def _tie_line(tie: Tie, report: RevenueReport) -> str:
    currency = tie.transactions.currency
    total = report.totals.get(currency, NOTHING)
    if tie.residual:
        return (
            f"{currency.upper()}: residual {tie.residual}: the transactions make"
            f" {tie.transactions}, the figures {tie.explained}"
        )
    return (
        f"{currency.upper()}: tied, residual {_plain(0, currency)} (net"
        f" {_plain(total.net, currency)}, other {_plain(total.other, currency)},"
        f" payouts {_plain(-total.payouts, currency)})"
    )


def _plain(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).to_decimal():f}"


def revenue_charts(report: RevenueReport) -> tuple[Chart, ...]:
    """One chart of net revenue for each settlement currency, the days without any included."""
    return tuple(
        Chart(
            f"Net revenue by {report.grain} ({currency.upper()})",
            tuple(
                (f"{period.start:%Y-%m-%d}", Money(period.figures.net, currency))
                for period in without_gaps(
                    report.periods, currency, report.grain, report.since, report.until
                )
            ),
        )
        for currency in report.totals
    )
