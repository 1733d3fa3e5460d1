"""What our store remembers of the application's orders: digests, problems, how far it was read.

The orders themselves stand in the order book. There the application is right about everything
that it tells; what it has no place for (a partial refund, a dispute, …) is our own record.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, exists, select, update

from stakactl.adapters.database.bulk import among, upsert
from stakactl.adapters.database.change_rows import change_of, write_change
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.forgetting import forget_orders
from stakactl.adapters.database.order_rows import load_orders
from stakactl.adapters.database.orders import import_batch, stored_value
from stakactl.adapters.database.tables.application import application_orders, application_reading
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.records import changes
from stakactl.adapters.database.tables.stripe import events
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.money import Money
from stakactl.domain.orders import SETTLED, Order, OrderStatus
from stakactl.operations.ports import ApplicationReading, ImportCounts, Taken, Told

PAGE = 1000
_REFUNDED = frozenset({OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED})


class SqlApplicationLedger:
    """`ApplicationLedger` on the tables `application_…`, `orders` and `changes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reading(self) -> ApplicationReading | None:
        table = application_reading.c
        query = select(table.source, table.read_until, table.compared_at)
        with self._database.read() as connection:
            row = connection.execute(query).first()
            return None if row is None else ApplicationReading(*row)

    def finish(self, reading: ApplicationReading) -> None:
        row = {
            "id": 1,
            "source": reading.source,
            "read_until": reading.read_until,
            "compared_at": reading.compared_at,
        }
        with self._database.write() as connection:
            upsert(connection, application_reading, [row])

    def digests(self, order_ids: Sequence[str]) -> dict[str, str]:
        table = application_orders.c
        with self._database.read() as connection:
            query = select(table.order_id, table.digest).where(
                among(connection, table.order_id, order_ids), table.problem.is_(None)
            )
            return {row[0]: row[1] for row in connection.execute(query)}

    def take(self, taken: Sequence[Taken], told: Told, at: datetime) -> ImportCounts:
        found = [entry.order for entry in taken if entry.order is not None]
        gone = [entry.row.order_id for entry in taken if not entry.order and not entry.problem]
        with self._database.write() as connection:
            counts = import_batch(connection, found, merged_as(told))
            upsert(connection, application_orders, [_row(entry) for entry in taken])
            if gone:  # what is no order any more, was one
                marked = update(orders).where(
                    among(connection, orders.c.order_id, gone), orders.c.deleted_at.is_(None)
                )
                connection.execute(marked.values(deleted_at=at))
        return counts

    def holds(self, order_id: str) -> bool:
        known = select(application_orders.c.order_id).where(
            application_orders.c.order_id == order_id
        )
        with self._database.read() as connection:
            return connection.execute(known).first() is not None

    def ids(self) -> Iterator[list[str]]:
        key = application_orders.c.order_id
        page = select(key).order_by(key).limit(PAGE)
        last = ""
        while True:
            with self._database.read() as connection:
                found = list(connection.scalars(page.where(key > last)))
            if found:
                yield found
            if len(found) < PAGE:
                return
            last = found[-1]

    def mark_deleted(self, order_ids: Sequence[str], at: datetime) -> None:
        with self._database.write() as connection:
            marked = update(orders).where(
                among(connection, orders.c.order_id, order_ids), orders.c.deleted_at.is_(None)
            )
            connection.execute(marked.values(deleted_at=at))
            forgotten = among(connection, application_orders.c.order_id, order_ids)
            connection.execute(delete(application_orders).where(forgotten))

    def problems(self) -> list[tuple[str, str]]:
        table = application_orders.c
        query = select(table.order_id, table.problem).where(table.problem.is_not(None))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(table.order_id))
            return [(order_id, problem) for order_id, problem in found]

    def settle(
        self,
        change: Change,
        taken: Taken,
        told: Told,
        run_id: str,
        at: datetime,
        intent_id: int,
        undoes: int | None = None,
    ) -> None:
        found = [] if taken.order is None else [taken.order]
        wanted = {n: stored_value(n, v) for n, v in change.after.items() if "." not in n}
        if "status" in wanted and OrderStatus(str(wanted["status"])) in told.statuses:
            del wanted["status"]
        kept = {name: value for name, value in wanted.items() if name not in told.fields}
        with self._database.write() as connection:
            import_batch(connection, found, merged_as(told))
            upsert(connection, application_orders, [_row(taken)])
            order = load_orders(connection, [change.target_id]).get(change.target_id)
            if kept and order is not None:
                forget_orders(connection, [change.target_id])
                mine = update(orders).where(orders.c.order_id == change.target_id)
                paid_at = kept.get("paid_at", order.paid_at) or order.created_at
                connection.execute(mine.values(**kept, settled_at=paid_at))
                forget_orders(connection, [change.target_id])
            write_change(
                connection,
                change,
                run_id,
                at,
                ChangeState.DONE,
                intent_id=intent_id,
                undoes=undoes,
            )

    def open_intents(self) -> list[RecordedChange]:
        ended = changes.alias("ended")
        query = (
            select(changes)
            .where(
                changes.c.state == ChangeState.INTENDED.value,
                changes.c.target == ChangeTarget.ORDER.value,
                ~exists().where(ended.c.intent_id == changes.c.change_id),
            )
            .order_by(changes.c.change_id)
        )
        with self._database.read() as connection:
            return [change_of(row) for row in connection.execute(query)]

    def undone_by(self, change: Change) -> int | None:
        undone = changes.alias("undone")
        query = (
            select(changes.c.change_id)
            .where(
                changes.c.state == ChangeState.DONE.value,
                changes.c.target_id == change.target_id,
                changes.c.finding_id == change.finding_id,
                changes.c.before == json.dumps(change.after),
                changes.c.after == json.dumps(change.before),
                ~exists().where(undone.c.undoes == changes.c.change_id),
            )
            .order_by(changes.c.change_id.desc())
        )
        with self._database.read() as connection:
            return connection.scalars(query).first()

    def event_about(self, object_id: str, event_type: str) -> str | None:
        query = (
            select(events.c.id)
            .where(events.c.object_id == object_id, events.c.type == event_type)
            .order_by(events.c.created_at.desc(), events.c.id.desc())
        )
        with self._database.read() as connection:
            return connection.scalars(query).first()


def _row(taken: Taken) -> dict[str, str | None]:
    digest = taken.row.digest if taken.problem is None else ""
    return {"order_id": taken.row.order_id, "digest": digest, "problem": taken.problem}


def merged_as(told: Told) -> Callable[[Order, Order], Order]:
    """What becomes of an order that we have when the application says something else."""

    def keeps(name: str) -> bool:
        return name not in told.fields

    def merged(stored: Order, incoming: Order) -> Order:
        status = incoming.status
        unspoken = stored.status in _REFUNDED and stored.status not in told.statuses
        if status is OrderStatus.PAID and unspoken:
            status = stored.status
        order = replace(incoming, status=status, dispute_status=stored.dispute_status)
        # "Refunded" tells the sum: it is all of it.
        if keeps("refunded_minor") and incoming.status is not OrderStatus.REFUNDED:
            order = replace(order, refunded=_kept_refund(stored, order))
        if keeps("stripe_session_id"):
            order = replace(order, stripe_session_id=stored.stripe_session_id)
        if keeps("stripe_payment_intent_id"):
            named = incoming.stripe_payment_intent_id or stored.stripe_payment_intent_id
            order = replace(order, stripe_payment_intent_id=named)
        if keeps("paid_at"):
            order = replace(order, paid_at=stored.paid_at if status in SETTLED else None)
        if keeps("invoice_number"):
            order = replace(order, invoice_number=stored.invoice_number)
        return order

    return merged


def _kept_refund(stored: Order, order: Order) -> Money | None:
    """What we know to be refunded of an order that is still told to be refunded in part."""
    known = stored.refunded
    if known is None or known.currency != order.amount.currency or order.status not in _REFUNDED:
        return None
    return known
