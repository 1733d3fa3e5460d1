"""The record of checklists, who answers their questions, and all that they look at."""

from typing import Protocol

from stakactl.domain.checklists import Answer, ChecklistRecord, ItemRecord, ListName
from stakactl.operations.ports.rollback import RollbackPorts


class ChecklistLog(Protocol):
    """Each method is durable before it returns."""

    def begin(self, record: ChecklistRecord) -> None: ...

    def arrange(self, record: ChecklistRecord) -> None:
        """Its items are these, in this order; what stood of them is replaced. It is not finished
        until `end` says so."""

    def note(self, record_id: str, item: ItemRecord) -> None:
        """One of its items as it is now, in place of what stood there."""

    def end(self, record: ChecklistRecord) -> None:
        """With its `finished_at`."""

    def get(self, record_id: str) -> ChecklistRecord | None: ...

    def last(self, name: ListName | None = None) -> ChecklistRecord | None:
        """The one that began last, of this list or of any."""


class Person(Protocol):
    """Whoever sits before the terminal; `Nobody` where there is none."""

    def ask(self, item: ItemRecord, place: str) -> Answer | None:
        """None where it is to be asked another time. `item` is how it stands, `place` "2/5"."""

    def tell(self, item: ItemRecord, place: str) -> None:
        """What became of an item that is not asked."""


class ChecklistPorts(RollbackPorts, Protocol):
    @property
    def checklists(self) -> ChecklistLog: ...
