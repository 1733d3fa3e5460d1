"""`stakactl invoices …`."""

from datetime import datetime
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.errors import NotFound
from stakactl.output.view import View

app = group("invoices")


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
) -> View:
    """Issue invoices for paid orders that have none, and store their PDFs.

    Without --since from INVOICES_SINCE on. The issue date is today, never backdated; an issued
    number is never changed or reused.
    """
    from stakactl.operations.invoices import (
        GenerateRequest,
        generate_invoices,
        issuing_since,
        plan_invoices,
    )
    from stakactl.output.reports.invoices import generate_view, plan_view

    start, end = period(call, since, until)
    default: datetime = issuing_since(call.container)
    request = GenerateRequest(start or default, end, backfill=start is not None)
    if dry_run:
        return plan_view(plan_invoices(call.container, request))
    call.confirm("Issue these invoices? Their numbers can never be taken back.", yes)
    return generate_view(generate_invoices(call.container, request))


@command(app, name="list", example="stakactl invoices list --search martin")
def list_invoices(
    call: Call,
    search: Annotated[
        str,
        typer.Option(help="Text in number, order id, buyer's name or e-mail.", show_default=False),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Page to show.")] = 1,
) -> View:
    """List issued invoices, newest first."""
    from stakactl.output.reports.invoices import list_view

    book = call.container.invoices
    return list_view(book.find(search, limit, (page - 1) * limit), book.count())


@command(app, name="show", example="stakactl invoices show FACT-2026-000123")
def show_invoice(
    call: Call,
    number: Annotated[str, typer.Argument(help="The invoice's number or id.", show_default=False)],
) -> View:
    """Show one invoice, its lines and where its PDF is."""
    from stakactl.output.reports.invoices import show_view

    invoice = call.container.invoices.get(number)
    if invoice is None:
        raise NotFound(f"no invoice {number!r}", hint="stakactl invoices list --search TEXT")
    return show_view(invoice, call.container.store.location(invoice.object_key))
