"""The record of checklists in memory, and a person who answers what a test tells them to."""

from collections.abc import Mapping
from dataclasses import replace

from stakactl.domain.checklists import Answer, ChecklistRecord, ItemRecord, ListName


class FakeChecklistLog:
    """A ChecklistLog that forgets all at its end."""

    def __init__(self) -> None:
        self._records: dict[str, ChecklistRecord] = {}

    def begin(self, record: ChecklistRecord) -> None:
        self._records[record.record_id] = record

    def arrange(self, record: ChecklistRecord) -> None:
        there = self._records[record.record_id]
        self._records[record.record_id] = replace(there, items=record.items)

    def note(self, record_id: str, item: ItemRecord) -> None:
        self._records[record_id] = self._records[record_id].with_item(item)

    def end(self, record: ChecklistRecord) -> None:
        there = self._records[record.record_id]
        self._records[record.record_id] = replace(there, finished_at=record.finished_at)

    def get(self, record_id: str) -> ChecklistRecord | None:
        return self._records.get(record_id)

    def last(self, name: ListName | None = None) -> ChecklistRecord | None:
        found = [each for each in self._records.values() if name in (None, each.name)]
        return max(found, key=lambda each: (each.started_at, each.record_id), default=None)


class Told:
    """A Person with an answer for some items; `asked` are those that were asked, `told` what was
    said of the others. At `leaves_at` they press Ctrl-C."""

    def __init__(self, answers: Mapping[str, Answer] | None = None, leaves_at: str = "") -> None:
        self.answers = dict(answers or {})
        self.leaves_at = leaves_at
        self.asked: list[str] = []
        self.told: dict[str, str] = {}

    def ask(self, item: ItemRecord, place: str) -> Answer | None:
        self.asked.append(item.item_id)
        if item.item_id == self.leaves_at:
            raise KeyboardInterrupt
        return self.answers.get(item.item_id)

    def tell(self, item: ItemRecord, place: str) -> None:
        self.told[item.item_id] = f"{place} {item.state}"
