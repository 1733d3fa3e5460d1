"""`stakactl webhooks …`."""

from stakactl.cli.options import group

app = group("webhooks")

from stakactl.cli.webhooks import events, url  # noqa: E402, F401 - they add their commands to `app`
