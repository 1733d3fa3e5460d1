"""The Inspectors: what `config validate` looks through, built on first use.

They take the settings as far as they are good, so that one wrong setting hides nothing else.
"""

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from stakactl.domain.runs import Mode

if TYPE_CHECKING:
    from stakactl.adapters.webhooks.inspector import UrlInspector
    from stakactl.config.reading import Reading


class Inspectors:
    """An `Inspection`; `close` releases what was opened. `timeout_seconds` is for one service."""

    def __init__(self, read: "Reading", *, timeout_seconds: float) -> None:
        self._read = read
        self._timeout = timeout_seconds
        self._opened = ExitStack()

    def close(self) -> None:
        self._opened.close()

    @cached_property
    def webhook(self) -> "UrlInspector | None":
        from stakactl.adapters.system import SystemClock
        from stakactl.adapters.webhooks.inspector import UrlInspector

        settings = self._read.settings
        if settings.stripe_webhook_url is None:
            return None
        key, secret = settings.stripe_secret_key, settings.stripe_webhook_secret
        return UrlInspector(
            settings.stripe_webhook_url,
            None if secret is None else secret.get_secret_value(),
            SystemClock(settings.stakactl_time_zone),
            livemode=key is not None and settings.mode() is Mode.LIVE,
            api_version=settings.stripe_api_version,
            timeout_seconds=self._timeout,
        )
