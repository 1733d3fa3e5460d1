"""`stakactl reconcile`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.domain.findings import Discrepancy
from stakactl.errors import UsageError
from stakactl.output.view import View

app = group("reconcile")


@command(
    app,
    example=["stakactl reconcile", "stakactl reconcile --fix", "stakactl reconcile --order A-1042"],
)
def reconcile(
    call: Call,
    since: SinceOption = None,
    until: UntilOption = None,
    order: Annotated[
        str | None, typer.Option("--order", help="Only this order.", show_default=False)
    ] = None,
    discrepancy: Annotated[
        list[str] | None,
        typer.Option("--class", help="Only this class; may be repeated.", show_default=False),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe; every change is recorded.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what --fix would do.")
    ] = False,
    no_sync: Annotated[
        bool, typer.Option("--no-sync", help="Compare with the local copy of Stripe as it is.")
    ] = False,
) -> View:
    """Compare orders, Stripe and invoices; with --fix repair what is safe.

    Without --fix nothing is changed but the local copy of Stripe and the list of findings.
    """
    from stakactl.operations.reconcile import ReconcileRequest
    from stakactl.operations.reconcile import reconcile as run
    from stakactl.operations.scope import Scope
    from stakactl.output.reports.reconcile import reconcile_view

    start, end = period(call, since, until)
    wanted = frozenset(_discrepancy(name) for name in discrepancy or ())
    scope = Scope(since=start, until=end, order_id=order, discrepancies=wanted)
    request = ReconcileRequest(scope, fix=fix and not dry_run, sync=not no_sync)
    return reconcile_view(run(call.container, request))


def _discrepancy(name: str) -> Discrepancy:
    try:
        return Discrepancy(name.upper().replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--class {name!r} is no class of discrepancies",
            hint="one of " + ", ".join(Discrepancy),
        ) from None
