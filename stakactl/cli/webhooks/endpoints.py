"""`stakactl webhooks list` and `verify`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command
from stakactl.cli.webhooks import app
from stakactl.cli.webhooks.options import UrlOption, known_secret, wanted_endpoint
from stakactl.output.view import View


@command(app, name="list", example="stakactl webhooks list")
def list_endpoints(call: Call, url: UrlOption = None) -> View:
    """List every webhook endpoint of the account, and which of them serves our URL.

    Live and test mode have endpoints of their own; the key decides which are listed.
    """
    from stakactl.output.reports.webhook_endpoints import endpoints_view

    none_wanted = url is None and call.container.settings.stripe_webhook_url is None
    return endpoints_view(
        call.container.webhook_endpoints.list(),
        None if none_wanted else wanted_endpoint(call, url),
        known_secret(call, url),
    )


@command(
    app, name="verify", example=["stakactl webhooks verify", "stakactl webhooks verify -o json"]
)
def verify(
    call: Call,
    url: UrlOption = None,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds to wait for Stripe.")
    ] = 20.0,
) -> View:
    """Check that the endpoint in Stripe is the one that the settings ask for.

    Its exact URL, every wanted event, the API version, that it is enabled and the only one there.
    These are the endpoint checks of config validate. Only reads.
    """
    from stakactl.operations.validate.endpoints import CHECKS
    from stakactl.operations.validate.running import Running, run_checks
    from stakactl.output.reports.checks import checks_view

    wanted = wanted_endpoint(call, url)
    inspection = call.container.inspectors(timeout_seconds=timeout, webhook_url=wanted.url)
    results = run_checks(CHECKS, inspection, Running(timeout_seconds=timeout))
    return checks_view(results, "The webhook endpoint in Stripe", all_known=True)
