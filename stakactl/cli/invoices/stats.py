"""`stakactl invoices stats`."""

from datetime import datetime
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, first_day, midnight, period
from stakactl.errors import UsageError
from stakactl.output.view import View


@command(
    app,
    name="stats",
    example=[
        "stakactl invoices stats --timeframe 90d",
        "stakactl invoices stats --since 2026-07-01 --until 2026-09-30",
    ],
)
def stats(
    call: Call,
    timeframe: Annotated[
        str | None,
        typer.Option(
            help="7d, 30d, 90d, 12m or all; up to today. Else the period, or all.",
            show_default=False,
        ),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
) -> View:
    """Count and total of the invoices: paid, waiting, overdue, cancelled, and the payment rate.

    By currency, as they stand now; --since and --until mean the day of issue. Cancelled invoices
    do not count in the payment rate. Net is what was issued less the credit notes.
    """
    from stakactl.operations.invoice_stats import invoice_stats
    from stakactl.output.reports.invoice_stats import stats_view

    if timeframe is not None and (since or until):
        raise UsageError("--timeframe and --since or --until exclude each other")
    start, end = period(call, since, until)
    if timeframe is not None:
        start = _beginning(call, timeframe)
    return stats_view(invoice_stats(call.container, start, end))


def _beginning(call: Call, timeframe: str) -> datetime | None:
    clock = call.container.clock
    first = first_day(timeframe, clock.local_date(clock.now()))
    return midnight(call, first) if first else None
