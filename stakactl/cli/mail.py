"""`stakactl mail …`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.domain.letters import Language
from stakactl.domain.mail import MailKind, MailStatus
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the mail; queue nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Queue a failed or unknown mail again: a person's decision.

    It goes to the same address; invoices send --to names another.
    """
    from stakactl.operations.mail import plan_retry, retry_mail
    from stakactl.output.reports.mail import retry_view

    mail = plan_retry(call.container, mail_id)
    if dry_run:
        return retry_view(mail, dry_run=True)
    became = "may have arrived already" if mail.status is MailStatus.UNKNOWN else "was refused"
    call.confirm(f"Mail {mail_id} to {mail.recipient} {became}. Queue it again?", yes)
    return retry_view(retry_mail(call.container, mail_id))


@command(
    app,
    name="preview",
    example=[
        "stakactl mail preview invoice --order A-1001",
        "stakactl mail preview credit-note --language en --html letter.html",
    ],
)
def preview(
    call: Call,
    kind: Annotated[MailKind, typer.Argument(help="Which letter.", show_default=False)],
    order: Annotated[
        str | None,
        typer.Option(
            "--order", help="Its id or invoice number; else sample data.", show_default=False
        ),
    ] = None,
    language: Annotated[
        Language, typer.Option("--language", "--lang", help="Of sample data; an order has its own.")
    ] = Language.FRENCH,
    wording: Annotated[
        int, typer.Option("--wording", min=1, help="Of a kind that has several, with sample data.")
    ] = 1,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write the HTML into this new file.", show_default=False),
    ] = None,
) -> View:
    """Show a letter as it would be sent; nothing is queued or sent."""
    from stakactl.operations.preview import preview_letter
    from stakactl.output.reports.letters import preview_view

    made = preview_letter(call.container, kind, order=order, language=language, wording=wording)
    if html is not None:
        call.container.save_download(html, made.letter.html.encode())
    return preview_view(made, html)
