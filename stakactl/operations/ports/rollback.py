"""The record of rollbacks, and all that a rollback works with."""

from collections.abc import Sequence
from typing import Protocol

from stakactl.domain.rollback import Rollback, StepRecord
from stakactl.operations.ports import Ports
from stakactl.operations.ports.backups import BackupPorts
from stakactl.operations.ports.endpoints import StripeEndpoints


class RollbackLog(Protocol):
    """Each method is durable before it returns."""

    def current(self) -> Rollback | None:
        """The one that is not ended; there is never more than one."""

    def last(self) -> Rollback | None:
        """The one that began last, ended or not."""

    def begin(self, rollback: Rollback) -> None: ...

    def note(self, rollback_id: str, record: StepRecord) -> None:
        """The step's record as it is now, in place of what stood there."""

    def end(self, rollback: Rollback) -> None:
        """With its `ended_at`."""

    def find(self, limit: int = 20) -> Sequence[Rollback]:
        """Newest first."""


class RollbackPorts(Ports, BackupPorts, Protocol):
    @property
    def webhook_endpoints(self) -> StripeEndpoints: ...
    @property
    def rollbacks(self) -> RollbackLog: ...
