"""`stakactl webhooks …`."""

from stakactl.cli.options import group

app = group("webhooks")

from stakactl.cli.webhooks import (  # noqa: E402, F401 - they add their commands to `app`
    endpoints,
    events,
    register,
    switch,
    url,
)
