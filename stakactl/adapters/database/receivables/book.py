"""The receivables, streamed oldest first from three tables, and the outbox of their reminders."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import Any

from sqlalchemy import Connection, literal, or_, select, tuple_

from stakactl.adapters.database.bulk import batches, insert_into
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.freezing import refuse_frozen
from stakactl.adapters.database.outbox import message_id
from stakactl.adapters.database.receivables.around import completed
from stakactl.adapters.database.receivables.claims import CLAIMS, Claims
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.store import store_info
from stakactl.adapters.database.tables.stripe import stripe_invoices
from stakactl.domain.mail import MailStatus, NewMail
from stakactl.domain.receivables import Receivable, Source

PAGE = 500


class SqlReceivableBook:
    """`ReceivableBook` on the invoices, the mirror, the orders and the outbox."""

    def __init__(self, database: Database, page: int = PAGE) -> None:
        self._database = database
        self._page = page

    def overdue(self, now: datetime) -> Iterator[Receivable]:
        self._database.refresh_statistics()
        streams = [self._stream(claims, now) for claims in CLAIMS.values()]
        return merge(*streams, key=lambda claim: (claim.due_at, claim.subject_id))

    def _stream(self, claims: Claims, now: datetime) -> Iterator[Receivable]:
        """Each page is a short transaction of its own that goes on after the last one's key."""
        due, key = claims.due_at, tuple_(claims.due_at, claims.subject_id)
        query = claims.query.where(*claims.unpaid, due < now).order_by(due, claims.subject_id)
        page = query.limit(self._page)
        while True:
            with self._database.read() as connection:
                found = [claims.build(row) for row in connection.execute(page)]
                whole = completed(connection, found)
            yield from whole
            if len(found) < self._page:
                return
            last = found[-1]
            after: Any = tuple_(literal(last.due_at, due.type), literal(last.subject_id))
            page = query.where(key > after).limit(self._page)

    def get(self, subject_id: str) -> Receivable | None:
        with self._database.read() as connection:
            return _claim(connection, subject_id)

    def named(self, name: str) -> Receivable | None:
        i, s, o = invoices.c, stripe_invoices.c, orders.c
        by_name = (
            select(i.invoice_id).where(or_(i.number == name, i.invoice_id == name)),
            select(i.invoice_id).where(i.order_id == name, i.live, i.due_at.is_not(None)),
            select(s.id).where(or_(s.number == name, s.id == name)),
            select(o.order_id).where(or_(o.order_id == name, o.invoice_number == name)),
        )
        with self._database.read() as connection:
            for query in by_name:
                for subject_id in connection.scalars(query):
                    found = _claim(connection, subject_id)
                    if found is not None:
                        return found
        return None

    def queue(self, reminders: Sequence[NewMail], at: datetime) -> int:
        withdrawn = outbox.c.status == MailStatus.WITHDRAWN.value
        with self._database.write() as connection:
            refuse_frozen(connection)
            store_id = connection.execute(select(store_info.c.store_id)).scalar_one()
            new = insert_into(connection, outbox)
            taken = new.excluded
            statement = new.on_conflict_do_update(
                index_elements=["kind", "subject_id", "step"],
                set_={
                    "status": taken.status,
                    "queued_at": taken.queued_at,
                    "recipient": taken.recipient,
                    "error": None,
                    "deferrals": 0,
                    "next_attempt_at": None,
                },
                where=withdrawn,
            )
            counted = statement.execution_options(preserve_rowcount=True)
            return sum(
                connection.execute(counted, [_row(mail, store_id, at) for mail in batch]).rowcount
                for batch in batches(reminders, PAGE)
            )


def _claim(connection: Connection, subject_id: str) -> Receivable | None:
    """Invoices of ours first: their ids and Stripe's are of their own kind, an order's may be any
    word."""
    for source in (Source.INVOICE, Source.STRIPE_INVOICE, Source.ORDER):
        claims = CLAIMS[source]
        row = connection.execute(claims.query.where(claims.subject_id == subject_id)).first()
        if row is not None:
            return completed(connection, [claims.build(row)])[0]
    return None


def _row(mail: NewMail, store_id: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": mail.kind.value,
        "subject_id": mail.subject_id,
        "step": mail.step,
        "recipient": mail.recipient,
        "status": MailStatus.QUEUED.value,
        "message_id": message_id(mail, store_id),
        "queued_at": at,
        "attempts": 0,
    }
