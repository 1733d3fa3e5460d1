"""What was told of each alert rule, and the mail that tells it: one transaction, one winner."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.outbox import enqueue
from stakactl.adapters.database.tables.alerts import alerts
from stakactl.domain.alerts import AlertState, Words
from stakactl.domain.mail import NewMail


class SqlAlertBook:
    """`AlertBook` on the table `alerts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, AlertState]:
        with self._database.read() as connection:
            return {row.rule_id: _state(row) for row in connection.execute(select(alerts))}

    def save(
        self, before: AlertState | None, after: AlertState, mail: NewMail | None, at: datetime
    ) -> bool:
        row = _values(after)
        with self._database.write() as connection:
            if before is None:
                won = insert_missing(connection, alerts, row)
            else:
                del row["posted"]  # `mark_posted` alone changes it
                changed = alerts.update().where(*_unchanged(before)).values(**row)
                won = connection.execute(changed).rowcount == 1
            if won and mail is not None:
                enqueue(connection, mail, at)
            return won

    def mark_posted(self, rule_id: str, notice: int) -> None:
        higher = alerts.update().where(alerts.c.rule_id == rule_id, alerts.c.posted < notice)
        with self._database.write() as connection:
            connection.execute(higher.values(posted=notice))


def _unchanged(before: AlertState) -> list[Any]:
    """Nobody told it, cleared it or let it fire anew meanwhile."""
    cleared = alerts.c.cleared_at
    return [
        alerts.c.rule_id == before.rule_id,
        alerts.c.since == before.since,
        alerts.c.notices == before.notices,
        cleared.is_(None) if before.cleared_at is None else cleared == before.cleared_at,
    ]


def _values(state: AlertState) -> dict[str, Any]:
    return {
        "rule_id": state.rule_id,
        "since": state.since,
        "value": state.value,
        "detail": json.dumps({"en": state.detail.en, "fr": state.detail.fr}),
        "seen_at": state.seen_at,
        "notices": state.notices,
        "noticed_at": state.noticed_at,
        "posted": state.posted,
        "cleared_at": state.cleared_at,
    }


def _state(row: Row[Any]) -> AlertState:
    return AlertState(
        rule_id=row.rule_id,
        since=row.since,
        value=row.value,
        detail=Words(**json.loads(row.detail)),
        seen_at=row.seen_at,
        notices=row.notices,
        noticed_at=row.noticed_at,
        posted=row.posted,
        cleared_at=row.cleared_at,
    )
