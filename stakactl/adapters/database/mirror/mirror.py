"""The mirror: fast upserts, sync cursors, what is left to read, and sums of money by day."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    exists,
    func,
    literal,
    select,
    text,
    union,
    update,
)

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.rows import TABLES, table_and_values
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.store import store_info
from stakactl.adapters.database.tables.stripe import (
    absences,
    balance_transactions,
    disputes,
    intents,
    refunds,
    sessions,
    sync_cursors,
)
from stakactl.domain.revenue import RevenueTotal
from stakactl.domain.stripe_objects import Absence, StripeKind, StripeObject

_BATCH = 5000
#: Which columns name objects of which kind.
_REFERENCES: dict[StripeKind, tuple[ColumnElement[Any], ...]] = {
    StripeKind.CHECKOUT_SESSION: (orders.c.stripe_session_id,),
    StripeKind.PAYMENT_INTENT: (
        orders.c.stripe_payment_intent_id,
        sessions.c.payment_intent_id,
    ),
    StripeKind.CHARGE: (
        intents.c.latest_charge_id,
        refunds.c.charge_id,
        disputes.c.charge_id,
    ),
}


class SqlMirror:
    """`Mirror` on one table per kind. An id is either held or known to be absent, never both."""

    def __init__(self, database: Database, time_zone: str) -> None:
        self._database = database
        self._zone = ZoneInfo(time_zone)
        self._zone_name = time_zone
        self._days_agree = False

    def upsert(self, objects: Sequence[StripeObject]) -> None:
        by_table: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for thing in objects:
            table, values = table_and_values(thing, self._zone)
            by_table[table.name].append(values)
        with self._database.write() as connection:
            if money := balance_transactions.name in by_table:
                self._agree_on_days(connection)
            for kind, table in TABLES.items():
                if rows := by_table.get(table.name):
                    upsert(connection, table, rows)
                    _forget_absences(connection, kind, table)
        self._days_agree = self._days_agree or money

    def mark_absent(self, kind: StripeKind, object_id: str, absence: Absence) -> None:
        row = {"kind": kind.value, "object_id": object_id, "absence": absence.value}
        table = TABLES[kind]
        with self._database.write() as connection:
            upsert(connection, absences, [row])
            connection.execute(table.delete().where(table.c.id == object_id))

    def synced_until(self, kind: StripeKind) -> datetime | None:
        query = select(sync_cursors.c.synced_until).where(sync_cursors.c.kind == kind.value)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def set_synced_until(self, kind: StripeKind, until: datetime) -> None:
        with self._database.write() as connection:
            upsert(connection, sync_cursors, [{"kind": kind.value, "synced_until": until}])

    def unsettled_ids(self, kind: StripeKind) -> list[str]:
        table = TABLES[kind]
        if "unsettled" not in table.c:
            return []
        query = select(table.c.id).where(text("unsettled")).order_by(table.c.id)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def unread_references(self) -> list[tuple[StripeKind, str]]:
        wanted = union(
            *(_unread(kind, column) for kind, columns in _REFERENCES.items() for column in columns)
        )
        with self._database.read() as connection:
            found = {(StripeKind(kind), name) for kind, name in connection.execute(wanted)}
        order = list(StripeKind)
        return sorted(found, key=lambda pair: (order.index(pair[0]), pair[1]))

    def count(self) -> int:
        with self._database.read() as connection:
            sizes = [
                connection.scalar(select(func.count()).select_from(table))
                for table in TABLES.values()
            ]
        return sum(size or 0 for size in sizes)

    def revenue(self, since: date, until: date) -> list[RevenueTotal]:
        if not self._days_agree:
            with self._database.read() as connection:
                agree = _stored_zone(connection) in (None, self._zone_name)
            if not agree:
                with self._database.write() as connection:
                    self._agree_on_days(connection)
            self._days_agree = True
        money = balance_transactions.c
        key = (money.local_day, money.currency, money.reporting_category)
        query = (
            select(*key, func.count(), func.sum(money.amount_minor), func.sum(money.fee_minor))
            .where(money.local_day.between(since, until))
            .group_by(*key)
            .order_by(*key)
        )
        with self._database.read() as connection:
            return [
                RevenueTotal(day, currency, category, count, int(amount), int(fee))
                for day, currency, category, count, amount, fee in connection.execute(query)
            ]

    def _agree_on_days(self, connection: Connection) -> None:
        """Make the stored local days those of our time zone: a changed setting recomputes them."""
        if self._days_agree:
            return
        stored = _stored_zone(connection)
        if stored != self._zone_name:
            if stored is not None:
                self._recompute_days(connection)
            connection.execute(store_info.update().values(time_zone=self._zone_name))

    def _recompute_days(self, connection: Connection) -> None:
        money = balance_transactions.c
        change = (
            update(balance_transactions)
            .where(money.id == bindparam("key"))
            .values(local_day=bindparam("day"))
        )
        last = ""
        while True:
            page = select(money.id, money.created_at).where(money.id > last).order_by(money.id)
            rows = connection.execute(page.limit(_BATCH)).all()
            if not rows:
                return
            days = [
                {"key": key, "day": created_at.astimezone(self._zone).date()}
                for key, created_at in rows
            ]
            connection.execute(change, days)
            last = rows[-1][0]


def _stored_zone(connection: Connection) -> str | None:
    return connection.execute(select(store_info.c.time_zone)).scalar()


def _forget_absences(connection: Connection, kind: StripeKind, table: Table) -> None:
    held = exists().where(table.c.id == absences.c.object_id)
    connection.execute(absences.delete().where(absences.c.kind == kind.value, held))


def _unread(kind: StripeKind, column: ColumnElement[Any]) -> Select[Any]:
    """The ids in `column` that the mirror neither holds nor knows to be absent."""
    table = TABLES[kind]
    held = exists().where(table.c.id == column)
    absent = exists().where(absences.c.kind == kind.value, absences.c.object_id == column)
    return select(literal(kind.value), column).where(column.is_not(None), ~held, ~absent)
