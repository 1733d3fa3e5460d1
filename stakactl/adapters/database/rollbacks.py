"""The record of rollbacks: one row each, and one for each of their steps."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.rollbacks import rollback_steps, rollbacks
from stakactl.domain.rollback import Rollback, Step, StepRecord, StepState

_ORDER = list(Step)


class SqlRollbackLog:
    """`RollbackLog` on the tables `rollbacks` and `rollback_steps`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Rollback | None:
        return self._first(_newest().where(rollbacks.c.ended_at.is_(None)))

    def last(self) -> Rollback | None:
        return self._first(_newest())

    def begin(self, rollback: Rollback) -> None:
        names = ("rollback_id", "reason", "started_by", "started_at", "ended_at")
        with self._database.write() as connection:
            row = {name: getattr(rollback, name) for name in names}
            connection.execute(rollbacks.insert(), row)
            for record in rollback.steps:
                _put(connection, rollback.rollback_id, record)

    def note(self, rollback_id: str, record: StepRecord) -> None:
        with self._database.write() as connection:
            _put(connection, rollback_id, record)

    def end(self, rollback: Rollback) -> None:
        this = rollbacks.c.rollback_id == rollback.rollback_id
        with self._database.write() as connection:
            connection.execute(rollbacks.update().where(this).values(ended_at=rollback.ended_at))

    def find(self, limit: int = 20) -> Sequence[Rollback]:
        with self._database.read() as connection:
            rows = connection.execute(_newest().limit(limit)).all()
            return [_rollback(connection, row) for row in rows]

    def _first(self, query: Select[Any]) -> Rollback | None:
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
            return None if row is None else _rollback(connection, row)


def _newest() -> Select[Any]:
    columns = (rollbacks.c.started_at.desc(), rollbacks.c.rollback_id.desc())
    return select(rollbacks).order_by(*columns)


def _put(connection: Connection, rollback_id: str, record: StepRecord) -> None:
    this = (rollback_steps.c.rollback_id == rollback_id) & (rollback_steps.c.step == record.step)
    values = {
        "state": record.state.value,
        "begun_at": record.begun_at,
        "ended_at": record.ended_at,
        "note": record.note,
        "ids": json.dumps(record.ids),
    }
    if not connection.execute(rollback_steps.update().where(this).values(values)).rowcount:
        key = {"rollback_id": rollback_id, "step": record.step.value}
        connection.execute(rollback_steps.insert(), key | values)


def _rollback(connection: Connection, row: Row[Any]) -> Rollback:
    mine = rollback_steps.c.rollback_id == row.rollback_id
    records = [_record(each) for each in connection.execute(select(rollback_steps).where(mine))]
    records.sort(key=lambda record: _ORDER.index(record.step))
    return Rollback(
        row.rollback_id, row.reason, row.started_by, row.started_at, row.ended_at, tuple(records)
    )


def _record(row: Row[Any]) -> StepRecord:
    ids = tuple(json.loads(row.ids))
    return StepRecord(
        Step(row.step), StepState(row.state), row.begun_at, row.ended_at, row.note, ids
    )
