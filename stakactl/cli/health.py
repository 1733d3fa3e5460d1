"""`stakactl health`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.stream import Sink
from stakactl.output.view import View

app = group("health")


def _write_prometheus(view: View, sink: Sink) -> None:
    from stakactl.output.prometheus import write_prometheus

    write_prometheus(view, sink)


@command(
    app,
    example=[
        "stakactl health",
        "stakactl health --alert --quiet",
        "stakactl health -o prometheus | sponge /var/lib/prometheus/node-exporter/stakactl.prom",
    ],
    formats={"prometheus": _write_prometheus},
)
def health(
    call: Call,
    alert: Annotated[
        bool, typer.Option("--alert", help="Tell the administrator what is due, by mail and chat.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Degraded is a finding too (exit code 1).")
    ] = False,
) -> View:
    """Say whether it goes well, by thresholds for payments, events, PDFs, mails and this machine.

    Exit code 1 when it is critical. Without --alert it only looks. With it, each alert is told at
    most once a day until it clears: for cron, between the nights.
    """
    from stakactl.operations import health as operation
    from stakactl.output.reports.alerts import health_view

    run = operation.health_with_alerts if alert else operation.health
    return health_view(run(call.container, strict=strict))
