"""`stakactl invoices list · show`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.domain.invoice_status import DocumentKind, InvoiceSort, InvoiceStatus
from stakactl.output.view import View

NumberArgument = Annotated[
    str, typer.Argument(help="The invoice's number or id.", show_default=False)
]


@command(
    app,
    name="list",
    example=[
        "stakactl invoices list --search martin",
        "stakactl invoices list --status OVERDUE --sort due",
        "stakactl invoices list --kind credit_note --since 2026-07-01",
    ],
)
def list_invoices(
    call: Call,
    search: Annotated[
        str,
        typer.Option(
            help="Text in number, order id, title, buyer's name, company or e-mail.",
            show_default=False,
        ),
    ] = "",
    status: Annotated[
        InvoiceStatus | None,
        typer.Option(case_sensitive=False, help="Only this status.", show_default=False),
    ] = None,
    kind: Annotated[
        DocumentKind | None,
        typer.Option(help="Only invoices, or only credit notes.", show_default=False),
    ] = None,
    customer: Annotated[
        str, typer.Option(help="Only this customer's, by our id.", show_default=False)
    ] = "",
    since: SinceOption = None,
    until: UntilOption = None,
    sort: Annotated[
        InvoiceSort, typer.Option(help="Sort by this; a minus turns the order round.")
    ] = InvoiceSort.NEWEST,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Page to show.")] = 1,
) -> View:
    """List issued invoices, newest first. --since and --until mean the day of issue."""
    from stakactl.operations.ports import InvoiceFilter
    from stakactl.output.reports.invoices import Listed, list_view

    start, end = period(call, since, until)
    now = call.container.clock.now()
    wanted = InvoiceFilter(
        search=search,
        status=None if status is None else (status, now),
        customer_id=customer,
        since=start,
        until=end,
        kind=kind,
        sort=sort,
        limit=limit,
        offset=(page - 1) * limit,
    )
    book = call.container.invoices
    found = Listed(tuple(book.find(wanted)), book.count(wanted), book.count(), page, limit)
    return list_view(found, now)


@command(app, name="show", example="stakactl invoices show FACT-2026-000123")
def show_invoice(call: Call, number: NumberArgument) -> View:
    """Show one invoice, its lines and where its PDF is."""
    from stakactl.operations.invoice_files import known_invoice
    from stakactl.operations.pdfs import retain_until
    from stakactl.output.reports.invoices import show_view

    invoice = known_invoice(call.container, number)
    location = call.container.store.location(invoice.object_key)
    keep = retain_until(call.container, invoice)
    return show_view(invoice, location, keep, call.container.clock.now())
