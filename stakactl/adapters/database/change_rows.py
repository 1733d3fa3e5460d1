"""Changes as rows of the append-only record, and back."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from stakactl.adapters.database.tables.records import changes
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange


def write_change(
    connection: Connection,
    change: Change,
    run_id: str,
    at: datetime,
    state: ChangeState,
    *,
    intent_id: int | None = None,
    undoes: int | None = None,
) -> int:
    """Append a row, in the caller's transaction; returns its `change_id`."""
    values = {
        "run_id": run_id,
        "recorded_at": at,
        "state": state.value,
        "target": change.target.value,
        "target_id": change.target_id,
        "finding_id": change.finding_id,
        "reason": change.reason,
        "before": json.dumps(change.before),
        "after": json.dumps(change.after),
        "intent_id": intent_id,
        "undoes": undoes,
    }
    key = connection.execute(changes.insert().returning(changes.c.change_id), values).scalar_one()
    return int(key)


def is_undone(connection: Connection, change_id: int) -> bool:
    """Whether a change was taken back."""
    query = select(changes.c.change_id).where(changes.c.undoes == change_id)
    return connection.execute(query).first() is not None


def change_of(row: Row[Any]) -> RecordedChange:
    """The change of a row of `changes`."""
    change = Change(
        row.target_id,
        row.finding_id,
        row.reason,
        json.loads(row.before),
        json.loads(row.after),
        ChangeTarget(row.target),
    )
    return RecordedChange(
        row.change_id,
        row.run_id,
        row.recorded_at,
        ChangeState(row.state),
        change,
        row.intent_id,
        row.undoes,
    )
