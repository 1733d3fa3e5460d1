"""`stakactl mail …`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.domain.mail import MailStatus
from stakactl.output.view import View

app = group("mail")


@command(app, name="send", example="stakactl mail send --yes")
def send(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is queued; send nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Send what is queued, each mail once.

    Where nobody can know whether a mail arrived it becomes unknown and waits for a person.
    """
    from stakactl.operations.mail import send_mail
    from stakactl.output.reports.mail import list_view, send_view

    if dry_run:
        return list_view(call.container.outbox.find(MailStatus.QUEUED, limit=1000))
    waiting = call.container.outbox.waiting(call.container.clock.now())
    if waiting:
        call.confirm(f"Send {waiting} mails to customers?", yes)
    return send_view(send_mail(call.container))


@command(app, name="list", example="stakactl mail list --status unknown")
def list_mail(
    call: Call,
    status: Annotated[
        MailStatus | None, typer.Option(help="Only this status.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
) -> View:
    """List the outbox, newest first."""
    from stakactl.output.reports.mail import list_view

    return list_view(call.container.outbox.find(status, limit))


@command(app, name="retry", example="stakactl mail retry --id 17")
def retry(
    call: Call,
    mail_id: Annotated[int, typer.Option("--id", help="The mail's id.", show_default=False)],
    yes: YesOption = False,
) -> View:
    """Queue a failed or unknown mail again: a person's decision."""
    from stakactl.operations.mail import retry_mail
    from stakactl.output.reports.mail import retry_view

    call.confirm(f"Mail {mail_id} may have arrived already. Queue it again?", yes)
    retry_mail(call.container, mail_id)
    return retry_view(mail_id)
