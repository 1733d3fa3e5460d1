"""`stakactl reminders …`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("reminders")


@command(
    app,
    name="list",
    example=["stakactl reminders list", "stakactl reminders list --due -o csv"],
)
def list_reminders(
    call: Call,
    due: Annotated[
        bool, typer.Option("--due", help="Only those who are to be reminded now.")
    ] = False,
) -> View:
    """List what is overdue, oldest first: who gets which reminder today, and who none and why.

    Looks at what the last sync read; sending asks Stripe and the application again.
    """
    from stakactl.operations.reminders import judgements
    from stakactl.output.reports.reminders import list_view

    ports = call.container
    found = judgements(ports)
    wanted = (one for one in found if one.step is not None) if due else found
    policy = ports.policy
    return list_view(wanted, policy.reminders, ports.clock.now(), policy.mail_since)


@command(
    app,
    name="send",
    example=["stakactl reminders send --dry-run", "stakactl reminders send --yes"],
)
def send(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show who would be reminded; queue and send nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Queue the reminders that are due and send the outbox.

    Each step of an invoice goes out once. Stripe and the application are asked again before each
    letter: what was paid, disputed or refunded meanwhile withdraws it. Outside of REMINDER_HOURS,
    REMINDER_DAYS and on public holidays nothing is queued.
    """
    from stakactl.operations.reminders import mailing_since, plan_reminders, send_reminders
    from stakactl.output.reports.reminders import plan_view, send_view

    mailing_since(call.container)
    if dry_run:
        return plan_view(plan_reminders(call.container))
    if not yes:
        plan = plan_reminders(call.container)
        if not plan.due or not plan.is_open:
            return plan_view(plan)
        call.show(plan_view(plan))
        count = plan.count
        call.confirm(f"Send {count} reminder{'s' if count > 1 else ''} to customers?", yes)
    return send_view(send_reminders(call.container))


@command(
    app,
    name="preview",
    example=[
        "stakactl reminders preview FACT-2026-000123",
        "stakactl reminders preview FACT-2026-000123 --step 3 --html reminder.html",
    ],
)
def preview(
    call: Call,
    invoice: Annotated[
        str,
        typer.Argument(
            help="Number or id of an invoice of ours or of Stripe's, or an order's id.",
            show_default=False,
        ),
    ],
    step: Annotated[
        int | None,
        typer.Option("--step", min=1, help="Which one; else the next.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write the HTML part into this new file.", show_default=False),
    ] = None,
) -> View:
    """Show the letter of a reminder without sending it."""
    from stakactl.operations.reminders import preview_reminder
    from stakactl.output.reports.reminders import preview_view

    found = preview_reminder(call.container, invoice, step)
    if html is not None:
        call.container.save_download(html, found.letter.html.encode())
    return preview_view(found, html)
