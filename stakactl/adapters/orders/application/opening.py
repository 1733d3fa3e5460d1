"""From the settings of an application to the port: which writer it gets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from stakactl.adapters.orders.application.application import MappedApplication
from stakactl.adapters.orders.application.connection import ApplicationDatabase
from stakactl.adapters.orders.application.events import EventFeed, EventSource, RawStripe
from stakactl.adapters.orders.application.mapping import load_mapping
from stakactl.adapters.orders.application.reading import PAGE
from stakactl.adapters.orders.application.urls import locate
from stakactl.adapters.orders.application.write_off import OffWriter
from stakactl.adapters.orders.application.write_repost import RepostOrderWriter
from stakactl.adapters.orders.application.write_sql import SqlOrderWriter
from stakactl.adapters.orders.application.writing import LiveOrders
from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.operations.ports import Clock, OrderWriter

WriterOf = Callable[[ApplicationDatabase, LiveOrders], OrderWriter]


@dataclass(frozen=True, slots=True)
class Webhook:
    """The application's own endpoint, and the version of Stripe's API that it parses."""

    url: str
    secret: str = field(repr=False)
    api_version: str | None


def open_application(
    url: str,
    setting: str,
    url_folder: Path,
    mapping: str,
    folder: Path,
    writer_of: WriterOf,
    *,
    page: int = PAGE,
) -> MappedApplication:
    """Reads the mapping, connects to nothing. `setting` is where `url` stands; relative paths of
    the two count from their folders. Raises ConfigurationError."""
    database = ApplicationDatabase(locate(url, setting, url_folder), setting)
    return MappedApplication(database, load_mapping(mapping, folder), writer_of, page)


def off() -> WriterOf:
    return lambda database, live: OffWriter(live)


def by_sql(clock: Clock) -> WriterOf:
    return lambda database, live: SqlOrderWriter(database, live, clock)


def by_events(
    webhook: Webhook,
    stripe: Callable[[], RawStripe],
    feed: Callable[[], EventFeed],
    clock: Clock,
) -> WriterOf:
    """`stripe` and `feed` are asked for when the first writer is made."""

    def make(database: ApplicationDatabase, live: LiveOrders) -> OrderWriter:
        source = EventSource(stripe(), feed(), webhook.api_version)
        sender = WebhookSender(webhook.url, webhook.secret, clock)
        return RepostOrderWriter(live, stripe(), source, sender, clock)

    return make
