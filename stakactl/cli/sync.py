"""`stakactl sync`."""

from enum import StrEnum
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("sync")


class What(StrEnum):
    STRIPE = "stripe"
    ORDERS = "orders"


@command(app, example=["stakactl sync", "stakactl sync stripe"])
def sync(
    call: Call,
    what: Annotated[
        What | None, typer.Argument(help="Only this; without it, both.", show_default=False)
    ] = None,
) -> View:
    """Fill the local copy of Stripe and of the application's orders.

    It continues where the last sync stopped, also after one that was killed.
    """
    if what is What.ORDERS:
        return _orders()
    return _stripe(call)


def _stripe(call: Call) -> View:
    from stakactl.operations.sync import sync_stripe
    from stakactl.output.reports.runs import sync_view

    report = sync_stripe(call.container)
    return sync_view(report, call.container.mirror.count())


def _orders() -> View:
    return View(
        title="Orders",
        empty="There is no application database: orders come from `stakactl orders import`.",
    )
