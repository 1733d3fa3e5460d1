"""The Container: builds the real adapters on first use. Nothing else constructs them.

A Container is a `Ports` for the operations. Opening one reads the settings only; the store, Stripe,
the PDF store and the transport are opened when something asks for them, so that a command pays
for what it uses. Its parts stand in the files beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stakactl.config import OrdersWrite, Settings
from stakactl.wiring.documents import DocumentParts
from stakactl.wiring.files import FileParts
from stakactl.wiring.mail import MailParts
from stakactl.wiring.store import StoreParts
from stakactl.wiring.stripe import StripeParts

if TYPE_CHECKING:
    from stakactl.operations.ports import Application, Progress

DEMO_HOME = Path("var/demo")


class Container(StripeParts, StoreParts, DocumentParts, MailParts, FileParts):
    """Everything one command needs."""

    @classmethod
    def open(cls, *, env_file: Path | None, demo: bool, progress: Progress) -> Self:
        """Read the settings; with `demo` none of them, only the demo's own folder."""
        if not demo:
            return cls(Settings.load(env_file), progress)
        from stakactl.demo.home import DemoHome
        from stakactl.demo.offline_stripe.server import DEMO_KEY

        home = DemoHome(DEMO_HOME.absolute())
        return cls(Settings.for_demo(home.path, secret_key=DEMO_KEY), progress, home)

    @cached_property
    def application(self) -> Application | None:
        """Orders in the application's own database; None where they are imported."""
        access = self.settings.application()
        if access is None:
            return None
        from stakactl.adapters.orders.application import opening

        webhook = opening.Webhook(access.webhook_url, access.webhook_secret, access.api_version)
        writers = {
            OrdersWrite.OFF: opening.off(),
            OrdersWrite.SQL: opening.by_sql(self.clock),
            OrdersWrite.REPOST: opening.by_events(
                webhook, lambda: self.stripe, lambda: self.ledger, self.clock
            ),
        }
        opened = opening.open_application(
            access.url,
            access.setting,
            access.url_folder,
            access.mapping,
            access.folder,
            writers[access.write],
        )
        self._opened.callback(opened.close)
        return opened

    @property
    def surroundings(self) -> Mapping[str, Callable[[], Iterator[str]]]:
        from stakactl.wiring.surroundings import surroundings_of

        return surroundings_of(self)
