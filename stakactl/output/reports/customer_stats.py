"""The report of `stats customers`, and its chart."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from stakactl.domain.customer_figures import (
    CustomerPeriod,
    Heads,
    PerCustomer,
    TopCustomer,
)
from stakactl.domain.money import Money
from stakactl.domain.revenue import change_percent
from stakactl.operations.customer_stats import CustomersReport
from stakactl.output.reports.lines import compared_line
from stakactl.output.view import Cell, Chart, Column, Item, Kind, Section, View

COLUMNS = (
    Column("start", "from", Kind.DATE),
    Column("end", "to", Kind.DATE),
    Column("customers", "customers at the end", Kind.NUMBER),
    Column("new", "new", Kind.NUMBER),
)
_HEADS = ("customers", "new", "paying", "first_time", "returning")
_LABELS = {"first_time": "  first time", "returning": "  returning"}
_NOTHING = PerCustomer()


def customers_view(report: CustomersReport, *, chart: bool, page: Path | None = None) -> View:
    known = report.heads.customers or report.unknown
    return View(
        outcome=report.outcome,
        summary={**_summary(report), "page": str(page) if page else None},
        items=[_period_item(period) for period in report.periods] if known else [],
        columns=COLUMNS,
        title=f"Customers by {report.grain}",
        charts=customer_charts(report) if chart else (),
        sections=tuple(_sections(report)) if known else (),
        empty="No customers.",
        notes=()
        if known
        else ("stakactl orders import and stakactl sync bring orders and payments",),
    )


def _period_item(period: CustomerPeriod) -> Item:
    return {
        "start": period.start,
        "end": period.end,
        "customers": period.customers,
        "new": period.new,
    }


def _summary(report: CustomersReport) -> dict[str, Cell]:
    earlier = report.earlier
    heads: list[Cell] = [{"until": report.until, **_heads_item(report.heads)}]
    revenue: list[Cell] = [_revenue_item(*one) for one in report.revenue.items()]
    compared: list[Cell] = []
    if earlier:
        heads.append({"until": earlier.until, **_heads_item(earlier.heads)})
        compared = [_revenue_item(*one) for one in earlier.revenue.items()]
    unknown: list[Cell] = [
        {"currency": currency, "payments": one.payments, "net": Money(one.net, currency)}
        for currency, one in report.unknown.items()
    ]
    return {
        "since": report.since,
        "until": report.until,
        "by": report.grain,
        "heads": heads,
        "revenue_per_customer": revenue,
        "unknown": unknown,
        "top": [_top_item(one) for one in report.top],
        "compared_since": earlier.since if earlier else None,
        "compared_until": earlier.until if earlier else None,
        "compared_revenue_per_customer": compared,
    }


def _heads_item(heads: Heads) -> dict[str, Cell]:
    told: dict[str, Cell] = {name: getattr(heads, name) for name in _HEADS}
    return {**told, "paying_percent": heads.paying_rate}


def _revenue_item(currency: str, one: PerCustomer) -> Item:
    return {
        "currency": currency,
        "paying": one.paying,
        "net": Money(one.net, currency),
        "mean": _money(one.mean, currency),
        "median": _money(one.median, currency),
    }


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def _top_item(one: TopCustomer) -> Item:
    return {
        "customer": one.customer_id,
        "name": one.name or None,
        "email": one.email or None,
        "currency": one.currency,
        "payments": one.payments,
        "net": Money(one.net, one.currency),
    }


# -- for people


def _sections(report: CustomersReport) -> Iterator[Section]:
    compared = report.earlier
    against = f", against {compared.since} to {compared.until}" if compared else ""
    yield Section(f"In all{against}", tuple(_head_lines(report)))
    for currency in report.revenue:
        title = f"Net revenue per paying customer, {currency.upper()}{against}"
        yield Section(title, tuple(_revenue_lines(report, currency)))
    for currency in report.revenue:
        own = [one for one in report.top if one.currency == currency]
        lines = tuple(_top_line(one) for one in own)
        yield Section(f"Best customers by net revenue ({currency.upper()})", lines)
    if report.unknown:
        lines = tuple(
            f"{'of nobody known':<48}{Money(one.net, currency)!s:>18}{one.payments:>5} x"
            for currency, one in report.unknown.items()
        )
        yield Section("Payments without order or customer, and fees", lines)


def _head_lines(report: CustomersReport) -> Iterator[str]:
    then = report.earlier.heads if report.earlier else None
    for name in _HEADS:
        now: int = getattr(report.heads, name)
        before: int | None = None if then is None else getattr(then, name)
        change = None if before is None else change_percent(now, before)
        told = None if before is None else str(before)
        yield compared_line(_LABELS.get(name, name), str(now), told, change)
    rate = None if then is None else _percent(then.paying_rate)
    yield compared_line("paying of all", _percent(report.heads.paying_rate), rate)


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else f"{value} %"


def _revenue_lines(report: CustomersReport, currency: str) -> Iterator[str]:
    now = report.revenue[currency]
    then = report.earlier.revenue.get(currency, _NOTHING) if report.earlier else None
    told: Mapping[str, tuple[int | None, int | None]] = {
        "net": (now.net, None if then is None else then.net),
        "mean": (now.mean, None if then is None else then.mean),
        "median": (now.median, None if then is None else then.median),
    }
    before = None if then is None else then.paying
    change = None if before is None else change_percent(now.paying, before)
    count = None if before is None else str(before)
    yield compared_line("paying", str(now.paying), count, change)
    for label, (minor, earlier) in told.items():
        change = None if minor is None or earlier is None else change_percent(minor, earlier)
        yield compared_line(label, _amount(minor, currency), _then(earlier, then, currency), change)


def _amount(minor: int | None, currency: str) -> str:
    return "–" if minor is None else str(Money(minor, currency))


def _then(minor: int | None, then: PerCustomer | None, currency: str) -> str | None:
    return None if then is None else _amount(minor, currency)


def _top_line(one: TopCustomer) -> str:
    """By their id, as `invoices list --customer` takes it."""
    who = one.name or one.email
    label = f"{one.customer_id}  {who}" if who and who != one.customer_id else one.customer_id
    label = label if len(label) <= 46 else f"{label[:45]}…"
    return f"{label:<48}{Money(one.net, one.currency)!s:>18}{one.payments:>5} x"


def customer_charts(report: CustomersReport) -> tuple[Chart, ...]:
    """How many came in each period."""
    if not any(period.new for period in report.periods):
        return ()
    bars = tuple((f"{period.start:%Y-%m-%d}", period.new) for period in report.periods)
    return (Chart(f"New customers by {report.grain}", bars),)
