"""`stakactl invoices send`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.invoices.listing import NumberArgument
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.output.view import View


@command(
    app,
    name="send",
    example=[
        "stakactl invoices send FACT-2026-000123 --dry-run",
        "stakactl invoices send FACT-2026-000123 --to accounts@example.com",
    ],
)
def send(
    call: Call,
    number: NumberArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Another address than the buyer's.", show_default=False),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the mail; queue nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Queue the mail of an invoice or credit note once more: a person's decision.

    It is a mail of its own; what was sent before stays as it is.
    """
    from stakactl.operations.send_invoice import plan_send_invoice, send_invoice
    from stakactl.output.reports.letters import send_invoice_view

    plan = plan_send_invoice(call.container, number, to)
    if dry_run:
        return send_invoice_view(plan)
    sent = next((mail.sent_at for mail in plan.earlier if mail.sent_at), None)
    before = f" It was mailed on {sent:%Y-%m-%d}." if sent else ""
    call.confirm(f"Mail {plan.invoice.number} to {plan.letter.recipient}?{before}", yes)
    return send_invoice_view(send_invoice(call.container, number, to))
