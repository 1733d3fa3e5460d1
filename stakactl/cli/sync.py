"""`stakactl sync`."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.errors import UsageError
from stakactl.output.view import View

app = group("sync")


class What(StrEnum):
    STRIPE = "stripe"
    ORDERS = "orders"


@command(app, example=["stakactl sync", "stakactl sync stripe", "stakactl sync orders --full"])
def sync(
    call: Call,
    what: Annotated[
        What | None, typer.Argument(help="Only this; without it, both.", show_default=False)
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Compare every row of the application's orders.")
    ] = False,
) -> View:
    """Fill the local copy of Stripe and of the application's orders.

    It continues where the last sync stopped, also after one that was killed.
    """
    if full and what is What.STRIPE:
        raise UsageError("--full is about orders", hint="stakactl sync orders --full")
    orders = None if what is What.STRIPE else _orders(call, full=full)
    if what is What.ORDERS:
        return orders or View(
            title="Orders",
            empty="There is no application database (ORDERS_MAPPING is not set): orders come from"
            " `stakactl orders import`.",
        )
    stripe = _stripe(call)
    return stripe if orders is None else _both(stripe, orders)


def _stripe(call: Call) -> View:
    from stakactl.operations.sync import sync_stripe
    from stakactl.output.reports.runs import sync_view

    report = sync_stripe(call.container)
    return sync_view(report, call.container.mirror.count())


def _orders(call: Call, *, full: bool) -> View | None:
    """None where orders are imported."""
    if call.container.application is None:
        return None
    from stakactl.operations.sync_orders import sync_orders
    from stakactl.output.reports.orders_sync import orders_sync_view

    report = sync_orders(call.container, full=full)
    return orders_sync_view(report, call.container.orders.count())


def _both(stripe: View, orders: View) -> View:
    from stakactl.domain.runs import worst
    from stakactl.output.view import Section

    lines = tuple(str(item["row"]) for item in orders.items)
    rejected = (Section("Orders that could not be taken", lines),) if lines else ()
    return replace(
        stripe,
        outcome=worst([stripe.outcome, orders.outcome]),
        summary={**stripe.summary, "orders": dict(orders.summary)},
        sections=(*stripe.sections, *rejected, *orders.sections),
        notes=(*stripe.notes, *orders.notes),
    )
