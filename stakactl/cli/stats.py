"""`stakactl stats …`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.cli.periods import SinceOption, UntilOption, first_day, period
from stakactl.domain.revenue import Grain
from stakactl.output.view import View

app = group("stats")


@command(
    app,
    name="revenue",
    example=["stakactl stats revenue --timeframe 90d --by week --chart"],
)
def show_revenue(
    call: Call,
    timeframe: Annotated[str, typer.Option(help="7d, 30d, 90d, 12m or all; up to today.")] = "30d",
    since: SinceOption = None,
    until: UntilOption = None,
    by: Annotated[Grain, typer.Option(help="Length of a period.")] = Grain.DAY,
    chart: Annotated[bool, typer.Option("--chart", help="Draw net revenue as bars.")] = False,
) -> View:
    """Gross, refunds, disputes, fees and net, by settlement currency and period.

    From Stripe's balance transactions as they were last read; days are local ones.
    """
    from stakactl.operations.revenue import revenue
    from stakactl.output.reports.revenue import revenue_view

    period(call, since, until)
    today = call.container.clock.local_date(datetime.now(UTC))
    last = until or today
    first = since or first_day(timeframe, last)
    return revenue_view(revenue(call.container, first, last, by), chart=chart)
