"""The log of findings: what each look found, when it was first and last seen, what is resolved."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, tuple_

from stakactl.adapters.database.bulk import among, batches, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.records import findings
from stakactl.domain.findings import Discrepancy, Finding, FindingState, FixState
from stakactl.operations.ports import Look

_PAGE = 1000
_KEY = (findings.c.priority, findings.c.since, findings.c.finding_id)
_OPEN = findings.c.resolved_at.is_(None)


class SqlFindingLog:
    """`FindingLog` on the table `findings`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, before_run: str) -> set[str]:
        query = select(findings.c.finding_id).where(_OPEN, findings.c.first_run_id != before_run)
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def record(self, found: Sequence[Finding], look: Look, at: datetime) -> list[Finding]:
        ids = [finding.finding_id for finding in found]
        names = (findings.c.finding_id, findings.c.first_seen_at, findings.c.first_run_id)
        with self._database.write() as connection:
            query = select(*names).where(among(connection, findings.c.finding_id, ids), _OPEN)
            first = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
            rows = {
                key: _values(finding, key, first.get(key, (at, look.run_id)), look, at)
                for key, finding in zip(ids, found, strict=True)
            }
            upsert(connection, findings, [*rows.values()])
        return [_stated(finding, rows[key]) for key, finding in zip(ids, found, strict=True)]

    def standing(self, look: Look) -> Iterator[Finding]:
        """Page by page: nothing is held while the caller works."""
        since = findings.c.last_seen_at > look.began
        ours = (findings.c.last_look == look.look_id) | since
        query = select(findings).where(_OPEN, ours).order_by(*_KEY).limit(_PAGE)
        page = query
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page).all()
            yield from (_finding(row) for row in rows)
            if len(rows) < _PAGE:
                return
            last = rows[-1]
            key = (last.priority, last.since, last.finding_id)
            after = (literal(value, c.type) for value, c in zip(key, _KEY, strict=True))
            page = query.where(tuple_(*_KEY) > tuple_(*after))

    def close(self, finding_ids: Iterable[str], look: Look, at: datetime) -> None:
        gone = findings.update().where(_OPEN, findings.c.last_look != look.look_id)
        values = {"resolved_at": at, "resolved_run_id": look.run_id, "fix": FixState.APPLIED.value}
        with self._database.write() as connection:
            for batch in batches(finding_ids, _PAGE):
                these = among(connection, findings.c.finding_id, batch)
                connection.execute(gone.where(these).values(**values))

    def resolve(self, look: Look, at: datetime) -> None:
        gone = findings.update().where(
            _OPEN, findings.c.last_look != look.look_id, findings.c.last_seen_at <= look.began
        )
        with self._database.write() as connection:
            connection.execute(gone.values(resolved_at=at, resolved_run_id=look.run_id))

    def resolved_by(self, run_id: str, limit: int) -> tuple[int, list[Finding]]:
        which = (
            findings.c.resolved_run_id == run_id,
            findings.c.first_run_id != run_id,
            findings.c.fix != FixState.APPLIED.value,
        )
        with self._database.read() as connection:
            count = connection.scalar(select(func.count()).select_from(findings).where(*which))
            query = select(findings).where(*which).order_by(*_KEY).limit(limit)
            return count or 0, [_finding(row) for row in connection.execute(query)]


def _values(
    finding: Finding, finding_id: str, first: tuple[datetime, str], look: Look, at: datetime
) -> dict[str, Any]:
    first_seen_at, first_run_id = first
    return {
        "finding_id": finding_id,
        "discrepancy": finding.discrepancy.value,
        "priority": finding.discrepancy.priority,
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
        "historical": finding.state is FindingState.HISTORICAL,
        "fix": finding.fix.value,
        "first_seen_at": first_seen_at,
        "first_run_id": first_run_id,
        "last_seen_at": at,
        "last_run_id": look.run_id,
        "last_look": look.look_id,
        "resolved_at": None,
        "resolved_run_id": None,
    }


def _stated(finding: Finding, row: dict[str, Any]) -> Finding:
    state = _state(row["historical"], row["first_run_id"], row["last_run_id"])
    seen = {"first_seen_at": row["first_seen_at"], "last_seen_at": row["last_seen_at"]}
    return replace(finding, state=state, **seen)


def _state(historical: bool, first_run_id: str, last_run_id: str) -> FindingState:
    if historical:
        return FindingState.HISTORICAL
    return FindingState.NEW if first_run_id == last_run_id else FindingState.PERSISTING


def _finding(row: Row[Any]) -> Finding:
    return Finding(
        Discrepancy(row.discrepancy),
        row.since,
        row.expected,
        row.seen,
        row.hint,
        order_id=row.order_id,
        session_id=row.session_id,
        payment_intent_id=row.payment_intent_id,
        invoice_number=row.invoice_number,
        refs=json.loads(row.refs),
        break_on=row.break_on,
        state=_state(row.historical, row.first_run_id, row.last_run_id),
        fix=FixState(row.fix),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
    )
