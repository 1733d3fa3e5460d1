"""`stakactl backup …`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("backup")

NameArgument = Annotated[
    str, typer.Argument(metavar="BACKUP", help="Its name, or a path.", show_default=False)
]


@command(app, name="create", example="stakactl backup create")
def create(call: Call) -> View:
    """Back up stakactl's own store, the settings without secrets, and Stripe's endpoints.

    It is read again to its last byte before it counts; then the oldest go, beyond BACKUPS_KEPT.
    PDFs are not in it: they lie in the storage, which has its own copies.
    """
    from stakactl.operations.backup import create_backup
    from stakactl.output.reports.backup import created_view

    report = create_backup(call.container)
    for warning in report.warnings:
        call.warn(warning)
    return created_view(report)


@command(app, name="list", example="stakactl backup list")
def list_backups(call: Call) -> View:
    """List the backups, newest first."""
    from stakactl.output.reports.backup import list_view

    return list_view(call.container.backups.find())


@command(
    app,
    name="verify",
    example=["stakactl backup verify", "stakactl backup verify stakactl-20261126T030000000Z"],
)
def verify(
    call: Call,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BACKUP]…", help="These; all without.", show_default=False),
    ] = None,
) -> View:
    """Read every byte of backups and compare it with what was written."""
    from stakactl.operations.backup import verify_backups
    from stakactl.output.reports.backup import verified_view

    return verified_view(verify_backups(call.container, names or []))


@command(
    app,
    name="restore",
    example=[
        "stakactl backup restore stakactl-20261126T030000000Z",
        "stakactl backup restore /mnt/old/stakactl-20261126T030000000Z.zip --replace --yes",
    ],
)
def restore(
    call: Call,
    name: NameArgument,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let the store lose all that it holds now.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Verify it and show what it holds; change nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Fill an empty store with a backup, SQLite or PostgreSQL, whichever it was made from.

    All of it or nothing. A store that holds something is refused, unless --replace is given.

    A backup does not know what was issued after it: no number is given, and no waiting mail sent,
    until the restored store was compared with the stored PDFs. That is done at once; where it
    leaves something open the exit code is 1 and backup thaw goes on.
    """
    from stakactl.operations.backup import restore_backup, sound_backup
    from stakactl.operations.thaw import thaw_restored
    from stakactl.output.reports.backup import planned_view
    from stakactl.output.reports.thaw import restored_view

    with sound_backup(call.container, name) as reader:
        manifest = reader.manifest
    if dry_run:
        return planned_view(manifest)
    loss = " What the store holds now is lost." if replace else ""
    call.confirm(
        f"Restore {manifest.rows} rows of {manifest.created_at:%Y-%m-%d %H:%M} UTC?{loss}", yes
    )
    restored = restore_backup(call.container, name, replace=replace)
    return restored_view(restored, thaw_restored(call.container))


@command(
    app,
    name="thaw",
    example=[
        "stakactl backup thaw --dry-run",
        "stakactl backup thaw --advance --yes",
        "stakactl backup thaw --last FACT-2026-000123 --yes",
    ],
)
def thaw(
    call: Call,
    advance: Annotated[
        bool,
        typer.Option("--advance", help="Go on above invoices that cannot be taken back."),
    ] = False,
    last: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help="The last number of a series that anybody has, where its PDFs are lost.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what was issued since; change nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Compare a restored store with the stored PDFs, so that it may issue again.

    Invoices that were issued after the backup are taken back into the store from their PDFs, as
    soon as their orders are known: stakactl sync and orders import first. Of those that do not fit,
    --advance keeps the number taken and the order without a second invoice. Typed later it tries
    them again.
    """
    from stakactl.operations.thaw import ThawRequest, plan_thaw
    from stakactl.operations.thaw import thaw as lift
    from stakactl.output.reports.thaw import thaw_view

    if dry_run:
        return thaw_view(plan_thaw(call.container), dry_run=True)
    request = ThawRequest(advance, tuple(last or ()))
    if advance or last:
        if call.interactive and not yes:
            call.show(thaw_view(plan_thaw(call.container), dry_run=True))
        call.confirm("Go on above these numbers, and never give them again?", yes)
    return thaw_view(lift(call.container, request))
