"""`stakactl maintenance …`."""

import getpass
from datetime import timedelta
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.cli.periods import NotifySinceOption
from stakactl.cli.webhooks.options import mode_words
from stakactl.domain.maintenance import DEFAULT_TTL, MAX_TTL
from stakactl.errors import UsageError
from stakactl.output.view import View

app = group("maintenance")

_MAX_REASON = 200


@command(
    app,
    name="on",
    example=[
        'stakactl maintenance on --reason "deploying 2.4" --ttl 1800',
        "stakactl maintenance on --notify --notify-since 7d --dry-run",
    ],
)
def turn_on(
    call: Call,
    reason: Annotated[str, typer.Option(help="Why; whoever is refused reads it.")] = "",
    ttl: Annotated[
        int,
        typer.Option(
            min=1,
            max=int(MAX_TTL.total_seconds()),
            metavar="<seconds>",
            help="How long it stands unless somebody takes it down.",
        ),
    ] = int(DEFAULT_TTL.total_seconds()),
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell customers by mail, and of the end too.")
    ] = False,
    notify_since: NotifySinceOption = "30d",  # type: ignore[assignment]
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show how many would be told; change nothing.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Hold everything that changes something: such commands end with exit code 5.

    With REDIS_URL the application is told as well, under the key stripe:maintenance. Typed again
    it begins anew, with another reason or time.

    With --notify customers get a mail, each once: whoever ordered or paid lately, has something
    unpaid or a subscription. The reason is not in it. maintenance off tells the same people that it
    is over.
    """
    from stakactl.operations.maintenance import plan_maintenance, raise_maintenance
    from stakactl.output.reports.maintenance import maintenance_view

    lasts, ports = timedelta(seconds=ttl), call.container
    since = ports.clock.now() - notify_since if notify else None
    if dry_run:
        plan = plan_maintenance(ports, since)
        return _shown(call, maintenance_view(plan, dry_run=True), plan.warning)
    if since is not None:
        told = plan_maintenance(ports, since).told
        call.confirm(f"Tell {told} customers {mode_words(call)}?", yes)
    report = raise_maintenance(ports, reason_text(reason), person(), lasts, since)
    return _shown(call, maintenance_view(report), report.warning)


@command(app, name="off", example="stakactl maintenance off")
def turn_off(call: Call) -> View:
    """Let everything go on, and tell those who were told of it.

    What a rollback holds is brought back by its resume.
    """
    from stakactl.operations.maintenance import end_maintenance
    from stakactl.output.reports.maintenance import maintenance_view

    report = end_maintenance(call.container)
    return _shown(call, maintenance_view(report), report.warning)


@command(app, name="status", example="stakactl maintenance status -o json")
def show_status(call: Call) -> View:
    """Show whether it is on, why, for how long, and what the application sees."""
    from stakactl.operations.maintenance import maintenance_status
    from stakactl.output.reports.maintenance import maintenance_view

    report = maintenance_status(call.container)
    return _shown(call, maintenance_view(report), report.warning)


def _shown(call: Call, view: View, warning: str | None) -> View:
    if warning is not None:
        call.warn(warning)
    return view


def reason_text(reason: str) -> str:
    """On one line and not endless: it is shown to whoever is refused."""
    text = " ".join(reason.split()) or "no reason given"
    if len(text) > _MAX_REASON:
        raise UsageError(f"--reason is longer than {_MAX_REASON} characters")
    return text


def person() -> str:
    """Who types; cron jobs and containers may run under a number without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
