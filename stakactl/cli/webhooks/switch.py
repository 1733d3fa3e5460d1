"""`stakactl webhooks enable`, `disable` and `delete`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.cli.webhooks import app
from stakactl.cli.webhooks.options import UrlOption, known_secret, mode_words, wanted_endpoint
from stakactl.errors import UsageError
from stakactl.output.view import View

_Id = Annotated[
    str | None, typer.Argument(help="An endpoint, as webhooks list names it.", show_default=False)
]
_Ours = Annotated[bool, typer.Option("--ours", help="All endpoints at our URL.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show which; change nothing.")]


@command(app, name="enable", example="stakactl webhooks enable --ours")
def enable(
    call: Call,
    endpoint_id: _Id = None,
    ours: _Ours = False,
    url: UrlOption = None,
    dry_run: _DryRun = False,
    yes: YesOption = False,
) -> View:
    """Let Stripe deliver to an endpoint again.

    What happened while it was disabled is never sent: stakactl webhooks replay brings it. With
    --ours, endpoints that another one replaced stay off.
    """
    return _switch(call, "enable", endpoint_id, ours, url, dry_run=dry_run, yes=yes)


@command(app, name="disable", example="stakactl webhooks disable we_1Q2w3E4r")
def disable(
    call: Call,
    endpoint_id: _Id = None,
    ours: _Ours = False,
    url: UrlOption = None,
    dry_run: _DryRun = False,
    yes: YesOption = False,
) -> View:
    """Stop deliveries to an endpoint; it keeps its secret and can be enabled again."""
    return _switch(call, "disable", endpoint_id, ours, url, dry_run=dry_run, yes=yes)


@command(app, name="delete", example="stakactl webhooks delete we_1Q2w3E4r")
def delete(
    call: Call,
    endpoint_id: Annotated[
        str, typer.Argument(help="An endpoint, as webhooks list names it.", show_default=False)
    ],
    dry_run: _DryRun = False,
    yes: YesOption = False,
) -> View:
    """Delete an endpoint. Its signing secret and its deliveries are gone for good."""
    return _switch(call, "delete", endpoint_id, False, None, dry_run=dry_run, yes=yes)


def _switch(
    call: Call,
    name: str,
    endpoint_id: str | None,
    ours: bool,
    url: str | None,
    *,
    dry_run: bool,
    yes: bool,
) -> View:
    from stakactl.operations.webhooks.switch import Switch, plan_of_switch, switch_endpoints
    from stakactl.output.reports.webhook_changes import switch_view

    if (endpoint_id is None) is not ours:
        raise UsageError("Name one endpoint, or give --ours.")
    stripe = call.container.webhook_endpoints
    report = plan_of_switch(
        stripe,
        Switch(name),
        endpoint_id=endpoint_id,
        ours=wanted_endpoint(call, url) if ours else None,
        known_secret=known_secret(call, url),
    )
    if dry_run or not report.changed:
        return switch_view(report, dry_run=dry_run)
    what = ", ".join(f"{endpoint.id} ({endpoint.url})" for endpoint in report.changed)
    call.confirm(f"{name.capitalize()} {what} {mode_words(call)}?", yes)
    return switch_view(switch_endpoints(stripe, report))
