"""`stakactl undo`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("undo")


@command(
    app,
    example=[
        "stakactl undo 20261121T031502Z-9f86d0 --dry-run",
        "stakactl undo 20261121T031502Z-9f86d0",
    ],
)
def undo(
    call: Call,
    run_id: Annotated[
        str, typer.Argument(help="The run, as runs list names it.", show_default=False)
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be taken back; change nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Take back the changes of a run, newest first, where they still stand.

    A field that holds what the run wrote gets its old value again. What an invoice, a mail or a
    later run was built on stays and is listed with the reason, as are PDFs. Nothing in Stripe is
    touched.
    """
    from stakactl.domain.undo import UndoState
    from stakactl.operations.undo import plan_of_undo
    from stakactl.operations.undo import undo as run
    from stakactl.output.reports.undo import undo_view

    plan = plan_of_undo(call.container, run_id)
    count = plan.count(UndoState.PLANNED)
    if dry_run or not count:
        return undo_view(plan, dry_run=dry_run)
    if call.interactive and not yes:
        call.show(undo_view(plan, dry_run=True))
    call.confirm(f"Take back {count} change{'s' if count > 1 else ''} of run {run_id}?", yes)
    return undo_view(run(call.container, plan))
