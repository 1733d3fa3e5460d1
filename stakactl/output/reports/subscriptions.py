"""The report of `stats subscriptions`, and its chart."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from stakactl.domain.money import Money
from stakactl.domain.revenue import change_percent
from stakactl.domain.subscriptions import (
    Conversion,
    Flow,
    Plan,
    SubscriptionPeriod,
    Tally,
    rounded,
)
from stakactl.operations.subscriptions import Standing, SubscriptionReport
from stakactl.output.reports.lines import compared_line, share_line
from stakactl.output.view import Cell, Chart, Column, Item, Kind, Section, View

COLUMNS = (
    Column("start", "from", Kind.DATE),
    Column("end", "to", Kind.DATE, priority=None),
    Column("currency", "currency", priority=None),
    Column("running", "running", Kind.NUMBER),
    Column("new", "new", Kind.NUMBER),
    Column("churned", "churned", Kind.NUMBER),
    Column("net_change", "net", Kind.NUMBER, priority=3),
    Column("churn_percent", "churn %", Kind.NUMBER, priority=1),
    Column("mrr", "MRR without VAT", Kind.MONEY),
    Column("vat_unknown", "VAT unknown", Kind.MONEY, priority=2),
)
#: So many plans are told on the terminal; JSON and the page have all.
_SHOWN = 10


def subscriptions_view(
    report: SubscriptionReport, *, chart: bool, page: Path | None = None
) -> View:
    return View(
        outcome=report.outcome,
        summary={**_summary(report), "page": str(page) if page else None},
        items=[_period_item(period) for period in report.periods],
        columns=COLUMNS,
        title=f"Subscriptions by {report.grain}",
        charts=subscription_charts(report) if chart else (),
        sections=tuple(_sections(report)) if report.flows else (),
        empty="No subscriptions.",
        notes=tuple(_notes(report)),
    )


def _notes(report: SubscriptionReport) -> Iterator[str]:
    if not report.flows:
        yield "stakactl sync reads them from Stripe"
    if any(flow.end.vat_unknown for flow in report.flows.values()):
        yield (
            "MRR leaves out what may hold VAT: no tax rate in Stripe says how much. Tax rates of"
            " the subscription, or prices that exclude taxes, tell it."
        )
    if any(flow.end.unpriced for flow in report.flows.values()):
        yield (
            "MRR leaves out items without a fixed price: tiers, metered use, a discount of one"
            " item or in another currency."
        )


def _minor(amount: Fraction, currency: str) -> Money:
    return Money(rounded(amount), currency)


def _summary(report: SubscriptionReport) -> dict[str, Cell]:
    earlier = report.earlier
    compared: list[Cell] = [
        {"currency": currency, **_flow_item(flow, currency)}
        for currency, flow in (earlier.flows.items() if earlier else ())
    ]
    return {
        "since": report.since,
        "until": report.until,
        "by": report.grain,
        "totals": [
            {
                "currency": currency,
                **_flow_item(flow, currency),
                **_standing_item(report.standing[currency], currency),
            }
            for currency, flow in report.flows.items()
        ],
        "plans": [_plan_item(plan) for plan in report.plans],
        "conversions": [
            {"until": report.until, **_conversion_item(report.conversion)},
            *(
                [{"until": earlier.until, **_conversion_item(earlier.conversion)}]
                if earlier
                else []
            ),
        ],
        "compared_since": earlier.since if earlier else None,
        "compared_until": earlier.until if earlier else None,
        "compared_totals": compared,
    }


def _conversion_item(one: Conversion) -> dict[str, Cell]:
    return {
        "customers": one.customers,
        "paying_customers": one.paying,
        "conversion_percent": one.rate,
    }


def _flow_item(flow: Flow, currency: str) -> dict[str, Cell]:
    return {
        "running": flow.end.subscriptions,
        "running_at_start": flow.start.subscriptions,
        "new": flow.new.subscriptions,
        "churned": flow.churned.subscriptions,
        "net_change": flow.net.subscriptions,
        "churn_percent": flow.churn_rate,
        "mrr": _minor(flow.end.mrr, currency),
        "mrr_new": _minor(flow.new.mrr, currency),
        "mrr_churned": _minor(flow.churned.mrr, currency),
        "vat_unknown": _minor(flow.end.vat_unknown, currency),
        "items_without_price": flow.end.unpriced,
    }


def _standing_item(standing: Standing, currency: str) -> dict[str, Cell]:
    return {
        "active": standing.active.subscriptions,
        "active_mrr": _minor(standing.active.mrr, currency),
        "past_due": standing.past_due.subscriptions,
        "past_due_mrr": _minor(standing.past_due.mrr, currency),
        "trials": standing.trial.subscriptions,
    }


def _plan_item(plan: Plan) -> Item:
    return {
        "product": plan.product or None,
        "currency": plan.currency,
        "interval": plan.interval,
        "interval_count": plan.interval_count,
        "active": plan.tally.subscriptions,
        "mrr": _minor(plan.tally.mrr, plan.currency),
        "vat_unknown": _minor(plan.tally.vat_unknown, plan.currency),
        "items_without_price": plan.tally.unpriced,
        "past_due": plan.past_due.subscriptions,
        "past_due_mrr": _minor(plan.past_due.mrr, plan.currency),
    }


def _period_item(period: SubscriptionPeriod) -> Item:
    told = _flow_item(period.flow, period.currency)
    return {"start": period.start, "end": period.end, "currency": period.currency, **told}


# -- for people


def _sections(report: SubscriptionReport) -> Iterator[Section]:
    compared = report.earlier
    against = f", against {compared.since} to {compared.until}" if compared else ""
    for currency in report.flows:
        lines = tuple(_total_lines(report, currency))
        yield Section(f"In all, {currency.upper()}{against}", lines)
    for currency, flow in report.flows.items():
        own = [plan for plan in report.plans if plan.currency == currency]
        if own:
            title = f"Active by plan, MRR without VAT ({currency.upper()})"
            yield Section(title, tuple(_plan_lines(own, flow.end)))
    yield Section(f"Customers{against}", tuple(_conversion_lines(report)))


def _total_lines(report: SubscriptionReport, currency: str) -> Iterator[str]:
    now, standing = report.flows[currency], report.standing[currency]
    then = report.earlier.flows.get(currency, Flow()) if report.earlier else None
    yield _count("running", now.end, None if then is None else then.end)
    yield _count("  active", standing.active)
    yield _count("  past due", standing.past_due)
    yield _count("on trial", standing.trial)
    yield _count("new", now.new, None if then is None else then.new)
    yield _count("churned", now.churned, None if then is None else then.churned)
    yield _count("net change", now.net, None if then is None else then.net)
    yield compared_line(
        "churn rate", _percent(now.churn_rate), None if then is None else _percent(then.churn_rate)
    )
    yield _amount("MRR without VAT", now.end, None if then is None else then.end, currency)
    yield _amount("  active", standing.active, None, currency)
    yield _amount("  past due", standing.past_due, None, currency)
    if now.end.vat_unknown or (then is not None and then.end.vat_unknown):
        told = None if then is None else str(_minor(then.end.vat_unknown, currency))
        yield compared_line("VAT unknown on", str(_minor(now.end.vat_unknown, currency)), told)


def _count(label: str, now: Tally, then: Tally | None = None) -> str:
    if then is None:
        return compared_line(label, str(now.subscriptions))
    change = change_percent(now.subscriptions, then.subscriptions)
    return compared_line(label, str(now.subscriptions), str(then.subscriptions), change)


def _amount(label: str, now: Tally, then: Tally | None, currency: str) -> str:
    minor = rounded(now.mrr)
    if then is None:
        return compared_line(label, str(Money(minor, currency)))
    before = rounded(then.mrr)
    change = change_percent(minor, before)
    return compared_line(label, str(Money(minor, currency)), str(Money(before, currency)), change)


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else f"{value} %"


def _plan_lines(plans: list[Plan], whole: Tally) -> Iterator[str]:
    total = rounded(whole.mrr)
    for plan in plans[:_SHOWN]:
        name = f"{plan.product or 'not known'} ({_interval(plan)})"
        count = plan.tally.subscriptions
        yield share_line(f"{count} x {name}", rounded(plan.tally.mrr), total, plan.currency)
    if rest := plans[_SHOWN:]:
        minor = rounded(sum((plan.tally.mrr for plan in rest), Fraction(0)))
        yield share_line(f"{len(rest)} more plans", minor, total, rest[0].currency)


def _interval(plan: Plan) -> str:
    if plan.interval_count == 1:
        return plan.interval
    return f"{plan.interval_count} {plan.interval}s"


def _conversion_lines(report: SubscriptionReport) -> Iterator[str]:
    now = report.conversion
    then = report.earlier.conversion if report.earlier else None
    both: Mapping[str, tuple[int, int | None]] = {
        "customers": (now.customers, None if then is None else then.customers),
        "paying": (now.paying, None if then is None else then.paying),
    }
    for label, (count, before) in both.items():
        change = None if before is None else change_percent(count, before)
        yield compared_line(label, str(count), None if before is None else str(before), change)
    yield compared_line(
        "conversion", _percent(now.rate), None if then is None else _percent(then.rate)
    )


def subscription_charts(report: SubscriptionReport) -> tuple[Chart, ...]:
    """MRR at the end of each period, one chart for each currency that has any."""
    charts = []
    for currency in report.flows:
        own = [period for period in report.periods if period.currency == currency]
        if any(period.flow.end.mrr for period in own):
            bars = tuple(
                (f"{period.start:%Y-%m-%d}", _minor(period.flow.end.mrr, currency))
                for period in own
            )
            charts.append(
                Chart(
                    f"MRR without VAT at the end of each {report.grain} ({currency.upper()})", bars
                )
            )
    return tuple(charts)
