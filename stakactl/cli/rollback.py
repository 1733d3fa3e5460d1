"""`stakactl rollback …`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.maintenance import person, reason_text
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command, group
from stakactl.cli.periods import NotifySinceOption
from stakactl.cli.webhooks.options import UrlOption, mode_words
from stakactl.domain.rollback import Step
from stakactl.domain.webhooks.endpoints import host_of
from stakactl.errors import ConfigurationError, UsageError
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.rollback import RollbackRequest

app = group("rollback")

_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the steps; change nothing.")]


@command(
    app,
    name="run",
    example=[
        'stakactl rollback run --reason "payments fail since 2.4"',
        "stakactl rollback run --no-endpoints --yes",
    ],
)
def run(
    call: Call,
    reason: Annotated[str, typer.Option(help="Why; whoever is refused reads it.")] = "",
    endpoints: Annotated[
        bool, typer.Option("--endpoints/--no-endpoints", help="Disable our webhook endpoints.")
    ] = True,
    maintenance: Annotated[
        bool, typer.Option("--maintenance/--no-maintenance", help="Raise the maintenance flag.")
    ] = True,
    backup: Annotated[
        bool, typer.Option("--backup/--no-backup", help="Back up stakactl's store.")
    ] = True,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell customers by mail, and of the end too.")
    ] = False,
    notify_since: NotifySinceOption = "30d",  # type: ignore[assignment]
    url: UrlOption = None,
    dry_run: _DryRun = False,
    yes: YesOption = False,
) -> View:
    """Hold everything: disable our endpoints in Stripe, raise maintenance, make a backup.

    Ours are the endpoints whose host is exactly that of STRIPE_WEBHOOK_URL. A step that fails does
    not stop the others; typed again, the command makes what is missing. Exit code 6 until all of
    it is done. With --notify customers who were here lately get a mail, each once; they are told of
    the end by rollback resume.
    """
    from stakactl.operations.rollback import plan_rollback, run_rollback
    from stakactl.output.reports.rollback import rollback_view

    switches = {
        Step.DISABLE_ENDPOINTS: endpoints,
        Step.MAINTENANCE_ON: maintenance,
        Step.BACKUP: backup,
        Step.NOTICE: notify,
    }
    if notify and not maintenance:
        raise UsageError(
            "--notify tells customers of a maintenance", hint="leave --no-maintenance out"
        )
    steps = tuple(step for step, wanted in switches.items() if wanted)
    since = call.container.clock.now() - notify_since if notify else None
    request = replace(_request(call, reason, steps, url), notify_since=since)
    if dry_run or (call.interactive and not yes):
        plan = rollback_view(plan_rollback(call.container, request), dry_run=True)
        if dry_run:
            return plan
        call.show(plan)
    call.confirm(f"Hold everything {mode_words(call)}?", yes)
    return rollback_view(run_rollback(call.container, request))


def _request(
    call: Call, reason: str, steps: tuple[Step, ...], url: str | None
) -> "RollbackRequest":
    from stakactl.operations.rollback import RollbackRequest

    if not steps:
        raise UsageError("every step is switched off", hint="leave one of them out")
    host = host_of(url or call.container.settings.stripe_webhook_url or "")
    if host is None and Step.DISABLE_ENDPOINTS in steps:
        raise ConfigurationError(
            "STRIPE_WEBHOOK_URL is not set: which endpoints are ours?",
            hint="set it in .env, or add --no-endpoints",
        )
    return RollbackRequest(host or "", reason_text(reason), person(), steps)


@command(
    app,
    name="resume",
    example=["stakactl rollback resume", "stakactl rollback resume --repost --yes"],
)
def resume(
    call: Call,
    repost: Annotated[
        bool,
        typer.Option("--repost", help="Send the events of the gap to STRIPE_WEBHOOK_URL."),
    ] = False,
    dry_run: _DryRun = False,
    yes: YesOption = False,
) -> View:
    """Bring everything back: the endpoints that we disabled, the events of the gap, the work.

    Stripe never sends again what happened while an endpoint was disabled: it is fetched and read
    into the local copy, or with --repost sent to the application, oldest first. Then maintenance
    ends and the orders of that time are compared. A step that fails stops the way back; typed
    again, the command goes on there.
    """
    from stakactl.operations.resume import plan_resume, resume_rollback
    from stakactl.output.reports.rollback import rollback_view

    receiver = call.container.webhook if repost else None
    if dry_run or (call.interactive and not yes):
        plan = rollback_view(plan_resume(call.container), dry_run=True)
        if dry_run:
            return plan
        call.show(plan)
    call.confirm(f"Bring everything back {mode_words(call)}?", yes)
    return rollback_view(resume_rollback(call.container, receiver))


@command(app, name="status", example="stakactl rollback status -o json")
def status(call: Call) -> View:
    """Show the rollback that holds everything, or the last one, step by step."""
    from stakactl.operations.rollback import rollback_status
    from stakactl.output.reports.rollback import rollback_view

    return rollback_view(rollback_status(call.container))
