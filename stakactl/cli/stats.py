"""`stakactl stats …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.cli.pages import ForceOption, HtmlOption, LanguageOption, page_frame
from stakactl.cli.periods import SinceOption, UntilOption, first_day, period
from stakactl.domain.revenue import Grain
from stakactl.errors import UsageError
from stakactl.output.pages.language import Language
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.revenue import RevenueReport

app = group("stats")


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
    timeframe: Annotated[
        str | None,
        typer.Option(
            help="7d, 30d, 90d, 12m or all; up to today. Else the period, or 30d.",
            show_default=False,
        ),
    ] = None,
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

    if timeframe is not None and (since or until):
        raise UsageError("--timeframe and --since or --until exclude each other")
    period(call, since, until)
    clock = call.container.clock
    last = until or clock.local_date(clock.now())
    report = revenue(call.container, since or first_day(timeframe or "30d", last), last, by)
    if html is not None:
        _save_page(call, html, report, language, force=force)
    return revenue_view(report, chart=chart, page=html)


def _save_page(
    call: Call, path: Path, report: "RevenueReport", language: Language, *, force: bool
) -> None:
    from stakactl.output.pages.revenue import revenue_page

    page = revenue_page(report, page_frame(call, language))
    call.container.save_page(path, page, overwrite=force)
