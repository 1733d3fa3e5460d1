"""`stakactl runs …`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.errors import NotFound
from stakactl.output.view import View

app = group("runs")


@command(app, name="list", example="stakactl runs list")
def list_runs(
    call: Call, limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 20
) -> View:
    """List runs, newest first; one without an end was interrupted or still runs."""
    from stakactl.output.reports.runs import runs_view

    return runs_view(call.container.runs.find(limit))


@command(app, name="show", example="stakactl runs show 20261121T031502Z-9f86d0")
def show_run(
    call: Call, run_id: Annotated[str, typer.Argument(help="The run's id.", show_default=False)]
) -> View:
    """Show one run: how it ended, its figures and the orders it changed."""
    from stakactl.output.reports.runs import run_view

    run = call.container.runs.get(run_id)
    if run is None:
        raise NotFound(f"no run {run_id!r}", hint="stakactl runs list")
    return run_view(run, call.container.changes.find(run_id, limit=1000))
