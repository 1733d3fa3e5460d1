"""`stakactl invoices generate`."""

from datetime import datetime
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.invoices.options import WorkersOption
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.output.view import View


@command(
    app,
    name="generate",
    example=[
        "stakactl invoices generate --dry-run",
        "stakactl invoices generate --since 2026-01-01 --until 2026-03-31",
    ],
)
def generate(
    call: Call,
    since: SinceOption = None,
    until: UntilOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be issued; take no number.")
    ] = False,
    yes: YesOption = False,
    workers: WorkersOption = None,
) -> View:
    """Issue invoices for paid orders that have none, and store their PDFs.

    Without --since from INVOICES_SINCE on. The issue date is today, never backdated; an issued
    number is never changed or reused.
    """
    from stakactl.operations.invoice_plan import GenerateRequest, issuing_since, plan_invoices
    from stakactl.operations.invoices import generate_invoices
    from stakactl.output.reports.invoices import generate_view, plan_view

    start, end = period(call, since, until)
    default: datetime = issuing_since(call.container)
    request = GenerateRequest(start or default, end, start is not None, workers)
    if dry_run:
        return plan_view(plan_invoices(call.container, request))
    call.confirm("Issue these invoices? Their numbers can never be taken back.", yes)
    return generate_view(generate_invoices(call.container, request))
