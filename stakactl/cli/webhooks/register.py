"""`stakactl webhooks register` and `rotate-secret`: what may bring a new signing secret."""

from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.cli.webhooks import app
from stakactl.cli.webhooks.options import (
    SecretFileOption,
    ShowSecretOption,
    UrlOption,
    WriteEnvOption,
    known_secret,
    mode_words,
    secret_sink,
    wanted_endpoint,
)
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.domain.webhooks.register import RegisterPlan
    from stakactl.domain.webhooks.rotation import RotationPlan
    from stakactl.operations.ports.endpoints import SecretSink

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show the plan; change nothing.")]


@command(
    app,
    name="register",
    example=[
        "stakactl webhooks register --dry-run",
        "stakactl webhooks register --write-env",
        "stakactl webhooks register --secret-file whsec.txt --yes",
    ],
)
def register(
    call: Call,
    url: UrlOption = None,
    write_env: WriteEnvOption = False,
    secret_file: SecretFileOption = None,
    show_secret: ShowSecretOption = False,
    description: Annotated[
        str | None, typer.Option(help="What Stripe's dashboard shows of it.", show_default=False)
    ] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option(
            "--replace",
            help="An endpoint at another URL that this one replaces; may be repeated.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> View:
    """Register the webhook endpoint that the settings ask for; again, it changes nothing.

    Missing events are added, none is taken away. Another API version or URL needs a new endpoint:
    it is created, its secret is kept, then the old one is disabled. The signing secret is shown
    by Stripe once, so a place for it must be named.
    """
    from stakactl.operations.webhooks.register import plan_of_registration
    from stakactl.operations.webhooks.register import register as run
    from stakactl.output.reports.webhook_changes import register_view

    stripe, wanted = call.container.webhook_endpoints, wanted_endpoint(call, url)
    report = plan_of_registration(
        stripe,
        wanted,
        description=description,
        known_secret=known_secret(call, url),
        replace=replace or (),
    )
    if dry_run:
        return register_view(report, dry_run=True)
    sink = secret_sink(call, write_env=write_env, secret_file=secret_file, show_secret=show_secret)
    _require_place(report.plan, sink)
    if not report.plan.is_nothing:
        _ask(call, register_view(report), yes=yes)
    return register_view(run(stripe, report, sink, call.container.clock.now()))


@command(
    app,
    name="rotate-secret",
    example=[
        "stakactl webhooks rotate-secret --write-env",
        "stakactl webhooks rotate-secret --finish",
    ],
)
def rotate_secret(
    call: Call,
    url: UrlOption = None,
    write_env: WriteEnvOption = False,
    secret_file: SecretFileOption = None,
    show_secret: ShowSecretOption = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Second step: delete the endpoint with the old secret.")
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> View:
    """Renew the signing secret without losing an event, in two steps.

    First a second endpoint is created for the same URL. Both deliver, so the application accepts
    every event with the secret it has, and refuses it once more with the other: that is expected.
    Give it the new secret, then end the overlap with --finish.
    """
    from stakactl.operations.webhooks.rotate_secret import plan_of_rotation
    from stakactl.operations.webhooks.rotate_secret import rotate_secret as run
    from stakactl.output.reports.webhook_changes import rotation_view

    stripe, wanted = call.container.webhook_endpoints, wanted_endpoint(call, url)
    report = plan_of_rotation(stripe, wanted, finish=finish, known_secret=known_secret(call, url))
    if dry_run:
        return rotation_view(report, dry_run=True)
    sink = secret_sink(call, write_env=write_env, secret_file=secret_file, show_secret=show_secret)
    _require_place(report.plan, sink)
    if not report.plan.is_nothing:
        _ask(call, rotation_view(report), yes=yes)
    return rotation_view(run(stripe, report, sink, call.container.clock.now()))


def _require_place(plan: "RegisterPlan | RotationPlan", sink: "SecretSink | None") -> None:
    """Raises Refused where a secret would come and could not be kept."""
    from stakactl.operations.webhooks.register import no_destination

    if plan.create is None:
        return
    if sink is None:
        raise no_destination()
    sink.require_room()


def _ask(call: Call, plan: View, *, yes: bool) -> None:
    if call.interactive and not yes:
        call.show(plan)
    call.confirm(f"Change the webhook endpoints so {mode_words(call)}?", yes)
