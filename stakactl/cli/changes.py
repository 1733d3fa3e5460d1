"""`stakactl changes …`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("changes")


@command(app, name="list", example="stakactl changes list --run 20261121T031502Z-9f86d0")
def list_changes(
    call: Call,
    run: Annotated[
        str | None, typer.Option("--run", help="Only of this run.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
) -> View:
    """List the changes of orders with what was there before, newest first."""
    from stakactl.output.reports.runs import changes_view

    return changes_view(call.container.changes.find(run, limit))
