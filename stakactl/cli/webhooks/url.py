"""`stakactl webhooks probe`."""

from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command
from stakactl.cli.webhooks import app
from stakactl.cli.webhooks.options import UrlOption, wanted_endpoint
from stakactl.output.view import View


@command(
    app,
    name="probe",
    example=["stakactl webhooks probe", "stakactl webhooks probe --unsigned-only"],
)
def probe(
    call: Call,
    url: UrlOption = None,
    unsigned_only: Annotated[
        bool, typer.Option("--unsigned-only", help="Post no event with a good signature.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=60, help="Seconds to wait for each answer.")
    ] = 10.0,
) -> View:
    """Test STRIPE_WEBHOOK_URL from outside, as Stripe and as a stranger would.

    Looks at its certificate, sends a GET and an event with a wrong signature, which must be
    refused, then a rightly signed one of type stakactl.probe, which no application handles: that
    it is accepted proves that STRIPE_WEBHOOK_SECRET is the one the application uses. Stripe is
    not asked.
    """
    from stakactl.operations.validate.running import Running, run_checks
    from stakactl.operations.validate.webhook_url import CHECKS
    from stakactl.output.reports.checks import checks_view

    # One answer after the other: connect, then the requests at once.
    running = Running(timeout_seconds=3 * timeout, probe=not unsigned_only)
    wanted = wanted_endpoint(call, url)
    inspection = call.container.inspectors(timeout_seconds=timeout, webhook_url=wanted.url)
    results = run_checks(CHECKS, inspection, running)
    return checks_view(results, "The application's webhook", all_known=False)
