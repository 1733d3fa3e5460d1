"""What runs did: the log of runs and of changes."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select

from stakactl.adapters.database.change_rows import change_of, write_change
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.records import changes, runs
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.runs import Outcome, Run


class SqlRunLog:
    """`RunLog` on the table `runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, run_id: str, command: str, at: datetime) -> None:
        row = {"run_id": run_id, "command": command, "started_at": at, "summary": "{}"}
        with self._database.write() as connection:
            connection.execute(runs.insert(), row)

    def note(self, run_id: str, summary: dict[str, str | int]) -> None:
        noted = runs.update().where(runs.c.run_id == run_id).values(summary=json.dumps(summary))
        with self._database.write() as connection:
            connection.execute(noted)

    def finish(
        self, run_id: str, outcome: Outcome, summary: dict[str, str | int], at: datetime
    ) -> None:
        ended = {"finished_at": at, "outcome": outcome.value, "summary": json.dumps(summary)}
        with self._database.write() as connection:
            connection.execute(runs.update().where(runs.c.run_id == run_id).values(**ended))

    def get(self, run_id: str) -> Run | None:
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
            return None if row is None else _run(row)

    def find(self, limit: int = 50) -> list[Run]:
        query = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]


class SqlChangeLog:
    """`ChangeLog` on the append-only table `changes`; `SqlOrderBook.apply` writes its own rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        change: Change,
        run_id: str,
        at: datetime,
        state: ChangeState,
        intent_id: int | None = None,
    ) -> int:
        with self._database.write() as connection:
            return write_change(connection, change, run_id, at, state, intent_id=intent_id)

    def unfinished(self, target: ChangeTarget) -> list[RecordedChange]:
        ends = changes.alias("ends")
        query = select(changes).where(
            changes.c.state == ChangeState.INTENDED.value,
            changes.c.target == target.value,
            ~exists().where(ends.c.intent_id == changes.c.change_id),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(changes.c.change_id))
            return [change_of(row) for row in rows]

    def find(self, run_id: str | None = None, limit: int | None = 50) -> list[RecordedChange]:
        query = select(changes).order_by(changes.c.change_id.desc()).limit(limit)
        if run_id is not None:
            query = query.where(changes.c.run_id == run_id)
        with self._database.read() as connection:
            return [change_of(row) for row in connection.execute(query)]


def _run(row: Row[Any]) -> Run:
    return Run(
        row.run_id,
        row.command,
        row.started_at,
        row.finished_at,
        None if row.outcome is None else Outcome(row.outcome),
        json.loads(row.summary),
    )
