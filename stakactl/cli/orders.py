"""`stakactl orders …`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.domain.orders import OrderStatus
from stakactl.errors import NotFound
from stakactl.output.view import View

app = group("orders")


@command(app, name="list", example="stakactl orders list --status pending --search martin")
def list_orders(
    call: Call,
    status: Annotated[
        OrderStatus | None, typer.Option(help="Only this status.", show_default=False)
    ] = None,
    search: Annotated[
        str, typer.Option(help="Text in order id, title, e-mail or name.", show_default=False)
    ] = "",
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Page to show.")] = 1,
) -> View:
    """List orders, newest first."""
    from stakactl.operations.ports import OrderFilter
    from stakactl.output.reports.orders import list_view

    start, end = period(call, since, until)
    book = call.container.orders
    found = book.find(OrderFilter(status, search, start, end, limit, (page - 1) * limit))
    return list_view(found, book.count())


@command(app, name="show", example="stakactl orders show A-1042")
def show_order(
    call: Call, order_id: Annotated[str, typer.Argument(help="The order's id.", show_default=False)]
) -> View:
    """Show one order and what differs between it, Stripe and its invoice."""
    from stakactl.domain.reconciliation import classify
    from stakactl.operations.compare import context_of
    from stakactl.output.reports.orders import show_view

    case = call.container.cases.case(order_id)
    if case is None:
        raise NotFound(f"no order {order_id!r}", hint="stakactl orders list --search TEXT")
    context = context_of(call.container)
    findings = classify(case, context)
    judged = context.can_judge(case.order)
    return show_view(case.order, case.invoice_number, findings, judged=judged)


@command(
    app,
    name="import",
    example=["stakactl orders import orders.csv", "mongoexport … | stakactl orders import -"],
)
def import_file(
    call: Call,
    file: Annotated[Path, typer.Argument(help="CSV, JSON or NDJSON file; - reads standard input.")],
    format_: Annotated[
        str, typer.Option("--format", help="csv, json, ndjson, or auto to look.")
    ] = "auto",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take the good rows and list the others.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the file and count; change nothing.")
    ] = False,
) -> View:
    """Take orders from a file, all of them or none.

    Importing again updates by order_id: newer wins, a paid order never becomes pending.
    """
    from stakactl.operations.import_orders import import_orders
    from stakactl.output.reports.orders import import_view

    taken = call.container.read_orders(file, format_, skip_bad=skip_bad)
    report = import_orders(call.container, taken.orders, taken.problems, dry_run=dry_run)
    return import_view(report)
