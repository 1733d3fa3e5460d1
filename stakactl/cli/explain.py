"""`stakactl explain`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("explain")


@command(
    app,
    example=["stakactl explain A-1042", "stakactl explain pi_3PqRsT --live"],
)
def explain(
    call: Call,
    name: Annotated[
        str,
        typer.Argument(
            metavar="<id>",
            help="An order, session, PaymentIntent, charge, refund, dispute, invoice number, "
            "payout, balance transaction, event or finding.",
            show_default=False,
        ),
    ],
    live: Annotated[
        bool, typer.Option("--live", help="Fetch its objects from Stripe first.")
    ] = False,
) -> View:
    """Show what happened around one id, what is wrong, why, and what to type next.

    One time line across the chain: order, checkout, payment, refunds, disputes, invoice, PDF,
    mail, balance, payout, Stripe's events, and what stakactl found and changed. Reads the local
    copy of Stripe unless --live.
    """
    from stakactl.operations.explain import explain as run
    from stakactl.output.reports.explain import explain_view

    container = call.container
    zone = container.settings.stakactl_time_zone
    return explain_view(run(container, name, live=live), mode=container.mode, zone=zone)
