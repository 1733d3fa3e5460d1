"""`stakactl sync`."""

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("sync")


@command(app, example="stakactl sync")
def sync(call: Call) -> View:
    """Fill the local copy of Stripe. It continues where the last sync stopped."""
    from stakactl.operations.sync import sync_stripe
    from stakactl.output.reports.runs import sync_view

    report = sync_stripe(call.container)
    return sync_view(report, call.container.mirror.count())
