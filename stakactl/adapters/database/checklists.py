"""The record of checklists: one row each, and one for each of their items."""

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.checklists import checklist_items, checklists
from stakactl.domain.checklists import (
    ChecklistRecord,
    ItemKind,
    ItemRecord,
    ItemState,
    ListName,
    Reply,
)


class SqlChecklistLog:
    """`ChecklistLog` on the tables `checklists` and `checklist_items`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, record: ChecklistRecord) -> None:
        row = {
            "record_id": record.record_id,
            "name": record.name.value,
            "title": record.title,
            "started_by": record.started_by,
            "started_at": record.started_at,
            "finished_at": record.finished_at,
        }
        with self._database.write() as connection:
            connection.execute(checklists.insert(), row)
            _fill(connection, record)

    def arrange(self, record: ChecklistRecord) -> None:
        with self._database.write() as connection:
            mine = checklist_items.c.record_id == record.record_id
            connection.execute(checklist_items.delete().where(mine))
            _fill(connection, record)

    def note(self, record_id: str, item: ItemRecord) -> None:
        this = (checklist_items.c.record_id == record_id) & (
            checklist_items.c.item_id == item.item_id
        )
        with self._database.write() as connection:
            connection.execute(checklist_items.update().where(this).values(_values(item)))

    def end(self, record: ChecklistRecord) -> None:
        this = checklists.c.record_id == record.record_id
        ended = checklists.update().where(this).values(finished_at=record.finished_at)
        with self._database.write() as connection:
            connection.execute(ended)

    def get(self, record_id: str) -> ChecklistRecord | None:
        return self._first(select(checklists).where(checklists.c.record_id == record_id))

    def last(self, name: ListName | None = None) -> ChecklistRecord | None:
        newest = select(checklists).order_by(
            checklists.c.started_at.desc(), checklists.c.record_id.desc()
        )
        if name is not None:
            newest = newest.where(checklists.c.name == name.value)
        return self._first(newest)

    def _first(self, query: Select[Any]) -> ChecklistRecord | None:
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
            return None if row is None else _record(connection, row)


def _fill(connection: Connection, record: ChecklistRecord) -> None:
    rows = [
        {"record_id": record.record_id, "item_id": item.item_id, "place": place, **_values(item)}
        for place, item in enumerate(record.items)
    ]
    if rows:
        connection.execute(checklist_items.insert(), rows)


def _values(item: ItemRecord) -> dict[str, Any]:
    return {
        "title": item.title,
        "kind": item.kind.value,
        "state": item.state.value,
        "answer": None if item.answer is None else item.answer.value,
        "comment": item.comment,
        "answered_by": item.by,
        "noted_at": item.noted_at,
        "detail": item.detail,
        "hint": item.hint,
    }


def _record(connection: Connection, row: Row[Any]) -> ChecklistRecord:
    mine = checklist_items.c.record_id == row.record_id
    items = select(checklist_items).where(mine).order_by(checklist_items.c.place)
    return ChecklistRecord(
        row.record_id,
        ListName(row.name),
        row.title,
        row.started_by,
        row.started_at,
        row.finished_at,
        tuple(_item(each) for each in connection.execute(items)),
    )


def _item(row: Row[Any]) -> ItemRecord:
    return ItemRecord(
        row.item_id,
        row.title,
        ItemKind(row.kind),
        ItemState(row.state),
        None if row.answer is None else Reply(row.answer),
        row.comment,
        row.answered_by,
        row.noted_at,
        row.detail,
        row.hint,
    )
