"""A bench for rollbacks: a workshop with backups and webhook endpoints, in memory and on files.

`RollbackBench` is a `RollbackPorts`; `gap` is what happens in Stripe while everything is held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from stakactl.adapters.database.dump import SqlStoreDump
from stakactl.adapters.database.store import Store
from stakactl.adapters.storage.backup_files import FileBackupFolder
from stakactl.domain.stripe_objects import Event
from stakactl.domain.webhooks.endpoints import EndpointStatus
from stakactl.operations.rollback import RollbackRequest
from tests.contracts.event_log import an_event
from tests.fakes_endpoints import FakeEndpoints, endpoint
from tests.operations.workshop import Workshop, sale

HOST = "shop.example"
OURS = ("we_1", "we_2")
REQUEST = RollbackRequest(HOST, "payments fail", "ops")


class RollbackBench(Workshop):
    """Two endpoints of ours are enabled, one of ours is not, and others only look like ours."""

    backups_kept = 3

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(Store.open(url))
        self.url = url
        self.rollbacks = self.database.rollbacks
        self.backups = FileBackupFolder(folder)
        self.surroundings: Mapping[str, Callable[[], Iterable[str]]] = {}
        self.webhook_endpoints = FakeEndpoints()
        off = {"status": EndpointStatus.DISABLED}
        self.webhook_endpoints.put(
            endpoint("we_1", f"https://{HOST}/hook"),
            endpoint("we_2", f"https://{HOST.upper()}/other"),
            endpoint("we_off", f"https://{HOST}/old", **off),
            endpoint("we_foreign", f"https://{HOST}.evil.net/hook"),
            endpoint("we_beside", f"https://test.{HOST}/hook"),
        )

    @property
    def store_dump(self) -> SqlStoreDump:
        return SqlStoreDump(self.url)

    @property
    def enabled(self) -> set[str]:
        return {each.id for each in self.webhook_endpoints.list() if each.is_enabled}

    def gap(self, count: int = 4) -> list[Event]:
        """Orders are paid, and Stripe tells of it where nobody listens."""
        events = []
        for number in range(1, count + 1):
            self.clock.move(minutes=10)
            one = sale(number, at=self.clock.now())
            self.take(one)
            event = an_event(number, self.clock.now())
            event = replace(event, object_kind="charge", object_id=one.charge.id)
            self.stripe.put(event)
            self.stripe.bodies[event.id] = {"id": event.id, "api_version": "2024-06-20"}
            events.append(event)
        self.clock.move(minutes=10)
        return events

    def close(self) -> None:
        self.database.close()
