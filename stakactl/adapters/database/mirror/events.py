"""The mirrored events, and which of them have taken effect."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, literal, or_, select, tuple_, update

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.rows import EVENTS, TABLES
from stakactl.adapters.database.tables.stripe import events
from stakactl.domain.stripe_objects import Event, StripeKind

_WAITING = events.c.processed_at.is_(None)
_KINDS = [kind.value for kind in StripeKind if kind is not StripeKind.EVENT]


class SqlEventLog:
    """`EventLog` on the table of the mirror."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unprocessed(
        self, before: datetime | None = None, after: Event | None = None, limit: int = 500
    ) -> list[Event]:
        query = select(*EVENTS.columns).where(_WAITING).order_by(events.c.created_at, events.c.id)
        if before is not None:
            query = query.where(events.c.created_at < before)
        if after is not None:
            moment = literal(after.created_at, events.c.created_at.type)
            query = query.where(
                tuple_(events.c.created_at, events.c.id) > tuple_(moment, literal(after.id))
            )
        with self._database.read() as connection:
            return [EVENTS.build(row) for row in connection.execute(query.limit(limit))]

    def is_processed(self, event_id: str) -> bool:
        query = select(events.c.id).where(events.c.id == event_id, ~_WAITING)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def get(self, event_id: str) -> Event | None:
        query = select(*EVENTS.columns).where(events.c.id == event_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return None if row is None else EVENTS.build(row)

    def mark_processed(self, event_ids: Iterable[str], at: datetime) -> None:
        with self._database.write() as connection:
            named = among(connection, events.c.id, event_ids)
            connection.execute(update(events).where(_WAITING, named).values(processed_at=at))

    def mark_read(
        self, kind: StripeKind, created_since: datetime, happened_before: datetime, at: datetime
    ) -> None:
        table = TABLES[kind].c
        read = exists().where(table.id == events.c.object_id, table.created_at >= created_since)
        about = (events.c.object_kind == kind.value, events.c.created_at < happened_before)
        with self._database.write() as connection:
            connection.execute(update(events).where(_WAITING, *about, read).values(processed_at=at))

    def mark_foreign(self, at: datetime) -> None:
        foreign = or_(events.c.object_kind.not_in(_KINDS), events.c.object_id.is_(None))
        with self._database.write() as connection:
            connection.execute(update(events).where(_WAITING, foreign).values(processed_at=at))
