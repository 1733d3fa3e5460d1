"""`stakactl invoices verify`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.errors import UsageError
from stakactl.output.view import View


@command(
    app,
    name="verify",
    example=[
        "stakactl invoices verify --since 2026-01-01 --until 2026-03-31",
        "stakactl invoices verify FACT-2026-000123",
    ],
)
def verify(
    call: Call,
    numbers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NUMBER]…", help="Only these.", show_default=False),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
) -> View:
    """Prove that issued invoices hold: numbers without gap, sums, payments, every PDF and its XML.

    Reads each PDF to its last byte, compares its SHA-256, takes the Factur-X XML out of it and
    compares that with what was frozen when the invoice was issued. --since and --until mean the
    day of issue. Changes nothing; exit code 1 when something was found.
    """
    from stakactl.operations.scope import Scope
    from stakactl.operations.verify_invoices import verify_named, verify_period
    from stakactl.output.reports.verify_invoices import verify_view

    start, end = period(call, since, until)
    if numbers and (start or end):
        raise UsageError("numbers and a period exclude each other")
    if numbers:
        return verify_view(verify_named(call.container, numbers))
    return verify_view(verify_period(call.container, Scope(start, end)))
