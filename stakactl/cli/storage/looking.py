"""`stakactl storage check · stats`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command
from stakactl.cli.storage import app
from stakactl.output.view import View

#: One question may take this long at most, and never more than half of the whole.
_QUESTION_SECONDS = 10.0


@command(
    app,
    name="check",
    example=["stakactl storage check", "stakactl storage check --probe"],
)
def check(
    call: Call,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Also store a PDF, fetch it by a link and delete it again."),
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds for everything together.")
    ] = 30.0,
) -> View:
    """Check the store of the PDFs: reachable, the right bucket and region, private, encrypted.

    Says too whether it keeps versions, whether PDFs are locked, and how many PDFs of issued
    invoices wait to be stored. It only reads, unless --probe is given. Exit code 1 when an error
    was found.
    """
    from stakactl.operations.storage.check import check_storage
    from stakactl.operations.validate.running import Running
    from stakactl.output.reports.storage import health_view

    seconds = min(_QUESTION_SECONDS, timeout / 2)
    inspection = call.container.storage_inspection(timeout_seconds=seconds)
    return health_view(check_storage(call.container, inspection, Running(timeout, probe=probe)))


@command(
    app,
    name="stats",
    example=["stakactl storage stats", "stakactl storage stats --customers 100 -o csv"],
)
def stats(
    call: Call,
    customers: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many customers to name.")
    ] = 20,
) -> View:
    """Add up what lies in the store: PDFs and bytes, in all, by customer and by storage class.

    Compares with the invoices: what is recorded as stored and is missing, and what lies there and
    belongs to none. Reads the store's list, and no PDF.
    """
    from stakactl.operations.storage.stats import storage_stats
    from stakactl.output.reports.storage import stats_view

    return stats_view(storage_stats(call.container, customers))
