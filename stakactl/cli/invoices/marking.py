"""`stakactl invoices mark`."""

from typing import Annotated, Literal

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.invoices.listing import NumberArgument
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.output.view import View


@command(
    app,
    name="mark",
    example="stakactl invoices mark FACT-2026-000123 paid",
)
def mark(
    call: Call,
    number: NumberArgument,
    state: Annotated[
        Literal["paid", "unpaid"], typer.Argument(help="What it is.", show_default=False)
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be marked; change nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Mark an invoice as paid outside of Stripe, or as unpaid after all.

    The document stays as it was issued. An invoice that says itself that it was paid is credited
    instead.
    """
    from stakactl.operations.mark_invoice import Mark, mark_invoice, plan_mark
    from stakactl.output.reports.mark_invoice import mark_view

    plan = plan_mark(call.container, number, Mark(state))
    if dry_run:
        return mark_view(plan)
    call.confirm(f"Mark {plan.before.number} as {state}?", yes)
    return mark_view(mark_invoice(call.container, number, Mark(state)))
