"""`stakactl stats …`."""

from datetime import date
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.cli.pages import ForceOption, HtmlOption, LanguageOption, page_frame
from stakactl.cli.periods import SinceOption, UntilOption, first_day, period
from stakactl.domain.revenue import Grain
from stakactl.errors import UsageError
from stakactl.output.pages.language import Language
from stakactl.output.view import View

app = group("stats")

TimeframeOption = Annotated[
    str | None,
    typer.Option(
        "--timeframe",
        help="7d, 30d, 90d, 12m or all; up to today. Else the period, or 30d.",
        show_default=False,
    ),
]


@command(
    app,
    name="revenue",
    example=[
        "stakactl stats revenue --timeframe 90d --by week --chart",
        "stakactl stats revenue --since 2026-01-01 --until 2026-03-31 --html q1.html",
    ],
)
def show_revenue(
    call: Call,
    timeframe: TimeframeOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: Annotated[Grain, typer.Option(help="Length of a period.")] = Grain.DAY,
    chart: Annotated[bool, typer.Option("--chart", help="Draw net revenue as bars.")] = False,
    html: HtmlOption = None,
    language: LanguageOption = Language.FR,
    force: ForceOption = False,
) -> View:
    """Gross, refunds, disputes, fees, net and VAT, by settlement currency and period.

    From Stripe's balance transactions as they were last read; days are local ones. Compared with
    as many days before, split by country, city, product and level, and tied to the balance
    transactions: the residual is 0, or exit code 1. VAT is that of sales less refunds, from the
    invoice, else the order's rate or Stripe's tax; where none states it, it is unknown.
    """
    from stakactl.operations.revenue import revenue
    from stakactl.output.reports.revenue import revenue_view

    first, last = _days(call, timeframe, since, until)
    report = revenue(call.container, first, last, by)
    if html is not None:
        from stakactl.output.pages.revenue import revenue_page

        page = revenue_page(report, page_frame(call, language))
        call.container.save_page(html, page, overwrite=force)
    return revenue_view(report, chart=chart, page=html)


@command(
    app,
    name="subscriptions",
    example=[
        "stakactl stats subscriptions --timeframe 12m --by month --chart",
        "stakactl stats subscriptions --since 2026-01-01 --until 2026-03-31 --html q1.html",
    ],
)
def show_subscriptions(
    call: Call,
    timeframe: TimeframeOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: Annotated[Grain, typer.Option(help="Length of a period.")] = Grain.WEEK,
    chart: Annotated[
        bool, typer.Option("--chart", help="Draw MRR at the end of each period as bars.")
    ] = False,
    html: HtmlOption = None,
    language: LanguageOption = Language.FR,
    force: ForceOption = False,
) -> View:
    """Active subscriptions by plan, MRR without VAT, new and churned ones, conversion.

    From Stripe's subscriptions as they were last read, by currency. A subscription runs from its
    first paid interval until it ended; trials and those past due are told apart. MRR: a year has
    12 months, 52 weeks and 365 days; lasting discounts are taken off, and VAT where a tax rate
    says how much is inside. Churn rate: churned in the period / running at its start. Conversion:
    customers with a running subscription / all of Stripe's. Stripe keeps no history of prices and
    states: past days are told by those of today.
    """
    from stakactl.operations.subscriptions import subscriptions
    from stakactl.output.reports.subscriptions import subscriptions_view

    first, last = _days(call, timeframe, since, until)
    zone = call.container.settings.time_zone
    report = subscriptions(call.container, zone, first, last, by)
    if html is not None:
        from stakactl.output.pages.subscriptions import subscriptions_page

        page = subscriptions_page(report, page_frame(call, language))
        call.container.save_page(html, page, overwrite=force)
    return subscriptions_view(report, chart=chart, page=html)


@command(
    app,
    name="customers",
    example=[
        "stakactl stats customers --timeframe 90d --by week --chart",
        "stakactl stats customers --since 2026-01-01 --until 2026-03-31 --html q1.html",
    ],
)
def show_customers(
    call: Call,
    timeframe: TimeframeOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    by: Annotated[Grain, typer.Option(help="Length of a period.")] = Grain.WEEK,
    chart: Annotated[bool, typer.Option("--chart", help="Draw new customers as bars.")] = False,
    html: HtmlOption = None,
    language: LanguageOption = Language.FR,
    force: ForceOption = False,
) -> View:
    """Customers: all, new, paying and returning ones, net revenue of one, and the best.

    A customer is whom the application calls so (customer_id); else Stripe's customer, who is the
    application's where the newest order with both ids says so; else the e-mail in lower case. All:
    whoever ordered, paid or not, and Stripe's customers. Returning: paid in the period and before
    it. Net is that of stats revenue; mean and median are of those who paid in the period. Where
    they live says stats revenue.
    """
    from stakactl.operations.customer_stats import customer_stats
    from stakactl.output.reports.customer_stats import customers_view

    first, last = _days(call, timeframe, since, until)
    zone = call.container.settings.time_zone
    report = customer_stats(call.container, zone, first, last, by)
    if html is not None:
        from stakactl.output.pages.customer_stats import customers_page

        page = customers_page(report, page_frame(call, language))
        call.container.save_page(html, page, overwrite=force)
    return customers_view(report, chart=chart, page=html)


def _days(
    call: Call, timeframe: str | None, since: date | None, until: date | None
) -> tuple[date | None, date]:
    """The first day, None for all there is, and the last."""
    if timeframe is not None and (since or until):
        raise UsageError("--timeframe and --since or --until exclude each other")
    period(call, since, until)
    clock = call.container.clock
    last = until or clock.local_date(clock.now())
    return since or first_day(timeframe or "30d", last), last
