"""The mirror: fast upserts, how far it goes, and what is left to read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    exists,
    func,
    literal,
    select,
    text,
    union,
)

from stakactl.adapters.database.bulk import among, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.forgetting import forget_buyers, forget_objects
from stakactl.adapters.database.local_days import LocalDays
from stakactl.adapters.database.mirror import progress
from stakactl.adapters.database.mirror.rows import TABLES, table_and_values
from stakactl.adapters.database.mirror.rows.billing import item_values
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import (
    absences,
    balance_transactions,
    charges,
    customers,
    disputes,
    intents,
    invoice_payments,
    refunds,
    sessions,
    subscription_items,
)
from stakactl.domain.stripe_objects import Absence, StripeKind, StripeObject, Subscription
from stakactl.operations.ports import Reading, Wanted

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

    def __init__(self, database: Database, local_days: LocalDays) -> None:
        self._database = database
        self._local_days = local_days

    def upsert(self, objects: Sequence[StripeObject], covered: Sequence[Wanted] = ()) -> None:
        by_table: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        for thing in objects:
            table, values = table_and_values(thing, self._local_days.zone)
            by_table[table.name][thing.id] = values
        with self._database.write() as connection:
            if money := balance_transactions.name in by_table:
                self._local_days.adopt(connection)
            for kind, table in TABLES.items():
                if rows := by_table.get(table.name):
                    upsert(connection, table, list(rows.values()))
                    _forget_absences(connection, kind, table)
            _put_items(connection, objects)
            for kind, table in TABLES.items():
                forget_objects(connection, kind, by_table.get(table.name, {}).keys())
            if customers.name in by_table:
                forget_buyers(connection)
            progress.cover(connection, covered)
        self._local_days.agree = self._local_days.agree or money

    def mark_absent(
        self, kind: StripeKind, object_id: str, absence: Absence, at: datetime | None = None
    ) -> None:
        table = TABLES[kind]
        known = select(absences).where(
            absences.c.kind == kind.value, absences.c.object_id == object_id
        )
        with self._database.write() as connection:
            before = connection.execute(known).first()
            forget_objects(connection, kind, [object_id])
            if kind is StripeKind.CUSTOMER:
                forget_buyers(connection)
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

    def finish_readings(self, ends: Mapping[StripeKind, datetime]) -> None:
        with self._database.write() as connection:
            progress.finish(connection, ends)

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


def _put_items(connection: Connection, objects: Sequence[StripeObject]) -> None:
    """An item may be gone since it was read last."""
    found = {thing.id: thing for thing in objects if isinstance(thing, Subscription)}
    if not found:
        return
    key = subscription_items.c.subscription_id
    connection.execute(subscription_items.delete().where(among(connection, key, found)))
    rows = [row for one in found.values() for row in item_values(one)]
    upsert(connection, subscription_items, rows)


def _forget_absences(connection: Connection, kind: StripeKind, table: Table) -> None:
    held = exists().where(table.c.id == absences.c.object_id)
    connection.execute(absences.delete().where(absences.c.kind == kind.value, held))


def _unread(kind: StripeKind, column: ColumnElement[Any]) -> Select[Any]:
    """The ids in `column` that the mirror neither holds nor knows to be absent."""
    table = TABLES[kind]
    held = exists().where(table.c.id == column)
    absent = exists().where(absences.c.kind == kind.value, absences.c.object_id == column)
    return select(literal(kind.value), column).where(column.is_not(None), ~held, ~absent)
