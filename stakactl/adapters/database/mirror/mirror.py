"""The mirror: fast upserts, how far it goes, what is left to read, and sums of money by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from stakactl.adapters.database.mirror import progress
from stakactl.adapters.database.mirror.rows import TABLES, table_and_values
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.store import store_info
from stakactl.adapters.database.tables.stripe import (
    absences,
    balance_transactions,
    charges,
    disputes,
    intents,
    invoice_payments,
    refunds,
    sessions,
)
from stakactl.domain.revenue import RevenueTotal
from stakactl.domain.stripe_objects import Absence, StripeKind, StripeObject
from stakactl.operations.ports import Reading, Wanted

_BATCH = 5000
#: Which columns name objects of which kind.
_REFERENCES: dict[StripeKind, tuple[ColumnElement[Any], ...]] = {
    StripeKind.CHECKOUT_SESSION: (orders.c.stripe_session_id,),
    StripeKind.PAYMENT_INTENT: (
        orders.c.stripe_payment_intent_id,
        sessions.c.payment_intent_id,
        invoice_payments.c.payment_intent_id,
    ),
    StripeKind.CHARGE: (
        intents.c.latest_charge_id,
        refunds.c.charge_id,
        disputes.c.charge_id,
    ),
    StripeKind.BALANCE_TRANSACTION: (charges.c.balance_transaction_id,),
    StripeKind.INVOICE: (sessions.c.invoice_id, invoice_payments.c.invoice_id),
}


class SqlMirror:
    """`Mirror` on one table per kind. An id is either held or known to be absent, never both."""

    def __init__(self, database: Database, time_zone: str) -> None:
        self._database = database
        self._zone = ZoneInfo(time_zone)
        self._zone_name = time_zone
        self._days_agree = False

    def upsert(self, objects: Sequence[StripeObject], covered: Sequence[Wanted] = ()) -> None:
        by_table: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for thing in objects:
            table, values = table_and_values(thing, self._zone)
            by_table[table.name][thing.id] = values
        with self._database.write() as connection:
            if money := balance_transactions.name in by_table:
                self._agree_on_days(connection)
            for kind, table in TABLES.items():
                if rows := by_table.get(table.name):
                    upsert(connection, table, list(rows.values()))
                    _forget_absences(connection, kind, table)
            progress.cover(connection, covered)
        self._days_agree = self._days_agree or money

    def mark_absent(
        self, kind: StripeKind, object_id: str, absence: Absence, at: datetime | None = None
    ) -> None:
        table = TABLES[kind]
        known = select(absences).where(
            absences.c.kind == kind.value, absences.c.object_id == object_id
        )
        with self._database.write() as connection:
            before = connection.execute(known).first()
            removed = connection.execute(table.delete().where(table.c.id == object_id))
            held = removed.rowcount > 0 or (before and before.absence == Absence.DELETED)
            if held and absence is Absence.MISSING:
                absence = Absence.DELETED
            row = {
                "kind": kind.value,
                "object_id": object_id,
                "absence": absence.value,
                "noticed_at": (before and before.noticed_at) or at,
            }
            upsert(connection, absences, [row])

    def synced_until(self, kind: StripeKind) -> datetime | None:
        with self._database.read() as connection:
            return progress.ends(connection).get(kind)

    def known_until(self) -> datetime | None:
        with self._database.read() as connection:
            ends = progress.ends(connection)
        reached = [ends[kind] for kind in progress.DECIDING if kind in ends]
        return min(reached) if len(reached) == len(progress.DECIDING) else None

    def reading(self, kind: StripeKind) -> Reading | None:
        with self._database.read() as connection:
            return progress.reading_of(connection, kind)

    def begin_readings(self, readings: Mapping[StripeKind, Reading]) -> None:
        with self._database.write() as connection:
            progress.begin(connection, readings)

    def finish_readings(self, kinds: Iterable[StripeKind]) -> None:
        with self._database.write() as connection:
            progress.finish(connection, kinds)

    def unsettled_ids(self, kind: StripeKind, created_before: datetime | None = None) -> list[str]:
        table = TABLES[kind]
        if "unsettled" not in table.c:
            return []
        query = select(table.c.id).where(text("unsettled")).order_by(table.c.id)
        if created_before is not None:
            query = query.where(table.c.created_at < created_before)
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
