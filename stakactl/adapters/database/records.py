"""What runs did and found: the log of runs, of findings and of changes."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from stakactl.adapters.database.bulk import among, batches, upsert
from stakactl.adapters.database.change_rows import change_of, write_change
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.records import changes, findings, runs
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Outcome, Run

_BATCH = 1000


class SqlRunLog:
    """`RunLog` on the table `runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, run_id: str, command: str, at: datetime) -> None:
        row = {"run_id": run_id, "command": command, "started_at": at, "summary": "{}"}
        with self._database.write() as connection:
            connection.execute(runs.insert(), row)

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


class SqlFindingLog:
    """`FindingLog` on the table `findings`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, before_run: str) -> set[str]:
        query = select(findings.c.finding_id).where(
            findings.c.resolved_at.is_(None), findings.c.first_run_id != before_run
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def record(
        self, found: Iterable[Finding], run_id: str, at: datetime, *, complete: bool
    ) -> None:
        open_still = findings.c.resolved_at.is_(None)
        with self._database.write() as connection:
            for batch in batches(found, _BATCH):
                _remember(connection, batch, run_id, at)
            if complete:
                resolved = findings.update().where(open_still, findings.c.last_run_id != run_id)
                connection.execute(resolved.values(resolved_at=at, resolved_run_id=run_id))


def _remember(connection: Connection, batch: list[Finding], run_id: str, at: datetime) -> None:
    """Write a batch; a finding that was resolved and is back begins anew."""
    by_id = {finding.finding_id: finding for finding in batch}
    query = select(findings.c.finding_id, findings.c.first_seen_at, findings.c.first_run_id).where(
        among(connection, findings.c.finding_id, by_id), findings.c.resolved_at.is_(None)
    )
    first = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    rows = []
    for finding_id, finding in by_id.items():
        first_seen_at, first_run_id = first.get(finding_id, (at, run_id))
        rows.append(
            {
                "finding_id": finding_id,
                "discrepancy": finding.discrepancy.value,
                "since": finding.since,
                "expected": finding.expected,
                "seen": finding.seen,
                "hint": finding.hint,
                "order_id": finding.order_id,
                "session_id": finding.session_id,
                "payment_intent_id": finding.payment_intent_id,
                "invoice_number": finding.invoice_number,
                "refs": json.dumps(finding.refs),
                "break_on": finding.break_on,
                "first_seen_at": first_seen_at,
                "first_run_id": first_run_id,
                "last_seen_at": at,
                "last_run_id": run_id,
                "resolved_at": None,
                "resolved_run_id": None,
            }
        )
    upsert(connection, findings, rows)


def _run(row: Row[Any]) -> Run:
    return Run(
        row.run_id,
        row.command,
        row.started_at,
        row.finished_at,
        None if row.outcome is None else Outcome(row.outcome),
        json.loads(row.summary),
    )
