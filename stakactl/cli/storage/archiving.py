"""`stakactl storage archive`."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.cli.periods import midnight
from stakactl.cli.storage import app
from stakactl.errors import UsageError
from stakactl.output.view import View


@command(
    app,
    name="archive",
    example=[
        "stakactl storage archive --older-than 730 --class GLACIER_IR --dry-run",
        "stakactl storage archive --before 2025-01-01 --class STANDARD_IA --yes",
    ],
)
def archive(
    call: Call,
    storage_class: Annotated[
        str,
        typer.Option(
            "--class",
            metavar="GLACIER_IR|STANDARD_IA",
            help="Where to: a class that is read at once.",
            show_default=False,
        ),
    ],
    older_than: Annotated[
        int | None,
        typer.Option(
            "--older-than",
            min=1,
            metavar="<days>",
            help="Invoices issued more than so many days ago.",
            show_default=False,
        ),
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(
            "--before",
            formats=["%Y-%m-%d"],
            metavar="<day>",
            help="Invoices issued before this day.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be moved; move nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Move PDFs of old invoices to a colder storage class of S3 that is still read at once.

    Bytes, metadata, tags and encryption stay as they are, and every command goes on working.
    Interrupted, it goes on where it was. Keeping costs less there, reading more; the plan says
    what small PDFs are billed as.
    """
    from stakactl.domain.storage_classes import wanted_class
    from stakactl.operations.storage.archive import ArchiveRequest, archive_pdfs, plan_archive
    from stakactl.output.reports.storage import archive_view, plan_view

    wanted = wanted_class(storage_class)
    request = ArchiveRequest(_before(call, older_than, before), wanted)
    plan = plan_archive(call.container, request)
    view = plan_view(plan, dry_run=dry_run)
    if dry_run or not plan.moving.count:
        return view
    if not yes:
        call.show(view)
    count = plan.moving.count
    call.confirm(f"Move {count} PDF{'s' if count > 1 else ''} to {wanted}?", yes)
    return archive_view(archive_pdfs(call.container, plan))


def _before(call: Call, older_than: int | None, before: datetime | None) -> datetime:
    """The midnight in the reporting time zone with which too young invoices begin."""
    if before is not None and older_than is None:
        return midnight(call, before.date())
    if older_than is None or before is not None:
        raise UsageError(
            "name the age of the invoices once", hint="--older-than DAYS, or --before DAY"
        )
    clock = call.container.clock
    today = clock.local_date(clock.now())
    if older_than >= today.toordinal():
        raise UsageError(f"--older-than {older_than} is before all calendars")
    return midnight(call, today - timedelta(days=older_than))
