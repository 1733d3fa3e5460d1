"""`stakactl reconcile`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.discrepancies import ClassOption, wanted_discrepancies
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.errors import UsageError
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.reconcile import ReconcileRequest

app = group("reconcile")


@command(
    app,
    example=[
        "stakactl reconcile",
        "stakactl reconcile --fix",
        "stakactl reconcile --order A-1042",
        "stakactl reconcile --plan-out plan.json",
        "stakactl reconcile --apply plan.json",
    ],
)
def reconcile(
    call: Call,
    since: SinceOption = None,
    until: UntilOption = None,
    order: Annotated[
        str | None, typer.Option("--order", help="Only this order.", show_default=False)
    ] = None,
    discrepancy: ClassOption = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe; every change is recorded.")
    ] = False,
    plan_out: Annotated[
        Path | None,
        typer.Option(
            "--plan-out", help="Write the safe repairs to a new file, for review.", metavar="<file>"
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", help="Make exactly the repairs of such a file.", metavar="<file>"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what --fix or --apply would do.")
    ] = False,
    no_sync: Annotated[
        bool, typer.Option("--no-sync", help="Compare with the local copy of Stripe as it is.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Compare orders, Stripe and invoices; with --fix repair what is safe.

    Without --fix nothing is changed but the local copy of Stripe and the list of findings.

    One person can review what another applies: --plan-out writes the repairs to a file, --apply
    makes those of the file that still hold when each is looked at again. A file that was edited,
    is of another database or older than 7 days is refused.
    """
    from stakactl.operations.reconcile import ReconcileRequest
    from stakactl.operations.reconcile import reconcile as run
    from stakactl.operations.scope import Scope
    from stakactl.output.reports.reconcile import reconcile_view

    asked = {
        "--fix": fix,
        "--plan-out": plan_out is not None,
        "--since": since is not None,
        "--until": until is not None,
        "--order": order is not None,
        "--class": bool(discrepancy),
    }
    _refuse_contradictions(asked, applies=apply is not None, dry_run=dry_run)
    if apply is not None:
        return _apply(call, apply, dry_run=dry_run, sync=not no_sync, yes=yes)
    start, end = period(call, since, until)
    wanted = wanted_discrepancies(discrepancy)
    scope = Scope(since=start, until=end, order_id=order, discrepancies=wanted)
    request = ReconcileRequest(scope, fix=fix and not dry_run, sync=not no_sync)
    if plan_out is not None:
        return _plan_out(call, plan_out, request)
    return reconcile_view(run(call.container, request))


def _refuse_contradictions(asked: dict[str, bool], *, applies: bool, dry_run: bool) -> None:
    if applies:
        clash = next((name for name, given in asked.items() if given), None)
        if clash is not None:
            raise UsageError(
                f"--apply and {clash} exclude each other: the file says what is repaired",
                hint=f"leave {clash} out",
            )
    elif asked["--plan-out"] and (asked["--fix"] or dry_run):
        other = "--fix" if asked["--fix"] else "--dry-run"
        raise UsageError(
            f"--plan-out and {other} exclude each other: a plan is written instead of being made",
            hint=f"leave {other} out, or --plan-out",
        )


def _plan_out(call: Call, path: Path, request: "ReconcileRequest") -> View:
    from stakactl.operations.plan_files import plan_of
    from stakactl.operations.reconcile import reconcile as run
    from stakactl.output.reports.reconcile import plan_view

    files = call.container.plan_files
    files.require_new(path)
    report = run(call.container, request)
    checksum = files.write(path, plan_of(call.container, report))
    return plan_view(report, str(path), checksum)


def _apply(call: Call, path: Path, *, dry_run: bool, sync: bool, yes: bool) -> View:
    from stakactl.domain.findings import FixState
    from stakactl.operations.plan_files import apply_plan, preview_plan
    from stakactl.output.reports.reconcile import apply_view

    plan = call.container.plan_files.read(path)
    preview = preview_plan(call.container, plan)
    count = sum(fate.finding.fix is FixState.PLANNED for fate in preview.fates)
    if dry_run or not count:
        return apply_view(preview)
    if call.interactive and not yes:
        call.show(replace(apply_view(preview), notes=()))
    call.confirm(f"Make {count} of the {len(plan.repairs)} repairs of {path}?", yes)
    return apply_view(apply_plan(call.container, plan, sync=sync))
