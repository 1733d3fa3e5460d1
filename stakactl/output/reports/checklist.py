"""The report of the `checklist` commands: each item, what is still open, and what to type next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stakactl.domain.checklists import ChecklistRecord, ItemKind, ItemRecord, ItemState
from stakactl.output.view import STATES, Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.checklists.run import ChecklistReport

_COLUMNS = (
    Column("item", "item", max_width=24),
    Column("title", "what", min_width=30, max_width=44),
    Column("state", "state", style=STATES),
    Column("kind", "kind", priority=None),
    Column("answer", "answer", priority=None),
    Column("comment", "comment", priority=None),
    Column("by", "by", priority=None),
    Column("noted_at", "at", Kind.DATE, priority=None),
    Column("detail", "seen", priority=None),
    Column("hint", "what to do", priority=None),
)
_OPEN = {r"^\S+(?=: )": "bold yellow", r"^→": "cyan"}


def checklist_view(report: "ChecklistReport") -> View:
    record = report.record
    lines = tuple(line for item in record.unclosed for line in _in_full(item))
    return View(
        run_id=report.run_id,
        outcome=report.outcome,
        title=record.title,
        summary={
            "checklist": record.name,
            "record": record.record_id,
            "started_by": record.started_by,
            "started": record.started_at,
            "finished": record.finished_at,
            **{state.replace(" ", "_"): record.count(state) for state in ItemState},
        },
        items=[_item(item) for item in record.items],
        columns=_COLUMNS,
        sections=(Section("Still open", lines, _OPEN),) if lines else (),
        notes=tuple(_notes(record)),
    )


def _in_full(item: ItemRecord) -> Iterator[str]:
    yield f"{item.item_id}: {item.title}"
    yield f"  {_why_open(item)}"
    if item.hint:
        yield f"  → {item.hint}"


def _why_open(item: ItemRecord) -> str:
    if item.answer is not None:
        return f"{item.answer}, by {item.by}{f': {item.comment}' if item.comment else ''}"
    if item.detail:
        return item.detail
    return "nobody answered" if item.kind is ItemKind.MANUAL else "nobody looked yet"


def _notes(record: ChecklistRecord) -> Iterator[str]:
    if record.unclosed:
        yield f"stakactl checklist run {record.name} goes on with it"
        return
    yield f"stakactl checklist show {record.name} prints the record"
    if record.name.following is not None:
        yield f"stakactl checklist run {record.name.following} is what comes next"


def _item(item: ItemRecord) -> Item:
    return {
        "item": item.item_id,
        "title": item.title,
        "kind": item.kind,
        "state": item.state,
        "answer": item.answer,
        "comment": item.comment or None,
        "by": item.by or None,
        "noted_at": item.noted_at,
        "detail": item.detail or None,
        "hint": item.hint or None,
    }
